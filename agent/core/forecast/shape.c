/* SPDX-License-Identifier: Apache-2.0 */

/* What a history looks like: the weekday pattern, the bursts, and the level that is left. */

#include "core/forecast/room.h"

enum { AROUND = 14, MIN_OF_WEEK = 4, BURST_DAYS = 182, PATTERN_WEEKS = 26, PATTERN_MIN = 4 };

#define BURST_SPREADS 6.0 /* spreads above the median of its surroundings: a burst */

/* Mean of the days measured in [from, to); false: fewer than `least`. */
static bool mean_of(const double *days, size_t from, size_t to, size_t least, double *ret)
{
        double sum = 0;
        size_t n = 0;

        for (size_t i = from; i < to; i++)
                if (days[i] >= 0) {
                        sum += days[i];
                        n++;
                }
        if (n < least || n == 0)
                return false;
        *ret = sum / (double)n;
        return true;
}

/* Median, over the weeks, of a day against the seven around it. */
static void find_pattern(const double *days, size_t n, int phase, double weekday[WEEK])
{
        double shares[WEEK][PATTERN_WEEKS + 1], mean, sum = 0;
        size_t count[WEEK] = { 0 };
        bool is_known = true;

        for (size_t i = n > PATTERN_WEEKS * WEEK ? n - PATTERN_WEEKS * WEEK : 3; i + 3 < n; i++) {
                const size_t w = (i + (size_t)phase) % WEEK;
                if (i >= 3 && days[i] >= 0 && count[w] <= PATTERN_WEEKS &&
                    mean_of(days, i - 3, i + 4, WEEK, &mean) && mean > 0)
                        shares[w][count[w]++] = days[i] / mean;
        }
        for (size_t w = 0; w < WEEK; w++) {
                is_known &= count[w] >= PATTERN_MIN;
                weekday[w] = stats_median(shares[w], count[w]);
                sum += weekday[w];
        }
        for (size_t w = 0; w < WEEK; w++)
                weekday[w] = is_known && sum > 0 ? weekday[w] * WEEK / sum : 1;
}

/* Above which a day is a burst: by the median and the spread of its surroundings. */
static double burst_bound(const double *flat, size_t n, size_t i)
{
        double near[2 * AROUND + 1], centre;
        size_t k = 0;

        for (size_t j = i > AROUND ? i - AROUND : 0; j < n && j <= i + AROUND; j++)
                if (flat[j] >= 0)
                        near[k++] = flat[j];
        centre = stats_median(near, k);
        for (size_t j = 0; j < k; j++)
                near[j] = near[j] > centre ? near[j] - centre : centre - near[j];

        const double spread = 1.4826 * stats_median(near, k);
        return centre + BURST_SPREADS * (spread > 0.02 * centre ? spread : 0.02 * centre);
}

void shape_of(const double *days, size_t n, int phase, struct shape *ret_shape)
{
        double flat[VG_FORECAST_LOOK_DAYS], excess = 0;
        size_t n_burst_days = 0;

        *ret_shape = (struct shape){ 0 };
        find_pattern(days, n, phase, ret_shape->weekday);
        for (size_t i = 0; i < n; i++) {
                const double share = ret_shape->weekday[(i + (size_t)phase) % WEEK];
                /* A day that usually costs next to nothing says little of the level. */
                flat[i] = days[i] < 0 || share < 0.05 ? -1 : days[i] / share;
        }
        for (size_t i = 0; i < n; i++) {
                const double bound = flat[i] < 0 ? 0 : burst_bound(flat, n, i);
                const double over = flat[i] > bound ? flat[i] - bound : 0;

                if (flat[i] < 0)
                        continue;
                if (i + BURST_DAYS >= n) {
                        excess += over;
                        n_burst_days++;
                }
                flat[i] -= over;
        }
        ret_shape->burst = n_burst_days ? excess / (double)n_burst_days : 0;
        for (size_t end = n; end >= WEEK && ret_shape->n_weeks < WEEKS_MAX; end -= WEEK) {
                double level = -1;
                (void)mean_of(flat, end - WEEK, end, MIN_OF_WEEK, &level);
                ret_shape->level[ret_shape->n_weeks++] = level;
        }
}
