/* SPDX-License-Identifier: Apache-2.0 */

/* The store: what goes in comes out, once, and nothing half. */

#include "ledger-fixture.h"

#include <errno.h>

static void test_identity(_unused_ void **state)
{
        struct fixture f;
        struct vg_err err = { 0 };

        fixture_init(&f);
        const struct store_identity *id = store_identity(f.store);
        assert_string_equal(id->appliance, "qc-test-01");
        assert_int_equal(id->epoch, 1);
        assert_int_equal(id->size[VG_LOG_CLIENT], 1);
        assert_int_equal(id->size[VG_LOG_SHARED], 1);
        assert_memory_equal(id->public_key, store_key_public(f.key), VG_PUBLIC_KEY_SIZE);
        assert_int_equal(strncmp(id->origin[VG_LOG_CLIENT], "vigie/qc-test-01/client/", 24), 0);

        /* A second writer, another appliance, another key. */
        struct store_options options = fixture_options(&f);
        struct store *other = NULL;
        assert_int_equal(store_open(&options, &other, &err), -EBUSY);
        fixture_close(&f);
        options.appliance = "qc-test-02";
        assert_int_equal(store_open(&options, &other, &err), -EINVAL);
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        must(store_key_new(&key, &err), &err);
        options.appliance = "qc-test-01";
        options.key = key;
        assert_int_equal(store_open(&options, &other, &err), -EKEYREJECTED);
        assert_null(other);
        fixture_done(&f);
}

static void test_rollback(_unused_ void **state)
{
        struct fixture f;
        struct vg_err err = { 0 };
        static const struct {
                const char *name, *type, *body;
        } refused[] = {
                { "spaces", "note", "{ \"a\":1}" },
                { "order", "note", "{\"b\":1,\"a\":2}" },
                { "real", "note", "{\"a\":1.5}" },
                { "null", "note", "{\"a\":null}" },
                { "escape", "note", "{\"a\":\"\\u0041\"}" },
                { "array", "note", "[1]" },
                { "cut", "note", "{\"a\":1" },
                { "empty", "note", "" },
                { "type", "No Te", "{}" },
                { "no type", "", "{}" },
                { "usage without start", "usage",
                  "{\"part\":0,\"resources\":{},\"tenant\":\"t\"}" },
                { "interval without gaps", "interval",
                  "{\"clock\":\"ok\",\"covered_s\":1,\"interval_s\":3600,"
                  "\"start\":\"2026-11-02T05:00:00Z\"}" },
        };

        fixture_init(&f);
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                fixture_begin(&f);
                fixture_hour(&f);
                const int r = store_append(f.store, VG_LOG_CLIENT, refused[i].type, refused[i].body,
                                           strlen(refused[i].body), f.utc_ns, NULL, &err);
                if (r != -EINVAL)
                        fail_msg("%s: %d", refused[i].name, r);
                /* The good ones of the same transaction go with it. */
                assert_int_equal(store_commit(f.store, &err), -ECANCELED);
                assert_int_equal(store_identity(f.store)->size[VG_LOG_CLIENT], 1);
        }
        f.hour = 0;
        fixture_begin(&f);
        fixture_hour(&f);
        fixture_commit(&f);
        assert_int_equal(store_identity(f.store)->size[VG_LOG_CLIENT], 4);

        /* The same interval, tenant and part a second time is refused, not added. */
        f.hour = 0;
        fixture_begin(&f);
        const char *body = "{\"part\":0,\"resources\":{\"vcpu\":{\"base\":\"1\",\"micro\":1,"
                           "\"quality\":\"whole\"}},\"start\":\"2026-11-02T05:00:00Z\","
                           "\"tenant\":\"t-dsi\"}";
        assert_int_equal(store_append(f.store, VG_LOG_CLIENT, "usage", body, strlen(body), f.utc_ns,
                                      NULL, &err),
                         -EEXIST);
        store_rollback(f.store);
        fixture_done(&f);
}

static int count_inbox(void *ctx, int64_t id, const void *bytes, size_t n)
{
        char text[32];
        int *next = ctx;

        snprintf(text, sizeof(text), "line %d", (*next)++);
        assert_true(id > 0);
        assert_int_equal(n, strlen(text));
        assert_memory_equal(bytes, text, n);
        return 0;
}

