/* SPDX-License-Identifier: Apache-2.0 */

/* The lists: prices, services, components, tenants, quotas, commitments, recipients, amendments. */

#include <errno.h>
#include <string.h>

#include "core/contract/parts.h"
#include "core/contract/words.h"

static unsigned bits(const json_t *array, int (*word)(const char *name))
{
        unsigned set = 0;

        for (size_t i = 0; i < json_array_size(array); i++)
                set |= 1u << word(json_string_value(json_array_get(array, i)));
        return set;
}

static int channel_bit(const char *name)
{
        return (int)word_channel(name);
}

static int class_bit(const char *name)
{
        return (int)word_class(name);
}

static int price(struct build *b, const json_t *o, struct vg_price *price)
{
        struct vg_price_segment *first = build_grow(b, NULL, 0, sizeof(*first));

        if (!first)
                return -ENOMEM;
        *first = (struct vg_price_segment){
                .from = b->contract->start,
                .price_cad_micro = build_decimal(o, "price", 6),
                .written = build_text(o, "price"),
                .per = build_int(o, "per", 1),
        };
        *price = (struct vg_price){
                .sku = build_text(o, "sku"),
                .component_ref = build_text(o, "component_ref"),
                .resource = build_text(o, "resource"),
                .name_fr = build_text(o, "name_fr"),
                .name_en = build_text(o, "name_en"),
                .focus_category = build_text(o, "focus_service_category"),
                .unit = word_unit(build_text(o, "unit")),
                .charge = word_charge(build_text(o, "charge")),
                .segments = first,
                .n_segments = 1,
        };
        return 0;
}

static const json_t *added_by(const json_t *amendment, const char *list)
{
        return json_object_get(json_object_get(amendment, "changes"), list);
}

/* Items of a list at the top of the file, and of those that amendments add to it. */
static size_t count_with_added(const json_t *tree, const char *list, const char *added)
{
        const json_t *amendments = json_object_get(tree, "amendments");
        size_t n = json_array_size(json_object_get(tree, list));

        for (size_t i = 0; i < json_array_size(amendments); i++)
                n += json_array_size(added_by(json_array_get(amendments, i), added));
        return n;
}

static int add_prices(struct build *b, const json_t *array, size_t amendment)
{
        struct vg_contract *c = b->contract;

        for (size_t i = 0; i < json_array_size(array); i++) {
                if (price(b, json_array_get(array, i), &c->prices[c->n_prices]) < 0)
                        return -ENOMEM;
                b->places[c->n_prices++] = (struct price_place){ amendment, i };
        }
        return 0;
}

/* Those that amendments add are told apart by build_amendments(). */
int part_prices(struct build *b)
{
        const json_t *amendments = json_object_get(b->tree, "amendments");
        const size_t n = count_with_added(b->tree, "price_list", "add_prices");

        b->contract->prices = build_alloc(b, n, sizeof(*b->contract->prices));
        b->places = build_alloc(b, n, sizeof(*b->places));
        if (!b->contract->prices || !b->places)
                return -ENOMEM;

        int r = add_prices(b, json_object_get(b->tree, "price_list"), SIZE_MAX);
        for (size_t i = 0; r == 0 && i < json_array_size(amendments); i++)
                r = add_prices(b, added_by(json_array_get(amendments, i), "add_prices"), i);
        return r;
}

int part_recurring(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "recurring");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->recurring, c->n_recurring, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_recurring; i++) {
                const json_t *o = json_array_get(array, i);
                struct vg_recurring *item = &c->recurring[i];
                item->id = build_text(o, "id");
                item->sku = build_text(o, "sku");
                item->tenant = build_text(o, "tenant");
                item->quantity_micro = build_decimal(o, "quantity", 6);
                build_date(o, "from_date", &item->from);
                item->has_to = build_date(o, "to_date", &item->to);
        }
        return 0;
}

