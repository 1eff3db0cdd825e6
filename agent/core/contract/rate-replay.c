/* SPDX-License-Identifier: Apache-2.0 */

/* Amounts, quotas and terms replayed: at the end of each interval with data, at each local midnight
 * and at as_of, with what was in force then.
 *
 * Prices, months and contract values change at local midnights only, so within a day each series
 * feeds one line, and amounts only rise. A day is therefore rated once, at its end; only where that
 * would change an alert is it gone through interval by interval. */

#include <stdlib.h>
#include <string.h>

#include "core/contract/rate-replay.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* ---- values beside the key ---- */

static const char *param_text(const struct vg_signal *signal, const char *name, char *buf,
                              size_t size)
{
        for (size_t i = 0; signal && i < signal->params.n; i++)
                if (strcmp(signal->params.list[i].name, name) == 0)
                        return vg_alert_param_plain(&signal->params, i, buf, size);
        return NULL;
}

/* The quota of "quota-<id>-<pct>". */
static const struct vg_quota *quota_of(const struct vg_contract *c, const char *key)
{
        const char *id = key + strlen("quota-"), *end = strrchr(key, '-');

        for (size_t i = 0; i < c->n_quotas; i++)
                if (strlen(c->quotas[i].id) == (size_t)(end - id) &&
                    memcmp(c->quotas[i].id, id, (size_t)(end - id)) == 0)
                        return &c->quotas[i];
        return NULL;
}

static void describe(void *user, const struct vg_alert_change *change, struct vg_rate_alert *alert)
{
        const struct replay *p = user;
        char *text = alert->extra_text;

        if (strcmp(alert->code, "VIG-C-005") == 0 &&
            param_text(change->signal, "amount", text, sizeof(alert->extra_text)))
                alert->extra = "amount";
        if (strcmp(alert->code, "VIG-N-001") == 0) {
                const struct vg_quota *quota = quota_of(p->contract, alert->key);
                if (!quota)
                        return;
                vg_decimal_format(p->quotas[quota - p->contract->quotas].value,
                                  quota->metric == VG_METRIC_MONTH_AMOUNT ? 2 : 6, text,
                                  sizeof(alert->extra_text));
                alert->extra = "value";
        }
}

/* ---- looking ---- */

static int bill_at(const struct replay *p, int64_t as_of_s, struct vg_bill **ret_bill,
                   struct vg_err *err)
{
        return vg_bill_new(
                &(struct vg_bill_options){
                        .contract = p->contract,
                        .as_of_s = as_of_s,
                        .from_month = p->month,
                        .carried_cents = p->carried_cents,
                },
                p->lines, p->n_lines, ret_bill, err);
}

/* Quotas on a month from the bill; those on an interval stay those of the last one. */
static void keep_interval_quotas(struct replay *p)
{
        for (size_t i = 0; i < p->contract->n_quotas; i++)
                if (p->contract->quotas[i].metric == VG_METRIC_INTERVAL_QUANTITY)
                        p->quotas[i] = p->interval_quotas[i];
}

/* Steps the alerts by a view at at_s; a trial only tells whether it would. */
static int look(struct replay *p, const struct vg_watch_view *view, int64_t at_s, bool is_trial,
                bool *ret_changes, struct vg_err *err)
{
        const struct alerts_ctx ctx = { .rater = p->rater, .describe = describe, .user = p };
        struct vg_signals signals = { 0 };
        int r = vg_watch(view, &signals);

        if (r == 0 && is_trial)
                *ret_changes = vg_alert_would_change(&p->states, &signals, at_s);
        else if (r == 0)
                r = vg_alert_apply(&p->states, &signals, at_s, alerts_on_change, (void *)&ctx, err);
        vg_signals_done(&signals);
        return r;
}

struct sight {           /* what is looked at */
        int64_t bill_s;  /* instant of the bill */
        int64_t now_s;   /* of what is in force */
        int64_t month_s; /* an instant of the month of the quotas */
        bool term;       /* the contract's clock too */
        bool amounts;
        bool trial;
};

static int look_at_bill(struct replay *p, struct sight sight, int64_t at_s, bool *ret_changes,
                        struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        _cleanup_free_ struct vg_watch_shortfall *shortfalls = NULL;
        struct vg_watch_view view = { .contract = p->contract, .now_s = sight.month_s };
        int r = bill_at(p, sight.bill_s, &bill, err);

        if (r == 0)
                r = vg_watch_bill(&view, bill, NULL, 0, false, p->quotas, &shortfalls);
        if (r < 0)
                return r;
        keep_interval_quotas(p);
        view.now_s = sight.now_s;
        view.has_amounts = view.has_shortfalls = sight.amounts;
        view.has_term = sight.term;
        view.authorised_cents = vg_contract_amount_at(p->contract, sight.now_s);
        return look(p, &view, at_s, sight.trial, ret_changes, err);
}

/* The intervals of the day, each at its end; the one that ends with the day is looked at then. */
static int replay_intervals(struct replay *p, int64_t until_s, bool amounts, struct vg_err *err)
{
        const int64_t step_s = p->rater->step_s;
        int r = 0;

        if (amounts)
                day_add(p, -1);
        for (int64_t i = p->day_first; i < p->day_last && r == 0; i++) {
                const int64_t at_s = (i + 1) * step_s;

                if (!p->has_data[i - p->day_first])
                        continue;
                day_measure(p, i);
                if (amounts)
                        day_add_interval(p, i);
                if (at_s == until_s)
                        break;
                if (amounts) {
                        r = look_at_bill(p,
                                         (struct sight){ .bill_s = at_s,
                                                         .now_s = at_s,
                                                         .month_s = at_s,
                                                         .amounts = true },
                                         at_s, NULL, err);
                        continue;
                }
                memset(p->quotas, 0, p->contract->n_quotas * sizeof(*p->quotas));
                keep_interval_quotas(p);
                r = look(p,
                         &(struct vg_watch_view){
                                 .contract = p->contract, .now_s = at_s, .quotas = p->quotas },
                         at_s, false, NULL, err);
        }
        return r;
}

