/* SPDX-License-Identifier: Apache-2.0 */

/* How each way of going on would have done at earlier days of the same history: which of them serves,
 * and by how much it misses. */

#include "core/forecast/room.h"

#include <errno.h>
#include <stdlib.h>

#include "vigie/mem.h"

enum { LEAST_DAYS = 28, SPREAD_MIN = 5, JUDGED = 2, JUDGED_LAST = 5 /* four to sixteen weeks */ };

/* Of the mean error of the best: who does no worse than that may yet be right. */
#define PLAUSIBLE 1.5
#define FADING 0.93 /* weight of an origin against the one a week later */
#define BETTER 0.97 /* and who is to replace it must do better than that */

static const size_t horizons[HORIZONS] = { 7, 14, 28, 56, 84, 112, 168, 224 };

/* A day at which the forecast is tried: what came of each horizon, against what was said. */
struct trial {
        double share[HORIZONS]; /* real / said - 1; where has */
        bool has[HORIZONS];
};

/* Sum of the measured days, as a sum of all of them; false: too many are missing. */
static bool real_sum(const double *days, size_t n, double *ret)
{
        double sum = 0;
        size_t measured = 0;

        for (size_t i = 0; i < n; i++)
                if (days[i] >= 0) {
                        sum += days[i];
                        measured++;
                }
        if (measured * 4 < n * 3)
                return false;
        *ret = sum * (double)n / (double)measured;
        return true;
}

static void try_at(const double *days, size_t n, size_t origin, const struct model *model,
                   struct trial *ret)
{
        double sums[224], real;
        const size_t left = n - origin < 224 ? n - origin : 224;

        model_sum(model, left, sums);
        for (size_t h = 0; h < HORIZONS; h++) {
                ret->has[h] = horizons[h] <= left && real_sum(days + origin, horizons[h], &real) &&
                              sums[horizons[h] - 1] > 0;
                if (ret->has[h])
                        ret->share[h] = real / sums[horizons[h] - 1] - 1;
        }
}

static double size_of(double x)
{
        return x < 0 ? -x : x;
}

/* Mean size of the errors over four to sixteen weeks, of late origins more than of early ones. */
static double score_of(const struct trial *trials, size_t n)
{
        double sum = 0, weights = 0, weight = 1;

        for (size_t i = 0; i < n; i++) {
                for (size_t h = JUDGED; h <= JUDGED_LAST; h++)
                        if (trials[i].has[h]) {
                                sum += weight * size_of(trials[i].share[h]);
                                weights += weight;
                        }
                weight *= FADING;
        }
        return weights > 0 ? sum / weights : 0;
}

static void find_spread(const struct trial *trials, size_t n, double confidence,
                        struct errors *errors)
{
        double sizes[ORIGINS_MAX];

        for (size_t h = 0; h < HORIZONS; h++) {
                size_t k = 0;
                for (size_t i = 0; i < n; i++)
                        if (trials[i].has[h])
                                sizes[k++] = size_of(trials[i].share[h]);
                if (k < SPREAD_MIN)
                        break;

                double share = confidence * (1 + 1.0 / (double)k);
                const double spread = stats_quantile(sizes, k, share < 1 ? share : 1);
                if (h == JUDGED)
                        errors->typical = stats_median(sizes, k);
                errors->spread[errors->n_spread++] = spread;
        }
}

int errors_of(const double *days, size_t n, int phase, double confidence, struct errors *ret_errors)
{
        _cleanup_free_ struct trial *trials = calloc(N_CANDIDATES * ORIGINS_MAX, sizeof(*trials));
        struct shape shape;
        double best = 0, score[N_CANDIDATES];

        if (!trials)
                return -ENOMEM;
        *ret_errors = (struct errors){ 0 };
        for (size_t origin = n;
             origin >= LEAST_DAYS + WEEK && ret_errors->n_origins < ORIGINS_MAX;) {
                origin -= WEEK;
                const int next = (int)((origin + (size_t)phase) % WEEK);
                shape_of(days, origin, phase, &shape);
                for (size_t c = 0; c < N_CANDIDATES; c++) {
                        const struct model model = model_of(&shape, &candidates[c], next);
                        try_at(days, n, origin, &model,
                               &trials[c * ORIGINS_MAX + ret_errors->n_origins]);
                }
                ret_errors->n_origins++;
        }
        for (size_t c = 0; c < N_CANDIDATES; c++) {
                score[c] = score_of(&trials[c * ORIGINS_MAX], ret_errors->n_origins);
                if (c == 0 || score[c] < best * BETTER) {
                        best = score[c];
                        ret_errors->best = c;
                }
        }
        for (size_t c = 0; c < N_CANDIDATES; c++)
                ret_errors->is_plausible[c] = score[c] <= best * PLAUSIBLE;
        find_spread(&trials[ret_errors->best * ORIGINS_MAX], ret_errors->n_origins, confidence,
                    ret_errors);
        return 0;
}

/* Square root, by Newton; enough digits for a width. */
static double root(double x)
{
        double r = x > 1 ? x : 1;

        for (int i = 0; i < 40; i++)
                r = (r + x / r) / 2;
        return r;
}

double errors_spread(const struct errors *errors, size_t days)
{
        const double d = (double)days;
        size_t h = 0;

        if (errors->n_spread == 0)
                return 0.25;
        while (h < errors->n_spread && days > horizons[h])
                h++;
        if (h == 0)
                return errors->spread[0];
        if (h == errors->n_spread)
                return errors->spread[h - 1] * root(d / (double)horizons[h - 1]);

        const double from = (double)horizons[h - 1], to = (double)horizons[h];
        return errors->spread[h - 1] +
               (errors->spread[h] - errors->spread[h - 1]) * (d - from) / (to - from);
}
