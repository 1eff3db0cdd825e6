/* SPDX-License-Identifier: Apache-2.0 */

/* Ways to go on from a history: the mean of a window, or its trend, damped. */

#include "core/forecast/room.h"
#include "vigie/mem.h"

/* The first is the one that others must beat. */
const struct candidate candidates[N_CANDIDATES] = {
        { 8, false, 0 },     { 4, false, 0 },     { 2, false, 0 },    { 16, false, 0 },
        { 26, false, 0 },    { 8, true, 0.90 },   { 13, true, 0.97 }, { 26, true, 0.97 },
        { 13, true, 0.995 }, { 26, true, 0.995 },
};

#define SIGNIFICANT_Z 2.0 /* Mann-Kendall */

/* Levels of the window that are known, and how many weeks ago each was. */
struct window {
        double level[WEEKS_MAX], ago[WEEKS_MAX];
        size_t n;
};

static void window_of(const struct shape *shape, int weeks, struct window *ret)
{
        ret->n = 0;
        for (size_t k = 0; k < shape->n_weeks && k < (size_t)weeks; k++)
                if (shape->level[k] >= 0) {
                        ret->level[ret->n] = shape->level[k];
                        ret->ago[ret->n++] = (double)k + 0.5; /* its middle */
                }
}

static double mean_level(const struct window *window)
{
        double sum = 0;

        for (size_t i = 0; i < window->n; i++)
                sum += window->level[i];
        return window->n ? sum / (double)window->n : 0;
}

/* Theil-Sen: the median of the slopes between all pairs, where they rise or fall by more than chance
 * would have it (Mann-Kendall), else 0. */
static double slope_of(const struct window *window)
{
        static const size_t pairs_max = (size_t)WEEKS_MAX * (WEEKS_MAX - 1) / 2;
        double slopes[WEEKS_MAX * (WEEKS_MAX - 1) / 2], sign = 0;
        const double n = (double)window->n;
        size_t k = 0;

        for (size_t i = 0; i < window->n; i++)
                for (size_t j = i + 1; j < window->n && k < pairs_max; j++) {
                        const double rise = window->level[i] - window->level[j];
                        slopes[k++] = rise / (window->ago[j] - window->ago[i]);
                        sign += (rise > 0) - (rise < 0);
                }
        const double variance = n * (n - 1) * (2 * n + 5) / 18;
        if (window->n < 5 || sign * sign < SIGNIFICANT_Z * SIGNIFICANT_Z * variance)
                return 0;
        return stats_median(slopes, k);
}

struct model model_of(const struct shape *shape, const struct candidate *candidate, int phase)
{
        struct window window;
        struct model model = {
                .damping = candidate->damping,
                .burst = shape->burst,
                .weekday = shape->weekday,
                .phase = phase,
        };

        window_of(shape, candidate->weeks, &window);
        model.level = mean_level(&window);
        model.slope = candidate->has_trend ? slope_of(&window) : 0;
        if (model.slope != 0) {
                for (size_t i = 0; i < window.n; i++)
                        window.level[i] += model.slope * window.ago[i];
                model.level = stats_median(window.level, window.n);
        }
        return model;
}

void model_sum(const struct model *model, size_t n, double *ret)
{
        double level = model->level, slope = model->slope / WEEK, sum = 0;

        for (size_t i = 0; i < n; i++) {
                if (i && i % WEEK == 0)
                        slope *= model->damping;
                level += slope;
                sum += model->burst;
                if (level > 0)
                        sum += level * model->weekday[(i + (size_t)model->phase) % WEEK];
                ret[i] = sum;
        }
}
