/* SPDX-License-Identifier: Apache-2.0 */

/* The list of alerts of `vigie contract rate`: what a row, a gap or a first use raises by itself.
 * Amounts, quotas and terms, which change with time, are replayed (rate-replay.c). Everything is
 * asked of the same evaluation as in the keeper. */

#include "core/contract/rate-alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/err.h"

int alerts_add(struct vg_rater *rater, const struct vg_rate_alert *alert)
{
        bool failed = false;
        const size_t n = strlen(alert->key) + 1;
        char *key = arena_take(&rater->grid.arena, n);
        struct vg_rate_alert *added = key ? list_add(&rater->alerts, &failed) : NULL;

        if (!key || failed)
                return -ENOMEM;
        if (added) {
                *added = *alert;
                added->key = memcpy(key, alert->key, n);
        }
        return 0;
}

static int compare_alerts(const void *a, const void *b)
{
        const struct vg_rate_alert *x = a, *y = b;
        int r = (x->at_s > y->at_s) - (x->at_s < y->at_s);

        r = r ? r : strcmp(x->code, y->code);
        r = r ? r : strcmp(x->key, y->key);
        /* What was raised and fell at one instant was raised first. */
        return r ? r : (int)y->fired - (int)x->fired;
}

static int compare_keys(const void *a, const void *b)
{
        const struct vg_rate_alert *x = a, *y = b;
        int r = strcmp(x->code, y->code);

        r = r ? r : strcmp(x->key, y->key);
        return r ? r : compare_alerts(a, b);
}

static bool is_told(const struct vg_rate_alert *last, const struct vg_rate_alert *alert)
{
        return last->fired && alert->fired && strcmp(last->code, alert->code) == 0 &&
               strcmp(last->key, alert->key) == 0;
}

/* By instant, code and key. First uses and refused rows were added without looking for their like:
 * what was raised already is not raised again. */
void alerts_sort(struct vg_rater *rater)
{
        struct vg_rate_alert *list = rater->alerts.items;
        size_t n = 0;

        if (!rater->alerts.n)
                return;
        qsort(list, rater->alerts.n, sizeof(*list), compare_keys);
        for (size_t i = 0; i < rater->alerts.n; i++)
                if (n == 0 || !is_told(&list[n - 1], &list[i]))
                        list[n++] = list[i];
        qsort(list, n, sizeof(*list), compare_alerts);
        rater->alerts.n = n;
}

int alerts_on_change(void *user, const struct vg_alert_change *change, struct vg_err *err)
{
        const struct alerts_ctx *ctx = user;
        char key[2 * VG_ALERT_KEY_SIZE];
        struct vg_rate_alert alert = {
                .at_s = change->at_s,
                .code = change->state->alert->code,
                .fired = change->event == VG_EVENT_FIRED,
                .key = change->state->key,
        };

        if (change->event != VG_EVENT_FIRED && change->event != VG_EVENT_CLEARED)
                return 0;
        if (ctx->prefix) {
                snprintf(key, sizeof(key), "%s/%s", ctx->prefix, change->state->key);
                alert.key = key;
        }
        if (ctx->describe)
                ctx->describe(ctx->user, change, &alert);
        if (alerts_add(ctx->rater, &alert) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return 0;
}

/* One look, and what it changes. */
static int look(const struct alerts_ctx *ctx, struct vg_alert_states *states,
                const struct vg_watch_view *view, int64_t at_s, struct vg_err *err)
{
        struct vg_signals signals = { 0 };
        int r = vg_watch(view, &signals);

        if (r == 0)
                r = vg_alert_apply(states, &signals, at_s, alerts_on_change, (void *)ctx, err);
        vg_signals_done(&signals);
        return r;
}

/* ---- gaps ---- */

static int look_at_gap(struct vg_rater *rater, const struct vg_rate_gap *gap, struct vg_err *err)
{
        const int64_t step_s = rater->step_s;
        const struct alerts_ctx ctx = { .rater = rater, .prefix = gap->appliance };
        struct vg_alert_states states = { 0 };
        struct vg_watch_view view = {
                .contract = rater->contract,
                .appliance = gap->appliance ? gap->appliance : "",
                .has_measured = true,
                .interval_s = (int32_t)step_s,
                .measured_s = gap->from_s,
                .now_s = gap->from_s + 2 * step_s,
        };
        int r = 0;

        if (gap->to_s >= view.now_s)
                r = look(&ctx, &states, &view, view.now_s, err);
        if (r == 0 && states.n) {
                view.measured_s = view.now_s = rater_collected_again(rater, gap);
                if (view.now_s != INT64_MAX)
                        r = look(&ctx, &states, &view, view.now_s, err);
        }
        vg_alert_states_done(&states);
        return r;
}

int alerts_gaps(struct vg_rater *rater, struct vg_err *err)
{
        const struct vg_rate_gap *gaps = rater->gaps.items;
        int r = 0;

        for (size_t i = 0; i < rater->gaps.n && r == 0; i++)
                r = look_at_gap(rater, &gaps[i], err);
        return r;
}

/* ---- first uses: unknown tenants, resources without a price, use outside the term ---- */

static int look_at_first_use(struct vg_rater *rater, const struct series *s, int64_t start_s,
                             struct vg_err *err)
{
        const struct alerts_ctx ctx = { .rater = rater };
        const struct vg_watch_usage usage = { s->tenant, s->resource, 1 };
        const struct vg_watch_view view = {
                .contract = rater->contract,
                .now_s = rater->as_of_s,
                .has_usage = true,
                .usage_s = start_s,
                .usage = &usage,
                .n_usage = 1,
        };
        struct vg_alert_states states = { 0 };
        int r = look(&ctx, &states, &view, start_s + rater->step_s, err);

        vg_alert_states_done(&states);
        return r;
}

int alerts_first_uses(struct vg_rater *rater, struct vg_err *err)
{
        int r = 0;

        for (uint32_t i = 0; i < rater->grid.n_series && r == 0; i++) {
                const struct series *s = &rater->grid.series[i];

                for (int fate = 0; fate < FATE_N && r == 0; fate++)
                        if (s->first_s[fate] != INT64_MAX && (fate != FATE_RATED || !s->is_known))
                                r = look_at_first_use(rater, s, s->first_s[fate], err);
        }
        return r;
}

/* ---- rows that were refused ---- */

int alerts_refusals(struct vg_rater *rater)
{
        const struct rater_fact *facts = rater->facts.items;

        for (size_t i = 0; i < rater->facts.n; i++) {
                char key[2 * 256 + 64], stamp[32];

                snprintf(key, sizeof(key), "%s/%s/%s", facts[i].tenant, facts[i].resource,
                         vg_utc_format(facts[i].start_s, stamp));
                int r = alerts_add(rater, &(struct vg_rate_alert){
                                                  .at_s = facts[i].start_s + rater->step_s,
                                                  .code = facts[i].code,
                                                  .fired = true,
                                                  .key = key,
                                          });
                if (r < 0)
                        return r;
        }
        return 0;
}
