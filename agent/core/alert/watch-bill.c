/* SPDX-License-Identifier: Apache-2.0 */

/* From a bill, and what one interval used, to the amounts of a view. */

#include <stdlib.h>
#include <string.h>

#include "core/alert/watch.h"
#include "vigie/civil.h"
#include "vigie/rating.h"

static bool is_for(const char *wanted, const char *tenant)
{
        return strcmp(wanted, "*") == 0 || strcmp(wanted, tenant) == 0;
}

static void measure_interval(const struct vg_quota *quota, const struct vg_watch_usage *usage,
                             size_t n, bool is_open, struct vg_watch_quota *ret)
{
        for (size_t i = 0; i < n; i++)
                if (is_for(quota->tenant, usage[i].tenant) &&
                    strcmp(quota->resource, usage[i].resource) == 0)
                        ret->value += usage[i].micro;
        ret->is_known = usage != NULL;
        ret->is_partial = is_open;
}

void vg_watch_interval(struct vg_watch_view *view, struct vg_watch_quota *quotas)
{
        const struct vg_contract *c = view->contract;
        const bool in_term = view->usage_s >= c->start_s && view->usage_s < c->end_s;

        for (size_t i = 0; i < c->n_quotas; i++) {
                quotas[i] = (struct vg_watch_quota){ 0 };
                if (c->quotas[i].metric == VG_METRIC_INTERVAL_QUANTITY && in_term)
                        measure_interval(&c->quotas[i], view->usage, view->n_usage, false,
                                         &quotas[i]);
        }
        view->quotas = quotas;
}

bool vg_watch_has_interval_quota(const struct vg_contract *c, const char *tenant,
                                 const char *resource)
{
        for (size_t i = 0; i < c->n_quotas; i++)
                if (c->quotas[i].metric == VG_METRIC_INTERVAL_QUANTITY &&
                    is_for(c->quotas[i].tenant, tenant) &&
                    strcmp(c->quotas[i].resource, resource) == 0)
                        return true;
        return false;
}

/* Quantity in the contract's unit (TB-months for TB-hours), or cents, of the lines of the month. */
static void measure_month(const struct vg_quota *quota, const struct vg_bill *bill, int32_t month,
                          struct vg_watch_quota *ret)
{
        const struct vg_price *price = vg_contract_price_of(bill->contract, quota->resource);
        vg_i128 measured = 0, cents = 0, divisor = 1;

        ret->is_known = price != NULL;
        for (size_t i = 0; price && i < bill->n_lines; i++) {
                const struct vg_bill_line *line = &bill->lines[i];
                if (line->kind > VG_LINE_PURCHASE || line->period_month != month ||
                    line->price != price || !is_for(quota->tenant, line->tenant))
                        continue;
                measured += line->measured_micro;
                cents += line->cents;
                divisor = line->quantity.den;
        }
        ret->value = quota->metric == VG_METRIC_MONTH_AMOUNT ? cents
                                                             : vg_round_half_up(measured, divisor);
}

static bool is_of_contract(const struct vg_contract *c, const char *commitment)
{
        for (size_t i = 0; i < c->n_commitments; i++)
                if (strcmp(c->commitments[i].id, commitment) == 0)
                        return c->commitments[i].basis == VG_BASIS_AMOUNT_CONTRACT;
        return false;
}

static struct vg_watch_shortfall *find_shortfall(struct vg_watch_shortfall *list, size_t n,
                                                 const struct vg_bill_line *line)
{
        for (size_t i = 0; i < n; i++)
                if (list[i].month == line->period_month &&
                    strcmp(list[i].commitment, line->ref) == 0)
                        return &list[i];
        return NULL;
}

/* One for each commitment and month, with what it comes to after corrections. */
static int list_shortfalls(struct vg_watch_view *view, const struct vg_bill *bill,
                           struct vg_watch_shortfall **ret_shortfalls)
{
        struct vg_watch_shortfall *list = calloc(bill->n_lines + 1, sizeof(*list)), *known;
        size_t n = 0;

        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < bill->n_lines; i++) {
                const struct vg_bill_line *line = &bill->lines[i];
                if (line->kind != VG_LINE_SHORTFALL)
                        continue;
                known = find_shortfall(list, n, line);
                if (!known) {
                        known = &list[n++];
                        *known = (struct vg_watch_shortfall){
                                .commitment = line->ref,
                                .is_contract = is_of_contract(bill->contract, line->ref),
                                .month = line->period_month,
                        };
                }
                known->cents += line->cents;
        }
        view->has_shortfalls = true;
        view->shortfalls = list;
        view->n_shortfalls = n;
        *ret_shortfalls = list;
        return 0;
}

int vg_watch_bill(struct vg_watch_view *view, const struct vg_bill *bill,
                  const struct vg_watch_usage *usage, size_t n_usage, bool is_open,
                  struct vg_watch_quota *quotas, struct vg_watch_shortfall **ret_shortfalls)
{
        const struct vg_contract *c = bill->contract;
        const int32_t month = vg_month_of(vg_zone_date(c->zone, view->now_s));

        view->has_amounts = true;
        view->consumed_cents = bill->consumed_cents;
        view->authorised_cents = bill->authorised_cents;
        for (size_t i = 0; i < c->n_quotas; i++) {
                const struct vg_quota *quota = &c->quotas[i];

                quotas[i] = (struct vg_watch_quota){ 0 };
                if (quota->metric == VG_METRIC_INTERVAL_QUANTITY)
                        measure_interval(quota, usage, n_usage, is_open, &quotas[i]);
                else
                        measure_month(quota, bill, month, &quotas[i]);
        }
        view->quotas = quotas;
        return list_shortfalls(view, bill, ret_shortfalls);
}
