/* SPDX-License-Identifier: Apache-2.0 */

/* Facts laid over the tree of a contract file, before it is built, so that every rule holds for the
 * whole. What the schema has no place for stands under "facts", which no file may have:
 * {"contract_copy":day,"decided_on":day,"evaluations":[{"broker_copy_sent_on","id","signed_on"}],"handed_over_on":day},
 * and "known_s" in an order. */

#include <errno.h>
#include <string.h>

#include "core/contract/build.h"
#include "core/contract/fact-merge.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct merge {
        struct report *report;
        json_t *tree;
        const struct vg_fact *fact;
        size_t at; /* among the facts */
};

static int set(json_t *object, const char *key, json_t *value)
{
        return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

/* The object or array of a key, made where there is none. */
static json_t *child(json_t *object, const char *key, json_t *(*make)(void))
{
        json_t *found = json_object_get(object, key);

        if (found && !json_is_null(found))
                return found;
        found = make();
        return found && json_object_set_new(object, key, found) == 0 ? found : NULL;
}

/* Days sort as texts. The later of the two counts. */
static int set_later(json_t *object, const char *key, struct vg_date date)
{
        const char *held = json_string_value(json_object_get(object, key));
        char day[16];

        vg_date_format(date, day);
        return held && strcmp(held, day) >= 0 ? 0 : set(object, key, json_string(day));
}

static json_t *find(json_t *array, const char *id)
{
        json_t *item;
        size_t i;

        json_array_foreach (array, i, item) {
                const char *found = build_text(item, "id");
                if (found && strcmp(found, id) == 0)
                        return item;
        }
        return NULL;
}

static void unknown(const struct merge *m)
{
        report_member(m->report, VG_REFUSAL_FACT_OF_NOTHING, m->fact->target,
                      vg_fact_row(m->fact->kind)->word, NULL, "facts[%zu].target", m->at);
}

/* ---- one function a kind that changes the contract ---- */

static int attestation(const struct merge *m)
{
        json_t *duty = child(m->tree, "security_compliance", json_object);

        if (!duty)
                return -ENOMEM;
        if (!json_object_get(duty, "interval_days") &&
            set(duty, "interval_days", json_integer(365)) < 0)
                return -ENOMEM;
        return set_later(duty, "last_attested_on", m->fact->on);
}

static int evaluation(const struct merge *m)
{
        json_t *facts = child(m->tree, "facts", json_object);
        json_t *list = facts ? child(facts, "evaluations", json_array) : NULL;
        json_t *item = list ? find(list, m->fact->target) : NULL;

        if (!list)
                return -ENOMEM;
        if (!item) {
                item = json_object();
                if (!item || json_array_append_new(list, item) < 0 ||
                    set(item, "id", json_string(m->fact->target)) < 0)
                        return -ENOMEM;
        }
        return set_later(item, "signed_on", m->fact->on);
}

static json_t *leaving(const struct merge *m)
{
        return json_object_get(json_object_get(m->tree, "term"), "exit_transition");
}

/* The file's own has no day, so that any that was recorded counts; of those the later one, and of one
 * day the last. */
static int exit_decision(const struct merge *m)
{
        json_t *facts = child(m->tree, "facts", json_object);
        const char *held = build_text(facts, "decided_on");
        char on[16];

        vg_date_format(m->fact->on, on);
        if (!facts)
                return -ENOMEM;
        if (held && strcmp(held, on) > 0)
                return 0;
        return set(facts, "decided_on", json_string(on)) < 0
                       ? -ENOMEM
                       : set(leaving(m), "decision", json_string(m->fact->target));
}

static int exit_done(const struct merge *m)
{
        return set_later(leaving(m), "completed_on", m->fact->on);
}

static int exit_started(const struct merge *m)
{
        return set_later(leaving(m), "planning_started_on", m->fact->on);
}

static int handed_over(const struct merge *m)
{
        json_t *facts = child(m->tree, "facts", json_object);

        return facts ? set_later(facts, "handed_over_on", m->fact->on) : -ENOMEM;
}

/* "S-1,S-2" as the list that an order of the file has. */
static int split_serials(json_t *order)
{
        const char *text = build_text(order, "serials");
        json_t *list = text ? json_array() : NULL;
        int r = 0;

        for (size_t n; list && r == 0 && *text; text += n + (text[n] == ',')) {
                n = strcspn(text, ",");
                r = json_array_append_new(list, json_stringn(text, n));
        }
        if (!text)
                return 0;
        if (!list || r < 0) {
                json_decref(list);
                return -ENOMEM;
        }
        return set(order, "serials", list);
}

static json_t *order_of(const struct vg_fact *fact)
{
        _cleanup_(vg_json_decrefp) json_t *order = json_deep_copy(fact->values);
        char day[16];

        if (!order || set(order, "id", json_string(fact->target)) < 0 ||
            set(order, "ordered_on", json_string(vg_date_format(fact->on, day))) < 0 ||
            set(order, "known_s", json_integer(fact->known_s)) < 0 ||
            (!json_object_get(order, "tenant") && set(order, "tenant", json_string("*")) < 0) ||
            split_serials(order) < 0)
                return NULL;
        return TAKE_PTR(order);
}

/* An order of the same id: the one ordered later, or recorded later, counts. */
static int order(const struct merge *m)
{
        json_t *list = child(m->tree, "orders", json_array), *made = order_of(m->fact);
        json_t *held = list ? find(list, m->fact->target) : NULL;

        if (!list || !made) {
                json_decref(made);
                return -ENOMEM;
        }
        if (!held)
                return json_array_append_new(list, made) < 0 ? -ENOMEM : 0;

        int r = 0;
        if (strcmp(build_text(held, "ordered_on"), build_text(made, "ordered_on")) <= 0)
                r = json_object_clear(held) < 0 || json_object_update(held, made) < 0 ? -ENOMEM : 0;
        json_decref(made);
        return r;
}

static int renewal(const struct merge *m)
{
        json_t *renewals = json_object_get(json_object_get(m->tree, "term"), "renewals");
        json_t *item = find(renewals, m->fact->target);

        if (item)
                return set_later(item, "exercised_on", m->fact->on);
        unknown(m);
        return 0;
}

static int termination(const struct merge *m)
{
        const json_t *held = json_object_get(m->tree, "termination");
        const char *letter = build_text(held, "letter_on");
        char day[16];

        vg_date_format(m->fact->on, day);
        if (letter && strcmp(letter, day) > 0)
                return 0;

        json_t *made = json_deep_copy(m->fact->values);
        if (!made || set(made, "id", json_string(m->fact->target)) < 0 ||
            set(made, "letter_on", json_string(day)) < 0) {
                json_decref(made);
                return -ENOMEM;
        }
        return set(m->tree, "termination", made);
}

static int sent_to_broker(const struct merge *m)
{
        const char *id = m->fact->target;
        json_t *facts = child(m->tree, "facts", json_object), *found;

        if (!facts)
                return -ENOMEM;
        if (strcmp(id, build_text(json_object_get(m->tree, "identifiers"), "contract_id")) == 0)
                return set_later(facts, "contract_copy", m->fact->on);
        found = find(json_object_get(m->tree, "amendments"), id);
        if (!found)
                found = find(json_object_get(facts, "evaluations"), id);
        if (!found) {
                json_t *end = json_object_get(m->tree, "termination");
                const char *end_id = build_text(end, "id");
                found = end_id && strcmp(end_id, id) == 0 ? end : NULL;
        }
        if (found)
                return set_later(found, "broker_copy_sent_on", m->fact->on);
        unknown(m);
        return 0;
}

static int (*const changes[VG_FACT_N])(const struct merge *m) = {
        [VG_FACT_ATTESTATION] = attestation,
        [VG_FACT_EVALUATION] = evaluation,
        [VG_FACT_EXIT_DECISION] = exit_decision,
        [VG_FACT_EXIT_DONE] = exit_done,
        [VG_FACT_EXIT_STARTED] = exit_started,
        [VG_FACT_HANDED_OVER] = handed_over,
        [VG_FACT_ORDER] = order,
        [VG_FACT_RENEWAL] = renewal,
        [VG_FACT_SENT_TO_BROKER] = sent_to_broker,
        [VG_FACT_TERMINATION] = termination,
};

int fact_merge(json_t *tree, const struct vg_fact *facts, size_t n, struct report *report)
{
        const char *id = build_text(json_object_get(tree, "identifiers"), "contract_id");
        int r = 0;

        /* What was sent may have been recorded before what it is a copy of. */
        for (int sent = 0; sent < 2; sent++)
                for (size_t i = 0; i < n && r == 0; i++) {
                        const struct merge m = { report, tree, &facts[i], i };
                        if (strcmp(facts[i].contract_id, id) == 0 && changes[facts[i].kind] &&
                            (facts[i].kind == VG_FACT_SENT_TO_BROKER) == sent)
                                r = changes[facts[i].kind](&m);
                }
        return r;
}
