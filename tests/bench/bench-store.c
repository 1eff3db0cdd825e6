/* SPDX-License-Identifier: Apache-2.0 */

/* bench-store DIR [VIGIE]: what we promise about the speed of the store, as ratios to bare SQLite on the
 * same disk with the same pragmas. One JSON object on standard output.
 *
 * commit: one record durable, against one row of the same bytes; turn about, so that a disk that
 *   slows down slows both; medians. commit_usage: a record that projects rows, against one commit
 *   of its bytes and of a row for each of its resources.
 * interval: an hour of 100 tenants and 10 resources closed, against one commit of the same rows: the
 *   records' bytes, and a row for each tenant and resource; turn about, medians.
 * month: a month of hourly usage, 100 tenants and 10 resources, added up by tenant and resource,
 *   against stepping through the same rows; with VIGIE, the whole command as well.
 * verify: megabytes and records a second. */

#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/files.h"
#include "store/store.h"
#include "store/verify.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum {
        N_COMMITS = 400,
        N_TENANTS = 100,
        N_RESOURCES = 10,
        N_HOURS = 744,
        N_SCANS = 5,
        N_INTERVALS = 60
};
static const int64_t start_s = 1798761600; /* 2027-01-01 */

static void must(int r, const struct vg_err *err)
{
        if (r < 0) {
                fprintf(stderr, "%s\n", vg_err_text(err));
                exit(1);
        }
}

static void must_sql(int rc, sqlite3 *db)
{
        if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW) {
                fprintf(stderr, "%s\n", sqlite3_errmsg(db));
                exit(1);
        }
}

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare_double(const void *a, const void *b)
{
        const double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
        qsort(values, n, sizeof(*values), compare_double);
        return values[n / 2];
}

