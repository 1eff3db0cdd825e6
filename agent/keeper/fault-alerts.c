/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts about the hardware, from the book of faults and the contract's service levels:
 *
 * VIG-H-001 a fault, while it is active       VIG-H-002 it ended, told once
 * VIG-H-003 a source that cannot be read      VIG-H-004, S-001 a repair that is late
 * VIG-S-002 the client has been without the data of a source for an hour, or without any for a
 *           quarter of one */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/alerting.h"
#include "keeper/faults.h"
#include "keeper/keeper.h"
#include "keeper/part-alerts.h"
#include "os/clock.h"
#include "os/lang.h"
#include "os/log.h"
#include "store/pauses.h"
#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/mem.h"
#include "vigie/service.h"

enum {
        FAILURES_MOST = 3,  /* rounds in a row: then the source counts as unreadable */
        UNREADABLE_S = 900, /* or that long, for one that is read seldom */
        MAJOR_S = 24 * 3600,
        WITHHELD_S = 3600,
        SILENT_S = 900,
        NEWS_S = 30 * 24 * 3600, /* what ended before that is history */
};

struct judging {
        struct keeper *keeper;
        struct vg_signals signals;
        struct store_pauses pauses;
        const struct vg_zone *zone;
        int64_t now_s;
        int failed;
};

static struct vg_signal *add(struct judging *judging, const char *code, const char *key,
                             enum vg_severity severity)
{
        struct vg_signal *signal =
                vg_signal_add(&judging->signals, code, key, true, severity, judging->zone);

        judging->failed |= !signal;
        return signal;
}

static const char *or_dash(const char *text)
{
        return *text ? text : "—";
}

/* "Dell PERC H755", or what kind of part it is where nobody knows its name. */
static void add_component(struct vg_signal *signal, const struct vg_component *component)
{
        const struct vg_class *row = vg_class_find(component->component_class);
        char text[240];

        if (*component->manufacturer || *component->model) {
                snprintf(text, sizeof(text), "%s%s%s", component->manufacturer,
                         *component->manufacturer && *component->model ? " " : "",
                         component->model);
                vg_signal_text(signal, "component", text);
        } else {
                vg_signal_both(signal, "component", row ? row->title[0] : "?",
                               row ? row->title[1] : "?");
        }
}

static void add_hours(struct vg_signal *signal, int64_t seconds)
{
        vg_signal_number(signal, "hours", VG_PARAM_MICRO,
                         (vg_i128)(seconds < 0 ? 0 : seconds / 360) * 100000);
}

/* ---- faults ---- */

static void signal_active(struct judging *judging, const struct vg_fault *fault)
{
        const bool failed =
                fault->state == VG_FAULT_FAILED ||
                (fault->state == VG_FAULT_UNOBSERVABLE && fault->before == VG_FAULT_FAILED);
        struct vg_signal *s = add(judging, "VIG-H-001", fault->id,
                                  failed ? VG_SEVERITY_CRITICAL : VG_SEVERITY_WARNING);
        char path[256];

        if (!s)
                return;
        vg_signal_text(s, "code", fault->code->id);
        add_component(s, &fault->component);
        vg_signal_text(s, "location", vg_component_path(&fault->component, path, sizeof(path)));
        vg_signal_text(s, "serial", or_dash(fault->component.serial));
        vg_signal_number(s, "since", VG_PARAM_INSTANT, fault->first_s);
}

/* Words of the book for how a fault ended, for people. */
static void add_how(struct vg_signal *signal, const char *how)
{
        static const struct {
                const char *how, *fr, *en;
        } rows[] = {
                { "absorbed", "expliquée par une autre", "explained by another" },
                { "ack", "prise en charge", "acknowledged" },
                { "deasserted", "fin annoncée par le matériel", "deasserted by the hardware" },
                { "quiet", "plus d'erreurs", "no more errors" },
                { "readings", "mesures redevenues normales", "readings back to normal" },
                { "replaced", "composant remplacé", "unit replaced" },
                { "resolved", "marquée résolue par le matériel",
                  "marked resolved by the hardware" },
                { "returned", "composant revenu", "unit back" },
                { "state", "état redevenu normal", "state back to normal" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].how, how) == 0) {
                        vg_signal_both(signal, "how", rows[i].fr, rows[i].en);
                        return;
                }
        vg_signal_text(signal, "how", or_dash(how));
}

static bool was_told(const struct vg_alert_states *states, const char *code, const char *key)
{
        const struct vg_alert *alert = vg_alert_find(code);

        for (size_t i = 0; i < states->n; i++)
                if (states->list[i].alert == alert && strcmp(states->list[i].key, key) == 0)
                        return states->list[i].status != VG_ALERT_NONE;
        return false;
}

/* Told by what the ledger holds and not by what was just heard: an end is told even where a crash
 * came between its record and this. */
static void signal_ended(struct judging *judging, const struct vg_fault *fault)
{
        char key[48], path[256];

        snprintf(key, sizeof(key), "%s/%lld", fault->id, (long long)fault->episode);
        if (fault->ended_s < judging->now_s - NEWS_S ||
            was_told(&judging->keeper->watch.states, "VIG-H-002", key))
                return;
        struct vg_signal *s = add(judging, "VIG-H-002", key, VG_SEVERITY_INFO);
        if (!s)
                return;
        vg_signal_text(s, "code", fault->code->id);
        add_component(s, &fault->component);
        add_hours(s, fault->ended_s - fault->first_s);
        add_how(s, fault->how);
        vg_signal_text(s, "location", vg_component_path(&fault->component, path, sizeof(path)));
}

