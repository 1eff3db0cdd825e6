/* SPDX-License-Identifier: Apache-2.0 */

/* A stream over a ledger: what waits, in which order it leaves, and where it goes on. */

#include "ledger-fixture.h"

#include <stdio.h>
#include <string.h>

#include "deliver/lane.h"

enum { LOGS = 1u << VG_LOG_SHARED | 1u << VG_LOG_CLIENT };

static const struct vg_recipient reader = { .id = "I", .role = VG_ROLE_CLIENT_IT };
static const struct vg_contract contract = { .id = "CS-1" };
static const struct destination to = {
        .name = "I/essai", .recipient = &reader, .contract = &contract, .appliance = "qc-test-01"
};
static const struct sink_stream by_three = {
        .name = "three", .logs = LOGS, .events_max = 3, .bytes_max = SIZE_MAX
};

struct scene {
        struct fixture f;
        struct memory *memory;
        struct lane lane;
        struct vg_err err;
};

static int64_t now_s(const struct scene *s)
{
        return vg_floor_div(s->f.utc_ns, VG_NS_PER_S);
}

/* "client 3" of a record that goes to the operator, "other" of one that goes to nobody. */
static void append(struct scene *s, const char *what, unsigned n)
{
        fixture_begin(&s->f);
        for (unsigned i = 0; i < n; i++)
                if (strcmp(what, "client") == 0)
                        fixture_append(&s->f, VG_LOG_CLIENT, "carried", "{\"fault\":\"f\"}");
                else if (strcmp(what, "shared") == 0)
                        fixture_append(&s->f, VG_LOG_SHARED, "test", "{\"recipient\":\"I\"}");
                else
                        fixture_append(&s->f, VG_LOG_CLIENT, "unheard-of", "{\"n\":1}");
        fixture_commit(&s->f);
}

static void begin(struct scene *s, const struct sink_stream *stream)
{
        must(lane_init(&s->lane, &to, stream, s->f.store, s->memory, now_s(s), &s->err), &s->err);
}

static uint64_t look(struct scene *s)
{
        int r;

        while ((r = lane_look(&s->lane, s->f.store, &s->err)) == 1)
                ;
        must(r, &s->err);
        return lane_waiting(&s->lane);
}

/* Takes one batch; its events as "s7 c12 c13". */
static const char *take(struct scene *s, char text[256])
{
        _cleanup_(load_done) struct load load = { 0 };
        size_t n = 0;

        text[0] = '\0';
        must(lane_load(&s->lane, s->f.store, &load, &s->err), &s->err);
        for (size_t i = 0; i < load.n; i++)
                n += (size_t)snprintf(text + n, 256 - n, "%s%s%llu", i ? " " : "",
                                      load.events[i].log == VG_LOG_SHARED ? "s" : "c",
                                      (unsigned long long)load.events[i].seq);
        lane_advance(&s->lane, &load);
        return text;
}

static int set_up(void **state)
{
        struct scene *s = calloc(1, sizeof(*s));
        char path[128];

        fixture_init(&s->f); /* an origin record in each log: seq 0 */
        snprintf(path, sizeof(path), "%s/deliver.db", s->f.dir);
        must(memory_open(path, &s->memory, &s->err), &s->err);
        *state = s;
        return 0;
}

static int tear_down(void **state)
{
        struct scene *s = *state;

        memory_close(s->memory);
        fixture_done(&s->f);
        free(s);
        return 0;
}

static void both_logs_in_order_of_time(void **state)
{
        struct scene *s = *state;
        char text[256];

        append(s, "client", 2);
        append(s, "shared", 1);
        append(s, "other", 700);
        append(s, "client", 1);
        append(s, "shared", 2);
        begin(s, &by_three);
        assert_int_equal(look(s), 8);
        assert_string_equal(take(s, text), "s0 c0 c1");
        assert_string_equal(take(s, text), "c2 s1 c703");
        assert_string_equal(take(s, text), "s2 s3");
        assert_int_equal(look(s), 0);
        assert_int_equal(s->lane.oldest_s, 0);
        append(s, "other", 3);
        assert_int_equal(look(s), 0);
        assert_int_equal(s->lane.at.next[VG_LOG_CLIENT], 707);
        append(s, "client", 1);
        assert_int_equal(look(s), 1);
        assert_int_equal(s->lane.oldest_s, now_s(s));
        assert_string_equal(take(s, text), "c707");
}