/* A record as the keeper writes it: ten resources, and a line per domain for eight of them. */
static void usage_body(struct vg_json *j, int64_t hour, int tenant)
{
        static const char *const resources[N_RESOURCES] = {
                "block_read_gb", "block_tb", "block_written_gb", "cpu_used", "net_rx_gb",
                "net_tx_gb",     "ram_gib",  "ram_used_gib",     "vcpu",     "vm",
        };
        char text[64];

        vg_json_done(j);
        vg_json_object(j, NULL);
        vg_json_string(j, "appliance", "qc-bench-01");
        vg_json_string(j, "clock", "ok");
        vg_json_string(j, "contract", "");
        vg_json_array(j, "domains");
        for (int d = 0; d < 8; d++) {
                vg_json_object(j, NULL);
                vg_json_object(j, "amounts");
                vg_json_int(j, "ram_gib", 4096000 + d);
                vg_json_int(j, "vcpu", 7200000 + hour);
                vg_json_end_object(j);
                snprintf(text, sizeof(text), "vm-%d-%d", tenant, d);
                vg_json_string(j, "name", text);
                snprintf(text, sizeof(text), "9c0f5a0e-7a3b-4b5e-9d0e-%08d%04d", tenant, d);
                vg_json_string(j, "uuid", text);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
        vg_json_int(j, "interval_s", 3600);
        vg_json_int(j, "part", 0);
        vg_json_object(j, "resources");
        for (int r = 0; r < N_RESOURCES; r++) {
                vg_json_object(j, resources[r]);
                snprintf(text, sizeof(text), "%lld", (long long)(57600000 + hour * r));
                vg_json_string(j, "base", text);
                vg_json_int(j, "micro", 16000000 + hour * r + tenant);
                vg_json_string(j, "quality", "whole");
                vg_json_end_object(j);
        }
        vg_json_end_object(j);
        vg_json_string(j, "start", vg_utc_format(start_s + 3600 * hour, text));
        snprintf(text, sizeof(text), "t-%03d", tenant);
        vg_json_string(j, "tenant", text);
        vg_json_end_object(j);
}

struct bench {
        char path[256], bare_path[256];
        struct store_key *key;
        struct store *store;
        sqlite3 *bare;
        int64_t utc_ns;
};

static void open_all(struct bench *b, const char *folder)
{
        struct vg_err err = { 0 };

        snprintf(b->path, sizeof(b->path), "%s/ledger.db", folder);
        snprintf(b->bare_path, sizeof(b->bare_path), "%s/bare.db", folder);
        b->utc_ns = start_s * VG_NS_PER_S;
        must(store_key_new(&b->key, &err), &err);
        const struct store_options options = {
                .path = b->path,
                .appliance = "qc-bench-01",
                .key = b->key,
                .load_zone = vg_file_zone,
                .utc_ns = b->utc_ns,
                .version = "bench",
        };
        must(store_open(&options, &b->store, &err), &err);
        must_sql(sqlite3_open(b->bare_path, &b->bare), b->bare);
        must_sql(
                sqlite3_exec(b->bare,
                             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                             "CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
                             "CREATE TABLE usage (start_s INT, tenant INT, resource INT, micro INT,"
                             " PRIMARY KEY (start_s, tenant, resource)) WITHOUT ROWID",
                             NULL, NULL, NULL),
                b->bare);
}

static void prepare_bare(struct bench *b, sqlite3_stmt **ret_blob, sqlite3_stmt **ret_row)
{
        must_sql(sqlite3_prepare_v2(b->bare, "INSERT INTO rows (bytes) VALUES (?)", -1, ret_blob,
                                    NULL),
                 b->bare);
        must_sql(sqlite3_prepare_v2(b->bare, "INSERT INTO usage VALUES (?,?,?,?)", -1, ret_row,
                                    NULL),
                 b->bare);
}

static void put_bare(struct bench *b, sqlite3_stmt *blob, const char *bytes, size_t n)
{
        sqlite3_bind_blob(blob, 1, bytes, (int)n, SQLITE_STATIC);
        must_sql(sqlite3_step(blob), b->bare);
        sqlite3_reset(blob);
}

static void put_bare_usage(struct bench *b, sqlite3_stmt *row, int64_t hour, int tenant)
{
        for (int resource = 0; resource < N_RESOURCES; resource++) {
                sqlite3_bind_int64(row, 1, hour);
                sqlite3_bind_int(row, 2, tenant);
                sqlite3_bind_int(row, 3, resource);
                sqlite3_bind_int64(row, 4, 57600000 + hour * resource);
                must_sql(sqlite3_step(row), b->bare);
                sqlite3_reset(row);
        }
}

/* row NULL: bytes alone. */
static double bare_commit(struct bench *b, sqlite3_stmt *blob, sqlite3_stmt *row, int64_t hour,
                          const struct vg_buf *record)
{
        const double begun = now_s();

        must_sql(sqlite3_exec(b->bare, "BEGIN IMMEDIATE", NULL, NULL, NULL), b->bare);
        put_bare(b, blob, record->data, record->n);
        if (row)
                put_bare_usage(b, row, hour, 999);
        must_sql(sqlite3_exec(b->bare, "COMMIT", NULL, NULL, NULL), b->bare);
        return now_s() - begun;
}

static double our_commit(struct bench *b, const char *type, const struct vg_json *j)
{
        struct vg_err err = { 0 };
        const double begun = now_s();

        must(store_begin(b->store, &err), &err);
        must(store_append(b->store, VG_LOG_CLIENT, type, j->buf.data, j->buf.n, b->utc_ns, NULL,
                          &err),
             &err);
        must(store_commit(b->store, &err), &err);
        return now_s() - begun;
}

static void bench_commit(struct bench *b, const char *type, const char *name, int64_t first_hour)
{
        static double ours[N_COMMITS], bare[N_COMMITS];
        struct vg_json j = { 0 };
        struct vg_buf record = { 0 };
        sqlite3_stmt *blob = NULL, *row = NULL;
        const bool projects = strcmp(type, "usage") == 0;

        prepare_bare(b, &blob, &row);
        for (int i = 0; i < N_COMMITS; i++) {
                usage_body(&j, first_hour + i, 999);
                record.n = 0;
                vg_buf_append(&record, j.buf.data, j.buf.n);
                vg_buf_printf(&record, "%0110d", 0); /* as long as our envelope */
                bare[i] = bare_commit(b, blob, projects ? row : NULL, first_hour + i, &record);
                ours[i] = our_commit(b, type, &j);
        }
        sqlite3_finalize(blob);
        sqlite3_finalize(row);
        const double one = median(ours, N_COMMITS), other = median(bare, N_COMMITS);
        printf("\"%s\":{\"bytes\":%zu,\"bare_us\":%.1f,\"ours_us\":%.1f,\"ratio\":%.3f},", name,
               record.n, other * 1e6, one * 1e6, one / other);
        vg_buf_done(&record);
        vg_json_done(&j);
}

static double our_interval(struct bench *b, const struct vg_json bodies[])
{
        struct vg_err err = { 0 };
        const double begun = now_s();

        must(store_begin(b->store, &err), &err);
        for (int i = 0; i < N_TENANTS; i++)
                must(store_append(b->store, VG_LOG_CLIENT, "usage", bodies[i].buf.data,
                                  bodies[i].buf.n, b->utc_ns, NULL, &err),
                     &err);
        must(store_commit(b->store, &err), &err);
        return now_s() - begun;
}

static double bare_interval(struct bench *b, const struct vg_json bodies[], int64_t hour,
                            sqlite3_stmt *blob, sqlite3_stmt *row)
{
        const double begun = now_s();

        must_sql(sqlite3_exec(b->bare, "BEGIN IMMEDIATE", NULL, NULL, NULL), b->bare);
        for (int i = 0; i < N_TENANTS; i++) {
                put_bare(b, blob, bodies[i].buf.data, bodies[i].buf.n);
                put_bare_usage(b, row, hour, i);
        }
        must_sql(sqlite3_exec(b->bare, "COMMIT", NULL, NULL, NULL), b->bare);
        return now_s() - begun;
}

static void bench_interval(struct bench *b, int64_t first_hour)
{
        static double ours[N_INTERVALS], bare[N_INTERVALS];
        static struct vg_json bodies[N_TENANTS];
        sqlite3_stmt *blob = NULL, *row = NULL;

        prepare_bare(b, &blob, &row);
        for (int i = 0; i < N_INTERVALS; i++) {
                for (int tenant = 0; tenant < N_TENANTS; tenant++)
                        usage_body(&bodies[tenant], first_hour + i, tenant);
                bare[i] = bare_interval(b, bodies, first_hour + i, blob, row);
                ours[i] = our_interval(b, bodies);
        }
        for (int tenant = 0; tenant < N_TENANTS; tenant++)
                vg_json_done(&bodies[tenant]);
        sqlite3_finalize(blob);
        sqlite3_finalize(row);
        const double one = median(ours, N_INTERVALS), other = median(bare, N_INTERVALS);
        printf("\"interval\":{\"bare_ms\":%.2f,\"ours_ms\":%.2f,\"ratio\":%.3f},", other * 1e3,
               one * 1e3, one / other);
}

static void fill_month(struct bench *b)
{
        struct vg_json j = { 0 };
        struct vg_err err = { 0 };
        char body[256], start[32];
        const double begun = now_s();

        for (int64_t hour = 0; hour < N_HOURS; hour++) {
                must(store_begin(b->store, &err), &err);
                b->utc_ns = (start_s + 3600 * (hour + 1)) * VG_NS_PER_S;
                for (int tenant = 0; tenant < N_TENANTS; tenant++) {
                        usage_body(&j, hour, tenant);
                        must(store_append(b->store, VG_LOG_CLIENT, "usage", j.buf.data, j.buf.n,
                                          b->utc_ns, NULL, &err),
                             &err);
                }
                snprintf(body, sizeof(body),
                         "{\"appliance\":\"qc-bench-01\",\"clock\":\"ok\",\"covered_s\":3600,"
                         "\"gaps\":[],\"interval_s\":3600,\"start\":\"%s\"}",
                         vg_utc_format(start_s + 3600 * hour, start));
                must(store_append(b->store, VG_LOG_CLIENT, "interval", body, strlen(body),
                                  b->utc_ns, NULL, &err),
                     &err);
                must(store_commit(b->store, &err), &err);
        }
        must(store_checkpoint(b->store, b->utc_ns, NULL, &err), &err);
        const double took = now_s() - begun;
        printf("\"fill\":{\"records\":%d,\"us_per_record\":%.1f,\"ms_per_interval\":%.2f},",
               N_TENANTS * N_HOURS, took / (N_TENANTS * N_HOURS) * 1e6, took / N_HOURS * 1e3);
        vg_json_done(&j);
}

static double bare_scan(const char *path, int64_t *ret_sum, int *ret_rows)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *stmt = NULL;

        must_sql(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), db);
        const double begun = now_s();
        must_sql(sqlite3_prepare_v2(db,
                                    "SELECT start_s, tenant, resource, micro, quality FROM usage"
                                    " WHERE start_s >= ? AND start_s < ?",
                                    -1, &stmt, NULL),
                 db);
        sqlite3_bind_int64(stmt, 1, start_s);
        sqlite3_bind_int64(stmt, 2, start_s + 3600 * N_HOURS);
        *ret_sum = *ret_rows = 0;
        while (sqlite3_step(stmt) == SQLITE_ROW) {
                *ret_sum += sqlite3_column_int64(stmt, 3);
                ++*ret_rows;
        }
        const double took = now_s() - begun;
        sqlite3_finalize(stmt);
        sqlite3_close(db);
        return took;
}

