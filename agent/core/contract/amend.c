/* SPDX-License-Identifier: Apache-2.0 */

/* Amendments, in the order of the file, which must be that of their effect: each puts its values at
 * the end of the lists that it changes, so that the last one of a list is the one in force. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/build.h"

struct amending {
        struct build *b;
        size_t at; /* among the amendments */
        struct vg_amendment *amendment;
        const json_t *changes;
};

static const char *day(struct vg_date date, char buf[16])
{
        return vg_date_format(date, buf);
}

static int append(struct build *b, struct vg_dated **list, size_t *n, const struct vg_dated *value)
{
        struct vg_dated *larger = build_grow(b, *list, *n, sizeof(**list));

        if (!larger)
                return -ENOMEM;
        larger[(*n)++] = *value;
        *list = larger;
        return 0;
}

static int append_change(const struct amending *x, struct vg_dated **list, size_t *n, int64_t value)
{
        const struct vg_dated change = {
                .from = x->amendment->effective_on,
                .source = x->amendment->id,
                .value = value,
        };

        return append(x->b, list, n, &change);
}

/* The last day in force on a day, as far as amendments were read. */
static struct vg_date last_day_on(const struct vg_contract *c, struct vg_date date)
{
        size_t in_force = 0;

        for (size_t i = 1; i < c->n_ends; i++)
                if (vg_date_compare(c->ends[i].from, date) <= 0 &&
                    (in_force == 0 ||
                     vg_date_compare(c->ends[i].from, c->ends[in_force].from) >= 0))
                        in_force = i;
        return vg_civil_from_days(c->ends[in_force].value);
}

static void check_dates(const struct amending *x)
{
        const struct vg_contract *c = x->b->contract;
        const struct vg_amendment *a = x->amendment;
        const struct vg_date last = last_day_on(c, a->effective_on);
        char effective[16], other[16], term[40];

        day(a->effective_on, effective);
        if (vg_date_compare(a->effective_on, a->signed_on) < 0)
                report_member(x->b->report, VG_REFUSAL_RETROACTIVE, a->id, effective,
                              day(a->signed_on, other), "amendments[%zu].effective_on", x->at);
        if (vg_date_compare(a->signed_on, c->signed_on) < 0)
                report_member(x->b->report, VG_REFUSAL_BEFORE_CONTRACT, a->id,
                              day(a->signed_on, term), day(c->signed_on, other),
                              "amendments[%zu].signed_on", x->at);
        if (x->at > 0 && vg_date_compare(a->effective_on, a[-1].effective_on) < 0)
                report_member(x->b->report, VG_REFUSAL_OUT_OF_ORDER, a->id, effective,
                              day(a[-1].effective_on, other), "amendments[%zu].effective_on",
                              x->at);
        if (x->b->term_is_sound && (vg_date_compare(a->effective_on, c->start) < 0 ||
                                    vg_date_compare(a->effective_on, last) > 0)) {
                char first[16];
                snprintf(term, sizeof(term), "%s – %s", day(c->start, first), day(last, other));
                report_member(x->b->report, VG_REFUSAL_OUTSIDE_TERM, a->id, effective, term,
                              "amendments[%zu].effective_on", x->at);
        }
}

static int change_amount(const struct amending *x)
{
        struct vg_contract *c = x->b->contract;

        x->amendment->changes_amount = json_object_get(x->changes, "authorised_amount");
        if (!x->amendment->changes_amount)
                return 0;
        return append_change(x, &c->amounts, &c->n_amounts,
                             build_decimal(x->changes, "authorised_amount", 2));
}

static int change_end(const struct amending *x)
{
        struct vg_contract *c = x->b->contract;
        const struct vg_date eve = vg_date_add_days(x->amendment->effective_on, -1);
        const struct vg_date most = check_last_day(c);
        struct vg_date end;
        char text[16], other[16];

        x->amendment->changes_end = build_date(x->changes, "end_date", &end);
        if (!x->amendment->changes_end)
                return 0;
        if (vg_date_compare(end, most) > 0)
                report_member(x->b->report, VG_REFUSAL_OVER_THREE_YEARS, day(end, text),
                              day(most, other), NULL, "amendments[%zu].changes.end_date", x->at);
        if (vg_date_compare(end, eve) < 0)
                report_member(x->b->report, VG_REFUSAL_END_BEFORE_AMENDMENT, x->amendment->id,
                              day(end, text), day(x->amendment->effective_on, other),
                              "amendments[%zu].changes.end_date", x->at);
        return append_change(x, &c->ends, &c->n_ends, vg_days_from_civil(end));
}

