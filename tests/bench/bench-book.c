/* SPDX-License-Identifier: Apache-2.0 */

/* bench-book: what the book costs beyond reading the same JSON, and what it keeps in memory. For each
 * number of domains, an hour at the default cadence: each minute six heartbeats, six readings of the
 * kernel's counters (CPU, memory, one NIC) and one of QEMU's (two disks), then the closing. One JSON
 * object on standard output; times are of the CPU. */

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vigie/book.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#define NS INT64_C(1000000000)
static const int64_t start_s = 1900000800;
enum { MINUTES = 60, TICKS = 6, ROUNDS = 3 };

struct lines { /* an hour of observations, as they come over the socket */
        char **text;
        size_t *length, n, bytes;
};

static void must(int r, const struct vg_err *err)
{
        if (r < 0) {
                fprintf(stderr, "%s\n", vg_err_text(err));
                exit(1);
        }
}

static double cpu_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void begin(struct vg_buf *buf, const struct lines *lines, int64_t at_s, const char *kind)
{
        vg_buf_printf(buf,
                      "{\"v\":1,\"kind\":\"%s\",\"source\":\"hypervisor\","
                      "\"instance\":\"00000000000000000000000000000001\",\"seq\":%zu,"
                      "\"boot_id\":\"6f0c9f54-0d1b-4c39-8f3c-3d7a5b1c2d3e\",\"at_boot_ns\":%" PRId64
                      ",\"at_utc_ns\":%" PRId64 ",\"body\":",
                      kind, lines->n + 1, (1000 + at_s) * NS, (start_s + at_s) * NS);
}

static void end(struct lines *lines, struct vg_buf *buf)
{
        vg_buf_puts(buf, "}");
        lines->length[lines->n] = buf->n;
        lines->bytes += buf->n;
        lines->text[lines->n++] = vg_buf_take(buf);
}

static void uuid(char text[40], int d)
{
        snprintf(text, 40, "%08x-0000-4000-8000-%012x", (unsigned)d * 2654435761u, (unsigned)d);
}

static void put_facts(struct lines *lines, int n_domains)
{
        struct vg_buf buf = { 0 };
        char id[40];

        for (int d = 0; d < n_domains; d++) {
                uuid(id, d);
                begin(&buf, lines, 0, "facts");
                vg_buf_printf(
                        &buf,
                        "{\"scope\":\"domain\",\"why\":\"pass\",\"uuid\":\"%s\","
                        "\"name\":\"vm-%d\",\"state\":\"running\",\"run\":\"%d:1\","
                        "\"vcpus\":2,\"memory_kib\":4194304,\"hints\":{\"metadata\":\"t-%d\"},"
                        "\"disks\":[{\"key\":\"/var/lib/libvirt/images/vm-%d-a.qcow2\","
                        "\"target\":\"vda\",\"capacity_kib\":20971520,\"writable\":1},"
                        "{\"key\":\"/var/lib/libvirt/images/vm-%d-b.qcow2\",\"target\":"
                        "\"vdb\",\"capacity_kib\":104857600,\"writable\":1}],"
                        "\"nics\":[{\"mac\":\"52:54:00:00:00:01\",\"target\":\"vnet%d\"}]}",
                        id, d, d, d % 10, d, d, d);
                end(lines, &buf);
        }
        begin(&buf, lines, 0, "facts-end");
        vg_buf_printf(&buf, "{\"scope\":\"domain\",\"count\":%d,\"digest\":\"\"}", n_domains);
        end(lines, &buf);
}

static void put_readings(struct lines *lines, int n_domains, int64_t at_s, bool qemu)
{
        struct vg_buf buf = { 0 };
        char id[40];

        begin(&buf, lines, at_s, "readings");
        vg_buf_printf(&buf, "{\"tier\":\"%s\",\"domains\":[", qemu ? "qemu" : "kernel");
        for (int d = 0; d < n_domains; d++) {
                const int64_t v = at_s * (d + 1) * 1000;
                uuid(id, d);
                vg_buf_printf(&buf, "%s{\"uuid\":\"%s\",\"run\":\"%d:1\",\"counters\":{",
                              d ? "," : "", id, d);
                if (qemu)
                        vg_buf_printf(&buf,
                                      "\"rd:vda\":%" PRId64 ",\"rd:vdb\":%" PRId64
                                      ",\"wr:vda\":%" PRId64 ",\"wr:vdb\":%" PRId64 "}}",
                                      v, v + 1, v + 2, v + 3);
                else
                        vg_buf_printf(&buf,
                                      "\"cpu_ns\":%" PRId64 ",\"rss_kib\":%" PRId64
                                      ",\"rx:vnet%d\":%" PRId64 ",\"tx:vnet%d\":%" PRId64 "}}",
                                      v * 1000, INT64_C(2000000) + d, d, v, d, v);
        }
        vg_buf_puts(&buf, "]}");
        end(lines, &buf);
}