static int add_sum(void *ctx, const struct store_sum *sum)
{
        *(int64_t *)ctx += sum->micro;
        return 0;
}

static double our_sum(const char *path, int64_t *ret_sum)
{
        _cleanup_(store_closep) struct store *store = NULL;
        const struct store_options options = { .path = path };
        const struct store_usage_query query = { start_s, start_s + 3600 * N_HOURS, NULL, NULL };
        const int64_t edges[] = { query.from_s, query.to_s };
        struct vg_err err = { 0 };

        must(store_open_read(&options, &store, &err), &err);
        const double begun = now_s();
        *ret_sum = 0;
        must(store_usage_sum(store, &query, edges, 2, add_sum, ret_sum, &err), &err);
        return now_s() - begun;
}

static double run_command(const char *vigie, const char *config)
{
        int status = 0;

        fflush(stdout); /* or the child says it all again */
        const double begun = now_s();
        const pid_t pid = fork();

        if (pid == 0) {
                if (!freopen("/dev/null", "w", stdout))
                        _exit(126);
                execl(vigie, vigie, "--config", config, "usage", "--from", "2027-01", "--to",
                      "2027-01", "--by", "month", NULL);
                _exit(127);
        }
        waitpid(pid, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
                fprintf(stderr, "vigie usage: %d\n", status);
                exit(1);
        }
        return now_s() - begun;
}

