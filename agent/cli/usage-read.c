/* SPDX-License-Identifier: Apache-2.0 */

/* usage-read: the store adds up, here it is put beside what was measured and what it cost. */

#include <errno.h>
#include <string.h>

#include "cli/usage.h"
#include "os/settings.h"
#include "vigie/civil.h"

struct reading {
        struct usage *usage;
        const struct cli_view *view;
        const struct usage_query *query;
};

static struct usage_row *add_row(struct usage *usage)
{
        if (usage->n_rows == usage->size) {
                size_t size = usage->size ? 2 * usage->size : 256;
                struct usage_row *rows = reallocarray(usage->rows, size, sizeof(*rows));
                if (!rows)
                        return NULL;
                usage->rows = rows;
                usage->size = size;
        }
        usage->rows[usage->n_rows] = (struct usage_row){ 0 };
        return &usage->rows[usage->n_rows++];
}

static int take_row(struct usage *usage, const struct usage_row *values, const char *tenant,
                    const char *resource)
{
        struct usage_row *row = add_row(usage);

        if (!row)
                return -ENOMEM;
        *row = *values;

        int r = cli_names_add(&usage->names, tenant, &row->tenant);
        return r < 0 ? r : cli_names_add(&usage->names, resource, &row->resource);
}

static int take_sum(void *ctx, const struct store_sum *sum)
{
        const struct reading *reading = ctx;
        const struct usage_row row = { .period = sum->bin,
                                       .micro = sum->micro,
                                       .quality = sum->quality };

        return take_row(reading->usage, &row, sum->tenant, sum->resource);
}