static void test_memory(_unused_ void **state)
{
        struct fixture f;
        struct vg_err err = { 0 };
        int64_t id = 0, first = 0, at = 0, last = 0;
        void *snapshot = NULL;
        size_t n = 0;
        int next = 0;

        fixture_init(&f);
        assert_int_equal(store_snapshot_get(f.store, &id, &at, &snapshot, &n, &err), STORE_NONE);
        assert_int_equal(store_seen_get(f.store, "cli", "ab", &last, &err), STORE_NONE);
        fixture_begin(&f);
        for (int i = 0; i < 1000; i++) {
                char text[32];
                int length = snprintf(text, sizeof(text), "line %d", i);
                must(store_inbox_append(f.store, text, (size_t)length, &id, &err), &err);
                if (i == 0)
                        first = id;
        }
        must(store_seen_put(f.store, "cli", "ab", 7, 1000, &err), &err);
        must(store_seen_put(f.store, "cli", "ab", 9, 1001, &err), &err);
        fixture_commit(&f);

        must(store_inbox_each(f.store, 0, count_inbox, &next, &err), &err);
        assert_int_equal(next, 1000);
        assert_int_equal(store_seen_get(f.store, "cli", "ab", &last, &err), 0);
        assert_int_equal(last, 9);

        fixture_begin(&f);
        must(store_snapshot_put(f.store, first + 499, 5, "state", 5, &err), &err);
        must(store_snapshot_put(f.store, first + 499, 6, "later", 5, &err), &err);
        must(store_inbox_forget(f.store, &err), &err);
        must(store_seen_purge(f.store, 2000, &err), &err);
        fixture_commit(&f);
        fixture_close(&f);
        fixture_open(&f);

        next = 500;
        must(store_inbox_each(f.store, 0, count_inbox, &next, &err), &err);
        assert_int_equal(next, 1000);
        must(store_snapshot_get(f.store, &id, &at, &snapshot, &n, &err), &err);
        assert_int_equal(id, first + 499);
        assert_int_equal(at, 6);
        assert_int_equal(n, 5);
        assert_memory_equal(snapshot, "later", 5);
        free(snapshot);
        assert_int_equal(store_seen_get(f.store, "cli", "ab", &last, &err), STORE_NONE);
        fixture_done(&f);
}

struct tally {
        int n;
        int64_t micro;
        bool ordered;
        int64_t last_start;
};

static int add_usage(void *ctx, const struct store_usage *row)
{
        struct tally *t = ctx;

        t->n++;
        t->micro += row->micro;
        t->ordered = t->ordered && row->start_s >= t->last_start;
        t->last_start = row->start_s;
        return 0;
}

static int add_sum(void *ctx, const struct store_sum *sum)
{
        struct tally *t = ctx;

        t->n += (int)sum->n_rows;
        t->micro += sum->micro;
        if (strcmp(sum->resource, "ram_gib") == 0)
                assert_int_equal(sum->quality, VG_QUALITY_GAP);
        else
                assert_int_equal(sum->quality, VG_QUALITY_WHOLE);
        return 0;
}

static void test_usage(_unused_ void **state)
{
        struct fixture f;
        struct vg_err err = { 0 };
        const int64_t first = 1793595600;

        fixture_init(&f);
        fixture_history(&f, 30);
        static const struct {
                const char *name, *tenant, *resource;
                int64_t from_h, to_h;
                int n;
                int64_t micro;
        } rows[] = {
                { "all", NULL, NULL, 0, 30, 122, 30 * 11500000LL + 465 - 1000 },
                { "one tenant", "t-urb", NULL, 0, 30, 60, 30 * 1500000LL + 465 },
                { "one resource", NULL, "vcpu", 0, 30, 61, 30 * 2500000LL + 465 - 1000 },
                { "both", "t-dsi", "vcpu", 0, 30, 31, 30 * 2000000LL - 1000 },
                { "second hour", NULL, NULL, 1, 2, 4, 11500002 },
                { "nobody", "t-none", NULL, 0, 30, 0, 0 },
                { "before", NULL, NULL, -5, 0, 0, 0 },
        };
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct store_usage_query query = {
                        first + 3600 * rows[i].from_h,
                        first + 3600 * rows[i].to_h,
                        rows[i].tenant,
                        rows[i].resource,
                };
                const int64_t edges[] = { query.from_s, query.from_s + 7 * 3600,
                                          query.to_s > query.from_s + 7 * 3600
                                                  ? query.to_s
                                                  : query.from_s + 8 * 3600 };
                struct tally each = { .ordered = true, .last_start = INT64_MIN }, sum = { 0 };
                must(store_usage_each(f.store, &query, add_usage, &each, &err), &err);
                must(store_usage_sum(f.store, &query, edges, 3, add_sum, &sum, &err), &err);
                if (each.n != rows[i].n || each.micro != rows[i].micro || !each.ordered ||
                    sum.n != rows[i].n || sum.micro != rows[i].micro)
                        fail_msg("%s: %d rows, %lld micro; summed %d, %lld", rows[i].name, each.n,
                                 (long long)each.micro, sum.n, (long long)sum.micro);
        }
        fixture_done(&f);
}