static void report_target(const struct amending *x, enum vg_refusal_reason reason, const char *id,
                          const char *list, const char *member, size_t item)
{
        char there[64];

        snprintf(there, sizeof(there), "amendments[%zu].changes.%s", x->at, list);
        report_member(x->b->report, reason, id, there, NULL, "%s[%zu].%s", there, item, member);
}

static int change_price(const struct amending *x, const json_t *o, size_t item)
{
        struct vg_contract *c = x->b->contract;
        const char *sku = build_text(o, "sku");
        const size_t at = build_find(&c->index->skus, sku);
        const bool is_there = at != SIZE_MAX && (x->b->places[at].amendment == SIZE_MAX ||
                                                 x->b->places[at].amendment < x->at);

        if (!is_there) {
                report_target(x, VG_REFUSAL_UNKNOWN_TARGET, sku, "prices", "sku", item);
                return 0;
        }

        struct vg_price *price = &c->prices[at];
        if (price->segments[price->n_segments - 1].source == x->amendment->id) {
                report_target(x, VG_REFUSAL_DUPLICATE_ID, sku, "prices", "sku", item);
                return 0;
        }

        struct vg_price_segment *larger =
                build_grow(x->b, price->segments, price->n_segments, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        larger[price->n_segments++] = (struct vg_price_segment){
                .from = x->amendment->effective_on,
                .source = x->amendment->id,
                .price_cad_micro = build_decimal(o, "price", 6),
                .written = build_text(o, "price"),
                .per = build_int(o, "per", 1),
        };
        price->segments = larger;
        return 0;
}

static int change_prices(const struct amending *x)
{
        const json_t *array = json_object_get(x->changes, "prices");
        int r = 0;

        x->amendment->n_prices = json_array_size(array);
        for (size_t i = 0; r == 0 && i < json_array_size(array); i++)
                r = change_price(x, json_array_get(array, i), i);
        return r;
}

/* The rows are there already (parts.c); since when is known only now. */
static int date_added_prices(const struct amending *x)
{
        struct vg_contract *c = x->b->contract;

        for (size_t i = 0; i < c->n_prices; i++)
                if (x->b->places[i].amendment == x->at) {
                        c->prices[i].added_by = x->amendment->id;
                        c->prices[i].segments[0].from = x->amendment->effective_on;
                        c->prices[i].segments[0].source = x->amendment->id;
                        x->amendment->n_added_prices++;
                }
        return 0;
}

/* As with prices. A component is added once it was qualified: by the day of the signature. */
static int date_added_components(const struct amending *x)
{
        struct vg_contract *c = x->b->contract;
        char path[128], qualified[16], signature[16];

        for (size_t i = 0; i < c->n_components; i++) {
                struct vg_qualified *component = &c->components[i];
                if (x->b->component_places[i].amendment != x->at)
                        continue;
                component->added_by = x->amendment->id;
                x->amendment->n_added_components++;
                build_component_path(x->b, i, "qualified_on", path);
                if (vg_date_compare(component->qualified_on, x->amendment->signed_on) > 0)
                        report_member(x->b->report, VG_REFUSAL_QUALIFIED_LATER, component->ref,
                                      day(component->qualified_on, qualified),
                                      day(x->amendment->signed_on, signature), "%s", path);
        }
        return 0;
}

static int change_quotas(const struct amending *x)
{
        const json_t *array = json_object_get(x->changes, "quotas");
        struct vg_contract *c = x->b->contract;
        int r = 0;

        x->amendment->n_quotas = json_array_size(array);
        for (size_t i = 0; r == 0 && i < json_array_size(array); i++) {
                const json_t *o = json_array_get(array, i);
                const char *id = build_text(o, "id");
                const size_t at = build_find(&c->index->quotas, id);
                struct vg_quota *quota = at == SIZE_MAX ? NULL : &c->quotas[at];
                if (!quota)
                        report_target(x, VG_REFUSAL_UNKNOWN_TARGET, id, "quotas", "id", i);
                else if (quota->limits[quota->n_limits - 1].source == x->amendment->id)
                        report_target(x, VG_REFUSAL_DUPLICATE_ID, id, "quotas", "id", i);
                else
                        r = append_change(x, &quota->limits, &quota->n_limits,
                                          build_decimal(o, "limit", 6));
        }
        return r;
}

static int change_commitments(const struct amending *x)
{
        static const char list[] = "minimum_commitments";
        const json_t *array = json_object_get(x->changes, list);
        struct vg_contract *c = x->b->contract;
        int r = 0;

        x->amendment->n_commitments = json_array_size(array);
        for (size_t i = 0; r == 0 && i < json_array_size(array); i++) {
                const json_t *o = json_array_get(array, i);
                const char *id = build_text(o, "id");
                const size_t at = build_find(&c->index->commitments, id);
                struct vg_commitment *item = at == SIZE_MAX ? NULL : &c->commitments[at];
                if (!item)
                        report_target(x, VG_REFUSAL_UNKNOWN_TARGET, id, list, "id", i);
                else if (item->values[item->n_values - 1].source == x->amendment->id)
                        report_target(x, VG_REFUSAL_DUPLICATE_ID, id, list, "id", i);
                else
                        r = append_change(x, &item->values, &item->n_values,
                                          build_decimal(o, "value", 6));
        }
        return r;
}

/* Exercised renewals move the end from the day on which they were exercised. */
static int renewals(struct build *b)
{
        struct vg_contract *c = b->contract;
        int r = 0;

        for (size_t i = 0; r == 0 && i < c->n_renewals; i++) {
                const struct vg_dated change = {
                        .from = c->renewals[i].exercised_on,
                        .source = c->renewals[i].id,
                        .value = vg_days_from_civil(c->renewals[i].new_end),
                };
                if (c->renewals[i].is_exercised)
                        r = append(b, &c->ends, &c->n_ends, &change);
        }
        return r;
}

/* By day; on one day an amendment comes after a renewal, and the letter of termination last. There are a few hundred at most. */
static void sort_ends(struct vg_contract *c)
{
        for (size_t i = 2; i < c->n_ends; i++) {
                const struct vg_dated end = c->ends[i];
                size_t k = i;
                for (; k > 1 && vg_date_compare(c->ends[k - 1].from, end.from) > 0; k--)
                        c->ends[k] = c->ends[k - 1];
                c->ends[k] = end;
        }
}

/* A letter moves the end from its day on, whatever was in force then. */
static int termination(struct build *b)
{
        struct vg_contract *c = b->contract;

        if (!c->termination)
                return 0;

        const struct vg_dated change = {
                .from = c->termination->letter_on,
                .source = c->termination->id,
                .value = vg_days_from_civil(c->termination->effective_on) - 1,
        };
        return append(b, &c->ends, &c->n_ends, &change);
}

int build_amendments(struct build *b)
{
        static int (*const changes[])(const struct amending *x) = {
                change_amount,         change_end,    change_prices,      date_added_prices,
                date_added_components, change_quotas, change_commitments,
        };
        const json_t *array = json_object_get(b->tree, "amendments");
        struct vg_contract *c = b->contract;
        int r = renewals(b);

        for (size_t i = 0; r == 0 && i < c->n_amendments; i++) {
                const struct amending x = {
                        .b = b,
                        .at = i,
                        .amendment = &c->amendments[i],
                        .changes = json_object_get(json_array_get(array, i), "changes"),
                };
                check_dates(&x);
                for (size_t k = 0; r == 0 && k < sizeof(changes) / sizeof(changes[0]); k++)
                        r = changes[k](&x);
                check_money(b, i);
        }
        if (r == 0)
                r = termination(b);
        sort_ends(c);
        return r;
}