/* The agreed time to repair, within the hours of service. */
static void signal_late(struct judging *judging, const struct vg_fault *fault)
{
        const size_t n_most = judging->pauses.n;
        _cleanup_free_ struct vg_span *pauses = calloc(n_most + 1, sizeof(*pauses));
        char component[VG_ALERT_KEY_SIZE];

        if (!pauses) {
                judging->failed = true;
                return;
        }
        const struct vg_incident incident = {
                .id = fault->id,
                .code = fault->code->id,
                .component = vg_component_path(&fault->component, component, sizeof(component)),
                .severity = fault->severity == VG_FAULT_CRITICAL ? VG_SEVERITY_CRITICAL
                                                                 : VG_SEVERITY_WARNING,
                .opened_s = fault->first_s,
                .acknowledged_s = fault->acknowledged_s,
                .on_site_s = fault->on_site_s,
                .pauses = pauses,
                .n_pauses = store_pauses_of(&judging->pauses, fault->id, pauses),
        };

        if (judging->keeper->contract && vg_service_watch(judging->keeper->contract, &incident, 1,
                                                          judging->now_s, &judging->signals) < 0)
                judging->failed = true;
}

static int judge_fault(void *user, const struct vg_fault *fault)
{
        struct judging *judging = user;

        if (vg_fault_is_active(fault)) {
                signal_active(judging, fault);
                signal_late(judging, fault);
        } else if (fault->ended_s) {
                signal_ended(judging, fault);
        }
        return 0;
}

/* ---- sources ---- */

static void signal_source(struct judging *judging, const char *code, const char *source,
                          int64_t since_s, enum vg_severity severity)
{
        struct vg_signal *s = add(judging, code, source, severity);

        if (!s)
                return;
        vg_signal_number(s, "since", VG_PARAM_INSTANT, since_s);
        vg_signal_text(s, "source", source);
}

static int judge_source(void *user, const struct vg_source_state *source)
{
        struct judging *judging = user;
        const int64_t for_s = judging->now_s - source->since_s;

        if (!source->since_s || (source->failures <= FAILURES_MOST && for_s < UNREADABLE_S))
                return 0;
        signal_source(judging, "VIG-H-003", source->source, source->since_s,
                      for_s >= MAJOR_S ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING);
        if (for_s >= WITHHELD_S)
                signal_source(judging, "VIG-S-002", source->source, source->since_s,
                              VG_SEVERITY_WARNING);
        return 0;
}

/* Nobody has told anything: the reader itself is not there. */
static void judge_reader(struct judging *judging, uint64_t now_boot_ns)
{
        const struct faults *f = &judging->keeper->faults;
        const uint64_t heard = f->heard_boot_ns ? f->heard_boot_ns : f->began_boot_ns;
        const int64_t for_s = (int64_t)((now_boot_ns - heard) / (uint64_t)VG_NS_PER_S);

        if (f->watches && for_s >= SILENT_S)
                signal_source(judging, "VIG-S-002", "vigie-hardware", judging->now_s - for_s,
                              VG_SEVERITY_WARNING);
}

/* ---- applied ---- */

static bool is_named(const struct vg_signals *signals, const struct vg_alert_state *state)
{
        for (size_t i = 0; i < signals->n; i++)
                if (signals->list[i].alert == state->alert &&
                    strcmp(signals->list[i].key, state->key) == 0)
                        return true;
        return false;
}

/* Alerts of ours that fire and have no reason left. A fact that was told (H-002) stays. */
static void add_quiet(struct judging *judging)
{
        static const char *const codes[] = { "VIG-H-001", "VIG-H-003", "VIG-H-004", "VIG-Q-002",
                                             "VIG-Q-003", "VIG-Q-004", "VIG-S-001", "VIG-S-002" };
        const struct vg_alert_states *states = &judging->keeper->watch.states;

        for (size_t i = 0; i < states->n; i++) {
                const struct vg_alert_state *state = &states->list[i];
                if (state->status != VG_ALERT_FIRING && state->status != VG_ALERT_ACKNOWLEDGED)
                        continue;
                for (size_t c = 0; c < ELEMENTSOF(codes); c++)
                        if (strcmp(state->alert->code, codes[c]) == 0 &&
                            !is_named(&judging->signals, state))
                                judging->failed |= !vg_signal_add(
                                        &judging->signals, state->alert->code, state->key, false,
                                        state->alert->least, judging->zone);
        }
}

void faults_alert(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();
        struct judging judging = {
                .keeper = k,
                .zone = k->contract ? k->contract->zone : NULL,
                .now_s = vg_floor_div(now.at_utc_ns, VG_NS_PER_S),
        };
        struct vg_err err = { 0 };

        k->faults.wanted = false;
        watch_follow_clock(&k->watch, &now);
        if (k->contract && k->contract->n_service_levels &&
            store_pauses_read(k->store, &judging.pauses, &err) < 0)
                vg_log(LOG_WARNING, "attentes d'accès illisibles : %s", vg_err_text(&err));
        (void)vg_fault_book_each(k->faults.book, judge_fault, &judging);
        (void)vg_fault_book_each_source(k->faults.book, judge_source, &judging);
        judge_reader(&judging, now.at_boot_ns);
        judging.failed |= part_signals(k, judging.now_s, &judging.signals) < 0;
        add_quiet(&judging);

        int r = judging.failed ? vg_err_set(&err, -ENOMEM, "mémoire épuisée")
                               : alerting_apply(k, &k->watch.states, &judging.signals,
                                                now.at_utc_ns, &err);
        if (r < 0) {
                keeper_store_failed(k, &err);
                watch_reload(k);
        }
        vg_signals_done(&judging.signals);
        store_pauses_done(&judging.pauses);
}
