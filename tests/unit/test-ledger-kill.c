/* SPDX-License-Identifier: Apache-2.0 */

/* The store alone against kill -9 at random instants, and readers beside a writer that works, is
 * stopped, or is dead. 20 rounds; 200 with VIGIE_LONG=1. The seed is printed; VIGIE_SEED gives it
 * back. */

#include "ledger-fixture.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "store/verify.h"

enum { BATCH = 3, STRANGER = 65534 };

/* ---- the writer: says how long the client log is after each durable batch ---- */

static void write_batch(struct fixture *f, uint64_t number)
{
        char line[64];
        struct vg_err err = { 0 };
        const int n = snprintf(line, sizeof(line), "observation %llu", (unsigned long long)number);

        fixture_begin(f);
        must(store_inbox_append(f->store, line, (size_t)n, NULL, &err), &err);
        must(store_seen_put(f->store, "cli", "aa", (int64_t)number, f->utc_ns, &err), &err);
        fixture_hour(f);
        fixture_commit(f);
}

static int writer(const char *folder, int out)
{
        struct fixture f = { .start_s = 1793595600, .utc_ns = INT64_C(1793595600) * VG_NS_PER_S };
        struct vg_err err = { 0 };
        char key_path[96];

        snprintf(f.path, sizeof(f.path), "%s/ledger.db", folder);
        snprintf(key_path, sizeof(key_path), "%s/key.pem", folder);
        must(store_key_read(key_path, &f.key, &err), &err);
        fixture_open(&f);
        for (uint64_t number = (store_identity(f.store)->size[VG_LOG_CLIENT] - 1) / BATCH;;
             number++) {
                f.hour = (unsigned)number;
                write_batch(&f, number);
                const uint64_t size = store_identity(f.store)->size[VG_LOG_CLIENT];
                if (write(out, &size, sizeof(size)) != (ssize_t)sizeof(size))
                        return 1;
                if (number % 8 == 7)
                        must(store_checkpoint(f.store, fixture_tick(&f), NULL, &err), &err);
        }
}

struct child {
        pid_t pid;
        int from;
};

static struct child start_writer(const char *folder)
{
        struct child child;
        int ends[2];
        char number[16];

        assert_int_equal(pipe(ends), 0);
        snprintf(number, sizeof(number), "%d", ends[1]);
        child.pid = fork();
        assert_true(child.pid >= 0);
        if (child.pid == 0) {
                close(ends[0]);
                execl("/proc/self/exe", "test-ledger-kill", "writer", folder, number, NULL);
                _exit(127);
        }
        close(ends[1]);
        child.from = ends[0];
        return child;
}

static uint64_t next_ack(const struct child *child)
{
        uint64_t size = 0;

        return read(child->from, &size, sizeof(size)) == (ssize_t)sizeof(size) ? size : 0;
}

/* Kills it and returns the last size that it acknowledged, at least `last`. */
static uint64_t end_writer(struct child *child, uint64_t last)
{
        int status;

        kill(child->pid, SIGKILL);
        assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
        assert_true(WIFSIGNALED(status));
        for (uint64_t size; (size = next_ack(child));)
                last = size;
        close(child->from);
        return last;
}

/* ---- looking at it ---- */

static int no_finding(_unused_ void *ctx, const struct store_finding *finding)
{
        fail_msg("%s %llu: %s", finding->code, (unsigned long long)finding->seq, finding->why.text);
        return -EBADMSG;
}

static int count_row(void *ctx, _unused_ const struct store_usage *row)
{
        ++*(uint64_t *)ctx;
        return 0;
}

static int count_line(void *ctx, _unused_ int64_t id, const void *bytes, size_t n)
{
        char text[64];
        uint64_t *next = ctx;
        const int length =
                snprintf(text, sizeof(text), "observation %llu", (unsigned long long)(*next)++);

        assert_int_equal(n, length);
        assert_memory_equal(bytes, text, n);
        return 0;
}

/* Everything of a batch is there, or nothing of it; all that was acknowledged is. */
static uint64_t check_ledger(const char *path, uint64_t acknowledged)
{
        _cleanup_(store_closep) struct store *store = NULL;
        const struct store_options options = { .path = path };
        const struct store_usage_query all = { 0, INT64_MAX, NULL, NULL };
        uint64_t rows = 0, lines = 0;
        int64_t seen = 0;
        struct vg_err err = { 0 };

        must(store_open_read(&options, &store, &err), &err);
        const uint64_t size = store_identity(store)->size[VG_LOG_CLIENT];
        must(store_usage_each(store, &all, count_row, &rows, &err), &err);
        must(store_inbox_each(store, 0, count_line, &lines, &err), &err);
        must(store_seen_get(store, "cli", "aa", &seen, &err), &err);
        assert_true(size >= acknowledged && size <= acknowledged + BATCH);
        assert_int_equal((size - 1) % BATCH, 0);
        assert_int_equal(rows, (size - 1) / BATCH * 4);
        assert_int_equal(lines, (size - 1) / BATCH);
        assert_int_equal(seen, (size - 1) / BATCH - 1);
        return size;
}

