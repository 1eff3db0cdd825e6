/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/alerting.h"
#include "keeper/bill.h"
#include "keeper/keeper.h"
#include "keeper/usage-rows.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { LOOK_BACK_S = 400 * VG_DAY_S, INTERVALS_AT_ONCE = 48 };

/* What one look is made of; the view points into it. */
struct look {
        struct vg_watch_view view;
        struct usage_rows open, closed; /* closed: of the interval that was closed last */
        struct vg_bill *bill;           /* shortfalls point into it */
        struct vg_watch_usage *usage;
        struct vg_watch_quota *quotas;
        struct vg_watch_shortfall *shortfalls;
        struct vg_watch_ledger ledger[VG_LOG_N];
        struct vg_signals signals;
};

static void look_done(struct look *look)
{
        usage_rows_done(&look->open);
        usage_rows_done(&look->closed);
        vg_bill_free(look->bill);
        free(look->usage);
        free(look->quotas);
        free(look->shortfalls);
        vg_signals_done(&look->signals);
}

/* One row a tenant and resource of an interval, parts added up by whoever reads them. */
static int usage_of(const struct usage_rows *rows, int64_t start_s, struct vg_watch_usage **ret,
                    size_t *ret_n)
{
        struct vg_watch_usage *usage = calloc(rows->n ? rows->n : 1, sizeof(*usage));

        if (!usage)
                return -ENOMEM;
        *ret_n = 0;
        for (size_t i = 0; i < rows->n; i++)
                if (rows->list[i].start_s == start_s)
                        usage[(*ret_n)++] = (struct vg_watch_usage){
                                rows->list[i].tenant,
                                rows->list[i].resource,
                                rows->list[i].micro,
                        };
        *ret = usage;
        return 0;
}

static int64_t latest_start(const struct usage_rows *rows)
{
        int64_t start_s = INT64_MIN;

        for (size_t i = 0; i < rows->n; i++)
                if (rows->list[i].start_s > start_s)
                        start_s = rows->list[i].start_s;
        return start_s;
}

static struct vg_watch_quota *new_quotas(const struct keeper *k)
{
        return calloc(k->contract->n_quotas ? k->contract->n_quotas : 1,
                      sizeof(struct vg_watch_quota));
}

/* Amounts and quotas. Quotas of an interval are judged by the one that has just closed where there
 * is one, else by the open one, which may fire them but not end them. */
static int look_at_amounts(struct keeper *k, struct look *look, struct vg_err *err)
{
        struct vg_watch_view *view = &look->view;
        const bool is_open = !view->has_usage;
        int r = usage_rows_open(k->meter.book, &look->open, err);

        if (r == 0)
                r = bill_now(k, &look->open, view->now_s, &look->bill, err);
        if (r < 0)
                return r;
        if (is_open)
                r = usage_of(&look->open, latest_start(&look->open), &look->usage, &view->n_usage);
        look->quotas = new_quotas(k);
        if (r < 0 || !look->quotas)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        r = vg_watch_bill(view, look->bill, look->usage, view->n_usage, is_open, look->quotas,
                          &look->shortfalls);
        return r < 0 ? vg_err_set(err, r, "montants du contrat") : 0;
}

/* While somebody catches up, that nothing was measured lately is not yet known. */
static void look_at_measures(const struct keeper *k, struct look *look, const struct vg_now *now)
{
        struct vg_watch_view *view = &look->view;
        const struct closing_view closing = closing_view_of(k, now);

        view->has_measured = !closing_waits(&closing);
        view->measured_s = k->watch.measured_s;
        view->ahead_s = k->watch.ahead_s;
        view->has_clock = k->watch.has_clock;
        view->clock_ok = watch_clock_ok(&k->watch, now->at_boot_ns);
        view->clock_offset_ns = k->watch.clock_offset_ns;
        view->has_ledger = k->audit.done_once;
        view->ledger = look->ledger;
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (k->audit.mismatch[log])
                        look->ledger[view->n_ledger++] = (struct vg_watch_ledger){
                                vg_log_name((enum vg_log)log),
                                k->audit.mismatch_seq[log],
                        };
}

/* A contract whose amounts cannot be computed must not silence the other alerts. */
static void try_amounts(struct keeper *k, struct look *look)
{
        struct vg_err err = { 0 };
        int r = look_at_amounts(k, look, &err);

        if (r < 0 && !k->watch.bill_fails)
                vg_log(LOG_ERR, "montants du contrat impossibles à établir : %s",
                       vg_err_text(&err));
        k->watch.bill_fails = r < 0;
}

