/* SPDX-License-Identifier: Apache-2.0 */

/* Once a local day: when the amount runs out (VIG-C-003, C-004), and what a tenant used that was not
 * as usual (VIG-C-009). Both are judged by whole days that the ledger holds. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/bill.h"
#include "keeper/keeper.h"
#include "keeper/usage-rows.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { WEEKS = 8, DAYS = WEEKS * 7 + 1, WHOLE_PERCENT = 95 };

/* ---- usual days ---- */

/* A tenant's resource on that weekday: [0] the day, then one, two … weeks before. */
struct series {
        char *tenant, *resource;
        int64_t micro[WEEKS + 1];
};

struct days {
        const struct vg_contract *contract;
        int64_t edge_s[DAYS + 1]; /* local midnights, the oldest first */
        int64_t covered_s[DAYS];
        struct series *list;
        size_t n, size;
};

static void days_done(struct days *days)
{
        for (size_t i = 0; i < days->n; i++) {
                free(days->list[i].tenant);
                free(days->list[i].resource);
        }
        free(days->list);
}

static struct series *series_of(struct days *days, const char *tenant, const char *resource)
{
        for (size_t i = 0; i < days->n; i++)
                if (strcmp(days->list[i].resource, resource) == 0 &&
                    strcmp(days->list[i].tenant, tenant) == 0)
                        return &days->list[i];
        if (days->n == days->size) {
                size_t size = days->size ? 2 * days->size : 64;
                struct series *list = reallocarray(days->list, size, sizeof(*list));
                if (!list)
                        return NULL;
                days->list = list;
                days->size = size;
        }
        struct series *added = &days->list[days->n++];
        *added = (struct series){ .tenant = strdup(tenant), .resource = strdup(resource) };
        return added->tenant && added->resource ? added : NULL;
}

static int add_sum(void *ctx, const struct store_sum *sum)
{
        struct days *days = ctx;
        const size_t ago = DAYS - 1 - sum->bin;
        struct series *series;

        if (ago % 7 || !vg_contract_price_of(days->contract, sum->resource))
                return 0;
        series = series_of(days, sum->tenant, sum->resource);
        if (!series)
                return -ENOMEM;
        series->micro[ago / 7] = sum->micro;
        return 0;
}

static int add_covered(void *ctx, const struct store_interval *interval)
{
        struct days *days = ctx;
        size_t bin = DAYS - 1;

        while (bin > 0 && interval->start_s < days->edge_s[bin])
                bin--;
        days->covered_s[bin] += interval->covered_s;
        return 0;
}

static bool is_whole(const struct days *days, size_t bin)
{
        return days->covered_s[bin] * 100 >=
               (days->edge_s[bin + 1] - days->edge_s[bin]) * WHOLE_PERCENT;
}

/* False: nothing can be said of it. */
static bool judge(const struct days *days, const struct series *series, struct vg_watch_day *ret)
{
        int64_t before[WEEKS];
        size_t n = 0;

        for (size_t week = 1; week <= WEEKS; week++)
                if (is_whole(days, DAYS - 1 - 7 * week))
                        before[n++] = series->micro[week];
        *ret = (struct vg_watch_day){ series->tenant, series->resource, series->micro[0], 0, 0 };
        return vg_usual_range(before, n, &ret->low, &ret->high);
}

/* Reads nine days of that weekday, and lists what may be judged. */
static int look_at_days(struct keeper *k, struct days *days, struct vg_watch_view *view,
                        struct vg_watch_day **ret_list, struct vg_err *err)
{
        const struct store_usage_query query = { .from_s = days->edge_s[0],
                                                 .to_s = days->edge_s[DAYS] };
        struct vg_watch_day *list;
        int r = store_interval_each(k->store, query.from_s, query.to_s, add_covered, days, err);

        if (r < 0 || !is_whole(days, DAYS - 1))
                return r;
        r = store_usage_sum(k->store, &query, days->edge_s, DAYS + 1, add_sum, days, err);
        if (r < 0)
                return r;
        list = calloc(days->n + 1, sizeof(*list));
        if (!list)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < days->n; i++)
                view->n_days += judge(days, &days->list[i], &list[view->n_days]);
        view->days = *ret_list = list;
        return 0;
}

/* ---- the forecast ---- */

static int look_ahead(struct keeper *k, int64_t now_s, struct store_forecast *ret,
                      struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        const struct usage_rows none = { 0 };
        int r = bill_now(k, &none, now_s, &bill, err);

        return r < 0 ? r
                     : store_forecast_read(k->store, k->contract, now_s, bill->consumed_cents, ret,
                                           err);
}

/* ---- the day ---- */

static int look(struct keeper *k, int64_t today, const struct vg_now *now, struct vg_err *err)
{
        _cleanup_(days_done) struct days days = { .contract = k->contract };
        _cleanup_(store_forecast_done) struct store_forecast forecast = { 0 };
        _cleanup_free_ struct vg_watch_day *list = NULL;
        _cleanup_(vg_signals_done) struct vg_signals signals = { 0 };
        struct vg_watch_view view = {
                .contract = k->contract,
                .is_partial = watch_is_partial(k),
                .appliance = k->settings->appliance_id,
                .now_s = vg_floor_div(now->at_utc_ns, VG_NS_PER_S),
                .day = today - 1,
        };
        int r = 0;

        for (int64_t i = 0; i <= DAYS; i++)
                days.edge_s[i] =
                        vg_zone_midnight(k->contract->zone, vg_civil_from_days(today - DAYS + i));
        if (k->contract->forecast_enabled) {
                r = look_ahead(k, view.now_s, &forecast, err);
                view.forecast = &forecast.forecast;
        }
        if (r == 0)
                r = look_at_days(k, &days, &view, &list, err);
        if (r < 0)
                return r;
        if (vg_watch(&view, &signals) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return watch_tell(k, &signals, now->at_utc_ns) < 0 ? -EIO : 0;
}

void watch_day(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();
        const int64_t now_s = vg_floor_div(now.at_utc_ns, VG_NS_PER_S);
        struct vg_err err = { 0 };

        if (!k->contract || now_s < k->contract->start_s ||
            !watch_clock_ok(&k->watch, now.at_boot_ns))
                return;

        const struct vg_date date = vg_zone_date(k->contract->zone, now_s);
        const int64_t today = vg_days_from_civil(date);
        if (today == k->watch.day ||
            vg_book_closed_until(k->meter.book) < vg_zone_midnight(k->contract->zone, date))
                return;
        k->watch.day = today; /* what fails is looked at again tomorrow, or after a start */
        if (look(k, today, &now, &err) < 0 && *vg_err_text(&err))
                vg_log(LOG_WARNING, "prévision impossible aujourd'hui : %s", vg_err_text(&err));
}
