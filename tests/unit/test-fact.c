/* SPDX-License-Identifier: Apache-2.0 */

/* Facts laid over a contract: rows of tests/data/contract/facts.json. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract-data.h"
#include "vigie/fact.h"
#include "vigie/text.h"

enum { FACTS_MAX = 4 };

static void tell_day(struct vg_buf *buf, const char *what, struct vg_date date)
{
        char day[16];

        vg_buf_printf(buf, ", %s %s", what, vg_date_format(date, day));
}

/* What the facts made of the example; what the file itself says stays out. */
static void tell(const struct vg_contract *c, int64_t before_s, struct vg_buf *buf)
{
        char day[16], text[128];

        vg_buf_printf(buf, "end %s", vg_date_format(vg_contract_last_day_at(c, before_s), day));
        for (size_t i = 0; i < c->n_renewals; i++)
                if (c->renewals[i].is_exercised)
                        tell_day(buf, c->renewals[i].id, c->renewals[i].exercised_on);
        if (c->exit.decision != VG_EXIT_UNDECIDED)
                vg_buf_printf(buf, ", %s", vg_exit_name(c->exit.decision));
        if (c->exit.has_started)
                tell_day(buf, "started", c->exit.planning_started_on);
        if (c->exit.has_completed)
                tell_day(buf, "done", c->exit.completed_on);
        if (c->last_attested_on.year != 2026)
                tell_day(buf, "attested", c->last_attested_on);
        for (size_t i = 0; i < c->n_orders; i++)
                if (c->orders[i].is_recorded) {
                        snprintf(text, sizeof(text), "order %s x%lld", c->orders[i].id,
                                 (long long)c->orders[i].quantity_micro);
                        tell_day(buf, text, c->orders[i].in_service_on);
                        for (size_t k = 0; k < c->orders[i].n_serials; k++)
                                vg_buf_printf(buf, " %s", c->orders[i].serials[k]);
                        assert_int_equal(c->orders[i].known_s, 1800000000);
                }
        if (c->termination)
                tell_day(buf, c->termination->id, c->termination->letter_on);
        for (size_t i = 0; i < c->n_documents; i++)
                if (c->documents[i].has_broker_copy &&
                    c->documents[i].broker_copy_sent_on.year * 100 +
                                    c->documents[i].broker_copy_sent_on.month !=
                            202706) {
                        snprintf(text, sizeof(text), "sent %s", c->documents[i].id);
                        tell_day(buf, text, c->documents[i].broker_copy_sent_on);
                }
        if (c->has_handed_over)
                tell_day(buf, "handed over", c->handed_over_on);
}

static char *edited(const json_t *row)
{
        _cleanup_(vg_json_decrefp) json_t *tree = read_json(EXAMPLE);
        json_t *one;
        size_t i;

        /* Amendment AV-02 moves the end; without it the facts are seen alone. */
        put(tree, "amendments[1].changes.end_date", NULL);
        put(tree, "orders[1].in_service_on", json_string("2027-09-20"));
        json_array_foreach (json_object_get(row, "set"), i, one)
                put(tree, json_string_value(json_array_get(one, 0)),
                    json_deep_copy(json_array_get(one, 1)));
        return json_dumps(tree, 0);
}

static void judge(const json_t *row, const struct vg_fact *facts, size_t n)
{
        const char *name = json_string_value(json_object_get(row, "name"));
        const char *want = json_string_value(json_object_get(row, "tell"));
        const char *codes = json_string_value(json_object_get(row, "codes"));
        const char *path = json_string_value(json_object_get(row, "path"));
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_buf buf = { 0 };
        struct vg_err err = { 0 };
        _cleanup_free_ char *bytes = edited(row);
        int r = vg_contract_parse_with(bytes, strlen(bytes), facts, n, vg_file_zone, &c, &refusals,
                                       &err);
        if (r > 0) {
                if (!codes || strcmp(vg_refusal_code(&refusals.list[0]), codes) != 0)
                        fail_msg("%s: %s %s", name, vg_refusal_code(&refusals.list[0]),
                                 refusals.list[0].path);
                if (path)
                        assert_string_equal(refusals.list[0].path, path);
                return;
        }
        assert_int_equal(r, 0);
        if (!want)
                fail_msg("%s: accepted", name);
        tell(c, c->amendments[1].effective_s + 3 * INT64_C(365) * VG_DAY_S, &buf);
        if (strcmp(buf.data, want) != 0)
                fail_msg("%s: %s, wanted %s", name, buf.data, want);
        vg_buf_done(&buf);
}

static void each_row(const char *path,
                     void (*try)(const json_t *row, const struct vg_fact *facts, size_t n))
{
        _cleanup_(vg_json_decrefp) json_t *rows = read_json(path);
        json_t *row, *detail;
        size_t i, k;

        json_array_foreach (rows, i, row) {
                const char *bad = json_string_value(json_object_get(row, "bad"));
                struct vg_fact facts[FACTS_MAX];
                struct vg_err err = { 0 };
                int r = 0;

                json_array_foreach (json_object_get(row, "facts"), k, detail) {
                        if (!json_object_get(detail, "contract_id"))
                                json_object_set_new(detail, "contract_id",
                                                    json_string("CS-2026-0311"));
                        r = vg_fact_parse(detail, 1800000000, &facts[k], &err);
                        if ((r < 0) != (bad != NULL))
                                fail_msg("%s: %s", json_string_value(json_object_get(row, "name")),
                                         vg_err_text(&err));
                        if (bad)
                                assert_non_null(strstr(vg_err_text(&err), bad));
                }
                if (!bad)
                        try(row, facts, json_array_size(json_object_get(row, "facts")));
        }
}

static void test_rows(_unused_ void **state)
{
        each_row(DATA "/facts.json", judge);
}

/* ---- what may follow what ---- */

static const struct vg_fact *last_like(const struct vg_fact *facts, size_t n)
{
        const struct vg_fact *tried = &facts[n - 1], *found = NULL;

        for (size_t i = 0; i + 1 < n; i++)
                if (facts[i].kind == tried->kind && strcmp(facts[i].target, tried->target) == 0)
                        found = &facts[i];
        return found;
}

/* The last of the row's facts is tried. */
static void follow(const json_t *row, const struct vg_fact *facts, size_t n)
{
        const char *name = json_string_value(json_object_get(row, "name"));
        const char *why = json_string_value(json_object_get(row, "why"));
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_err err = { 0 };
        _cleanup_free_ char *bytes = edited(row);

        assert_int_equal(vg_contract_parse_with(bytes, strlen(bytes), facts, n, vg_file_zone, &c,
                                                &refusals, &err),
                         0);
        const int r = vg_fact_follows(c, &facts[n - 1], last_like(facts, n), &err);
        if (r != (*why ? -EINVAL : 0) || (*why && !strstr(vg_err_text(&err), why)))
                fail_msg("%s: %s", name, r ? vg_err_text(&err) : "accepted");
}

static void test_follows(_unused_ void **state)
{
        each_row(DATA "/fact-orders.json", follow);
}

static void test_words(_unused_ void **state)
{
        for (int kind = 0; kind < VG_FACT_N; kind++) {
                const struct vg_fact_row *row = vg_fact_row((enum vg_fact_kind)kind);
                assert_int_equal(vg_fact_find(row->word), kind);
                if (kind > 0)
                        assert_true(strcmp(vg_fact_row((enum vg_fact_kind)(kind - 1))->word,
                                           row->word) < 0);
        }
        assert_int_equal(vg_fact_find("wedding"), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_follows),
                cmocka_unit_test(test_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
