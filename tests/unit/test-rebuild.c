/* SPDX-License-Identifier: Apache-2.0 */

/* Projections: made again from the records they are the same, row by row, whatever happened. */

#include "ledger-fixture.h"

#include <errno.h>
#include <sqlite3.h>

#include "store/rebuild.h"
#include "store/verify.h"
#include "vigie/json.h"

/* Every row of every projection, sorted, as one text. */
static char *dump_projections(const char *path)
{
        sqlite3 *db = NULL;
        struct vg_buf text = { 0 };

        assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        for (size_t i = 0; store_projections[i]; i++) {
                char sql[128];
                sqlite3_stmt *stmt = NULL;
                snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2, 3, 4, 5, 6, 7",
                         store_projections[i]);
                /* Tables with fewer columns are ordered by those that they have. */
                while (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
                        char *comma = strrchr(sql, ',');
                        assert_non_null(comma);
                        *comma = '\0';
                }
                vg_buf_printf(&text, "%s\n", store_projections[i]);
                while (sqlite3_step(stmt) == SQLITE_ROW) {
                        for (int c = 0; c < sqlite3_column_count(stmt); c++) {
                                vg_buf_printf(&text, "%d:", sqlite3_column_type(stmt, c));
                                /* In hexadecimal: a blob may hold NULs, which would end the text. */
                                const unsigned char *cell = sqlite3_column_blob(stmt, c);
                                for (int b = 0; b < sqlite3_column_bytes(stmt, c); b++)
                                        vg_buf_printf(&text, "%02x", cell[b]);
                                vg_buf_puts(&text, "|");
                        }
                        vg_buf_puts(&text, "\n");
                }
                sqlite3_finalize(stmt);
        }
        sqlite3_close(db);
        return vg_buf_take(&text);
}

static void append_contract(struct fixture *f, int revision)
{
        struct vg_err err = { 0 };
        struct vg_json j = { 0 };
        char *text = NULL;
        size_t n = 0;

        must(vg_file_read(VIGIE_SOURCE_DIR "/config/contract-example.json", 1 << 20, &text, &n,
                          &err),
             &err);
        vg_json_object(&j, NULL);
        vg_json_string(&j, "contract_id", "DEMO");
        vg_json_string(&j, "digest", "00");
        vg_json_int(&j, "revision", revision);
        vg_json_string(&j, "text", text);
        vg_json_end_object(&j);
        vg_buf_append(&j.buf, "", 0);
        fixture_begin(f);
        fixture_append(f, VG_LOG_CLIENT, "contract", j.buf.data);
        fixture_commit(f);
        vg_json_done(&j);
        free(text);
}

static void hours(struct fixture *f, unsigned n)
{
        for (unsigned i = 0; i < n; i++) {
                fixture_begin(f);
                f->utc_ns = (f->start_s + 3600 * (int64_t)(f->hour + 1)) * VG_NS_PER_S;
                fixture_hour(f);
                fixture_commit(f);
        }
}

struct sums {
        vg_i128 on_time, late;
        int n;
};

static int add_line(void *ctx, const struct store_line *line)
{
        struct sums *sums = ctx;
        vg_i128 quantity;

        assert_int_equal(vg_i128_parse(line->quantity_micro, &quantity), 0);
        if (strcmp(line->sku, "IL-VCPU") != 0)
                return 0;
        sums->n++;
        if (line->period_month == line->statement_month)
                sums->on_time += quantity;
        else
                sums->late += quantity;
        return 0;
}

static struct sums sum_lines(struct fixture *f)
{
        struct sums sums = { 0 };
        struct vg_err err = { 0 };

        must(store_line_each(f->store, NULL, 0, INT32_MAX, add_line, &sums, &err), &err);
        return sums;
}

/* Usage before the contract, under it, under its next revision, late for an open and for a closed
 * month; alerts, acts and records that nobody knows among them. */