static void put_hour(struct lines *lines, int n_domains)
{
        struct vg_buf buf = { 0 };

        put_facts(lines, n_domains);
        for (int m = 0; m < MINUTES; m++) {
                for (int k = 0; k < TICKS; k++) {
                        const int64_t at_s = 60 * m + 10 * k + 1;
                        put_readings(lines, n_domains, at_s, false);
                        begin(&buf, lines, at_s, "heartbeat");
                        vg_buf_printf(&buf,
                                      "{\"libvirt\":\"ok\",\"clock\":\"synchronised\","
                                      "\"domains\":%d}",
                                      n_domains);
                        end(lines, &buf);
                }
                put_readings(lines, n_domains, 60 * m + 52, true);
        }
}

static double parse_alone(const struct lines *lines)
{
        const double from = cpu_s();

        for (size_t i = 0; i < lines->n; i++) {
                _cleanup_(vg_json_decrefp) json_t *tree = NULL;
                struct vg_err err = { 0 };
                must(vg_json_parse(lines->text[i], lines->length[i], &tree, NULL, NULL, &err),
                     &err);
        }
        return cpu_s() - from;
}

static int count(void *user, const struct vg_usage_entry *entry, struct vg_err *err)
{
        (void)err;
        *(size_t *)user += entry->n_lines;
        return 0;
}

static int pass(void *user, const struct vg_interval_entry *entry, struct vg_err *err)
{
        (void)user, (void)entry, (void)err;
        return 0;
}

struct cost {
        double apply_s, close_s, save_s, load_s;
        size_t kept_bytes, snapshot_bytes;
};

static void keep_book(const struct lines *lines, int n_domains, struct cost *cost)
{
        const struct vg_book_options options = { .interval_s = 3600,
                                                 .gauge_hold_ns = 30 * (uint64_t)NS,
                                                 .silence_ns = 60 * (uint64_t)NS };
        const size_t before = mallinfo2().uordblks;
        _cleanup_(vg_book_freep) struct vg_book *book = NULL, *loaded = NULL;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct vg_buf saved = { 0 };
        struct vg_err err = { 0 };
        size_t n_lines = 0;

        must(vg_book_new(&options, &book, &err), &err);
        double from = cpu_s();
        for (size_t i = 0; i < lines->n; i++) {
                _cleanup_(vg_json_decrefp) json_t *line = NULL;
                _cleanup_free_ struct vg_observation *o = NULL;
                must(vg_json_parse(lines->text[i], lines->length[i], &line, NULL, NULL, &err),
                     &err);
                must(vg_observation_parse(line, &o, &err), &err);
                must(vg_book_apply(book, o, &err), &err);
        }
        cost->apply_s = cpu_s() - from;
        cost->kept_bytes = mallinfo2().uordblks - before;

        from = cpu_s();
        must(vg_book_save(book, &saved, &err), &err);
        cost->save_s = cpu_s() - from;
        cost->snapshot_bytes = saved.n;
        from = cpu_s();
        must(vg_json_parse(saved.data, saved.n, &tree, NULL, NULL, &err), &err);
        must(vg_book_load(tree, &options, &loaded, &err), &err);
        cost->load_s = cpu_s() - from;
        vg_buf_done(&saved);

        from = cpu_s();
        must(vg_book_close(book, start_s + 3600, &(struct vg_book_sink){ count, pass, &n_lines },
                           &err),
             &err);
        cost->close_s = cpu_s() - from;
        if (n_lines != (size_t)n_domains)
                must(-1, &(struct vg_err){ .code = -1, .text = "not every domain has its line" });
}

static void bench(int n_domains, bool first)
{
        const size_t most = (size_t)n_domains + 1 + MINUTES * (2 * TICKS + 1);
        struct lines lines = { calloc(most, sizeof(char *)), calloc(most, sizeof(size_t)), 0, 0 };
        struct cost best = { .apply_s = 1e9 };
        double parse_s = 1e9;

        if (!lines.text || !lines.length)
                exit(1);
        put_hour(&lines, n_domains);
        for (int round = 0; round < ROUNDS; round++) { /* turn about; noise only makes it slower */
                struct cost cost;
                const double s = parse_alone(&lines);
                parse_s = s < parse_s ? s : parse_s;
                keep_book(&lines, n_domains, &cost);
                best = cost.apply_s < best.apply_s ? cost : best;
        }
        printf("%s\"%d\":{\"bytes_kept_per_domain\":%zu,\"close_ms\":%.2f,\"cpu_ms_per_minute\":%."
               "3f,"
               "\"json_alone_ms_per_minute\":%.3f,\"load_ms\":%.2f,\"ratio\":%.3f,\"save_ms\":%.2f,"
               "\"snapshot_bytes_per_domain\":%zu,\"us_per_observation\":%.2f}",
               first ? "{" : ",", n_domains, best.kept_bytes / (size_t)n_domains,
               1e3 * best.close_s, 1e3 * best.apply_s / MINUTES, 1e3 * parse_s / MINUTES,
               1e3 * best.load_s, best.apply_s / parse_s, 1e3 * best.save_s,
               best.snapshot_bytes / (size_t)n_domains, 1e6 * best.apply_s / (double)lines.n);
        for (size_t i = 0; i < lines.n; i++)
                free(lines.text[i]);
        free(lines.text);
        free(lines.length);
}

int main(void)
{
        static const int sizes[] = { 10, 100, 200, 1000 };

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++)
                bench(sizes[i], i == 0);
        printf("}\n");
        return 0;
}
