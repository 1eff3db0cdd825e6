/* SPDX-License-Identifier: Apache-2.0 */

/* R7: quantity x price x days in service / days in the month, a line for each item, month and price
 * segment. A day counts once its local midnight is past. */

#include "core/contract/bill.h"

struct days { /* [from, until) as days since 1970-01-01 */
        int64_t from, until;
};

static struct days cut(struct days a, struct days b)
{
        return (struct days){
                .from = a.from > b.from ? a.from : b.from,
                .until = a.until < b.until ? a.until : b.until,
        };
}

/* Days in service of an item, within the term, that had begun before as_of. */
static struct days served(const struct bill_draft *draft, const struct vg_recurring *item)
{
        const struct vg_contract *c = draft->contract;
        struct days term = {
                .from = vg_days_from_civil(c->start),
                .until = vg_days_from_civil(vg_contract_last_day_at(c, draft->as_of_s)) + 1,
        };
        struct days begun = {
                .from = vg_days_from_civil(item->from),
                .until = vg_days_from_civil(vg_zone_date(c->zone, draft->as_of_s - 1)) + 1,
        };

        if (item->has_to && vg_days_from_civil(item->to) + 1 < begun.until)
                begun.until = vg_days_from_civil(item->to) + 1;
        return cut(term, begun);
}

/* Days on which the i-th segment of a price is in force. */
static struct days in_force(const struct vg_price *price, size_t i)
{
        return (struct days){
                .from = vg_days_from_civil(price->segments[i].from),
                .until = i + 1 < price->n_segments ? vg_days_from_civil(price->segments[i + 1].from)
                                                   : INT64_MAX,
        };
}

static int append_month(struct bill_draft *draft, const struct vg_recurring *item,
                        const struct vg_price *price, int32_t month, struct days service,
                        struct vg_err *err)
{
        const int days_in_month = vg_days_in_month(month / 12, month % 12 + 1);
        const int64_t first = vg_days_from_civil((struct vg_date){ month / 12, month % 12 + 1, 1 });

        service = cut(service, (struct days){ first, first + days_in_month });
        for (size_t i = 0; i < price->n_segments; i++) {
                const struct days days = cut(service, in_force(price, i));
                if (days.from >= days.until)
                        continue;

                int r = bill_append(draft,
                                    (struct vg_bill_line){
                                            .kind = VG_LINE_RECURRING,
                                            .statement_month = month,
                                            .period_month = month,
                                            .tenant = item->tenant,
                                            .sku = price->sku,
                                            .price = price,
                                            .segment = &price->segments[i],
                                            .ref = item->id,
                                            .quantity = { (vg_i128)item->quantity_micro *
                                                                  (days.until - days.from),
                                                          days_in_month },
                                    },
                                    err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bill_recurring(struct bill_draft *draft, struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;

        for (size_t i = 0; i < c->n_recurring; i++) {
                const struct vg_recurring *item = &c->recurring[i];
                const struct vg_price *price = vg_contract_price(c, item->sku);
                const struct days service = served(draft, item);

                if (!price || service.from >= service.until)
                        continue;

                int32_t month = vg_month_of(vg_civil_from_days(service.from));
                int32_t last = vg_month_of(vg_civil_from_days(service.until - 1));
                if (month < draft->from_month)
                        month = draft->from_month;
                for (; month <= last && month <= draft->to_month; month++) {
                        int r = append_month(draft, item, price, month, service, err);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}
