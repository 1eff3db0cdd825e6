/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/service.h"

#include <errno.h>
#include <string.h>

#include "core/service/hours.h"
#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/mem.h"

enum { YEARS_AHEAD_S = 3 * 366 * VG_DAY_S };

static const struct {
        const char *name, *text[2];
} states[VG_SERVICE_N] = {
        [VG_SERVICE_NO_TIME] = { "no_agreed_time", { "aucun délai convenu", "no agreed time" } },
        [VG_SERVICE_RUNNING] = { "running", { "délai en cours", "time running" } },
        [VG_SERVICE_OVERDUE] = { "overdue", { "en retard", "overdue" } },
        [VG_SERVICE_MET] = { "met", { "délai respecté", "time met" } },
        [VG_SERVICE_MISSED] = { "missed", { "délai dépassé", "time missed" } },
};

const char *vg_service_state_name(enum vg_service_state state)
{
        return states[state].name;
}

const char *vg_service_state_text(enum vg_service_state state, bool french)
{
        return states[state].text[!french];
}

/* ---- the clock ---- */

struct timer {
        const struct vg_contract *contract;
        const struct vg_window *coverage; /* NULL: all hours */
        const struct vg_span *pauses;
        size_t n_pauses;
};

/* One local day of it. */
struct timer_day {
        struct vg_span day;
        struct spans open, shut;
};

static void read_day(const struct timer *t, int64_t at_s, struct timer_day *ret)
{
        const struct vg_contract *c = t->contract;
        const struct vg_date date = vg_zone_date(c->zone, at_s);

        ret->day = (struct vg_span){ at_s, vg_zone_midnight(c->zone, vg_date_add_days(date, 1)) };
        ret->open.n = ret->shut.n = 0;
        if (t->coverage)
                hours_of(c, t->coverage, date, &ret->open);
        for (size_t i = 0; i < c->n_maintenance_windows; i++)
                hours_of(c, &c->maintenance_windows[i], date, &ret->shut);
}

static int64_t sooner(int64_t edge_s, int64_t after_s, int64_t best_s)
{
        return edge_s > after_s && edge_s < best_s ? edge_s : best_s;
}

static int64_t next_edge(const struct vg_span *spans, size_t n, int64_t after_s, int64_t best_s)
{
        for (size_t i = 0; i < n; i++) {
                best_s = sooner(spans[i].from_s, after_s, best_s);
                best_s = sooner(spans[i].to_s, after_s, best_s);
        }
        return best_s;
}

static bool counts(const struct timer *t, const struct timer_day *day, int64_t at_s)
{
        return (!t->coverage || hours_hold(day->open.list, day->open.n, at_s)) &&
               !hours_hold(day->shut.list, day->shut.n, at_s) &&
               !hours_hold(t->pauses, t->n_pauses, at_s);
}

/* Runs from span.from_s until span.to_s or until `most` has elapsed. Returns the instant at which it
 * stopped, and what had elapsed. */
static int64_t run(const struct timer *t, struct vg_span span, int64_t most, int64_t *ret_elapsed)
{
        struct timer_day day = { .day.to_s = INT64_MIN };
        int64_t at_s = span.from_s, elapsed = 0;

        while (at_s < span.to_s && elapsed < most) {
                if (at_s >= day.day.to_s)
                        read_day(t, at_s, &day);

                int64_t next_s = day.day.to_s < span.to_s ? day.day.to_s : span.to_s;
                next_s = next_edge(day.open.list, day.open.n, at_s, next_s);
                next_s = next_edge(day.shut.list, day.shut.n, at_s, next_s);
                next_s = next_edge(t->pauses, t->n_pauses, at_s, next_s);
                if (counts(t, &day, at_s)) {
                        if (next_s - at_s > most - elapsed)
                                next_s = at_s + most - elapsed;
                        elapsed += next_s - at_s;
                }
                at_s = next_s;
        }
        *ret_elapsed = elapsed;
        return at_s;
}

