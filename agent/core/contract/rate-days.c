/* SPDX-License-Identifier: Apache-2.0 */

/* Quantities by local day. */

#include <stdlib.h>
#include <string.h>

#include "core/contract/rate-offline.h"
#include "vigie/mem.h"

static int compare_series(const void *a, const void *b)
{
        const struct series *x = *(const struct series *const *)a;
        const struct series *y = *(const struct series *const *)b;
        int r = strcmp(x->tenant, y->tenant);

        return r ? r : strcmp(x->resource, y->resource);
}

/* Adds what a series used in [first, last). False: it has no row there. */
static bool add_up(const struct vg_rater *rater, struct series *s, int64_t first, int64_t last,
                   vg_i128 *sum)
{
        bool any = false;

        for (int64_t i = first; i < last; i++) {
                const int64_t micro = grid_get(&rater->grid, s, i);
                if (micro != GRID_EMPTY) {
                        *sum += micro;
                        any = true;
                }
        }
        return any;
}

static int tell_day(const struct vg_rater *rater, struct series *const *sorted, size_t n,
                    int64_t from_s, int64_t until_s,
                    int (*fn)(void *user, const struct vg_local_day *day), void *user)
{
        struct vg_local_day day = { .date = vg_zone_date(rater->contract->zone, from_s) };
        const int64_t first = vg_floor_div(from_s, rater->step_s);
        const int64_t last = vg_floor_div(until_s, rater->step_s);
        int r = 0;

        for (size_t i = 0, next; i < n && r >= 0; i = next) {
                bool any = false;

                day.micro = 0;
                for (next = i; next < n && compare_series(&sorted[i], &sorted[next]) == 0; next++)
                        any |= add_up(rater, sorted[next], first, last, &day.micro);
                day.tenant = sorted[i]->tenant;
                day.resource = sorted[i]->resource;
                if (any)
                        r = fn(user, &day);
        }
        return r;
}

int vg_rater_local_days(const struct vg_rater *rater,
                        int (*fn)(void *user, const struct vg_local_day *day), void *user)
{
        const struct vg_zone *zone = rater->contract->zone;
        _cleanup_free_ struct series **sorted = calloc(rater->grid.n_series + 1u, sizeof(*sorted));
        size_t n = 0;
        int r = 0;

        if (!sorted)
                return -ENOMEM;
        for (uint32_t i = 0; i < rater->grid.n_series; i++)
                if (!rater->grid.series[i].is_heartbeat)
                        sorted[n++] = &rater->grid.series[i];
        qsort(sorted, n, sizeof(*sorted), compare_series);

        int64_t at = grid_next(&rater->grid, INT64_MIN / 2);
        while (at != INT64_MAX && r >= 0) {
                const struct vg_date date = vg_zone_date(zone, at * rater->step_s);
                const int64_t until_s = vg_zone_midnight(zone, vg_date_add_days(date, 1));

                r = tell_day(rater, sorted, n, vg_zone_midnight(zone, date), until_s, fn, user);
                at = grid_next(&rater->grid, vg_floor_div(until_s, rater->step_s));
        }
        return r < 0 ? r : 0;
}
