/* SPDX-License-Identifier: Apache-2.0 */

/* What came with version 2: orders, termination, service levels, the appliance that reports. */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/contract/parts.h"
#include "core/contract/words.h"

static int order(struct build *b, const json_t *o, struct vg_order *item)
{
        const json_t *serials = json_object_get(o, "serials");

        item->id = build_text(o, "id");
        item->sku = build_text(o, "sku");
        item->tenant = build_text(o, "tenant");
        item->reference = build_text(o, "reference");
        item->site = build_text(o, "site");
        item->quantity_micro = build_decimal(o, "quantity", 6);
        build_date(o, "ordered_on", &item->ordered_on);
        build_date(o, "in_service_on", &item->in_service_on);
        item->has_end = build_date(o, "out_of_service_on", &item->out_of_service_on);
        item->is_recorded = json_is_integer(json_object_get(o, "known_s"));
        item->known_s = json_integer_value(json_object_get(o, "known_s"));
        if (!NEW_LIST(b, item->serials, item->n_serials, serials))
                return -ENOMEM;
        for (size_t i = 0; i < item->n_serials; i++)
                item->serials[i] = json_string_value(json_array_get(serials, i));
        return 0;
}

int part_orders(struct build *b)
{
        const json_t *array = json_object_get(b->tree, "orders");
        struct vg_contract *c = b->contract;

        if (!NEW_LIST(b, c->orders, c->n_orders, array))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_orders; i++)
                if (order(b, json_array_get(array, i), &c->orders[i]) < 0)
                        return -ENOMEM;
        return 0;
}

int part_termination(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "termination");
        const char *reason = build_text(o, "reason");

        if (!json_is_object(o))
                return 0;

        struct vg_termination *item = build_alloc(b, 1, sizeof(*item));
        if (!item)
                return -ENOMEM;
        item->id = build_text(o, "id");
        item->note_fr = build_text(o, "note_fr");
        item->note_en = build_text(o, "note_en");
        item->reason = reason ? word_termination(reason) : VG_TERMINATION_NOT_SAID;
        build_date(o, "letter_on", &item->letter_on);
        build_date(o, "effective_on", &item->effective_on);
        item->has_broker_copy = build_date(o, "broker_copy_sent_on", &item->broker_copy_sent_on);
        b->contract->termination = item;
        return 0;
}

static int minutes_of_day(const json_t *o, const char *key)
{
        const char *text = build_text(o, key);

        return ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
}

static void period(const json_t *o, struct vg_period *item)
{
        const json_t *days = json_object_get(o, "days"), *weeks = json_object_get(o, "weeks");

        for (size_t i = 0; i < json_array_size(days); i++)
                item->days |= 1u << word_day(json_string_value(json_array_get(days, i)));
        for (size_t i = 0; i < json_array_size(weeks); i++)
                item->weeks |= 1u << json_integer_value(json_array_get(weeks, i));
        item->from_min = minutes_of_day(o, "from");
        item->to_min = minutes_of_day(o, "to");
}

static int windows(struct build *b, const json_t *array, struct vg_window **ret_list, size_t *ret_n)
{
        if (!NEW_LIST(b, *ret_list, *ret_n, array))
                return -ENOMEM;
        for (size_t i = 0; i < *ret_n; i++) {
                const json_t *o = json_array_get(array, i);
                const json_t *periods = json_object_get(o, "periods");
                struct vg_window *item = &(*ret_list)[i];
                item->id = build_text(o, "id");
                item->on_holidays = json_is_true(json_object_get(o, "on_holidays"));
                if (!NEW_LIST(b, item->periods, item->n_periods, periods))
                        return -ENOMEM;
                for (size_t k = 0; k < item->n_periods; k++)
                        period(json_array_get(periods, k), &item->periods[k]);
        }
        return 0;
}

static const struct vg_window *window_of(const struct vg_contract *c, const char *id)
{
        for (size_t i = 0; id && i < c->n_coverage_windows; i++)
                if (strcmp(c->coverage_windows[i].id, id) == 0)
                        return &c->coverage_windows[i];
        return NULL;
}

int part_service_levels(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "service_levels");
        const json_t *levels = json_object_get(o, "levels");
        struct vg_contract *c = b->contract;

        if (windows(b, json_object_get(o, "coverage_windows"), &c->coverage_windows,
                    &c->n_coverage_windows) < 0 ||
            windows(b, json_object_get(o, "maintenance_windows"), &c->maintenance_windows,
                    &c->n_maintenance_windows) < 0 ||
            !NEW_LIST(b, c->service_levels, c->n_service_levels, levels))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_service_levels; i++) {
                const json_t *item = json_array_get(levels, i);
                c->service_levels[i] = (struct vg_service_level){
                        .severity = word_severity(build_text(item, "severity")),
                        .respond_min = build_int(item, "respond_minutes", 0),
                        .repair_min = build_int(item, "repair_minutes", 0),
                        .coverage = window_of(c, build_text(item, "coverage")),
                };
        }
        return 0;
}

int part_reporting(struct build *b)
{
        b->contract->reporting_appliance = build_text(b->tree, "reporting_appliance");
        return 0;
}

static struct vg_document document(enum vg_document_kind kind, const json_t *o, const char *day)
{
        struct vg_document item = { .kind = kind, .id = build_text(o, "id") };

        build_date(o, day, &item.signed_on);
        item.has_broker_copy = build_date(o, "broker_copy_sent_on", &item.broker_copy_sent_on);
        return item;
}

/* After the amendments and the termination. */
int part_documents(struct build *b)
{
        const json_t *facts = json_object_get(b->tree, "facts");
        const json_t *amendments = json_object_get(b->tree, "amendments");
        const json_t *evaluations = json_object_get(facts, "evaluations");
        struct vg_contract *c = b->contract;
        const size_t n = json_array_size(amendments) + json_array_size(evaluations) + 2;
        struct vg_document *list = build_alloc(b, n, sizeof(*list));
        struct vg_document first = { .kind = VG_DOCUMENT_CONTRACT,
                                     .id = c->id,
                                     .signed_on = c->signed_on };
        size_t at = 0;

        if (!list)
                return -ENOMEM;
        first.has_broker_copy = build_date(facts, "contract_copy", &first.broker_copy_sent_on);
        list[at++] = first;
        for (size_t i = 0; i < json_array_size(amendments); i++)
                list[at++] =
                        document(VG_DOCUMENT_AMENDMENT, json_array_get(amendments, i), "signed_on");
        for (size_t i = 0; i < json_array_size(evaluations); i++)
                list[at++] = document(VG_DOCUMENT_EVALUATION, json_array_get(evaluations, i),
                                      "signed_on");
        if (c->termination)
                list[at++] = document(VG_DOCUMENT_TERMINATION,
                                      json_object_get(b->tree, "termination"), "letter_on");
        c->documents = list;
        c->n_documents = at;
        c->has_handed_over = build_date(facts, "handed_over_on", &c->handed_over_on);
        return 0;
}