int64_t vg_service_elapsed(const struct vg_contract *contract, const struct vg_window *coverage,
                           struct vg_span span, const struct vg_span *pauses, size_t n_pauses)
{
        const struct timer t = { contract, coverage, pauses, n_pauses };
        int64_t elapsed;

        (void)run(&t, span, INT64_MAX, &elapsed);
        return elapsed;
}

static void judge(const struct timer *t, int64_t opened_s, int64_t done_s, int64_t now_s,
                  int agreed_min, struct vg_service_clock *ret)
{
        const int64_t agreed_s = agreed_min * (int64_t)60;
        const struct vg_span ahead = { opened_s, opened_s + YEARS_AHEAD_S };
        int64_t due_elapsed;

        *ret = (struct vg_service_clock){ .due_s = INT64_MAX, .agreed_s = agreed_s };
        (void)run(t, (struct vg_span){ opened_s, done_s ? done_s : now_s }, INT64_MAX,
                  &ret->elapsed_s);
        if (!agreed_min)
                return;

        const int64_t due_s = run(t, ahead, agreed_s, &due_elapsed);
        if (due_elapsed == agreed_s)
                ret->due_s = due_s;
        if (done_s)
                ret->state = ret->elapsed_s > agreed_s ? VG_SERVICE_MISSED : VG_SERVICE_MET;
        else
                ret->state = ret->elapsed_s > agreed_s ? VG_SERVICE_OVERDUE : VG_SERVICE_RUNNING;
}

static int64_t first_of(int64_t a_s, int64_t b_s) /* 0: not yet */
{
        return !a_s || (b_s && b_s < a_s) ? b_s : a_s;
}

void vg_service_judge(const struct vg_contract *contract, const struct vg_incident *incident,
                      int64_t now_s, struct vg_service_clock *ret_respond,
                      struct vg_service_clock *ret_repair)
{
        const struct vg_service_level *level =
                vg_contract_service_level(contract, incident->severity);
        const struct timer t = {
                .contract = contract,
                .coverage = level ? level->coverage : NULL,
                .pauses = incident->pauses,
                .n_pauses = incident->n_pauses,
        };
        const int64_t responded_s = first_of(
                first_of(incident->acknowledged_s, incident->on_site_s), incident->repaired_s);

        judge(&t, incident->opened_s, responded_s, now_s, level ? level->respond_min : 0,
              ret_respond);
        judge(&t, incident->opened_s, incident->repaired_s, now_s, level ? level->repair_min : 0,
              ret_repair);
}

/* ---- alerts ---- */

/* Tenths of an hour, cut: the limit is never said to be passed before it is. */
static vg_i128 hours_micro(int64_t seconds)
{
        return (vg_i128)(seconds / 360) * 100000;
}

static int add_overdue(const struct vg_contract *contract, const struct vg_incident *incident,
                       const struct vg_service_clock *clock, const char *code,
                       const char *name_of_id, struct vg_signals *signals)
{
        struct vg_signal *s = vg_signal_add(signals, code, incident->id, true,
                                            vg_alert_find(code)->most, contract->zone);

        if (!s)
                return -ENOMEM;
        vg_signal_text(s, name_of_id,
                       strcmp(name_of_id, "code") == 0 ? incident->code : incident->id);
        vg_signal_text(s, "component", incident->component);
        vg_signal_number(s, "hours", VG_PARAM_MICRO, hours_micro(clock->elapsed_s));
        vg_signal_number(s, "target", VG_PARAM_MICRO, hours_micro(clock->agreed_s));
        return 0;
}

int vg_service_watch(const struct vg_contract *contract, const struct vg_incident *incidents,
                     size_t n, int64_t now_s, struct vg_signals *signals)
{
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                struct vg_service_clock respond, repair;

                vg_service_judge(contract, &incidents[i], now_s, &respond, &repair);
                if (repair.state != VG_SERVICE_OVERDUE)
                        continue;
                r = add_overdue(contract, &incidents[i], &repair, "VIG-H-004", "code", signals);
                if (r == 0)
                        r = add_overdue(contract, &incidents[i], &repair, "VIG-S-001", "incident",
                                        signals);
        }
        return r;
}
