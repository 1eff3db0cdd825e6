/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* book-teller: says observations to a book in the keeper protocol, and notes what comes out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vigie/book.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#define A "aaaaaaaa-0000-4000-8000-000000000001"
#define B "bbbbbbbb-0000-4000-8000-000000000002"
#define NS INT64_C(1000000000)
#define T0 INT64_C(1900000800) /* 2030-03-17T18:00:00Z: a full hour, at boot 1000 s */

struct teller { /* says observations to a book, second by second */
        struct vg_book *book;
        const char *instance, *boot;
        int64_t seq, boot_off; /* utc - boot, seconds */
        char entries[16384];   /* what came out, one line each */
};

_unused_ static const struct vg_book_options options = { 3600, 30 * NS, 120 * NS, NULL, NULL };

static struct teller teller_new(void)
{
        struct teller t = { .instance = "i1", .boot = "b1", .boot_off = T0 - 1000 };
        struct vg_err err = { 0 };

        assert_int_equal(vg_book_new(&options, &t.book, &err), 0);
        return t;
}

/* at_ms after T0, on the boot clock. */
_unused_ static int say_at(struct teller *t, int64_t at_ms, const char *kind, const char *body)
{
        struct vg_buf line = { 0 };
        struct vg_err err = { 0 };
        struct vg_observation *o = NULL;
        json_t *tree = NULL;
        const int64_t boot_ns = 1000 * NS + at_ms * 1000000;

        vg_buf_printf(&line,
                      "{\"v\":1,\"kind\":\"%s\",\"source\":\"hypervisor\",\"instance\":\"%s\","
                      "\"seq\":%" PRId64 ",\"boot_id\":\"%s\",\"at_boot_ns\":%" PRId64
                      ",\"at_utc_ns\":%" PRId64 ",\"body\":%s}",
                      kind, t->instance, ++t->seq, t->boot, boot_ns, boot_ns + t->boot_off * NS,
                      body);
        if (vg_json_parse(line.data, line.n, &tree, NULL, NULL, &err) < 0 ||
            vg_observation_parse(tree, &o, &err) < 0)
                fail_msg("%s: %s", line.data, err.text);
        int r = vg_book_apply(t->book, o, &err);
        assert_true(r >= 0);
        free(o);
        json_decref(tree);
        vg_buf_done(&line);
        return r;
}

_unused_ static int say(struct teller *t, int64_t at_s, const char *kind, const char *body)
{
        return say_at(t, at_s * 1000, kind, body);
}

_unused_ static void beat(struct teller *t, int64_t at_s)
{
        say(t, at_s, "heartbeat", "{\"libvirt\":\"ok\",\"clock\":\"synchronised\",\"domains\":1}");
}

_unused_ static void end_pass(struct teller *t, int64_t at_s, int count, int want)
{
        char body[128];

        snprintf(body, sizeof(body), "{\"scope\":\"domain\",\"count\":%d,\"digest\":\"\"}", count);
        assert_int_equal(say(t, at_s, "facts-end", body), want);
}

/* A domain with 2 vCPUs, 1 GiB, one disk of 976562500 KiB (1 TB). */
_unused_ static int domain(struct teller *t, int64_t at_s, const char *why, const char *uuid,
                           const char *state, const char *run, const char *hints)
{
        char body[1024];

        snprintf(body, sizeof(body),
                 "{\"scope\":\"domain\",\"why\":\"%s\",\"uuid\":\"%s\",\"name\":\"vm-%.1s\","
                 "\"state\":\"%s\",\"run\":\"%s\",\"vcpus\":2,\"memory_kib\":1048576,"
                 "\"hints\":{%s},\"disks\":[{\"key\":\"/d/%.1s\",\"target\":\"vda\","
                 "\"capacity_kib\":976562500,\"writable\":1}],"
                 "\"nics\":[{\"mac\":\"x\",\"target\":\"vnet0\"}]}",
                 why, uuid, uuid, state, run, hints, uuid);
        return say(t, at_s, "facts", body);
}

_unused_ static void counters(struct teller *t, int64_t at_s, const char *uuid, const char *run,
                              const char *values)
{
        char body[512];

        snprintf(body, sizeof(body),
                 "{\"tier\":\"kernel\",\"domains\":[{\"uuid\":\"%s\",\"run\":\"%s\","
                 "\"counters\":{%s}}]}",
                 uuid, run, values);
        say(t, at_s, "readings", body);
}

static void note(struct teller *t, const char *format, ...)
{
        size_t n = strlen(t->entries);
        va_list ap;

        va_start(ap, format);
        vsnprintf(t->entries + n, sizeof(t->entries) - n, format, ap);
        va_end(ap);
}

static int on_usage(void *user, const struct vg_usage_entry *e, struct vg_err *err)
{
        struct teller *t = user;

        (void)err;
        note(t, "%s%" PRId64 " %s", e->late ? "late " : "", (e->start_s - T0) / e->interval_s,
             e->tenant);
        for (int r = 0; r < VG_N_RESOURCES; r++) {
                char digits[48];
                if (e->present >> r & 1)
                        note(t, " %s=%s/%s", vg_resource_row((enum vg_resource)r)->id,
                             vg_i128_format(e->total[r].base, digits, sizeof(digits)),
                             vg_quality_name(e->total[r].quality));
        }
        note(t, "\n");
        return 0;
}

static int on_interval(void *user, const struct vg_interval_entry *e, struct vg_err *err)
{
        struct teller *t = user;

        (void)err;
        note(t, "%s%" PRId64 " covered %d %s", e->late ? "late " : "",
             (e->start_s - T0) / e->interval_s, e->covered_s, vg_clock_name(e->clock));
        for (size_t i = 0; i < e->n_gaps; i++)
                note(t, " [%" PRId64 " %" PRId64 " %s %s]", e->gaps[i].from_utc_s - T0,
                     e->gaps[i].to_utc_s - T0, e->gaps[i].cause, e->gaps[i].scope);
        note(t, "\n");
        return 0;
}

_unused_ static void closes(struct teller *t, int64_t upto_s, const char *want)
{
        const struct vg_book_sink sink = { on_usage, on_interval, t };
        struct vg_err err = { 0 };

        t->entries[0] = '\0';
        assert_int_equal(vg_book_close(t->book, T0 + upto_s, &sink, &err), 0);
        assert_string_equal(t->entries, want);
}

/* Heartbeats each minute of [from, to]. */
_unused_ static void beats(struct teller *t, int64_t from_s, int64_t to_s)
{
        for (int64_t s = from_s; s <= to_s; s += 60)
                beat(t, s);
}

_unused_ static void start(struct teller *t)
{
        *t = teller_new();
        end_pass(t, 0, 0, 0);
}