static int apply(struct keeper *k, struct look *look, int64_t utc_ns, struct vg_err *err)
{
        if (vg_watch(&look->view, &look->signals) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return alerting_apply(k, &k->watch.states, &look->signals, utc_ns, err);
}

static void settle(struct keeper *k, int r, const struct vg_err *err)
{
        if (r < 0) {
                keeper_store_failed(k, err);
                watch_reload(k);
        }
}

/* What an interval used, without price, contract or tenant too. */
static int look_at_usage(struct keeper *k, struct look *look, int64_t closed_s, struct vg_err *err)
{
        int r = usage_rows_closed(k->store, closed_s, &look->closed, err);

        if (r == 0)
                r = usage_of(&look->closed, closed_s, &look->usage, &look->view.n_usage);
        if (r < 0)
                return r;
        look->view.has_usage = true;
        look->view.usage_s = closed_s;
        look->view.usage = look->usage;
        return 0;
}

/* Of an interval that is not the last one: its own quotas too; the rest waits for the last. */
static int look_at_interval(struct keeper *k, struct look *look, int64_t start_s,
                            struct vg_err *err)
{
        int r = look_at_usage(k, look, start_s, err);

        if (r < 0 || !k->contract)
                return r;
        look->quotas = new_quotas(k);
        if (!look->quotas)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        vg_watch_interval(&look->view, look->quotas);
        return 0;
}

bool watch_is_partial(const struct keeper *k)
{
        const char *reports = k->contract ? vg_contract_reporting_appliance(k->contract) : NULL;

        return reports && strcmp(reports, k->settings->appliance_id) != 0;
}

static void begin_look(const struct keeper *k, struct look *look, const struct vg_now *now)
{
        look->view.is_partial = watch_is_partial(k);
        look->view.contract = k->contract;
        look->view.adding = (const struct vg_contract *const *)k->adding;
        look->view.n_adding = k->n_adding;
        look->view.appliance = k->settings->appliance_id;
        look->view.interval_s = k->closing.interval_s;
        look->view.now_s = vg_floor_div(now->at_utc_ns, VG_NS_PER_S);
}

static void look_back(struct keeper *k, int64_t closed_s)
{
        _cleanup_(look_done) struct look look = { 0 };
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };

        begin_look(k, &look, &now);
        int r = look_at_interval(k, &look, closed_s, &err);
        if (r == 0)
                r = apply(k, &look, now.at_utc_ns, &err);
        settle(k, r, &err);
}

void watch_imported(struct keeper *k, int64_t start_s)
{
        _cleanup_(look_done) struct look look = { 0 };
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };

        begin_look(k, &look, &now);
        int r = look_at_interval(k, &look, start_s, &err);
        if (r == 0 && vg_watch(&look.view, &look.signals) < 0)
                r = vg_err_set(&err, -ENOMEM, "mémoire épuisée");
        look.signals.view = NULL; /* one interval of long ago does not say that others are over */
        if (r == 0)
                r = alerting_apply(k, &k->watch.states, &look.signals, now.at_utc_ns, &err);
        settle(k, r, &err);
}

/* closed_s: start of the interval that has just closed, INT64_MIN: none. */
static void look_with(struct keeper *k, int64_t closed_s)
{
        _cleanup_(look_done) struct look look = { 0 };
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };
        int r = 0;

        k->watch.looked_boot_ns = now.at_boot_ns;
        k->watch.wanted = false;
        watch_follow_clock(&k->watch, &now);
        begin_look(k, &look, &now);
        if (closed_s != INT64_MIN)
                r = look_at_usage(k, &look, closed_s, &err);
        if (r == 0 && k->contract) {
                look.view.has_term = look.view.has_deadlines = true;
                look.view.has_increase = true;
                try_amounts(k, &look);
        }
        look_at_measures(k, &look, &now);
        if (r == 0)
                r = apply(k, &look, now.at_utc_ns, &err);
        settle(k, r, &err);
}

void watch_look(struct keeper *k)
{
        look_with(k, INT64_MIN);
}

/* ---- intervals ---- */

static void note_end(struct watch *w, int64_t end_s)
{
        if (end_s > w->measured_s) {
                w->measured_s = end_s;
                w->ahead_s = 0;
        }
}

struct closed {
        struct watch *watch;
        int64_t start_s[INTERVALS_AT_ONCE]; /* the last ones, in a ring */
        size_t n;
};

static int note_interval(void *ctx, const struct store_interval *interval)
{
        struct closed *closed = ctx;
        const int64_t end_s = interval->start_s + interval->length_s;

        if (interval->covered_s > 0)
                note_end(closed->watch, end_s);
        /* Of what was not measured nothing is known: neither use nor the end of it. */
        if (interval->covered_s > 0)
                closed->start_s[closed->n++ % INTERVALS_AT_ONCE] = interval->start_s;
        return 0;
}