static void varied_history(struct fixture *f)
{
        hours(f, 30);
        assert_int_equal(sum_lines(f).n, 0);
        append_contract(f, 1);
        assert_int_equal(sum_lines(f).n, 2); /* t-dsi, and t-urb, whom the contract does not know */
        hours(f, 30);
        fixture_history(f, 3);
        append_contract(f, 2);
        hours(f, 800);
        f->utc_ns += 100 * VG_DAY_S * VG_NS_PER_S;
        fixture_begin(f);
        fixture_usage(f, "t-dsi", f->start_s + 7200, 1, -500, 3);
        fixture_usage(f, "t-urb", f->start_s + 7200, 1, 500, -3);
        fixture_usage(f, "t-dsi", f->start_s - 7200, 0, 77, 77); /* before the contract's start */
        fixture_commit(f);
}

static void test_lines(_unused_ void **state)
{
        struct fixture f;

        fixture_init_at(&f, 1799643600); /* 2027-01-11, midnight in Montréal */
        varied_history(&f);
        const struct sums before = sum_lines(&f);
        const int64_t n = 863, first = n * (n + 1) / 2;
        assert_int_equal((int64_t)before.on_time, n * 2500000 + first - 1000);
        assert_int_equal((int64_t)before.late, 0); /* -500 and +500 */

        /* A revision loaded after months have closed changes none of their lines. */
        append_contract(&f, 3);
        const struct sums after = sum_lines(&f);
        assert_int_equal(after.n, before.n);
        assert_true(after.on_time == before.on_time);
        assert_true(after.late == before.late);
        fixture_done(&f);
}

static int count_progress(void *ctx, uint64_t done, uint64_t total)
{
        assert_true(done <= total);
        ++*(int *)ctx;
        return 0;
}

static int stop_progress(_unused_ void *ctx, _unused_ uint64_t done, _unused_ uint64_t total)
{
        return -EINTR;
}

static void raw_exec(const char *path, const char *text)
{
        sqlite3 *db = NULL;
        char *message = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
                fail_msg("%s", message);
        sqlite3_close(db);
}

static void test_equal(_unused_ void **state)
{
        struct fixture f;
        struct vg_err err = { 0 };
        int n_progress = 0;
        bool same = false;

        fixture_init_at(&f, 1799643600);
        varied_history(&f);
        fixture_close(&f);
        _cleanup_free_ char *lived = dump_projections(f.path);
        assert_true(strlen(lived) > 100000);

        must(store_rebuild(f.path, vg_file_zone, count_progress, &n_progress, &err), &err);
        _cleanup_free_ char *again = dump_projections(f.path);
        assert_string_equal(lived, again);
        assert_true(n_progress > 2);
        must(store_rebuild_compare(f.path, vg_file_zone, NULL, NULL, &same, &err), &err);
        assert_true(same);

        /* Whatever was done to them, they come back; a rebuild that is stopped leaves all as it is. */
        raw_exec(f.path, "DELETE FROM line; UPDATE usage SET micro = 1; DROP TABLE act;"
                         "CREATE TABLE act (seq INTEGER PRIMARY KEY); CREATE TABLE stranger (x);");
        must(store_rebuild_compare(f.path, vg_file_zone, NULL, NULL, &same, &err), &err);
        assert_false(same);
        assert_int_equal(store_rebuild(f.path, vg_file_zone, stop_progress, NULL, &err), -EINTR);
        must(store_rebuild(f.path, vg_file_zone, NULL, NULL, &err), &err);
        _cleanup_free_ char *healed = dump_projections(f.path);
        assert_string_equal(lived, healed);

        /* And the writer goes on as if nothing had been. */
        fixture_open(&f);
        assert_int_equal(store_rebuild(f.path, vg_file_zone, NULL, NULL, &err), -EBUSY);
        hours(&f, 2);
        fixture_done(&f);
}

static int add_micro(void *ctx, const struct store_usage *row)
{
        *(int64_t *)ctx += row->micro;
        return 0;
}

static int64_t total_usage(const char *path)
{
        _cleanup_(store_closep) struct store *store = NULL;
        const struct store_options options = { .path = path, .load_zone = vg_file_zone };
        const struct store_usage_query all = { 0, INT64_MAX, NULL, NULL };
        int64_t micro = 0;
        struct vg_err err = { 0 };

        must(store_open_read(&options, &store, &err), &err);
        must(store_usage_each(store, &all, add_micro, &micro, &err), &err);
        return micro;
}

