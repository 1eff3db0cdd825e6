/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/forecast.h"

#include <errno.h>
#include <stdlib.h>

#include "core/forecast/room.h"
#include "vigie/mem.h"

enum { LEAST = 28 }; /* days of history, whatever the contract says; and days told */

/* Day 0 of 1970 was a Thursday; 0 is Monday. */
static int weekday_of(int64_t day)
{
        return (int)(((day + 3) % WEEK + WEEK) % WEEK);
}

static size_t count_measured(const double *days, size_t n)
{
        size_t measured = 0;

        for (size_t i = 0; i < n; i++)
                measured += days[i] >= 0;
        return measured;
}

/* Mean of the last thirty days that were measured. */
static double plain_mean(const double *days, size_t n)
{
        double sum = 0;
        size_t k = 0;

        for (size_t i = n; i > 0 && k < VG_FORECAST_NAIVE_DAYS; i--)
                if (days[i - 1] >= 0) {
                        sum += days[i - 1];
                        k++;
                }
        return k ? sum / (double)k : 0;
}

/* ---- on which day it is used up ---- */

enum way { MIDDLE, HIGH, LOW, NAIVE };

struct future {
        const struct vg_forecast_input *input;
        struct errors errors;
        size_t n; /* days, until a year after the end; four weeks at least */
        double *sums, *low, *high, *other; /* variable, of the days to come; low, high: whatever
                                            * way of going on is plausible; other: room */
        double naive;
};

static double variable(const struct future *f, enum way way, size_t i)
{
        const double spread = errors_spread(&f->errors, i + 1);

        switch (way) {
        case MIDDLE:
                return f->sums[i];
        case HIGH:
                return f->high[i] * (1 + spread);
        case LOW:
                return f->low[i] / (1 + spread);
        case NAIVE:
                break;
        }
        return f->naive * (double)(i + 1);
}

/* On the i-th of the days to come, as amendments that are signed have it. */
static double authorised_on(const struct vg_forecast_input *in, size_t i)
{
        if (!in->amounts || in->n_known == 0)
                return in->authorised;
        return in->amounts[i < in->n_known ? i : in->n_known - 1];
}

/* The first day at whose end the amount is reached. */
static struct vg_forecast_day find_day(const struct future *f, enum way way)
{
        const struct vg_forecast_input *in = f->input;
        const int64_t last = in->first_day + (int64_t)in->n - 1;
        double total = in->consumed, most = 0;

        if (total >= in->authorised)
                return (struct vg_forecast_day){ true, last };
        for (size_t i = 0; i < f->n; i++) {
                const double v = variable(f, way, i);

                if (i < in->n_known)
                        total += in->known[i];
                most = v > most ? v : most; /* what was spent is not unspent */
                if (total + most >= authorised_on(in, i))
                        return (struct vg_forecast_day){ true, last + 1 + (int64_t)i };
        }
        return (struct vg_forecast_day){ 0 };
}

static double total_at_end(const struct future *f, enum way way)
{
        const struct vg_forecast_input *in = f->input;
        const int64_t left = in->end_day - (in->first_day + (int64_t)in->n - 1);
        double total = in->consumed;

        for (int64_t i = 0; i < left && (size_t)i < in->n_known; i++)
                total += in->known[i];
        return left > 0 ? total + variable(f, way, (size_t)left - 1) : total;
}

/* Sums of the best way of going on, and of the lowest and highest that are plausible. */
static void look_ahead(struct future *f, const struct shape *shape, int phase)
{
        for (size_t c = 0; c < N_CANDIDATES; c++) {
                const struct model model = model_of(shape, &candidates[c], phase);

                if (c != f->errors.best && !f->errors.is_plausible[c])
                        continue;
                model_sum(&model, f->n, c == f->errors.best ? f->sums : f->other);
                for (size_t i = 0; i < f->n; i++) {
                        const double sum = c == f->errors.best ? f->sums[i] : f->other[i];
                        f->low[i] = sum < f->low[i] || f->high[i] == 0 ? sum : f->low[i];
                        f->high[i] = sum > f->high[i] ? sum : f->high[i];
                }
        }
}

static void tell(const struct future *f, const struct shape *shape, struct vg_forecast *ret)
{
        ret->is_told = true;
        ret->n_origins = f->errors.n_origins;
        ret->per_day = f->sums[27] / 28;
        ret->naive_per_day = f->naive;
        ret->trend_per_week = model_of(shape, &candidates[f->errors.best], 0).slope;
        ret->burst_per_day = shape->burst;
        ret->error_28d = f->errors.typical;
        for (size_t w = 0; w < WEEK; w++)
                ret->weekday[w] = shape->weekday[w];
        ret->date = find_day(f, MIDDLE);
        ret->early = find_day(f, HIGH);
        ret->late = find_day(f, LOW);
        ret->naive = find_day(f, NAIVE);
        ret->at_end = total_at_end(f, MIDDLE);
        ret->at_end_low = total_at_end(f, LOW);
        ret->at_end_high = total_at_end(f, HIGH);
}

static int forecast(const struct vg_forecast_input *in, int64_t ahead, struct vg_forecast *ret)
{
        const size_t skipped = in->n > VG_FORECAST_LOOK_DAYS ? in->n - VG_FORECAST_LOOK_DAYS : 0;
        const double *days = in->spent + skipped;
        const size_t n = in->n - skipped;
        const int phase = weekday_of(in->first_day + (int64_t)skipped);
        struct future f = { .input = in, .n = ahead > LEAST ? (size_t)ahead : LEAST };
        _cleanup_free_ double *room = calloc(4 * f.n, sizeof(*room));
        struct shape shape;
        int r;

        if (!room)
                return -ENOMEM;
        f.sums = room;
        f.low = room + f.n;
        f.high = room + 2 * f.n;
        f.other = room + 3 * f.n;
        f.naive = plain_mean(days, n);
        r = errors_of(days, n, phase, in->confidence_pct / 100.0, &f.errors);
        if (r < 0)
                return r;
        shape_of(days, n, phase, &shape);
        look_ahead(&f, &shape, weekday_of(in->first_day + (int64_t)in->n));
        tell(&f, &shape, ret);
        return 0;
}

int vg_forecast(const struct vg_forecast_input *in, struct vg_forecast *ret)
{
        const int64_t ahead =
                in->end_day - (in->first_day + (int64_t)in->n - 1) + VG_FORECAST_BEYOND_DAYS;

        *ret = (struct vg_forecast){ .n_measured = count_measured(in->spent, in->n) };
        if (ahead <= VG_FORECAST_BEYOND_DAYS || in->n < LEAST ||
            ret->n_measured < (size_t)in->min_history_days)
                return 0;
        return forecast(in, ahead, ret);
}
