/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* forecast: when the authorised amount runs out, and how sure that is. Pure.
 *
 * Only what varies is forecast, from what each whole local day cost: a weekday pattern, bursts told
 * from the level, a trend where it is significant, damped. Recurring lines and purchases to come are
 * known and added as they are. Which window and whether a trend serves is decided by how each would
 * have done at earlier days of the same history (rolling origins); so is the interval.
 *
 * A forecast is no evidence: money is in doubles here, in cents, and nowhere else. The same input
 * gives the same answer. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_contract;
struct vg_err;

enum {
        VG_FORECAST_NAIVE_DAYS = 30,   /* of the plain mean that is shown beside it */
        VG_FORECAST_LOOK_DAYS = 364,   /* older days are not looked at */
        VG_FORECAST_BEYOND_DAYS = 366, /* after the end of the contract, dates are not told */
};

struct vg_forecast_input {
        int64_t first_day;   /* of spent[0]; days since 1970-01-01, local */
        const double *spent; /* variable cents a day; negative: not wholly measured */
        size_t n;
        double consumed, authorised; /* cents, at the end of the last of these days */
        const double *known;         /* cents that each following day brings for certain */
        const double *amounts;       /* authorised on each of them, as signed; NULL: as it is */
        size_t n_known;              /* days of both; after them nothing is known, or changes */
        int64_t end_day;             /* last day of the contract */
        int confidence_pct;          /* of the interval: 50 … 99 */
        int min_history_days;        /* measured days before anything is told */
};

struct vg_forecast_day {
        bool is_reached; /* else not by a year after the end */
        int64_t day;
};

struct vg_forecast {
        /* There is history enough, and a day left; else nothing below is filled but n_measured. */
        bool is_told;
        size_t n_measured;             /* days */
        size_t n_origins;              /* earlier days at which the same forecast was tried */
        double per_day, naive_per_day; /* cents: mean of the four weeks to come; plain mean */
        double trend_per_week;         /* cents a day more, each week; 0: no significant trend */
        double burst_per_day;          /* cents of per_day that come in bursts */
        double weekday[7];             /* share of an average day; 0 Monday */
        double error_28d; /* of four weeks, typical, as a share: median of the origins */
        struct vg_forecast_day date, early, late, naive; /* on which the amount is used up */
        double at_end, at_end_low, at_end_high; /* cents consumed at the end of the contract */
};

/* ---- what it is made from ---- */

/* Cents that a measured quantity of a resource costs in the local day that begins at day_s, and that
 * count as variable (charge usage); 0 where it has no such price. */
double vg_spending(const struct vg_contract *contract, int64_t day_s, const char *resource,
                   int64_t micro);
/* Cents that recurring lines, orders and purchases known today bring on each of the n local days
 * after `day`: the difference of two bills without usage. 0 or -errno, *err filled. */
int vg_spending_known(const struct vg_contract *contract, int64_t day, size_t n, double *ret_cents,
                      struct vg_err *err);

/* ---- the forecast ---- */

/* 0 or -ENOMEM. */
int vg_forecast(const struct vg_forecast_input *input, struct vg_forecast *ret_forecast);
