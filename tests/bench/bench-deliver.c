/* SPDX-License-Identifier: Apache-2.0 */

/* bench-deliver CONFIG RECORDS: a day without the destinations, by a clock of our own, while so many
 * records wait. The ledger has a contract in force and what was approved. Memory is held against what
 * it was when nothing waited yet. One line of JSON. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deliver/deliver.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/loop.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { IN_ONE_GO = 10000 };

static void must(int r, const struct vg_err *err)
{
        if (r >= 0)
                return;
        fprintf(stderr, "bench-deliver: %s\n", vg_err_text(err));
        exit(1);
}

/* ---- the ledger grows, in a process of its own ---- */

static void append(struct store *store, unsigned from, unsigned to, int64_t utc_ns)
{
        struct vg_err err = { 0 };

        must(store_begin(store, &err), &err);
        for (unsigned i = from; i < to; i++) {
                char body[256];
                int n = snprintf(body, sizeof(body),
                                 "{\"appliance\":\"vigie-t1\",\"event\":\"tick\",\"number\":%u,"
                                 "\"text\":\"%064u\"}",
                                 i, i);
                must(store_append(store, VG_LOG_CLIENT, "carried", body, (size_t)n, utc_ns, NULL,
                                  &err),
                     &err);
        }
        must(store_commit(store, &err), &err);
}

static void grow(const struct vg_settings *settings, unsigned n, int64_t utc_ns)
{
        _cleanup_free_ char *path = vg_settings_ledger_path(settings);
        struct vg_err err = { 0 };
        struct store_key *key;
        struct store *store;

        must(store_key_read(settings->signing_key, &key, &err), &err);
        const struct store_options options = {
                .path = path,
                .appliance = settings->appliance_id,
                .key = key,
                .load_zone = vg_file_zone,
                .utc_ns = utc_ns,
                .version = VIGIE_VERSION,
        };
        must(store_open(&options, &store, &err), &err);
        for (unsigned i = 0; i < n; i += IN_ONE_GO)
                append(store, i, i + IN_ONE_GO < n ? i + IN_ONE_GO : n, utc_ns);
        must(store_checkpoint(store, utc_ns, NULL, &err), &err);
        store_close(store);
        store_key_free(key);
}

static void grow_apart(const struct vg_settings *settings, unsigned n, int64_t utc_ns)
{
        const pid_t child = fork();
        int status = 1;

        if (child == 0) {
                grow(settings, n, utc_ns);
                exit(0);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
                exit(1);
}

/* ---- our own memory ---- */

static long kib_of(const char *wanted)
{
        char line[256];
        long kib = -1;
        FILE *file = fopen("/proc/self/status", "re");

        while (file && fgets(line, sizeof(line), file))
                if (strncmp(line, wanted, strlen(wanted)) == 0)
                        kib = strtol(line + strlen(wanted), NULL, 10);
        if (file)
                fclose(file);
        return kib;
}

static void forget_the_peak(void)
{
        FILE *file = fopen("/proc/self/clear_refs", "we");

        if (!file || fputs("5", file) < 0 || fclose(file) != 0)
                exit(77);
}

/* ---- time ---- */

struct outage {
        int64_t tries, steps, waiting;
};

static bool is_under_way(const struct deliver *d)
{
        for (size_t i = 0; i < d->n_couriers; i++)
                if (d->couriers[i]->on_way)
                        return true;
        return false;
}

static void pass(struct deliver *d, int64_t from_s, int64_t seconds, struct outage *outage)
{
        for (int64_t now_s = from_s; now_s < from_s + seconds;) {
                d->is_woken = false;
                const int64_t next_s = deliver_step(d, now_s);
                outage->steps++;
                outage->tries += is_under_way(d);
                while (is_under_way(d))
                        if (sd_event_run(d->event, 1000000) < 0)
                                exit(1);
                if (!d->is_woken)
                        now_s = next_s > now_s && next_s < from_s + seconds ? next_s : now_s + 60;
        }
        outage->waiting = 0;
        for (size_t i = 0; i < d->n_couriers; i++)
                outage->waiting += (int64_t)courier_waiting(d->couriers[i]);
}

int main(int argc, char **argv)
{
        const int64_t now_ns = vg_clock_now().at_utc_ns;
        const int64_t now_s = vg_floor_div(now_ns, VG_NS_PER_S);
        struct vg_settings settings = { 0 };
        struct outage before = { 0 }, day = { 0 };
        struct deliver deliver = { 0 };
        struct vg_err err = { 0 };
        sd_event *event = NULL;
        int64_t n = 0;

        if (argc != 3 || vg_i64_parse(argv[2], &n) < 0)
                return 2;
        must(vg_settings_load(argv[1], &settings, &err), &err);
        must(vg_loop_new(&event, &err), &err);
        must(deliver_init(&deliver, &settings, event, &err), &err);
        pass(&deliver, now_s, 600, &before);
        forget_the_peak();
        const long least_kib = kib_of("VmRSS:");
        grow_apart(&settings, (unsigned)n, now_ns);
        pass(&deliver, now_s + 600, VG_DAY_S, &day);
        printf("{\"records\":%lld,\"waiting_before\":%lld,\"waiting\":%lld,\"tries\":%lld,"
               "\"steps\":%lld,\"rss_kib\":%ld,\"grown_kib\":%ld}\n",
               (long long)n, (long long)before.waiting, (long long)day.waiting,
               (long long)day.tries, (long long)day.steps, least_kib, kib_of("VmHWM:") - least_kib);
        deliver_done(&deliver);
        sd_event_unref(event);
        vg_settings_done(&settings);
        return 0;
}
