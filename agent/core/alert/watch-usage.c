/* SPDX-License-Identifier: Apache-2.0 */

/* Quotas, and use that no price or no tenant of the contract covers. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert/watch.h"
#include "vigie/civil.h"
#include "vigie/rating.h"

/* ---- VIG-N-001 ---- */

/* value >= threshold x limit, exactly. Limits are micro-units; of an amount, micro-CAD against
 * cents. 128 bits: value (at most 2^100) x 10^8 is checked, threshold x limit fits. */
static bool reaches(const struct vg_quota *quota, vg_i128 value, int64_t limit,
                    int64_t threshold_pct_micro)
{
        vg_i128 left;

        if (quota->metric == VG_METRIC_MONTH_AMOUNT && vg_mul_i128(value, 10000, &value) < 0)
                return value > 0;
        if (vg_mul_i128(value, 100000000, &left) < 0)
                return value > 0;
        return left >= (vg_i128)threshold_pct_micro * limit;
}

static int unit_of(const struct vg_contract *c, const char *resource)
{
        const struct vg_price *price = vg_contract_price_of(c, resource);

        if (price)
                return (int)price->unit;
        return VG_UNIT_EACH;
}

static int add_quota(const struct vg_watch_view *view, const struct vg_quota *quota, vg_i128 value,
                     int64_t limit, int64_t threshold, struct vg_signals *signals)
{
        const bool amount = quota->metric == VG_METRIC_MONTH_AMOUNT;
        const vg_i128 in_micro = amount ? value * 10000 : value;
        char key[VG_ALERT_KEY_SIZE], pct[32];
        int unit = unit_of(view->contract, quota->resource);

        if (amount)
                unit = VG_PARAM_UNIT_CAD;
        else if (unit == VG_UNIT_TB_MONTH && quota->metric == VG_METRIC_INTERVAL_QUANTITY)
                unit = VG_PARAM_UNIT_TB_HOUR;
        snprintf(key, sizeof(key), "quota-%s-%s", quota->id, watch_pct(threshold, pct));

        struct vg_signal *s =
                vg_signal_add(signals, "VIG-N-001", key, true,
                              threshold >= 100000000 ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING,
                              view->contract->zone);
        if (!s)
                return -ENOMEM;
        vg_signal_number(s, "limit", amount ? VG_PARAM_CENTS : VG_PARAM_MICRO,
                         amount ? vg_round_half_up(limit, 10000) : limit);
        vg_signal_number(s, "pct", VG_PARAM_PCT, limit ? in_micro * 100000000 / limit : 0);
        vg_signal_resource(s, "resource", quota->resource);
        vg_signal_text(s, "tenant", quota->tenant);
        vg_signal_number(s, "threshold", VG_PARAM_PCT, threshold);
        vg_signal_number(s, "unit", VG_PARAM_UNIT, unit);
        vg_signal_number(s, "value", amount ? VG_PARAM_CENTS : VG_PARAM_MICRO, value);
        return 0;
}

/* Of an interval that is over: at its end, whenever that is looked at. */
static int64_t instant_of(const struct vg_watch_view *view, const struct vg_quota *quota)
{
        return view->has_usage && quota->metric == VG_METRIC_INTERVAL_QUANTITY
                       ? view->usage_s + view->interval_s
                       : view->now_s;
}

int watch_quotas(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;

        for (size_t i = 0; view->quotas && c && i < c->n_quotas; i++) {
                const struct vg_quota *quota = &c->quotas[i];
                const int64_t limit =
                        vg_dated_at(quota->limits, quota->n_limits, instant_of(view, quota))->value;

                if (!view->quotas[i].is_known)
                        continue;
                for (size_t t = 0; t < quota->n_thresholds; t++) {
                        const int64_t threshold = quota->thresholds_pct_micro[t];

                        if (!reaches(quota, view->quotas[i].value, limit, threshold))
                                break; /* they rise */
                        int r = add_quota(view, quota, view->quotas[i].value, limit, threshold,
                                          signals);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

/* ---- VIG-C-006, Q-001, N-002 ---- */

static bool is_signalled(const struct vg_signals *signals, const char *code, const char *key)
{
        for (size_t i = 0; i < signals->n; i++)
                if (strcmp(signals->list[i].alert->code, code) == 0 &&
                    strcmp(signals->list[i].key, key) == 0)
                        return true;
        return false;
}

/* What the interval used of a resource, over all tenants. */
static vg_i128 total_of(const struct vg_watch_view *view, const char *resource)
{
        vg_i128 sum = 0;

        for (size_t i = 0; i < view->n_usage; i++)
                if (strcmp(view->usage[i].resource, resource) == 0)
                        sum += view->usage[i].micro;
        return sum;
}

static int add_unrated(const struct vg_watch_view *view, const char *code, const char *key,
                       enum vg_severity severity, const char *resource, struct vg_signals *signals)
{
        int unit = unit_of(view->contract, resource);

        if (is_signalled(signals, code, key))
                return 0;
        struct vg_signal *s =
                vg_signal_add(signals, code, key, true, severity, view->contract->zone);
        if (!s)
                return -ENOMEM;
        vg_signal_number(s, "quantity", VG_PARAM_MICRO, total_of(view, resource));
        vg_signal_number(s, "since", VG_PARAM_INSTANT, view->usage_s);
        vg_signal_number(s, "unit", VG_PARAM_UNIT,
                         unit == VG_UNIT_TB_MONTH ? (int)VG_PARAM_UNIT_TB_HOUR : unit);
        if (severity == VG_SEVERITY_CRITICAL)
                vg_signal_text(s, "contract", view->contract->id);
        else
                vg_signal_resource(s, "resource", resource);
        return 0;
}

static int add_stranger(const struct vg_watch_view *view, const char *tenant,
                        struct vg_signals *signals)
{
        if (is_signalled(signals, "VIG-N-002", tenant))
                return 0;
        struct vg_signal *s = vg_signal_add(signals, "VIG-N-002", tenant, true, VG_SEVERITY_WARNING,
                                            view->contract->zone);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "tenant", tenant);
        return 0;
}

static bool is_priced_elsewhere(const struct vg_watch_view *view, const struct vg_watch_usage *u)
{
        struct vg_line line;

        for (size_t i = 0; i < view->n_adding; i++)
                if (vg_rate_place(view->adding[i], view->usage_s, u->tenant, u->resource,
                                  view->now_s, &line) == 0)
                        return true;
        return false;
}

int watch_usage(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        int r = 0;

        for (size_t i = 0; view->has_usage && c && i < view->n_usage && r == 0; i++) {
                const struct vg_watch_usage *u = &view->usage[i];
                struct vg_line line;

                if (u->micro <= 0)
                        continue;
                switch (vg_rate_place(c, view->usage_s, u->tenant, u->resource, view->now_s,
                                      &line)) {
                case VG_RATE_OUT_OF_CONTRACT:
                        r = add_unrated(view, "VIG-C-006", "contract", VG_SEVERITY_CRITICAL,
                                        u->resource, signals);
                        break;
                case VG_RATE_UNPRICED:
                        if (is_priced_elsewhere(view, u))
                                break;
                        r = add_unrated(view, "VIG-Q-001", u->resource, VG_SEVERITY_WARNING,
                                        u->resource, signals);
                        break;
                default:
                        if (!vg_contract_tenant(c, u->tenant))
                                r = add_stranger(view, u->tenant, signals);
                }
        }
        return r;
}