static int replay_day(struct replay *p, int64_t from_s, int64_t until_s, struct vg_err *err)
{
        const int32_t month = vg_month_of(vg_zone_date(p->contract->zone, until_s - 1));
        const bool month_ends = vg_month_of(vg_zone_date(p->contract->zone, until_s)) != month;
        bool changes = false;
        int r = day_read(p, from_s, until_s);

        if (r < 0)
                return vg_err_set(err, r, "mémoire épuisée");
        if (p->is_data_day) {
                day_add(p, 1);
                r = look_at_bill(p,
                                 (struct sight){ .bill_s = until_s - 1,
                                                 .now_s = until_s - 1,
                                                 .month_s = until_s - 1,
                                                 .amounts = true,
                                                 .trial = true },
                                 until_s, &changes, err);
                if (r == 0 && (changes || p->has_interval_quotas))
                        r = replay_intervals(p, until_s, changes, err);
        }
        /* The month's last interval counts for its own quotas before the new month begins. */
        if (r == 0 && month_ends && p->is_data_day && p->has_data[p->day_last - 1 - p->day_first])
                r = look_at_bill(p,
                                 (struct sight){ .bill_s = until_s,
                                                 .now_s = until_s,
                                                 .month_s = until_s - 1 },
                                 until_s, NULL, err);
        return r;
}

/* ---- all days ---- */

/* Nothing changes any more after this instant. */
static int64_t quiet_from(const struct replay *p)
{
        const struct vg_contract *c = p->contract;
        const struct vg_date dates[] = { c->exit.complete_by, c->exit.planning_started_on,
                                         c->exit.completed_on };
        const int32_t last = vg_month_of(vg_zone_date(c->zone, p->rater->end_s - 1));
        int64_t last_s = vg_zone_month_start(c->zone, last + 1); /* its quotas are of that month */

        for (size_t i = 0; i < ELEMENTSOF(dates); i++)
                if (vg_date_valid(dates[i])) {
                        int64_t s = vg_zone_midnight(c->zone, vg_date_add_days(dates[i], 2));
                        last_s = s > last_s ? s : last_s;
                }
        return last_s;
}

static int end_month(struct replay *p, int64_t at_s, struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        int r = bill_at(p, at_s, &bill, err);

        if (r < 0)
                return r;
        p->carried_cents = bill->consumed_cents;
        day_begin_month(p, vg_month_of(vg_zone_date(p->contract->zone, at_s)));
        return 0;
}

static int replay_days(struct replay *p, struct vg_err *err)
{
        const struct vg_contract *c = p->contract;
        const int64_t as_of_s = p->rater->as_of_s, stop_s = quiet_from(p);
        struct vg_date date = c->start;
        int64_t from_s = c->start_s;
        int r = 0;

        day_begin_month(p, vg_month_of(c->start));
        for (int64_t until_s; from_s <= as_of_s && r == 0; from_s = until_s) {
                r = look_at_bill(p,
                                 (struct sight){ .bill_s = from_s,
                                                 .now_s = from_s,
                                                 .month_s = from_s,
                                                 .term = true,
                                                 .amounts = true },
                                 from_s, NULL, err);
                if (from_s == as_of_s)
                        break;
                if (r == 0 && vg_month_of(vg_zone_date(c->zone, from_s)) != p->month)
                        r = end_month(p, from_s, err);

                date = vg_date_add_days(date, 1);
                until_s = from_s < stop_s ? vg_zone_midnight(c->zone, date) : as_of_s;
                if (until_s > as_of_s)
                        until_s = as_of_s;
                if (r == 0 && from_s < stop_s)
                        r = replay_day(p, from_s, until_s, err);
        }
        return r;
}

int rater_replay(struct vg_rater *rater, struct vg_err *err)
{
        const struct vg_contract *c = rater->contract;
        struct replay p = {
                .rater = rater,
                .contract = c,
                .lines = calloc(rater->n_sums + 1u, sizeof(*p.lines)),
                .places = calloc(rater->n_sums + 1u, sizeof(*p.places)),
                .order = calloc(rater->n_sums + 1u, sizeof(*p.order)),
                .quotas = calloc(c->n_quotas + 1, sizeof(*p.quotas)),
                .interval_quotas = calloc(c->n_quotas + 1, sizeof(*p.quotas)),
                .day_sums = calloc(rater->grid.n_series + 1u, sizeof(*p.day_sums)),
        };
        int r = -ENOMEM;

        if (p.lines && p.places && p.order && p.quotas && p.interval_quotas && p.day_sums) {
                r = alerts_gaps(rater, err);
                if (r == 0)
                        r = alerts_first_uses(rater, err);
                if (r == 0)
                        r = alerts_refusals(rater);
                if (r == 0)
                        r = day_find_members(&p);
                if (r == 0 && rater->as_of_s >= c->start_s)
                        r = replay_days(&p, err);
        }
        vg_alert_states_done(&p.states);
        free(p.lines);
        free(p.places);
        free(p.order);
        free(p.quotas);
        free(p.interval_quotas);
        free(p.members);
        free(p.day_sums);
        return r == -ENOMEM ? vg_err_set(err, r, "mémoire épuisée") : r;
}