static void verify(const char *path)
{
        const struct store_verify_options options = { .path = path, .on_finding = no_finding };
        struct store_verify_report report;
        struct vg_err err = { 0 };

        must(store_verify(&options, &report, &err), &err);
        assert_int_equal(report.n_findings, 0);
}

/* As a member of the ledger's group who may write nothing. */
static void check_as_stranger(const char *path)
{
        int status;
        const pid_t pid = geteuid() == 0 ? fork() : -1;

        if (pid < 0)
                return;
        if (pid == 0) {
                const gid_t group = getegid();
                struct store *store = NULL;
                const struct store_options options = { .path = path };
                const struct store_usage_query all = { 0, INT64_MAX, NULL, NULL };
                uint64_t rows = 0;
                struct vg_err err = { 0 };

                if (setgroups(1, &group) < 0 || setresgid(STRANGER, STRANGER, STRANGER) < 0 ||
                    setresuid(STRANGER, STRANGER, STRANGER) < 0)
                        _exit(2);
                if (store_open_read(&options, &store, &err) < 0 ||
                    store_usage_each(store, &all, count_row, &rows, &err) < 0) {
                        fprintf(stderr, "%s\n", vg_err_text(&err));
                        _exit(3);
                }
                _exit(rows > 0 ? 0 : 4);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void sleep_us(long us)
{
        const struct timespec pause = { .tv_sec = 0, .tv_nsec = us * 1000 };

        nanosleep(&pause, NULL);
}

static void make_folder(struct fixture *f)
{
        char key_path[96];
        struct vg_err err = { 0 };

        fixture_init(f);
        snprintf(key_path, sizeof(key_path), "%s/key.pem", f->dir);
        must(store_key_write(f->key, key_path, &err), &err);
        fixture_close(f);
        assert_int_equal(chmod(f->dir, 0755), 0);
}

static void test_readers(_unused_ void **state)
{
        struct fixture f;

        make_folder(&f);
        struct child child = start_writer(f.dir);
        uint64_t last = 0;
        for (int i = 0; i < 30; i++)
                last = next_ack(&child);
        assert_true(last > 0);
        check_as_stranger(f.path); /* at work */
        for (int i = 0; i < 10; i++)
                verify(f.path);

        kill(child.pid, SIGSTOP);
        sleep_us(20000);
        check_as_stranger(f.path); /* stopped, perhaps within a transaction */
        verify(f.path);
        kill(child.pid, SIGCONT);

        last = end_writer(&child, last);
        check_as_stranger(f.path); /* dead */
        check_ledger(f.path, last);
        verify(f.path);

        /* Closed in good order, with everything still in the -wal. */
        fixture_open(&f);
        fixture_close(&f);
        check_as_stranger(f.path);
        check_ledger(f.path, last);
        fixture_done(&f);
}

static void test_kill(_unused_ void **state)
{
        const int rounds = getenv("VIGIE_LONG") ? 200 : 20;
        const char *given = getenv("VIGIE_SEED");
        uint64_t seed = 0, last = 1;
        struct fixture f;

        if (!given || vg_u64_parse(given, &seed) < 0)
                seed = (uint64_t)time(NULL);
        print_message("VIGIE_SEED=%llu\n", (unsigned long long)seed);
        make_folder(&f);
        for (int i = 0; i < rounds; i++) {
                struct child child = start_writer(f.dir);
                seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                if (i % 4) /* every fourth dies while it opens */
                        last = next_ack(&child);
                sleep_us((long)(seed >> 40) % 40000);
                last = end_writer(&child, last);
                if (last > 1)
                        last = check_ledger(f.path, last);
                verify(f.path);
        }
        assert_true(last > (uint64_t)rounds * BATCH);
        fixture_done(&f);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_readers),
                cmocka_unit_test(test_kill),
        };
        int64_t out;

        if (argc == 4 && strcmp(argv[1], "writer") == 0)
                return vg_i64_parse(argv[3], &out) < 0 ? 2 : writer(argv[2], (int)out);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
