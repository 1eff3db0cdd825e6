/* SPDX-License-Identifier: Apache-2.0 */

/* What isolation tells the alerts: VIG-I-001 to the client's team, one a check, or a check and
 * resource that tenants share; VIG-I-002 to each tenant concerned, of itself alone; VIG-I-003 while
 * somebody is silent; VIG-I-004 when a waiver is about to end. What is waived is not told. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "os/settings.h"
#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"

enum { SOON_S = 14 * VG_DAY_S };

static const char *const looked_at[] = { "VIG-I-001", "VIG-I-002", "VIG-I-003", "VIG-I-004", NULL };

static enum vg_severity severity_of(const char *severity)
{
        static const struct {
                const char *name;
                enum vg_severity severity;
        } rows[] = {
                { "critical", VG_SEVERITY_CRITICAL },
                { "high", VG_SEVERITY_MAJOR },
                { "medium", VG_SEVERITY_WARNING },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(severity, rows[i].name) == 0)
                        return rows[i].severity;
        return VG_SEVERITY_INFO;
}

static bool has_text(char *const *texts, const char *text)
{
        for (; *texts; texts++)
                if (strcmp(*texts, text) == 0)
                        return true;
        return false;
}

static bool is_waived(const struct isolation *iso, const struct iso_open *open, int64_t now_s)
{
        for (size_t i = 0; i < iso->n_waivers; i++) {
                const struct iso_waiver *w = &iso->waivers[i];
                if (strcmp(w->check, open->check) == 0 && now_s < w->until_s &&
                    (!w->target[0] || strcmp(w->target, open->resource) == 0 ||
                     has_text(open->uuids, w->target) || has_text(open->tenants, w->target)))
                        return true;
        }
        return false;
}

static struct vg_signal *find_signal(struct vg_signals *signals, const char *code, const char *key)
{
        for (size_t i = 0; i < signals->n; i++)
                if (strcmp(signals->list[i].alert->code, code) == 0 &&
                    strcmp(signals->list[i].key, key) == 0)
                        return &signals->list[i];
        return NULL;
}

static const struct vg_zone *zone_of(const struct keeper *k)
{
        return k->contract ? k->contract->zone : NULL;
}

/* One signal a key; of several findings the gravest counts, and the first says since when. */
static int add(struct keeper *k, struct vg_signals *signals, const char *code, const char *key,
               const struct iso_open *open, struct vg_signal **ret_fresh)
{
        struct vg_signal *signal = find_signal(signals, code, key);
        const enum vg_severity severity = severity_of(open->severity);

        *ret_fresh = NULL;
        if (signal) {
                if (signal->severity < severity)
                        signal->severity = severity;
                return 0;
        }
        *ret_fresh = vg_signal_add(signals, code, key, true, severity, zone_of(k));
        return *ret_fresh ? 0 : -ENOMEM;
}

static int tell_operator(struct keeper *k, struct vg_signals *signals, const struct iso_open *open,
                         const struct vg_check *check)
{
        char key[VG_ALERT_KEY_SIZE];
        struct vg_signal *signal;

        snprintf(key, sizeof(key), "%s%s%s", open->check, check->scope == VG_ISO_DOMAIN ? "" : "/",
                 check->scope == VG_ISO_DOMAIN ? "" : open->resource);
        int r = add(k, signals, "VIG-I-001", key, open, &signal);
        if (r < 0 || !signal)
                return r;
        vg_signal_text(signal, "check", open->check);
        vg_signal_text(signal, "resource", open->resource[0] ? open->resource : "–");
        vg_signal_number(signal, "since", VG_PARAM_INSTANT, open->since_s);
        vg_signal_both(signal, "title", check->title[0], check->title[1]);
        return 0;
}

/* Of the others that a finding is about not even the number. */
static int tell_tenant(struct keeper *k, struct vg_signals *signals, const struct iso_open *open,
                       const struct vg_check *check, const char *tenant)
{
        char key[VG_ALERT_KEY_SIZE];
        struct vg_signal *signal;

        if (!tenant[0]) /* nobody's */
                return 0;
        snprintf(key, sizeof(key), "%s/%s", tenant, open->check);
        int r = add(k, signals, "VIG-I-002", key, open, &signal);
        if (r < 0 || !signal)
                return r;
        vg_signal_text(signal, "check", open->check);
        vg_signal_text(signal, "domain", tenant);
        vg_signal_both(signal, "title", check->title[0], check->title[1]);
        return 0;
}

static int tell_findings(struct keeper *k, struct vg_signals *signals, int64_t now_s)
{
        const struct isolation *iso = &k->isolation;
        int r = 0;

        for (size_t i = 0; i < iso->n_open && r == 0; i++) {
                const struct iso_open *open = &iso->open[i];
                const struct vg_check *check = vg_check_find(open->check);

                if (!check || is_waived(iso, open, now_s))
                        continue;
                r = tell_operator(k, signals, open, check);
                for (char **tenant = open->tenants; *tenant && r == 0; tenant++)
                        r = tell_tenant(k, signals, open, check, *tenant);
        }
        return r;
}

static int tell_silence(struct keeper *k, struct vg_signals *signals, int64_t now_s)
{
        for (int i = 0; i < ISO_N_SOURCES; i++) {
                const struct iso_reader *reader = &k->isolation.readers[i];
                struct vg_signal *signal;

                if (reader->is_observed || !reader->since_s || now_s < reader->since_s)
                        continue;
                signal = vg_signal_add(
                        signals, "VIG-I-003", iso_source_name((enum iso_source)i), true,
                        i == ISO_HYPERVISOR ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING, zone_of(k));
                if (!signal)
                        return -ENOMEM;
                vg_signal_text(signal, "appliance", k->settings->appliance_id);
                vg_signal_number(signal, "since", VG_PARAM_INSTANT, reader->since_s);
        }
        return 0;
}

static int tell_waivers(struct keeper *k, struct vg_signals *signals, int64_t now_s)
{
        for (size_t i = 0; i < k->isolation.n_waivers; i++) {
                const struct iso_waiver *w = &k->isolation.waivers[i];
                char key[VG_ALERT_KEY_SIZE];

                if (now_s >= w->until_s || now_s + SOON_S < w->until_s)
                        continue;
                snprintf(key, sizeof(key), "%s/%s", w->check, w->target);
                struct vg_signal *signal = vg_signal_add(signals, "VIG-I-004", key, true,
                                                         VG_SEVERITY_INFO, zone_of(k));
                if (!signal)
                        return -ENOMEM;
                vg_signal_text(signal, "author", w->author);
                vg_signal_text(signal, "check", w->check);
                vg_signal_number(signal, "until", VG_PARAM_INSTANT, w->until_s);
        }
        return 0;
}

void isolation_tell(struct keeper *k, int64_t utc_ns)
{
        struct vg_signals signals = { .covers = looked_at };
        const int64_t now_s = vg_floor_div(utc_ns, VG_NS_PER_S);
        int r = tell_findings(k, &signals, now_s);

        if (r == 0)
                r = tell_silence(k, &signals, now_s);
        if (r == 0)
                r = tell_waivers(k, &signals, now_s);
        if (r == 0)
                r = watch_tell(k, &signals, utc_ns);
        k->isolation.must_tell = r < 0; /* said; in a second once more */
        k->isolation.told_boot_ns = vg_clock_now().at_boot_ns;
        vg_signals_done(&signals);
}