/* The period that holds an instant, or n_periods. */
static size_t period_at(const struct usage *usage, int64_t at_s)
{
        size_t low = 0, high = usage->n_periods;

        if (!high || at_s < usage->edges[0] || at_s >= usage->edges[high])
                return usage->n_periods;
        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;
                if (usage->edges[middle] <= at_s)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

static bool is_wanted(const struct usage_query *query, const char *tenant, const char *resource)
{
        return (!query->tenant || strcmp(query->tenant, tenant) == 0) &&
               (!query->resource || strcmp(query->resource, resource) == 0);
}

static int take_open(void *ctx, const struct store_usage *open)
{
        const struct reading *reading = ctx;
        struct usage *usage = reading->usage;
        const struct usage_row row = {
                .period = period_at(usage, open->start_s),
                .micro = open->micro,
                .quality = open->quality,
                .open = true,
        };

        if (row.period == usage->n_periods)
                return 0;
        usage->periods[row.period].open = true;
        if (!is_wanted(reading->query, open->tenant, open->resource))
                return 0;
        return take_row(usage, &row, open->tenant, open->resource);
}

static int take_interval(void *ctx, const struct store_interval *interval)
{
        struct usage *usage = ((struct reading *)ctx)->usage;
        const size_t period = period_at(usage, interval->start_s);

        if (period == usage->n_periods)
                return 0;
        usage->periods[period].covered_s += interval->covered_s;
        if (interval->covered_s > 0)
                usage->periods[period].recorded_s += interval->length_s;
        return 0;
}

/* A gap counts where it lies, which may be several periods; each keeps the cause of its longest. */
static int take_gap(void *ctx, const struct store_gap *gap)
{
        struct usage *usage = ((struct reading *)ctx)->usage;
        const int64_t from = gap->from_s > usage->from_s ? gap->from_s : usage->from_s;

        for (size_t i = period_at(usage, from); i < usage->n_periods; i++) {
                struct usage_period *p = &usage->periods[i];
                if (p->from_s >= gap->to_s)
                        break;
                int64_t begin = gap->from_s > p->from_s ? gap->from_s : p->from_s;
                int64_t end = gap->to_s < p->to_s ? gap->to_s : p->to_s;
                if (end - begin <= p->cause_s)
                        continue;
                p->cause_s = end - begin;
                int r = cli_names_add(&usage->names, gap->cause, &p->cause);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compare_rows(const void *a, const void *b)
{
        const struct usage_row *x = a, *y = b;

        if (x->period != y->period)
                return x->period < y->period ? -1 : 1;
        if (x->tenant != y->tenant)
                return x->tenant < y->tenant ? -1 : 1;
        return (x->resource > y->resource) - (x->resource < y->resource);
}

/* The open interval's rows fall in with those of their period. */
static int fold(struct usage *usage)
{
        size_t n = 0;

        for (size_t i = 0; i < usage->n_rows; i++) {
                struct usage_row *row = &usage->rows[i], *last = n ? &usage->rows[n - 1] : NULL;
                if (!last || compare_rows(last, row) != 0) {
                        usage->rows[n++] = *row;
                        continue;
                }
                if (vg_add_i64(last->micro, row->micro, &last->micro) < 0)
                        return -ERANGE;
                last->open |= row->open;
                if (row->quality > last->quality)
                        last->quality = row->quality;
        }
        usage->n_rows = n;
        return 0;
}

/* A record's own gaps are in its quality; intervals without any measure have no record to say so.
 * What others measured and handed in knows nothing of them. */
static void mark_unrecorded(struct usage *usage)
{
        for (size_t i = 0; i < usage->n_rows; i++) {
                struct usage_row *row = &usage->rows[i];
                const struct usage_period *p = &usage->periods[row->period];
                if (p->recorded_s < p->expected_s && row->quality == VG_QUALITY_WHOLE &&
                    vg_resource_find(usage_name(usage, row->resource)) >= 0)
                        row->quality = VG_QUALITY_GAP;
        }
}

static int arrange(struct usage *usage)
{
        _cleanup_free_ uint32_t *moved = NULL;

        int r = cli_names_sort(&usage->names, &moved);
        if (r < 0)
                return r;
        for (size_t i = 0; i < usage->n_rows; i++) {
                usage->rows[i].tenant = moved[usage->rows[i].tenant];
                usage->rows[i].resource = moved[usage->rows[i].resource];
        }
        for (size_t i = 0; i < usage->n_periods; i++)
                if (usage->periods[i].cause_s)
                        usage->periods[i].cause = moved[usage->periods[i].cause];
        if (usage->n_rows)
                qsort(usage->rows, usage->n_rows, sizeof(*usage->rows), compare_rows);
        r = fold(usage);
        mark_unrecorded(usage);
        return r;
}

static int make_periods(const struct cli_view *view, struct usage *usage)
{
        const int64_t due = cli_due_s(view);

        usage->periods = calloc(usage->n_periods, sizeof(*usage->periods));
        if (!usage->periods)
                return -ENOMEM;
        for (size_t i = 0; i < usage->n_periods; i++) {
                struct usage_period *p = &usage->periods[i];
                p->from_s = usage->edges[i];
                p->to_s = usage->edges[i + 1];
                int64_t until = p->to_s < due ? p->to_s : due;
                p->expected_s = until > p->from_s ? until - p->from_s : 0;
        }
        return 0;
}

static int gather(struct reading *reading, struct vg_err *err)
{
        struct usage *usage = reading->usage;
        struct store *store = reading->view->store;
        const struct store_usage_query query = {
                .from_s = usage->from_s,
                .to_s = usage->to_s,
                .tenant = reading->query->tenant,
                .resource = reading->query->resource,
        };

        int r = make_periods(reading->view, usage);
        if (r < 0)
                return vg_err_set(err, r, "mémoire épuisée");
        r = store_usage_sum(store, &query, usage->edges, usage->n_periods + 1, take_sum, reading,
                            err);
        if (r < 0)
                return r;
        r = store_open_usage_each(store, &usage->open_at_s, take_open, reading, err);
        if (r < 0)
                return r;
        r = store_interval_each(store, usage->from_s, usage->to_s, take_interval, reading, err);
        if (r < 0)
                return r;
        return store_gap_each(store, usage->from_s, usage->to_s, take_gap, reading, err);
}

int usage_read(struct cli *cli, const struct cli_view *view, const struct usage_query *query,
               struct usage *ret_usage)
{
        _cleanup_(usage_done) struct usage usage = { 0 };
        struct reading reading = { .usage = &usage, .view = view, .query = query };
        struct vg_err err = { 0 };

        int r = usage_edges(cli, view, query, &usage);
        if (r != CLI_FINE)
                return r;
        r = gather(&reading, &err);
        if (r >= 0) {
                r = arrange(&usage);
                if (r < 0)
                        vg_err_set(&err, r,
                                   r == -ERANGE ? "consommation hors de portée"
                                                : "mémoire épuisée");
        }
        if (r >= 0)
                r = usage_price(view, &usage, &err);
        if (r < 0)
                return cli_view_fail(cli, &err);
        *ret_usage = usage;
        usage = (struct usage){ 0 };
        return CLI_FINE;
}

void usage_done(struct usage *usage)
{
        cli_names_done(&usage->names);
        free(usage->rows);
        free(usage->periods);
        free(usage->edges);
        *usage = (struct usage){ 0 };
}
