/* SPDX-License-Identifier: Apache-2.0 */

/* Rules about prices: a unit that goes with the charge and with what the meter counts, a component
 * that was qualified when the price was signed (4.3). */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/build.h"
#include "core/contract/words.h"
#include "vigie/text.h"

enum { PATH_SIZE = 128 };

static bool unit_fits(const struct vg_price *price)
{
        return word_units_of(price->charge) & 1u << price->unit;
}

static void check_unit(struct build *b, size_t at)
{
        const struct vg_price *price = &b->contract->prices[at];
        const unsigned allowed = word_units_of(price->charge);
        const char *measured = word_unit_of(price->resource);
        struct vg_buf list = { 0 };
        char path[PATH_SIZE];

        build_price_path(b, at, "unit", path);
        if (!unit_fits(price)) {
                for (enum vg_unit unit = 0; unit < VG_UNIT_N; unit++)
                        if (allowed & 1u << unit)
                                vg_buf_printf(&list, "%s%s", list.n ? ", " : "",
                                              vg_unit_name(unit));
                report_member(b->report, VG_REFUSAL_UNIT_CHARGE, vg_unit_name(price->unit),
                              vg_charge_name(price->charge), list.data, "%s", path);
                vg_buf_done(&list);
        } else if (price->charge == VG_CHARGE_USAGE && measured &&
                   strcmp(measured, vg_unit_name(price->unit)) != 0) {
                report_member(b->report, VG_REFUSAL_UNIT_RESOURCE, price->resource, measured,
                              vg_unit_name(price->unit), "%s", path);
        }
}

static void check_component(struct build *b, size_t at)
{
        const struct vg_contract *c = b->contract;
        const struct vg_price *price = &c->prices[at];
        const size_t amendment = b->places[at].amendment;
        const struct vg_date signed_on =
                amendment == SIZE_MAX ? c->signed_on : c->amendments[amendment].signed_on;
        const size_t found = build_find(&c->index->components, price->component_ref);
        const bool is_there =
                found != SIZE_MAX &&
                (b->component_places[found].amendment == SIZE_MAX ||
                 (amendment != SIZE_MAX && b->component_places[found].amendment <= amendment));
        const struct vg_qualified *component = is_there ? &c->components[found] : NULL;
        char path[PATH_SIZE], day[16], signature[16];

        build_price_path(b, at, "component_ref", path);
        vg_date_format(signed_on, signature);
        if (!component)
                report_member(b->report, VG_REFUSAL_UNQUALIFIED, price->component_ref, NULL, NULL,
                              "%s", path);
        else if (vg_date_compare(component->qualified_on, signed_on) > 0)
                report_member(b->report, VG_REFUSAL_QUALIFIED_LATER, component->ref,
                              vg_date_format(component->qualified_on, day), signature, "%s", path);
        else if (component->is_withdrawn &&
                 vg_date_compare(component->withdrawn_on, signed_on) <= 0)
                report_member(b->report, VG_REFUSAL_WITHDRAWN, component->ref,
                              vg_date_format(component->withdrawn_on, day), signature, "%s", path);
}

static void check_recurring(struct build *b, size_t at)
{
        const struct vg_contract *c = b->contract;
        const struct vg_recurring *item = &c->recurring[at];
        const size_t found = build_find(&c->index->skus, item->sku);
        const struct vg_price *price = found == SIZE_MAX ? NULL : &c->prices[found];
        char from[16], to[16];

        if (!price)
                report_member(b->report, VG_REFUSAL_UNKNOWN_TARGET, item->sku, NULL, NULL,
                              "recurring[%zu].sku", at);
        else if (price->charge != VG_CHARGE_RECURRING && unit_fits(price)) /* else told by C042 */
                report_member(b->report, VG_REFUSAL_NOT_RECURRING, item->sku,
                              vg_charge_name(price->charge), NULL, "recurring[%zu].sku", at);
        if (item->has_to && vg_date_compare(item->to, item->from) < 0)
                report_member(b->report, VG_REFUSAL_RECURRING_DATES, vg_date_format(item->to, to),
                              vg_date_format(item->from, from), NULL, "recurring[%zu].to_date", at);
}

void check_prices(struct build *b)
{
        const struct vg_contract *c = b->contract;

        for (size_t i = 0; i < c->n_prices; i++) {
                check_unit(b, i);
                check_component(b, i);
        }
        for (size_t i = 0; i < c->n_recurring; i++)
                check_recurring(b, i);
        for (size_t i = 0; i < c->n_commitments; i++)
                if (c->commitments[i].sku &&
                    build_find(&c->index->skus, c->commitments[i].sku) == SIZE_MAX)
                        report_member(b->report, VG_REFUSAL_UNKNOWN_TARGET, c->commitments[i].sku,
                                      NULL, NULL, "minimum_commitments[%zu].sku", i);
}
