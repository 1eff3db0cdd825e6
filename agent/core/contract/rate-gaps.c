/* SPDX-License-Identifier: Apache-2.0 */

/* Gaps: intervals of the term without a heartbeat. Where the file names appliances, each has its
 * own heartbeats; what none of them measured is one gap of the contract. */

#include <stdlib.h>
#include <string.h>

#include "core/contract/rate-offline.h"
#include "vigie/mem.h"

struct beats { /* the series of the heartbeats */
        const struct vg_rater *rater;
        struct series **list;
        size_t n;
};

static bool is_alive(const struct beats *beats, size_t i, int64_t interval)
{
        return grid_get(&beats->rater->grid, beats->list[i], interval) > 0;
}

/* Missing to all (of == n), or to one while another measured. */
static bool is_missing(const struct beats *beats, size_t of, int64_t interval)
{
        bool any = false;

        if (of < beats->n && is_alive(beats, of, interval))
                return false;
        for (size_t i = 0; i < beats->n && !any; i++)
                any = is_alive(beats, i, interval);
        return any == (of < beats->n);
}

static int add_gap(struct vg_rater *rater, int64_t from, int64_t to, const char *appliance)
{
        bool failed = false;
        struct vg_rate_gap *gap = list_add(&rater->gaps, &failed);

        if (gap)
                *gap = (struct vg_rate_gap){ from * rater->step_s, to * rater->step_s, appliance };
        return failed ? -ENOMEM : 0;
}

static int scan(struct vg_rater *rater, const struct beats *beats, size_t of, int64_t first,
                int64_t last)
{
        const char *appliance = of < beats->n ? beats->list[of]->appliance : NULL;
        int64_t from = INT64_MAX;
        int r = 0;

        for (int64_t i = first; i <= last && r == 0; i++) {
                const bool missing = i < last && is_missing(beats, of, i);

                if (missing && from == INT64_MAX) {
                        from = i;
                } else if (!missing && from != INT64_MAX) {
                        r = add_gap(rater, from, i, appliance);
                        from = INT64_MAX;
                }
        }
        return r;
}

static int compare_gaps(const void *a, const void *b)
{
        const struct vg_rate_gap *x = a, *y = b;

        if (x->from_s != y->from_s)
                return x->from_s < y->from_s ? -1 : 1;
        if (!x->appliance || !y->appliance)
                return (x->appliance != NULL) - (y->appliance != NULL);
        return strcmp(x->appliance, y->appliance);
}

int rater_gaps(struct vg_rater *rater)
{
        const struct vg_contract *c = rater->contract;
        const int64_t until_s = rater->as_of_s < rater->end_s ? rater->as_of_s : rater->end_s;
        const int64_t first = vg_floor_div(c->start_s, rater->step_s);
        const int64_t last = vg_floor_div(until_s, rater->step_s);
        _cleanup_free_ struct series **list = calloc(rater->grid.n_series + 1u, sizeof(*list));
        struct beats beats = { rater, list, 0 };

        if (!list)
                return -ENOMEM;
        if (!c->heartbeat_required || last <= first)
                return 0;
        for (uint32_t i = 0; i < rater->grid.n_series; i++)
                if (rater->grid.series[i].is_heartbeat)
                        list[beats.n++] = &rater->grid.series[i];

        int r = scan(rater, &beats, beats.n, first, last);
        for (size_t i = 0; rater->has_appliance && i < beats.n && r == 0; i++)
                r = scan(rater, &beats, i, first, last);
        if (rater->gaps.n)
                qsort(rater->gaps.items, rater->gaps.n, rater->gaps.item, compare_gaps);
        return r;
}

int64_t rater_collected_again(const struct vg_rater *rater, const struct vg_rate_gap *gap)
{
        const int64_t last = vg_floor_div(rater->as_of_s, rater->step_s);

        for (int64_t i = gap->to_s / rater->step_s; i < last; i++)
                for (uint32_t k = 0; k < rater->grid.n_series; k++) {
                        struct series *s = &rater->grid.series[k];

                        if (s->is_heartbeat &&
                            (!gap->appliance || strcmp(gap->appliance, s->appliance) == 0) &&
                            grid_get(&rater->grid, s, i) > 0)
                                return (i + 1) * rater->step_s;
                }
        return INT64_MAX;
}
