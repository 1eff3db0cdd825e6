/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* room: between the files of the forecast. Days count from the first that is looked at. */

#include "vigie/forecast.h"

enum { WEEK = 7, WEEKS_MAX = VG_FORECAST_LOOK_DAYS / WEEK };

/* ---- stats.c: both sort the values ---- */

double stats_median(double *values, size_t n);
double stats_quantile(double *values, size_t n, double share);

/* ---- shape.c: what a history looks like ---- */

struct shape {
        double weekday[WEEK]; /* by (day + phase) % 7 */
        double level
                [WEEKS_MAX]; /* of a day, week by week, the last one first; weekday and bursts out */
        size_t n_weeks;
        double burst; /* mean excess of a day over the level */
};
/* Of days[0 … n), negative ones missing; phase: weekday of days[0]. */
void shape_of(const double *days, size_t n, int phase, struct shape *ret_shape);

/* ---- model.c: ways to go on ---- */

struct candidate {
        int weeks;      /* window */
        bool has_trend; /* where it is significant */
        double damping; /* of the trend, a week */
};
enum { N_CANDIDATES = 10 };
extern const struct candidate candidates[N_CANDIDATES];

struct model {
        double level, slope, damping; /* cents a day, and what each week adds to them */
        double burst;
        const double *weekday;
        int phase; /* weekday of the first day to come */
};
struct model model_of(const struct shape *shape, const struct candidate *candidate, int phase);
/* Cents of the days to come, added up: ret[i] is the sum of days 0 … i. */
void model_sum(const struct model *model, size_t n, double *ret);

/* ---- errors.c: how it would have done ---- */

enum { HORIZONS = 8, ORIGINS_MAX = 26 };

struct errors {
        size_t best;                     /* of the candidates */
        bool is_plausible[N_CANDIDATES]; /* it did hardly worse */
        size_t n_origins;                /* at which it was tried */
        double typical;                  /* median share by which four weeks were missed */
        double spread[HORIZONS];         /* share that the wanted part of the errors stays below */
        size_t n_spread;                 /* horizons for which there were origins enough */
};
/* -ENOMEM. */
int errors_of(const double *days, size_t n, int phase, double confidence,
              struct errors *ret_errors);
/* Share by which the sum of so many days may be missed. */
double errors_spread(const struct errors *errors, size_t days);
