/* SPDX-License-Identifier: Apache-2.0 */

/* Where an alert stands with those who are told of it, from its records and from acts. */

#include "ledger-fixture.h"

#include <sqlite3.h>

static void raw_exec(const char *path, const char *text)
{
        sqlite3 *db = NULL;
        char *message = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
                fail_msg("%s", message);
        sqlite3_close(db);
}

static int write_telling(void *ctx, const struct store_alert *alert)
{
        vg_buf_printf(ctx, "%s %s %s %lld %d\n", alert->key, alert->event, alert->notify,
                      (long long)alert->notified_s, alert->acknowledged);
        return 0;
}

static int write_silence(void *ctx, const struct store_silence *silence)
{
        char until[32];

        vg_buf_printf(ctx, "%s until %s by %s (%s): %s\n", silence->key,
                      vg_utc_format(silence->until_s, until), silence->user, silence->role,
                      silence->reason);
        return 0;
}

static void telling_alert(struct fixture *f, const char *event, const char *notify, int minute,
                          int change)
{
        char body[512];

        snprintf(body, sizeof(body),
                 "{\"at\":\"2026-11-02T06:%02d:00Z\",\"change\":%d,\"code\":\"VIG-D-002\","
                 "\"event\":\"%s\",\"key\":\"VIG-D-002/v1/clock\",\"notify\":\"%s\","
                 "\"params\":{},\"severity\":\"major\",\"text_en\":\"e\",\"text_fr\":\"f\"}",
                 minute, change, event, notify);
        fixture_append(f, VG_LOG_CLIENT, "alert", body);
}

static void assert_telling(struct fixture *f, const char *want)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        struct vg_err err = { 0 };

        must(store_alert_each(f->store, false, write_telling, &text, &err), &err);
        must(store_silence_each(f->store, write_silence, &text, &err), &err);
        assert_string_equal(text.data ? text.data : "", want);
}

static void test_telling(_unused_ void **state)
{
        static const struct {
                const char *event, *notify, *want;
        } rows[] = {
                { "fired", "observed", "VIG-D-002/v1/clock fired observed 0 0\n" },
                { "reminded", "now", "VIG-D-002/v1/clock reminded now 1793599260 0\n" },
                { "acknowledged", "none", "VIG-D-002/v1/clock acknowledged none 1793599260 1\n" },
                /* It worsened: nobody has seen that yet. */
                { "raised", "inhibited", "VIG-D-002/v1/clock raised inhibited 1793599260 0\n" },
                { "cleared", "grouped", "VIG-D-002/v1/clock cleared grouped 1793599440 0\n" },
                { "fired", "silenced", "VIG-D-002/v1/clock fired silenced 0 0\n" },
        };
        const char *const last = rows[ELEMENTSOF(rows) - 1].want;
        char want[512];
        struct fixture f;
        struct vg_err err = { 0 };
        struct store *reader = NULL;

        fixture_init(&f);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                fixture_begin(&f);
                telling_alert(&f, rows[i].event, rows[i].notify, (int)i, (int)i + 1);
                fixture_commit(&f);
                assert_telling(&f, rows[i].want);
        }
        fixture_begin(&f);
        for (int day = 3; day < 5; day++) { /* the later one replaces the earlier */
                char detail[256];
                snprintf(detail, sizeof(detail),
                         "{\"key\":\"VIG-D-002/*\",\"reason\":\"NTP\",\"until\":"
                         "\"2026-11-%02dT06:00:00Z\"}",
                         day);
                fixture_act(&f, "alert.silence", detail);
        }
        fixture_act(&f, "go-live", "{}");
        fixture_commit(&f);
        snprintf(want, sizeof(want),
                 "%sVIG-D-002/* until 2026-11-04T06:00:00Z by root (admin): NTP\n", last);
        assert_telling(&f, want);
        fixture_begin(&f);
        fixture_act(&f, "alert.unsilence", "{\"key\":\"VIG-D-002/*\"}");
        fixture_commit(&f);
        assert_telling(&f, last);

        _cleanup_free_ char *live = NULL;
        assert_int_equal(store_meta_get(f.store, "live_s", &live, &err), 0);

        /* Where the release before had no place for it, the records say it. */
        const struct store_options options = fixture_options(&f);
        fixture_close(&f);
        raw_exec(f.path, "ALTER TABLE alert DROP COLUMN notify; ALTER TABLE alert DROP COLUMN"
                         " notified_s; DROP TABLE silence; PRAGMA user_version = 1");
        must(store_open_read(&options, &reader, &err), &err);
        f.store = reader;
        assert_telling(&f, last);
        store_close(reader);
        f.store = NULL;
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_telling) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
