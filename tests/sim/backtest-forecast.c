/* SPDX-License-Identifier: Apache-2.0 */

/* backtest-forecast [--seed N] [--series N]: how far off the forecast is, on families of spending
 * that are known to the end, beside the plain mean of thirty days.
 *
 * Of each series, the day on which an amount is used up is forecast every four weeks, with what was
 * known then. The error is the share of the time that was left by which the day was missed. */

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/forecast.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { DAYS = 1500, FIRST = 42, STEP = 28, LEAST_LEFT = 14, CONFIDENCE = 80 };

/* ---- chance, repeatable ---- */

static uint64_t state;

static uint64_t draw(void) /* splitmix64 */
{
        uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

static double uniform(double from, double to)
{
        return from + (to - from) * (double)(draw() >> 11) / 9007199254740992.0;
}

static double normal(void)
{
        return sqrt(-2 * log(uniform(1e-12, 1))) * cos(uniform(0, 2 * M_PI));
}

/* ---- families ---- */

struct traits {
        double noise, weekend, slope, at, length, size, chance;
};

static double steady(const struct traits *t _unused_, double day _unused_)
{
        return 1;
}

static double growth(const struct traits *t, double day)
{
        return 1 + t->slope * day;
}

static double ramp(const struct traits *t, double day) /* migration: up for a while, then level */
{
        if (day < t->at)
                return 1;
        return 1 + t->size * (day < t->at + t->length ? (day - t->at) / t->length : 1);
}

static double step(const struct traits *t, double day)
{
        return day < t->at ? 1 : 1 + t->size;
}

static double yearly(const struct traits *t, double day)
{
        return 1 + t->size / 2 * sin(2 * M_PI * (day + t->at) / 365.25);
}

static const struct family {
        const char *name;
        double (*level)(const struct traits *traits, double day);
        double weekend_from, weekend_to, chance;
} families[] = {
        { "steady", steady, 0.9, 1, 0 },   { "growth", growth, 0.7, 1, 0 },
        { "ramp", ramp, 0.7, 1, 0 },       { "step", step, 0.7, 1, 0 },
        { "weekly", steady, 0.1, 0.5, 0 }, { "bursty", steady, 0.7, 1, 0.03 },
        { "yearly", yearly, 0.7, 1, 0 },
};

static void make(const struct family *family, double days[DAYS])
{
        const struct traits t = {
                .noise = uniform(0.03, 0.15),
                .weekend = uniform(family->weekend_from, family->weekend_to),
                .slope = uniform(0.0005, 0.004),
                .at = uniform(30, 500),
                .length = uniform(60, 240),
                .size = uniform(0.2, 0.8),
                .chance = family->chance,
        };
        double drift = 0;

        for (int i = 0; i < DAYS; i++) {
                double v = family->level(&t, i);

                drift = 0.9 * drift + normal() * t.noise * 0.4; /* days resemble their eve */
                v *= i % 7 >= 5 ? t.weekend : 1;
                v *= 1 + drift + t.noise * normal();
                if (uniform(0, 1) < t.chance)
                        v += uniform(2, 8);
                days[i] = v < 0 ? 0 : v * 100000;
        }
}

/* ---- judging ---- */

struct tally {
        double *ours, *naive;
        size_t n, size, covered, n_narrow;
        double width;
};

static void add(struct tally *t, double ours, double naive, bool covered, double width)
{
        if (t->n == t->size) {
                t->size = t->size ? 2 * t->size : 1024;
                t->ours = reallocarray(t->ours, t->size, sizeof(double));
                t->naive = reallocarray(t->naive, t->size, sizeof(double));
                if (!t->ours || !t->naive)
                        exit(2);
        }
        t->ours[t->n] = ours;
        t->naive[t->n++] = naive;
        t->covered += covered;
        t->width += width;
}

static double missed(struct vg_forecast_day day, int64_t last, int64_t truth)
{
        const double left = (double)(truth - last);
        const double off = day.is_reached ? fabs((double)(day.day - truth)) / left : 1;

        return off < 1 ? off : 1;
}

static void judge(const double days[DAYS], struct tally *family, struct tally *all)
{
        const int64_t truth = (int64_t)uniform(120, 1095);
        double amount = 0, consumed = 0;

        for (int64_t i = 0; i <= truth; i++)
                amount += days[i];
        for (int64_t n = 1; n + LEAST_LEFT <= truth; n++) {
                struct vg_forecast f;

                consumed += days[n - 1];
                if (n < FIRST || (n - FIRST) % STEP)
                        continue;
                if (vg_forecast(&(struct vg_forecast_input){ .first_day = 4,
                                                             .spent = days,
                                                             .n = (size_t)n,
                                                             .consumed = consumed,
                                                             .authorised = amount,
                                                             .end_day = 4 + 3 * 1096,
                                                             .confidence_pct = CONFIDENCE,
                                                             .min_history_days = 28 },
                                &f) < 0 ||
                    !f.is_told)
                        exit(2);
                const int64_t last = 4 + n - 1, real = 4 + truth;
                const bool covered = f.early.is_reached && f.early.day <= real &&
                                     (!f.late.is_reached || f.late.day >= real);
                const double ours = missed(f.date, last, real), naive = missed(f.naive, last, real);
                const double width = f.late.is_reached ? (double)(f.late.day - f.early.day) /
                                                                 (double)(real - last)
                                                       : 2;

                add(family, ours, naive, covered, width);
                add(all, ours, naive, covered, width);
        }
}

static int compare(const void *a, const void *b)
{
        const double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double quantile(double *values, size_t n, double share)
{
        qsort(values, n, sizeof(*values), compare);
        return values[(size_t)(share * (double)(n - 1))];
}

/* Prints a row; returns whether it beats the plain mean, and its coverage in tenths of a percent. */
static bool print(const char *name, struct tally *t, int *ret_coverage)
{
        const double ours = quantile(t->ours, t->n, 0.5), naive = quantile(t->naive, t->n, 0.5);

        *ret_coverage = (int)(1000 * t->covered / t->n);
        printf("%-8s %7zu %8.1f %8.1f %8.1f %8.1f %9.1f %7.1f\n", name, t->n, 100 * ours,
               100 * quantile(t->ours, t->n, 0.9), 100 * naive, 100 * quantile(t->naive, t->n, 0.9),
               *ret_coverage / 10.0, 100 * t->width / (double)t->n);
        return ours < naive;
}

int main(int argc, char **argv)
{
        int64_t seed = 20270401, series = 40;
        struct tally all = { 0 };
        int coverage;

        for (int i = 1; i + 1 < argc; i += 2) {
                int64_t *value = strcmp(argv[i], "--seed") == 0     ? &seed
                                 : strcmp(argv[i], "--series") == 0 ? &series
                                                                    : NULL;
                if (!value || vg_i64_parse(argv[i + 1], value) < 0)
                        return 2;
        }
        printf("seed %lld, %lld series a family, interval of %d %%; all in %% of the time left\n"
               "%-8s %7s %8s %8s %8s %8s %9s %7s\n",
               (long long)seed, (long long)series, CONFIDENCE, "family", "n", "median", "p90",
               "30 days", "p90", "coverage", "width");
        for (size_t f = 0; f < ELEMENTSOF(families); f++) {
                struct tally family = { 0 };

                for (int64_t i = 0; i < series; i++) {
                        double days[DAYS];
                        state = (uint64_t)seed * 1000003 + f * 10007 + (uint64_t)i;
                        make(&families[f], days);
                        judge(days, &family, &all);
                }
                (void)print(families[f].name, &family, &coverage);
                free(family.ours);
                free(family.naive);
        }
        const bool beats = print("all", &all, &coverage);
        free(all.ours);
        free(all.naive);
        return beats && coverage >= 750 && coverage <= 900 ? 0 : 1;
}