static void it_goes_on_where_it_was(void **state)
{
        struct scene *s = *state;
        char text[256];

        append(s, "client", 5);
        begin(s, &by_three);
        look(s);
        take(s, text);
        must(memory_stream_put(s->memory, to.name, by_three.name, &s->lane.at, &s->err), &s->err);
        take(s, text);
        begin(s, &by_three); /* the second batch was not kept: it goes again */
        look(s);
        assert_string_equal(take(s, text), "c2 c3 c4");
}

static void a_new_stream_looks_back_one_day(void **state)
{
        static const struct sink_stream whole = { .name = "whole",
                                                  .logs = LOGS,
                                                  .events_max = 9,
                                                  .bytes_max = SIZE_MAX,
                                                  .from_first_record = true };
        struct scene *s = *state;
        char text[256];

        append(s, "client", 2);
        s->f.utc_ns += 2 * VG_DAY_S * VG_NS_PER_S;
        append(s, "shared", 1);
        begin(s, &by_three);
        assert_int_equal(look(s), 1);
        assert_string_equal(take(s, text), "s1");
        begin(s, &whole);
        assert_int_equal(look(s), 5);
        assert_string_equal(take(s, text), "s0 c0 c1 c2 s1");
}

static void only_what_is_signed(void **state)
{
        static const struct sink_stream sealed = { .name = "sealed",
                                                   .logs = 1u << VG_LOG_SHARED,
                                                   .events_max = 9,
                                                   .bytes_max = SIZE_MAX,
                                                   .is_signed = true };
        struct scene *s = *state;
        char text[256];

        append(s, "shared", 2);
        begin(s, &sealed);
        assert_int_equal(look(s), 1); /* the origin, signed when the ledger was made */
        must(store_checkpoint(s->f.store, s->f.utc_ns, NULL, &s->err), &s->err);
        append(s, "shared", 1);
        assert_int_equal(look(s), 3);
        assert_string_equal(take(s, text), "s0 s1 s2");
        lane_seek(&s->lane, 1); /* the other end lost some */
        assert_int_equal(look(s), 2);
        assert_string_equal(take(s, text), "s1 s2");
}

static void one_by_one_after_a_refusal_of_several(void **state)
{
        struct scene *s = *state;
        char text[256];

        append(s, "client", 4);
        begin(s, &by_three);
        look(s);
        s->lane.n_single = 3;
        assert_string_equal(take(s, text), "s0");
        assert_string_equal(take(s, text), "c0");
        assert_string_equal(take(s, text), "c1");
        assert_string_equal(take(s, text), "c2 c3 c4");
}

static void a_restored_ledger_is_told_from_its_epoch_on(void **state)
{
        const struct store_epoch epoch = { .reason = "restore", .version = "0.1.0" };
        struct scene *s = *state;
        struct store_epoch opened = epoch;
        char text[256];

        append(s, "client", 2);
        begin(s, &by_three);
        look(s);
        take(s, text);
        take(s, text);
        s->lane.at.next[VG_LOG_CLIENT] = 9; /* what was delivered and then lost by the restore */
        must(memory_stream_put(s->memory, to.name, by_three.name, &s->lane.at, &s->err), &s->err);
        opened.utc_ns = fixture_tick(&s->f);
        must(store_epoch_open(s->f.store, &opened, &s->err), &s->err);
        append(s, "client", 1);
        begin(s, &by_three);
        assert_int_equal(look(s), 3);
        assert_string_equal(take(s, text), "s1 c3 c4");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(both_logs_in_order_of_time),
                TEST(it_goes_on_where_it_was),
                TEST(a_new_stream_looks_back_one_day),
                TEST(only_what_is_signed),
                TEST(one_by_one_after_a_refusal_of_several),
                TEST(a_restored_ledger_is_told_from_its_epoch_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