static void add_components(struct build *b, const json_t *array, size_t amendment)
{
        struct vg_contract *c = b->contract;

        for (size_t i = 0; i < json_array_size(array); i++) {
                const json_t *o = json_array_get(array, i);
                struct vg_qualified *item = &c->components[c->n_components];
                item->ref = build_text(o, "ref");
                item->kind = word_kind(build_text(o, "kind"));
                item->manufacturer = build_text(o, "manufacturer");
                item->model = build_text(o, "model");
                item->part_number = build_text(o, "part_number");
                item->max_quantity = json_integer_value(json_object_get(o, "max_quantity"));
                build_date(o, "qualified_on", &item->qualified_on);
                item->is_withdrawn = build_date(o, "withdrawn_on", &item->withdrawn_on);
                b->component_places[c->n_components++] = (struct price_place){ amendment, i };
        }
}

/* Those that amendments add are told apart by build_amendments(). */
int part_components(struct build *b)
{
        const json_t *amendments = json_object_get(b->tree, "amendments");
        const size_t n = count_with_added(b->tree, "qualified_components", "add_components");

        b->contract->components = build_alloc(b, n, sizeof(*b->contract->components));
        b->component_places = build_alloc(b, n, sizeof(*b->component_places));
        if (!b->contract->components || !b->component_places)
                return -ENOMEM;

        add_components(b, json_object_get(b->tree, "qualified_components"), SIZE_MAX);
        for (size_t i = 0; i < json_array_size(amendments); i++)
                add_components(b, added_by(json_array_get(amendments, i), "add_components"), i);
        return 0;
}

int part_tenants(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "tenants");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->tenants, c->n_tenants, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_tenants; i++) {
                const json_t *o = json_array_get(array, i);
                c->tenants[i] = (struct vg_tenant){
                        .id = build_text(o, "id"),
                        .name_fr = build_text(o, "name_fr"),
                        .name_en = build_text(o, "name_en"),
                        .cost_centre = build_text(o, "cost_centre"),
                };
        }
        return 0;
}

int part_quotas(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "quotas");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->quotas, c->n_quotas, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_quotas; i++) {
                const json_t *o = json_array_get(array, i);
                struct vg_quota *item = &c->quotas[i];
                item->id = build_text(o, "id");
                item->tenant = build_text(o, "tenant");
                item->resource = build_text(o, "resource");
                item->metric = word_metric(build_text(o, "metric"));
                if (part_dated(b, build_decimal(o, "limit", 6), &item->limits, &item->n_limits) <
                            0 ||
                    part_thresholds(b, json_object_get(o, "thresholds_pct"),
                                    &item->thresholds_pct_micro, &item->n_thresholds) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int part_commitments(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "minimum_commitments");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->commitments, c->n_commitments, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_commitments; i++) {
                const json_t *o = json_array_get(array, i);
                struct vg_commitment *item = &c->commitments[i];
                item->id = build_text(o, "id");
                item->sku = build_text(o, "sku");
                item->basis = word_basis(build_text(o, "basis"));
                if (part_dated(b, build_decimal(o, "value", 6), &item->values, &item->n_values) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int part_recipients(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "recipients");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->recipients, c->n_recipients, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_recipients; i++) {
                const json_t *o = json_array_get(array, i);
                const char *lang = build_text(o, "lang");
                c->recipients[i] = (struct vg_recipient){
                        .id = build_text(o, "id"),
                        .name = build_text(o, "name"),
                        .tenant = build_text(o, "tenant"),
                        .email = build_text(o, "email"),
                        .webhook = build_text(o, "webhook"),
                        .role = word_role(build_text(o, "role")),
                        .min_severity = word_severity(build_text(o, "min_severity")),
                        .french = strstr(lang, "fr"),
                        .english = strstr(lang, "en"),
                        .channels = bits(json_object_get(o, "channels"), channel_bit),
                        .classes = bits(json_object_get(o, "classes"), class_bit),
                };
        }
        return 0;
}

int part_amendments(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "amendments");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->amendments, c->n_amendments, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_amendments; i++) {
                const json_t *o = json_array_get(array, i);
                struct vg_amendment *item = &c->amendments[i];
                item->id = build_text(o, "id");
                item->note_fr = build_text(o, "note_fr");
                item->note_en = build_text(o, "note_en");
                build_date(o, "signed_on", &item->signed_on);
                build_date(o, "effective_on", &item->effective_on);
                item->has_broker_copy =
                        build_date(o, "broker_copy_sent_on", &item->broker_copy_sent_on);
        }
        return 0;
}
