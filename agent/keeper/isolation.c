/* SPDX-License-Identifier: Apache-2.0 */

/* The life of isolation in the keeper: what the ledger knows at the start, and who is silent. */

#include "keeper/isolation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* Readers confirm every ten seconds. */
#define SILENCE_NS (60 * (uint64_t)VG_NS_PER_S)
#define TELL_EVERY_NS (60 * (uint64_t)VG_NS_PER_S)
#define AT_ALL (INT64_MAX - 1) /* as of now */

/* ---- who observes ---- */

static int record_lost(struct records *records, const char *source, const char *cause,
                       int64_t since_s, struct vg_err *err)
{
        struct vg_json j = { 0 };
        char at[32], since[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(vg_floor_div(records->utc_ns, VG_NS_PER_S), at));
        vg_json_string(&j, "cause", cause);
        vg_json_string(&j, "event", "lost");
        vg_json_string(&j, "since", vg_utc_format(since_s, since));
        vg_json_string(&j, "source", source);
        vg_json_end_object(&j);
        return records_append(records, VG_LOG_CLIENT, "isolation", &j, err);
}

static int record_observed(struct records *records, const char *source, struct vg_err *err)
{
        struct vg_json j = { 0 };
        char at[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(vg_floor_div(records->utc_ns, VG_NS_PER_S), at));
        vg_json_string(&j, "event", "observed");
        vg_json_string(&j, "source", source);
        vg_json_end_object(&j);
        return records_append(records, VG_LOG_CLIENT, "isolation", &j, err);
}

static bool is_heard(const struct iso_reader *reader, uint64_t now_boot_ns)
{
        return reader->confirmed_boot_ns && now_boot_ns < reader->confirmed_boot_ns + SILENCE_NS;
}

/* Of a reader that never spoke the ledger says so once another has. */
static bool has_changed(const struct isolation *iso, enum iso_source source, uint64_t now_boot_ns)
{
        const struct iso_reader *reader = &iso->readers[source];

        return reader->is_observed != is_heard(reader, now_boot_ns) ||
               (!reader->is_told && iso->readers[ISO_HYPERVISOR].is_observed);
}

static int observe_one(struct records *records, enum iso_source source, uint64_t now_boot_ns,
                       struct vg_err *err)
{
        struct isolation *iso = &records->keeper->isolation;
        struct iso_reader *reader = &iso->readers[source];
        const bool heard = is_heard(reader, now_boot_ns);
        const int64_t heard_ns =
                reader->confirmed_boot_ns
                        ? records->utc_ns - (int64_t)(now_boot_ns - reader->confirmed_boot_ns)
                        : records->utc_ns;

        if (!has_changed(iso, source, now_boot_ns))
                return 0;
        int r = heard ? record_observed(records, iso_source_name(source), err)
                      : record_lost(records, iso_source_name(source),
                                    reader->is_told ? "silent" : "never",
                                    vg_floor_div(heard_ns, VG_NS_PER_S), err);
        if (r < 0)
                return r;
        if (reader->is_observed && !heard) /* what it showed is unknown from now on */
                isolation_reset(iso, reader);
        reader->since_s = heard || !reader->is_told ? 0 : vg_floor_div(heard_ns, VG_NS_PER_S);
        reader->is_observed = heard;
        reader->is_told = true;
        iso->wanted = iso->must_tell = true;
        return 0;
}

void isolation_observe(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();
        struct isolation *iso = &k->isolation;
        struct records records = { .keeper = k, .utc_ns = now.at_utc_ns };
        struct vg_err err = { 0 };
        bool observed[ISO_N_SOURCES], told[ISO_N_SOURCES], any = false;

        for (int i = 0; i < ISO_N_SOURCES; i++) {
                observed[i] = iso->readers[i].is_observed;
                told[i] = iso->readers[i].is_told;
                any |= has_changed(iso, (enum iso_source)i, now.at_boot_ns);
        }
        if (!any)
                return;
        int r = store_begin(k->store, &err);
        if (r == 0) {
                for (int i = 0; i < ISO_N_SOURCES && r == 0; i++)
                        r = observe_one(&records, (enum iso_source)i, now.at_boot_ns, &err);
                r = keeper_finish(k, r, &err);
        }
        for (int i = 0; i < ISO_N_SOURCES && r < 0; i++) { /* tried again in a second */
                iso->readers[i].is_observed = observed[i];
                iso->readers[i].is_told = told[i];
        }
        if (r < 0)
                keeper_store_failed(k, &err);
}

