/* SPDX-License-Identifier: Apache-2.0 */

/* What is not yet so, but is to be expected; and what is not as usual. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert/watch.h"
#include "vigie/civil.h"
#include "vigie/forecast.h"

enum { NEAR_DAYS = 30, USUAL_LEAST = 4 };

static int64_t last_day(const struct vg_watch_view *view)
{
        return vg_days_from_civil(vg_contract_last_day_at(view->contract, view->now_s));
}

static int64_t today(const struct vg_watch_view *view)
{
        return vg_days_from_civil(vg_zone_date(view->contract->zone, view->now_s));
}

static bool is_told(const struct vg_watch_view *view)
{
        return view->forecast && view->forecast->is_told && view->contract &&
               today(view) <= last_day(view);
}

/* ---- VIG-C-003 ---- */

/* The last day that is looked at, where nothing is reached by then. */
static int64_t day_or_horizon(const struct vg_watch_view *view, const struct vg_forecast_day *day)
{
        return day->is_reached ? day->day : last_day(view) + VG_FORECAST_BEYOND_DAYS;
}

/* Once it is used up, VIG-C-001 and C-002 say so. */
static bool is_ahead(const struct vg_watch_view *view, const struct vg_forecast_day *day)
{
        return day->is_reached && day->day >= today(view) && day->day <= last_day(view);
}

/* Most likely it runs out before the end: told. It may, but most likely does not: what was told is
 * not yet over. */
static int watch_exhaustion(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_forecast *f = view->forecast;
        const bool near = f->early.day <= today(view) + NEAR_DAYS;
        struct vg_signal *s;

        if (!is_ahead(view, &f->date) && !is_ahead(view, &f->early))
                return 0;
        s = vg_signal_add(signals, "VIG-C-003", "contract", true,
                          near ? VG_SEVERITY_CRITICAL : VG_SEVERITY_MAJOR, c->zone);
        if (!s)
                return -ENOMEM;
        if (!is_ahead(view, &f->date)) {
                s->only_holds = true;
                s->severity = VG_SEVERITY_MAJOR;
        }
        vg_signal_number(s, "conf", VG_PARAM_COUNT, c->forecast_confidence_pct);
        vg_signal_text(s, "contract", c->id);
        vg_signal_number(s, "date", VG_PARAM_DATE, day_or_horizon(view, &f->date));
        vg_signal_number(s, "early", VG_PARAM_DATE, f->early.day);
        vg_signal_number(s, "end", VG_PARAM_DATE, last_day(view));
        vg_signal_number(s, "late", VG_PARAM_DATE, day_or_horizon(view, &f->late));
        return 0;
}

/* ---- VIG-C-004 ---- */

static int watch_commitments(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const int64_t projected = (int64_t)(view->forecast->at_end + 0.5);

        for (size_t i = 0; i < c->n_commitments; i++) {
                const struct vg_commitment *m = &c->commitments[i];
                int64_t minimum;

                if (m->basis != VG_BASIS_AMOUNT_CONTRACT)
                        continue;
                minimum = (int64_t)vg_round_half_up(
                        vg_dated_at(m->values, m->n_values, view->now_s)->value, 10000);
                if (projected >= minimum)
                        continue;
                struct vg_signal *s =
                        vg_signal_add(signals, "VIG-C-004", m->id, true, VG_SEVERITY_INFO, c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_text(s, "contract", c->id);
                vg_signal_number(s, "minimum", VG_PARAM_CENTS, minimum);
                vg_signal_number(s, "projected", VG_PARAM_CENTS, projected);
        }
        return 0;
}

int watch_forecast(const struct vg_watch_view *view, struct vg_signals *signals)
{
        int r = is_told(view) ? watch_exhaustion(view, signals) : 0;

        return r == 0 && is_told(view) ? watch_commitments(view, signals) : r;
}

bool watch_forecast_covers(const struct vg_watch_view *view, const char *code)
{
        return is_told(view) && (strcmp(code, "VIG-C-003") == 0 || strcmp(code, "VIG-C-004") == 0);
}

/* ---- VIG-C-007 ---- */

/* The amendment by which the amount reaches so much more than was first authorised: told as soon as
 * it is loaded, since the authorisation comes before its effect. */
int watch_increase(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;

        if (!view->has_increase || !c || c->amounts[0].value <= 0)
                return 0;
        const int64_t first = c->amounts[0].value;
        for (size_t i = 1; i < c->n_amounts; i++) {
                const vg_i128 more = (vg_i128)c->amounts[i].value - first;
                struct vg_signal *s;

                if (!c->amounts[i].source ||
                    more * 100000000 < (vg_i128)c->increase_notice_pct_micro * first)
                        continue;
                s = vg_signal_add(signals, "VIG-C-007", c->amounts[i].source, true,
                                  VG_SEVERITY_INFO, c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_text(s, "amendment", c->amounts[i].source);
                vg_signal_number(s, "pct", VG_PARAM_PCT, more * 100000000 / first);
        }
        return 0;
}

/* ---- VIG-C-009 ---- */

static int compare(const void *a, const void *b)
{
        const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t n)
{
        qsort(values, n, sizeof(*values), compare);
        return values[n / 2];
}

/* The median, and on either side the wider of half of it and of six times the middle distance from
 * it: weeks that differ much from one another make a wide range. */
bool vg_usual_range(int64_t *micro, size_t n, int64_t *ret_low, int64_t *ret_high)
{
        if (n < USUAL_LEAST)
                return false;

        const int64_t middle = median(micro, n);
        for (size_t i = 0; i < n; i++)
                micro[i] = micro[i] > middle ? micro[i] - middle : middle - micro[i];
        const int64_t apart = median(micro, n);
        const int64_t width = apart > middle / 12 ? apart : middle / 12;

        if (middle <= 0 || width > (INT64_MAX - middle) / 6)
                return false;
        *ret_low = middle > 6 * width ? middle - 6 * width : 0;
        *ret_high = middle + 6 * width;
        return true;
}

int watch_days(const struct vg_watch_view *view, struct vg_signals *signals)
{
        for (size_t i = 0; view->days && view->contract && i < view->n_days; i++) {
                const struct vg_watch_day *d = &view->days[i];
                const struct vg_price *price = vg_contract_price_of(view->contract, d->resource);
                char key[VG_ALERT_KEY_SIZE], day[16];
                int unit = price ? (int)price->unit : (int)VG_UNIT_EACH;

                if (d->micro >= d->low && d->micro <= d->high)
                        continue;
                snprintf(key, sizeof(key), "%s/%s/%s", d->tenant, d->resource,
                         vg_date_format(vg_civil_from_days(view->day), day));
                struct vg_signal *s = vg_signal_add(signals, "VIG-C-009", key, true,
                                                    VG_SEVERITY_WARNING, view->contract->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_number(s, "date", VG_PARAM_DATE, view->day);
                vg_signal_number(s, "high", VG_PARAM_MICRO, d->high);
                vg_signal_number(s, "low", VG_PARAM_MICRO, d->low);
                vg_signal_resource(s, "resource", d->resource);
                vg_signal_text(s, "tenant", d->tenant);
                vg_signal_number(s, "unit", VG_PARAM_UNIT,
                                 unit == VG_UNIT_TB_MONTH ? (int)VG_PARAM_UNIT_TB_HOUR : unit);
                vg_signal_number(s, "value", VG_PARAM_MICRO, d->micro);
        }
        return 0;
}
