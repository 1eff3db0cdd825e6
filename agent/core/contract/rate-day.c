/* SPDX-License-Identifier: Apache-2.0 */

/* What a local day used, from the grid into the lines of its month. */

#include <stdlib.h>
#include <string.h>

#include "core/contract/rate-replay.h"

/* ---- a month's lines ---- */

/* In the order in which bills are made. */
static int compare_sums(const void *a, const void *b)
{
        const struct vg_line *x = &(*(const struct rater_sum *const *)a)->line;
        const struct vg_line *y = &(*(const struct rater_sum *const *)b)->line;
        int r = (int)x->kind - (int)y->kind;

        r = r ? r : strcmp(x->tenant, y->tenant);
        r = r ? r : strcmp(x->sku, y->sku);
        return r ? r : (x->price_from_s > y->price_from_s) - (x->price_from_s < y->price_from_s);
}

void day_begin_month(struct replay *p, int32_t month)
{
        const struct vg_rater *rater = p->rater;
        size_t n = 0;

        for (uint32_t i = 0; i < rater->n_sums; i++)
                if (rater->sums[i].line.period_month == month)
                        p->order[n++] = &rater->sums[i];
        qsort(p->order, n, sizeof(*p->order), compare_sums);
        for (size_t i = 0; i < n; i++) {
                p->places[p->order[i] - rater->sums] = (uint32_t)i;
                p->lines[i] = p->order[i]->line;
                p->lines[i].quantity_micro = 0;
        }
        p->month = month;
        p->n_lines = n;
}

/* ---- a day's quantities ---- */

static bool is_used(const struct replay *p, struct series *s)
{
        for (int64_t i = p->day_first; i < p->day_last; i++)
                if (grid_get(&p->rater->grid, s, i) != GRID_EMPTY)
                        return true;
        return false;
}

static vg_i128 sum_series(struct replay *p, struct series *s)
{
        vg_i128 sum = 0;

        for (int64_t i = p->day_first; i < p->day_last;) {
                const int64_t chunk = vg_floor_div(i, GRID_SLOTS);
                const int64_t *slots = grid_chunk(&p->rater->grid, s, chunk);
                int64_t until = (chunk + 1) * GRID_SLOTS;

                if (until > p->day_last)
                        until = p->day_last;
                for (; i < until; i++) {
                        const int64_t micro = slots ? slots[i - chunk * GRID_SLOTS] : GRID_EMPTY;
                        if (micro != GRID_EMPTY) {
                                sum += micro;
                                p->has_data[i - p->day_first] = true;
                        }
                }
        }
        return sum;
}

/* Sums of all series. A series with a row that day was placed there when the row came in, so
 * no line is new. */
int day_read(struct replay *p, int64_t from_s, int64_t until_s)
{
        struct vg_rater *rater = p->rater;

        p->day_first = vg_floor_div(from_s, rater->step_s);
        p->day_last = vg_floor_div(until_s, rater->step_s);
        p->is_data_day = false;
        memset(p->has_data, 0, sizeof(p->has_data));
        if (grid_next(&rater->grid, p->day_first) >= p->day_last)
                return 0;
        for (uint32_t i = 0; i < rater->grid.n_series; i++) {
                struct series *s = &rater->grid.series[i];

                p->day_sums[i].is_rated = false;
                if (s->is_heartbeat || !is_used(p, s))
                        continue;
                int r = rater_place(rater, s, from_s);
                if (r < 0)
                        return r;
                if (s->fate == FATE_OUTSIDE)
                        continue;
                p->day_sums[i] = (struct day_sum){ sum_series(p, s), s->fate == FATE_RATED };
                p->is_data_day = true; /* a quota holds for what has no price, too */
        }
        return 0;
}

void day_add(struct replay *p, int sign)
{
        for (uint32_t i = 0; i < p->rater->grid.n_series; i++) {
                const struct series *s = &p->rater->grid.series[i];
                if (p->day_sums[i].is_rated)
                        p->lines[p->places[s->sum]].quantity_micro += sign * p->day_sums[i].micro;
        }
}

void day_add_interval(struct replay *p, int64_t interval)
{
        for (uint32_t i = 0; i < p->rater->grid.n_series; i++) {
                struct series *s = &p->rater->grid.series[i];
                const int64_t micro = p->day_sums[i].is_rated
                                              ? grid_get(&p->rater->grid, s, interval)
                                              : GRID_EMPTY;
                if (micro != GRID_EMPTY)
                        p->lines[p->places[s->sum]].quantity_micro += micro;
        }
}

/* ---- quotas on an interval ---- */

int day_find_members(struct replay *p)
{
        const struct vg_contract *c = p->contract;
        size_t size = 0;

        for (size_t i = 0; i < c->n_quotas; i++) {
                const struct vg_quota *quota = &c->quotas[i];

                if (quota->metric != VG_METRIC_INTERVAL_QUANTITY)
                        continue;
                p->has_interval_quotas = true;
                for (uint32_t j = 0; j < p->rater->grid.n_series; j++) {
                        struct series *s = &p->rater->grid.series[j];

                        if (s->is_heartbeat || strcmp(quota->resource, s->resource) != 0 ||
                            (strcmp(quota->tenant, "*") != 0 &&
                             strcmp(quota->tenant, s->tenant) != 0))
                                continue;
                        if (p->n_members == size) {
                                size = size ? 2 * size : 16;
                                void *larger = reallocarray(p->members, size, sizeof(*p->members));
                                if (!larger)
                                        return -ENOMEM;
                                p->members = larger;
                        }
                        p->members[p->n_members++] = (struct member){ i, s };
                }
        }
        return 0;
}

void day_measure(struct replay *p, int64_t interval)
{
        for (size_t i = 0; i < p->contract->n_quotas; i++)
                p->interval_quotas[i] = (struct vg_watch_quota){ .is_known = true };
        for (size_t i = 0; i < p->n_members; i++) {
                const int64_t micro = grid_get(&p->rater->grid, p->members[i].series, interval);
                if (micro != GRID_EMPTY)
                        p->interval_quotas[p->members[i].quota].value += micro;
        }
}