/* ---- start ---- */

struct starting {
        bool is_lost[ISO_N_SOURCES];
        int64_t since_s[ISO_N_SOURCES];
};

static int note_lost(void *ctx, const struct store_unobserved *row)
{
        struct starting *starting = ctx;

        for (int i = 0; i < ISO_N_SOURCES; i++)
                if (strcmp(row->source, iso_source_name((enum iso_source)i)) == 0) {
                        starting->is_lost[i] = true;
                        starting->since_s[i] = strcmp(row->cause, "never") == 0 ? 0 : row->from_s;
                }
        return 0;
}

/* When the reader was last heard of before this start; STORE_NONE: it never was. The ledger forgets
 * who spoke after a while: then the last verdict is the last that is known. */
static int last_heard(struct keeper *k, enum iso_source source, int64_t *ret_s, struct vg_err *err)
{
        _cleanup_free_ char *detail = NULL;
        char suffix[32];
        int64_t utc_ns = 0, verdict_s;
        int r = store_verdict_at(k->store, AT_ALL, &verdict_s, &detail, err);

        if (r != 0)
                return r;
        snprintf(suffix, sizeof(suffix), "/%s", iso_source_name(source));
        r = store_seen_last(k->store, suffix, &utc_ns, err);
        *ret_s = r == 0 ? vg_floor_div(utc_ns, VG_NS_PER_S) : verdict_s;
        return r < 0 ? r : 0;
}

/* From the last that was heard before this start until the readers have told all again, nothing is
 * observed. */
static int begin_unobserved(struct keeper *k, struct vg_err *err)
{
        struct starting starting = { 0 };
        struct records records = { .keeper = k, .utc_ns = vg_clock_now().at_utc_ns };
        int r = store_unobserved_each(k->store, AT_ALL, note_lost, &starting, err);

        if (r == 0)
                r = store_begin(k->store, err);
        if (r < 0)
                return r;
        for (int i = 0; i < ISO_N_SOURCES && r >= 0; i++) {
                int64_t heard_s;
                struct iso_reader *reader = &k->isolation.readers[i];
                reader->is_told = true;
                reader->since_s = starting.since_s[i];
                if (starting.is_lost[i])
                        continue;
                r = last_heard(k, (enum iso_source)i, &heard_s, err);
                reader->is_told = r == 0;
                reader->since_s = r == 0 ? heard_s : 0;
                if (r == 0)
                        r = record_lost(&records, iso_source_name((enum iso_source)i), "stopped",
                                        heard_s, err);
        }
        return keeper_finish(k, r < 0 ? r : 0, err);
}

int isolation_init(struct keeper *k, struct vg_err *err)
{
        int r = vg_host_new(&k->isolation.host, err);

        if (r == 0)
                r = begin_unobserved(k, err);
        if (r == 0)
                r = isolation_open_load(k, err);
        if (r == 0)
                r = isolation_waivers_load(k, err);
        if (r == 0)
                r = isolation_register(k, err);
        k->isolation.must_tell = true;
        return r;
}

void isolation_reload(struct keeper *k)
{
        struct vg_err err = { 0 };
        int r = isolation_register(k, &err);

        if (r == 0)
                r = isolation_waivers_load(k, &err);
        if (r < 0)
                vg_log(LOG_ERR, "registre de cloisonnement illisible : %s", vg_err_text(&err));
        k->isolation.wanted = k->isolation.must_tell = true;
        isolation_judge(k);
}

void isolation_tick(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();

        isolation_judge(k);
        /* Waivers end, and silences last, without anything happening. */
        if (k->isolation.must_tell || now.at_boot_ns > k->isolation.told_boot_ns + TELL_EVERY_NS)
                isolation_tell(k, now.at_utc_ns);
}

void isolation_done(struct isolation *iso)
{
        isolation_forget(iso);
        for (int i = 0; i < ISO_N_SOURCES; i++)
                pieces_done(&iso->readers[i].pieces);
        vg_host_free(iso->host);
        free(iso->verdict);
}