static void bench_month(const struct bench *b, const char *folder, const char *vigie)
{
        double bare[N_SCANS], ours[N_SCANS], command[N_SCANS];
        int64_t sum = 0, other = 0;
        int n_rows = 0;
        char config[300], text[1024];
        struct vg_err err = { 0 };

        snprintf(config, sizeof(config), "%s/vigie.conf", folder);
        const int n = snprintf(text, sizeof(text), "[paths]\nstate_dir = %s\nrun_dir = %s\n",
                               folder, folder);
        must(vg_file_write(config, text, (size_t)n, 0644, &err), &err);
        for (int i = 0; i < N_SCANS; i++) {
                bare[i] = bare_scan(b->path, &sum, &n_rows);
                ours[i] = our_sum(b->path, &other);
                command[i] = vigie ? run_command(vigie, config) : 0;
                if (sum != other) {
                        fprintf(stderr, "the sums differ\n");
                        exit(1);
                }
        }
        const double floor = median(bare, N_SCANS), sums = median(ours, N_SCANS);
        printf("\"month\":{\"rows\":%d,\"bare_ms\":%.1f,\"sum_ms\":%.1f,\"sum_ratio\":%.3f", n_rows,
               floor * 1e3, sums * 1e3, sums / floor);
        if (vigie) {
                const double whole = median(command, N_SCANS);
                printf(",\"command_ms\":%.1f,\"command_ratio\":%.3f", whole * 1e3, whole / floor);
        }
        printf("},");
}

static int no_finding(_unused_ void *ctx, const struct store_finding *finding)
{
        fprintf(stderr, "%s\n", finding->why.text);
        exit(1);
}

static void bench_verify(const struct bench *b)
{
        const struct store_verify_options options = { .path = b->path, .on_finding = no_finding };
        struct store_verify_report report;
        struct vg_err err = { 0 };
        sqlite3 *db = NULL;
        sqlite3_stmt *stmt = NULL;
        const double begun = now_s();

        must(store_verify(&options, &report, &err), &err);
        const double took = now_s() - begun;
        must_sql(sqlite3_open_v2(b->path, &db, SQLITE_OPEN_READONLY, NULL), db);
        must_sql(sqlite3_prepare_v2(db, "SELECT sum(length(bytes)) FROM records", -1, &stmt, NULL),
                 db);
        must_sql(sqlite3_step(stmt), db);
        const double bytes = (double)sqlite3_column_int64(stmt, 0);
        sqlite3_finalize(stmt);
        sqlite3_close(db);
        const double n = (double)report.log[VG_LOG_CLIENT].size;
        printf("\"verify\":{\"records\":%.0f,\"seconds\":%.3f,\"records_per_s\":%.0f,"
               "\"mb_per_s\":%.0f}",
               n, took, n / took, bytes / took / 1e6);
}

int main(int argc, char **argv)
{
        struct bench b = { 0 };

        if (argc < 2) {
                fprintf(stderr, "bench-store DIR [VIGIE]\n");
                return 2;
        }
        open_all(&b, argv[1]);
        printf("{");
        bench_commit(&b, "note", "commit", 2 * N_HOURS);
        bench_commit(&b, "usage", "commit_usage", 4 * N_HOURS);
        bench_interval(&b, 6 * N_HOURS);
        fill_month(&b);
        bench_month(&b, argv[1], argc > 2 ? argv[2] : NULL);
        bench_verify(&b);
        printf("}\n");
        store_close(b.store);
        store_key_free(b.key);
        sqlite3_close(b.bare);
        return 0;
}