/* Upgrade and roll-back: whoever finds projections of another release makes his own. */
static void test_versions(_unused_ void **state)
{
        static const char *const others[] = {
                "PRAGMA user_version = 0; DROP TABLE line; DROP TABLE usage_part",
                "PRAGMA user_version = 99; CREATE TABLE of_a_later_release (month INTEGER) STRICT;"
                "ALTER TABLE usage ADD COLUMN carbon INTEGER",
        };
        struct fixture f;
        struct vg_err err = { 0 };

        fixture_init_at(&f, 1799643600);
        varied_history(&f);
        const int n_lines = sum_lines(&f).n;
        fixture_close(&f);
        _cleanup_free_ char *lived = dump_projections(f.path);
        const int64_t total = total_usage(f.path);
        assert_true(total > 0);
        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                struct store *reader = NULL;
                const struct store_options options = fixture_options(&f), bare = { .path = f.path };
                bool same;
                raw_exec(f.path, others[i]);
                /* A reader too, for itself: the file stays as it is. */
                assert_int_equal(total_usage(f.path), total);
                must(store_open_read(&options, &f.store, &err), &err);
                assert_int_equal(sum_lines(&f).n, n_lines);
                fixture_close(&f);
                assert_int_equal(store_open_read(&bare, &reader, &err), -EPROTONOSUPPORT);
                assert_int_equal(
                        store_rebuild_compare(f.path, vg_file_zone, NULL, NULL, &same, &err),
                        STORE_NONE);
                fixture_open(&f);
                fixture_close(&f);
                _cleanup_free_ char *again = dump_projections(f.path);
                assert_string_equal(lived, again);
                must(store_open_read(&options, &reader, &err), &err);
                store_close(reader);
        }
        fixture_done(&f);
}

static int no_finding(_unused_ void *ctx, const struct store_finding *finding)
{
        fail_msg("%s", finding->why.text);
        return -EBADMSG;
}

/* Ledgers written by each release, whose programs are gone: three hours of make-history. They are
 * read, verified, rebuilt and written on. A release adds its own and takes none away. */
static void test_releases(_unused_ void **state)
{
        static const char *const releases[] = { "v0.1" };

        for (size_t i = 0; i < ELEMENTSOF(releases); i++) {
                struct fixture f;
                char from[256];
                char *bytes = NULL;
                size_t n = 0;
                struct store_verify_report report;
                struct vg_err err = { 0 };

                fixture_init(&f);
                fixture_close(&f);
                store_key_free(TAKE_PTR(f.key));
                snprintf(f.path, sizeof(f.path), "%s/released.db", f.dir);
                snprintf(from, sizeof(from), "%s/tests/data/ledger/%s/signing-key.pem",
                         VIGIE_SOURCE_DIR, releases[i]);
                must(store_key_read(from, &f.key, &err), &err);
                snprintf(from, sizeof(from), "%s/tests/data/ledger/%s/ledger.db", VIGIE_SOURCE_DIR,
                         releases[i]);
                must(vg_file_read(from, 1 << 24, &bytes, &n, &err), &err);
                must(vg_file_write(f.path, bytes, n, 0640, &err), &err);
                free(bytes);

                const struct store_verify_options options = { .path = f.path,
                                                              .on_finding = no_finding };
                must(store_verify(&options, &report, &err), &err);
                assert_int_equal(report.n_findings, 0);
                assert_int_equal(report.log[VG_LOG_CLIENT].size, 17);
                const int64_t total = 3 * 11500000 + 6 - 1000;
                assert_int_equal(total_usage(f.path), total);

                fixture_open(&f);
                f.hour = 3;
                hours(&f, 1);
                must(store_checkpoint(f.store, fixture_tick(&f), NULL, &err), &err);
                fixture_close(&f);
                must(store_rebuild(f.path, vg_file_zone, NULL, NULL, &err), &err);
                assert_int_equal(total_usage(f.path), total + 11500004);
                must(store_verify(&options, &report, &err), &err);
                assert_int_equal(report.n_findings, 0);
                fixture_done(&f);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_equal),
                cmocka_unit_test(test_versions),
                cmocka_unit_test(test_releases),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