void watch_closed(struct keeper *k, int64_t from_s, int64_t to_s)
{
        struct closed closed = { .watch = &k->watch };
        struct vg_err err = { 0 };
        int r = store_interval_each(k->store, from_s, to_s, note_interval, &closed, &err);

        if (r < 0) {
                vg_log(LOG_WARNING, "intervalles illisibles : %s", vg_err_text(&err));
                return;
        }
        const size_t first = closed.n > INTERVALS_AT_ONCE ? closed.n - INTERVALS_AT_ONCE : 0;
        for (size_t i = first; i + 1 < closed.n; i++)
                look_back(k, closed.start_s[i % INTERVALS_AT_ONCE]);
        if (closed.n)
                look_with(k, closed.start_s[(closed.n - 1) % INTERVALS_AT_ONCE]);
        else
                watch_look(k);
}

/* ---- life ---- */

static int note_measured(void *ctx, const struct store_interval *interval)
{
        struct watch *w = ctx;
        const int64_t end_s = interval->start_s + interval->length_s;

        if (interval->covered_s > 0)
                note_end(w, end_s);
        return 0;
}

/* Where nothing was ever measured: since the gap that was told, if one was; else from now on it is
 * awaited. */
static int64_t awaited_since(const struct watch *w, int64_t now_s)
{
        static const char prefix[] = "gap-";
        int64_t since_s = now_s, from_s;

        for (size_t i = 0; i < w->states.n; i++) {
                const struct vg_alert_state *state = &w->states.list[i];

                if (strcmp(state->alert->code, "VIG-D-001") == 0 && vg_alert_is_up(state) &&
                    strncmp(state->key, prefix, strlen(prefix)) == 0 &&
                    vg_utc_parse(state->key + strlen(prefix), &from_s) == 0 && from_s < since_s)
                        since_s = from_s;
        }
        return since_s;
}

int watch_init(struct keeper *k, struct vg_err *err)
{
        const int64_t now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S);
        int r;

        /* Backwards, so that a long life costs no more than a short one. */
        k->watch.measured_s = INT64_MIN;
        for (int64_t back_s = 2 * VG_DAY_S; k->watch.measured_s == INT64_MIN; back_s *= 4) {
                r = store_interval_each(k->store, now_s - back_s, INT64_MAX, note_measured,
                                        &k->watch, err);
                if (r < 0)
                        return r;
                if (back_s > LOOK_BACK_S)
                        break;
        }
        r = alerting_load(k, &k->watch.states, err);
        if (r == 0 && k->watch.measured_s == INT64_MIN)
                k->watch.measured_s = awaited_since(&k->watch, now_s);
        k->watch.wanted = true;
        return r;
}

void watch_done(struct watch *w)
{
        vg_alert_states_done(&w->states);
        alert_policy_done(&w->policy);
}

void watch_contract(struct keeper *k)
{
        struct vg_err err = { 0 };

        if (alerting_clear_others(k, vg_clock_now().at_utc_ns, &err) < 0)
                keeper_store_failed(k, &err);
        watch_reload(k);
        watch_look(k);
        watch_beside(k);
        k->watch.day = 0;
        k->faults.wanted = true; /* parts and repairs are judged by the contract too */
}

int watch_tell(struct keeper *k, const struct vg_signals *signals, int64_t utc_ns)
{
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };
        int r;

        watch_follow_clock(&k->watch, &now);
        r = alerting_apply(k, &k->watch.states, signals, utc_ns, &err);
        settle(k, r, &err);
        return r;
}

void watch_reload(struct keeper *k)
{
        struct vg_err err = { 0 };

        if (alerting_load(k, &k->watch.states, &err) < 0)
                vg_log(LOG_WARNING, "états d'alerte illisibles : %s", vg_err_text(&err));
}

void watch_tick(struct keeper *k)
{
        const uint64_t now = vg_clock_now().at_boot_ns;

        const int32_t every_s =
                k->closing.interval_s < LOOK_EVERY_S ? k->closing.interval_s : LOOK_EVERY_S;

        if (k->watch.wanted ||
            now >= k->watch.looked_boot_ns + (uint64_t)every_s * (uint64_t)VG_NS_PER_S)
                watch_look(k);
        if (now >= k->watch.beside_boot_ns + LOOK_BESIDE_S * (uint64_t)VG_NS_PER_S)
                watch_beside(k);
        watch_day(k);
}
