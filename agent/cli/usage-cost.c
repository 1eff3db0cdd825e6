/* SPDX-License-Identifier: Apache-2.0 */

/* usage-cost: what each row cost. A month costs what its statement says, line by line; a day or an
 * hour is part of a line, and its share is for reading only: shares do not add up to the cent. */

#include <errno.h>
#include <string.h>

#include "cli/bill.h"
#include "cli/usage.h"
#include "vigie/civil.h"
#include "vigie/search.h"

struct row_key {
        size_t period;
        const char *tenant, *resource;
};

static int order(const void *things, size_t i, const void *wanted)
{
        const struct usage *usage = things;
        const struct usage_row *row = &usage->rows[i];
        const struct row_key *key = wanted;

        if (row->period != key->period)
                return row->period < key->period ? -1 : 1;
        const int c = strcmp(usage_name(usage, row->tenant), key->tenant);
        return c ? c : strcmp(usage_name(usage, row->resource), key->resource);
}

static struct usage_row *find_row(struct usage *usage, size_t period, const char *tenant,
                                  const char *resource)
{
        const struct row_key key = { period, tenant, resource };
        bool found;
        const size_t at = vg_search(usage, usage->n_rows, order, &key, &found);

        return found ? &usage->rows[at] : NULL;
}

/* Whole months only: an edge inside a month would not be what a statement says. */
static bool is_month(const struct cli_view *view, const struct usage_period *p, int32_t *ret_month)
{
        *ret_month = vg_month_of(vg_zone_date(view->zone, p->from_s));
        return p->from_s == vg_zone_month_start(view->zone, *ret_month) &&
               p->to_s == vg_zone_month_start(view->zone, *ret_month + 1);
}

static int price_months(const struct cli_view *view, struct usage *usage, struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;

        int r = cli_bill_read(view, true, &bill, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < bill->n_lines; i++) {
                const struct vg_bill_line *line = &bill->lines[i];
                int32_t month;
                if (line->kind != VG_LINE_USAGE || !line->price)
                        continue;
                for (size_t p = 0; p < usage->n_periods; p++) {
                        if (!is_month(view, &usage->periods[p], &month) ||
                            month != line->period_month)
                                continue;
                        struct usage_row *row =
                                find_row(usage, p, line->tenant, line->price->resource);
                        if (row) {
                                row->has_cost = true;
                                row->cents += line->cents;
                        }
                }
        }
        return 0;
}

/* A day and an hour lie within one price segment and one month: both change at local midnight. So
 * each resource has one rate a period, found once for all tenants. */
static int price_shares(const struct cli_view *view, struct usage *usage)
{
        _cleanup_free_ struct cli_rate *rates = calloc(usage->names.n + 1, sizeof(*rates));
        _cleanup_free_ size_t *known = calloc(usage->names.n + 1, sizeof(*known)); /* period + 1 */

        if (!rates || !known)
                return -ENOMEM;
        for (size_t i = 0; i < usage->n_rows; i++) {
                struct usage_row *row = &usage->rows[i];
                struct cli_rate *rate = &rates[row->resource];
                int r = 0;
                if (known[row->resource] != row->period + 1)
                        r = cli_rate_at(view, usage->periods[row->period].from_s,
                                        usage_name(usage, row->resource), rate);
                known[row->resource] = row->period + 1;
                if (r == 0 && rate->is_priced)
                        r = cli_rate_cents(rate, row->micro, &row->cents);
                if (r < 0)
                        return r;
                row->has_cost = rate->is_priced;
        }
        return 0;
}

int usage_price(const struct cli_view *view, struct usage *usage, struct vg_err *err)
{
        if (!view->contract)
                return 0;
        if (usage->by == USAGE_BY_MONTH)
                return price_months(view, usage, err);

        int r = price_shares(view, usage);
        return r < 0 ? vg_err_set(err, r, "coût hors de portée") : 0;
}
