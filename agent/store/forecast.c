/* SPDX-License-Identifier: Apache-2.0 */

/* From the ledger to a forecast. */

#include <errno.h>

#include "store/internal.h"
#include "vigie/civil.h"
#include "vigie/contract.h"

enum { WHOLE_PERCENT = 95 }; /* of a day, measured: a restart or two do not spoil it */

struct day {
        double cents;
        int64_t covered_s;
};

/* Local days [first, first + n), by their midnights. */
struct days {
        const struct vg_contract *contract;
        struct day *list;
        int64_t *edge_s; /* n + 1 */
        size_t n;
};

static int add_sum(void *ctx, const struct store_sum *sum)
{
        const struct days *days = ctx;

        days->list[sum->bin].cents +=
                vg_spending(days->contract, days->edge_s[sum->bin], sum->resource, sum->micro);
        return 0;
}

/* An interval that crosses midnight counts for the day in which it begins. */
static int add_covered(void *ctx, const struct store_interval *interval)
{
        const struct days *days = ctx;
        size_t low = 0, high = days->n;

        while (high - low > 1) {
                const size_t middle = low + (high - low) / 2;
                if (days->edge_s[middle] <= interval->start_s)
                        low = middle;
                else
                        high = middle;
        }
        days->list[low].covered_s += interval->covered_s;
        return 0;
}

static int read_days(struct store *store, struct days *days, struct vg_err *err)
{
        const struct store_usage_query query = {
                .from_s = days->edge_s[0],
                .to_s = days->edge_s[days->n],
        };
        int r = store_usage_sum(store, &query, days->edge_s, days->n + 1, add_sum, days, err);

        return r < 0 ? r
                     : store_interval_each(store, query.from_s, query.to_s, add_covered, days, err);
}

static double spent_on(const struct days *days, size_t i)
{
        const int64_t length_s = days->edge_s[i + 1] - days->edge_s[i];

        return days->list[i].covered_s * 100 >= length_s * WHOLE_PERCENT ? days->list[i].cents : -1;
}

static int forecast(const struct days *days, int64_t first_day, struct store_forecast *f,
                    struct vg_err *err)
{
        const struct vg_contract *c = days->contract;
        const int64_t now_s = days->edge_s[days->n - 1];
        const int64_t end_day = vg_days_from_civil(vg_contract_last_day_at(c, now_s));
        const size_t left = end_day > f->today ? (size_t)(end_day - f->today) : 0;
        _cleanup_free_ double *known = calloc(left + 1, sizeof(*known));
        _cleanup_free_ double *amounts = calloc(left + 1, sizeof(*amounts));
        int r = known && amounts ? 0 : -ENOMEM;

        for (size_t i = 0; i <= left && r == 0; i++) {
                const struct vg_date date = vg_civil_from_days(f->today + (int64_t)i);
                amounts[i] = (double)vg_contract_amount_at(c, vg_zone_midnight(c->zone, date));
        }
        if (r == 0) /* what is certain of today has been charged */
                r = vg_spending_known(c, f->today, left, known + 1, err);
        if (r == 0)
                r = vg_forecast(
                        &(struct vg_forecast_input){
                                .first_day = first_day,
                                .spent = f->spent,
                                .n = f->n,
                                .consumed = f->consumed,
                                .authorised = f->authorised,
                                .known = known,
                                .amounts = amounts,
                                .n_known = left + 1,
                                .end_day = end_day,
                                .confidence_pct = c->forecast_confidence_pct,
                                .min_history_days = c->forecast_min_history_days,
                        },
                        &f->forecast);
        return r < 0 ? vg_err_set(err, r, "prévision") : 0;
}

/* The days of the contract, a year back at most, and today. */
static int make_days(const struct vg_contract *contract, int64_t today, int64_t first_day,
                     struct days *ret)
{
        *ret = (struct days){ .contract = contract, .n = (size_t)(today - first_day) + 1 };
        ret->list = calloc(ret->n, sizeof(*ret->list));
        ret->edge_s = calloc(ret->n + 1, sizeof(*ret->edge_s));
        if (!ret->list || !ret->edge_s)
                return -ENOMEM;
        for (size_t i = 0; i <= ret->n; i++)
                ret->edge_s[i] = vg_zone_midnight(contract->zone,
                                                  vg_civil_from_days(first_day + (int64_t)i));
        return 0;
}

static int read(struct store *store, struct days *days, int64_t consumed_cents, int64_t first_day,
                struct store_forecast *f, struct vg_err *err)
{
        int r = read_days(store, days, err);

        if (r < 0)
                return r;
        f->n = days->n - 1;
        f->spent = calloc(days->n, sizeof(*f->spent));
        if (!f->spent)
                return -ENOMEM;
        for (size_t i = 0; i < f->n; i++)
                f->spent[i] = spent_on(days, i);
        f->consumed = (double)consumed_cents - days->list[f->n].cents;
        return forecast(days, first_day, f, err);
}

int store_forecast_read(struct store *store, const struct vg_contract *contract, int64_t now_s,
                        int64_t consumed_cents, struct store_forecast *ret, struct vg_err *err)
{
        const int64_t today = vg_days_from_civil(vg_zone_date(contract->zone, now_s));
        const int64_t start = vg_days_from_civil(contract->start);
        const int64_t back = today - VG_FORECAST_LOOK_DAYS;
        const int64_t first_day = start > back ? start : back;
        struct store_forecast f = {
                .today = today,
                .authorised = (double)vg_contract_amount_at(contract, now_s),
        };
        struct days days = { 0 };
        int r = 0;

        if (first_day < today) {
                r = make_days(contract, today, first_day, &days);
                if (r == 0)
                        r = read(store, &days, consumed_cents, first_day, &f, err);
        }
        free(days.list);
        free(days.edge_s);
        if (r < 0) {
                store_forecast_done(&f);
                return r == -ENOMEM ? vg_err_set(err, r, "mémoire épuisée") : r;
        }
        *ret = f;
        return 0;
}

void store_forecast_done(struct store_forecast *f)
{
        free(f->spent);
        *f = (struct store_forecast){ 0 };
}
