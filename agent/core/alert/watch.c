/* SPDX-License-Identifier: Apache-2.0 */

/* What is so now: from the values of a view to signals. */

#include "core/alert/watch.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/mem.h"
#include "vigie/rating.h"

enum { SEVERE_GAP_S = 24 * VG_HOUR_S };

char *watch_pct(int64_t pct_micro, char buf[32])
{
        size_t n = strlen(vg_decimal_format(pct_micro, 6, buf, 32));

        while (buf[n - 1] == '0')
                n--;
        if (buf[n - 1] == '.')
                n--;
        buf[n] = '\0';
        return buf;
}

/* VIG-C-001, C-002 */
static int watch_amounts(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const int64_t consumed = view->consumed_cents, authorised = view->authorised_cents;

        if (!view->has_amounts || !c)
                return 0;
        for (size_t i = 0; i < c->n_amount_thresholds; i++) {
                const int64_t threshold = c->amount_thresholds_pct_micro[i];
                char key[64], pct[32];

                if (!vg_reaches(consumed, threshold, authorised))
                        break; /* they rise */
                snprintf(key, sizeof(key), "amount-%s", watch_pct(threshold, pct));
                struct vg_signal *s = vg_signal_add(signals, "VIG-C-001", key, true,
                                                    threshold >= 100000000  ? VG_SEVERITY_CRITICAL
                                                    : threshold >= 90000000 ? VG_SEVERITY_MAJOR
                                                                            : VG_SEVERITY_WARNING,
                                                    c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_number(s, "authorised", VG_PARAM_CENTS, authorised);
                vg_signal_number(s, "consumed", VG_PARAM_CENTS, consumed);
                vg_signal_text(s, "contract", c->id);
                vg_signal_number(s, "pct", VG_PARAM_PCT,
                                 authorised ? (vg_i128)consumed * 100000000 / authorised : 0);
                vg_signal_number(s, "threshold", VG_PARAM_PCT, threshold);
        }
        if (consumed > authorised) {
                struct vg_signal *s = vg_signal_add(signals, "VIG-C-002", "amount-exceeded", true,
                                                    VG_SEVERITY_CRITICAL, c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_number(s, "authorised", VG_PARAM_CENTS, authorised);
                vg_signal_text(s, "contract", c->id);
                vg_signal_number(s, "over", VG_PARAM_CENTS, (vg_i128)consumed - authorised);
        }
        return 0;
}

/* VIG-C-005 */
static int watch_shortfalls(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;

        if (!view->has_shortfalls || !c)
                return 0;
        for (size_t i = 0; i < view->n_shortfalls; i++) {
                const struct vg_watch_shortfall *f = &view->shortfalls[i];
                char key[VG_ALERT_KEY_SIZE], month[16];

                snprintf(key, sizeof(key), "%s/%s", f->commitment,
                         f->is_contract ? "contract" : vg_month_format(f->month, month));
                struct vg_signal *s = vg_signal_add(signals, "VIG-C-005", key, true,
                                                    VG_SEVERITY_WARNING, c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_number(s, "amount", VG_PARAM_CENTS, f->cents);
                vg_signal_text(s, "commitment", f->commitment);
                vg_signal_number(s, "month", VG_PARAM_MONTH, f->month);
        }
        return 0;
}

/* VIG-D-001: two intervals without measurement; one is a gap without an alert. */
static int watch_gap(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const int64_t silent_s = view->now_s - view->measured_s - view->ahead_s;
        char key[64], from[32];

        if (!view->has_measured || silent_s < 2 * (int64_t)view->interval_s)
                return 0;
        snprintf(key, sizeof(key), "gap-%s", vg_utc_format(view->measured_s, from));
        struct vg_signal *s =
                vg_signal_add(signals, "VIG-D-001", key, true,
                              silent_s >= SEVERE_GAP_S ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING,
                              view->contract ? view->contract->zone : NULL);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "appliance", view->appliance);
        vg_signal_number(s, "since", VG_PARAM_INSTANT, view->measured_s);
        return 0;
}

/* VIG-D-002 */
static int watch_clock(const struct vg_watch_view *view, struct vg_signals *signals)
{
        if (!view->has_clock || view->clock_ok)
                return 0;
        struct vg_signal *s = vg_signal_add(signals, "VIG-D-002", "clock", true, VG_SEVERITY_MAJOR,
                                            view->contract ? view->contract->zone : NULL);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "appliance", view->appliance);
        if (view->clock_offset_ns)
                vg_signal_number(s, "offset", VG_PARAM_SECONDS, view->clock_offset_ns);
        else
                vg_signal_text(s, "offset", "–"); /* not disciplined: nobody knows how far */
        return 0;
}

/* VIG-L-001 */
static int watch_ledger(const struct vg_watch_view *view, struct vg_signals *signals)
{
        for (size_t i = 0; view->has_ledger && i < view->n_ledger; i++) {
                struct vg_signal *s = vg_signal_add(signals, "VIG-L-001", view->ledger[i].ledger,
                                                    true, VG_SEVERITY_CRITICAL, NULL);
                if (!s)
                        return -ENOMEM;
                vg_signal_text(s, "ledger", view->ledger[i].ledger);
                vg_signal_number(s, "seq", VG_PARAM_COUNT, (vg_i128)view->ledger[i].seq);
        }
        return 0;
}

/* What the one appliance that rates the contract says for all. */
static void drop_contract(struct vg_signals *signals, size_t from)
{
        size_t n = from;

        for (size_t i = from; i < signals->n; i++) {
                const enum vg_alert_class alert_class = signals->list[i].alert->alert_class;
                if (alert_class != VG_CLASS_CONTRACT && alert_class != VG_CLASS_TERM &&
                    strcmp(signals->list[i].alert->code, "VIG-N-001") != 0)
                        signals->list[n++] = signals->list[i];
        }
        signals->n = n;
}

int vg_watch(const struct vg_watch_view *view, struct vg_signals *signals)
{
        static int (*const conditions[])(const struct vg_watch_view *, struct vg_signals *) = {
                watch_amounts,   watch_shortfalls, watch_quotas,   watch_term,
                watch_deadlines, watch_usage,      watch_gap,      watch_clock,
                watch_ledger,    watch_days,       watch_forecast, watch_increase,
        };
        const size_t before = signals->n;
        int r = 0;

        signals->view = view;
        for (size_t i = 0; i < ELEMENTSOF(conditions) && r == 0; i++)
                r = conditions[i](view, signals);
        if (view->is_partial)
                drop_contract(signals, before);
        return r;
}

/* The quota of a key "quota-<id>-<pct>" as the view knows it; a quota that is in the contract no
 * more has nothing to wait for. */
static bool covers_quota(const struct vg_watch_view *view, const char *key)
{
        static const char prefix[] = "quota-";
        const char *id = key + sizeof(prefix) - 1, *end = strrchr(key, '-');

        if (!view->quotas)
                return false;
        if (strncmp(key, prefix, sizeof(prefix) - 1) != 0 || end < id || !view->contract)
                return true;
        for (size_t i = 0; i < view->contract->n_quotas; i++) {
                const char *quota = view->contract->quotas[i].id;
                if (strlen(quota) == (size_t)(end - id) && memcmp(quota, id, strlen(quota)) == 0)
                        return view->quotas[i].is_known && !view->quotas[i].is_partial;
        }
        return true;
}

bool vg_watch_covers(const struct vg_watch_view *view, const struct vg_alert *alert,
                     const char *key)
{
        const struct {
                const char *code;
                bool looked_at;
        } rows[] = {
                { "VIG-C-001", view->has_amounts },    { "VIG-C-002", view->has_amounts },
                { "VIG-C-005", view->has_shortfalls }, { "VIG-C-006", view->has_usage },
                { "VIG-C-008", view->has_term },       { "VIG-C-009", view->days != NULL },
                { "VIG-D-001", view->has_measured },   { "VIG-D-002", view->has_clock },
                { "VIG-L-001", view->has_ledger },     { "VIG-N-002", view->has_usage },
                { "VIG-Q-001", view->has_usage },      { "VIG-T-001", view->has_term },
                { "VIG-T-002", view->has_term },       { "VIG-T-003", view->has_term },
                { "VIG-T-004", view->has_term },       { "VIG-T-005", view->has_deadlines },
                { "VIG-T-006", view->has_term },       { "VIG-T-007", view->has_deadlines },
                { "VIG-T-008", view->has_deadlines },  { "VIG-T-009", view->has_deadlines },
                { "VIG-T-010", view->has_deadlines },
        };

        if (strcmp(alert->code, "VIG-N-001") == 0)
                return covers_quota(view, key);
        if (watch_forecast_covers(view, alert->code))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(alert->code, rows[i].code) == 0)
                        return rows[i].looked_at;
        return false;
}