static int see_alert(void *ctx, const struct store_alert *alert)
{
        int *n = ctx;

        if (strcmp(alert->key, "VIG-N-002/vm-1") == 0) {
                assert_false(alert->active);
                assert_string_equal(alert->event, "cleared");
        } else {
                assert_true(alert->active);
                assert_false(alert->acknowledged);
                assert_int_equal(alert->change, 2);
                assert_string_equal(alert->text_fr, "fr 2");
        }
        assert_string_equal(alert->params, "{\"domain\":\"vm « é »\"}");
        ++*n;
        return 0;
}

static int see_map(void *ctx, const struct store_map *map)
{
        assert_string_equal(map->tenant, "t-urb");
        assert_string_equal(map->value, "vm-*");
        ++*(int *)ctx;
        return 0;
}

static int see_gap(void *ctx, const struct store_gap *gap)
{
        assert_string_equal(gap->cause, "frozen");
        assert_int_equal(gap->to_s - gap->from_s, 60);
        ++*(int *)ctx;
        return 0;
}

static int see_record(void *ctx, const struct store_record *record)
{
        struct vg_record split;

        assert_int_equal(vg_record_split(record->bytes, record->n, &split), 0);
        assert_int_equal(split.seq, record->seq);
        assert_string_equal(split.type, record->type);
        ++*(int *)ctx;
        return 0;
}

static void test_answers(_unused_ void **state)
{
        struct fixture f;
        struct vg_err err = { 0 };
        int alerts = 0, active = 0, maps = 0, gaps = 0, records = 0;
        char *value = NULL;

        fixture_init(&f);
        fixture_history(&f, 5);
        must(store_alert_each(f.store, false, see_alert, &alerts, &err), &err);
        must(store_alert_each(f.store, true, see_alert, &active, &err), &err);
        must(store_map_each(f.store, see_map, &maps, &err), &err);
        must(store_gap_each(f.store, 0, INT64_MAX, see_gap, &gaps, &err), &err);
        const struct store_record_query query = { VG_LOG_CLIENT, 0, UINT64_MAX, "usage" };
        must(store_record_each(f.store, &query, see_record, &records, &err), &err);
        assert_int_equal(alerts, 2);
        assert_int_equal(active, 1);
        assert_int_equal(maps, 1);
        assert_int_equal(gaps, 5);
        assert_int_equal(records, 11);
        assert_int_equal(store_meta_get(f.store, "last_after", &value, &err), 0);
        assert_string_equal(value, "clean");
        free(value);
        fixture_done(&f);
}

/* What is written once stays: it is in its one form, or it is not written. */
static void test_only_canonical_bodies(_unused_ void **state)
{
        static const char *const bodies[] = {
                "",
                "[]",
                "{\"b\":1,\"a\":2}",
                "{\"a\":1,\"a\":1}",
                "{\"a\": 1}",
                "{\"a\":1} ",
                "{\"a\":1.0}",
                "{\"a\":01}",
                "{\"a\":true}",
                "{\"a\":null}",
                "{\"a\":\"\\u0041\"}",
                "{\"a\":\"\\u000A\"}",
                "{\"a\":\"\xff\"}",
                "{\"a\":{\"d\":1,\"c\":1}}",
        };
        struct fixture f;
        struct vg_err err = { 0 };

        fixture_init(&f);
        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                fixture_begin(&f);
                if (store_append(f.store, VG_LOG_CLIENT, "note", bodies[i], strlen(bodies[i]),
                                 fixture_tick(&f), NULL, &err) >= 0)
                        fail_msg("taken: %s", bodies[i]);
                assert_int_equal(store_commit(f.store, &err), -ECANCELED);
        }
        fixture_begin(&f);
        fixture_append(&f, VG_LOG_CLIENT, "note", "{\"a\":{\"\\\"\":\"\\n\",\"b\":[1,-2]}}");
        must(store_commit(f.store, &err), &err);
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_identity), cmocka_unit_test(test_rollback),
                cmocka_unit_test(test_memory),   cmocka_unit_test(test_usage),
                cmocka_unit_test(test_answers),  cmocka_unit_test(test_only_canonical_bodies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
