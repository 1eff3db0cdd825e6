/* SPDX-License-Identifier: Apache-2.0 */

/* R7: quantity x price x days in service / days in the month, a line for each item, month and price
 * segment. A day counts once its local midnight is past. R8 for orders: a purchase is charged once,
 * on its first day in service. What was recorded after its month had closed is a correction in the
 * first statement that was still open. */

#include "core/contract/bill.h"

struct days { /* [from, until) as days since 1970-01-01 */
        int64_t from, until;
};

struct service { /* a recurring item, or an order */
        const char *id, *sku, *tenant;
        int64_t quantity_micro;
        struct vg_date from;
        bool has_to;
        struct vg_date to; /* inclusive */
        int64_t known_s;   /* when it was recorded; INT64_MIN: it has always been there */
};

static struct days cut(struct days a, struct days b)
{
        return (struct days){
                .from = a.from > b.from ? a.from : b.from,
                .until = a.until < b.until ? a.until : b.until,
        };
}

/* Days in service of an item, within the term, that had begun before as_of. */
static struct days served(const struct bill_draft *draft, const struct service *item)
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

static struct vg_bill_line line_of(const struct bill_draft *draft, const struct service *item,
                                   const struct vg_price *price, int32_t month)
{
        return (struct vg_bill_line){
                .statement_month = rate_open_statement(draft->contract, month, item->known_s),
                .period_month = month,
                .tenant = item->tenant,
                .sku = price->sku,
                .price = price,
                .ref = item->id,
        };
}

/* Lines of statements before from_month are in what they came to. */
static int append(struct bill_draft *draft, const struct vg_bill_line *line, struct vg_err *err)
{
        if (line->statement_month < draft->from_month)
                return 0;
        if (line->statement_month > draft->to_month)
                draft->to_month = line->statement_month;
        return bill_append(draft, *line, err);
}

static int append_month(struct bill_draft *draft, const struct service *item,
                        const struct vg_price *price, int32_t month, struct days service,
                        struct vg_err *err)
{
        const int days_in_month = vg_days_in_month(month / 12, month % 12 + 1);
        const int64_t first = vg_days_from_civil((struct vg_date){ month / 12, month % 12 + 1, 1 });
        struct vg_bill_line line = line_of(draft, item, price, month);

        line.kind = VG_LINE_RECURRING;
        service = cut(service, (struct days){ first, first + days_in_month });
        for (size_t i = 0; i < price->n_segments; i++) {
                const struct days days = cut(service, in_force(price, i));
                if (days.from >= days.until)
                        continue;

                line.segment = &price->segments[i];
                line.quantity = (struct vg_fraction){
                        (vg_i128)item->quantity_micro * (days.until - days.from),
                        days_in_month,
                };
                int r = append(draft, &line, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int append_months(struct bill_draft *draft, const struct service *item,
                         const struct vg_price *price, struct vg_err *err)
{
        const struct days service = served(draft, item);

        if (service.from >= service.until)
                return 0;

        const int32_t last = vg_month_of(vg_civil_from_days(service.until - 1));
        int32_t month = vg_month_of(vg_civil_from_days(service.from));
        if (month < draft->from_month && item->known_s == INT64_MIN)
                month = draft->from_month;
        for (; month <= last; month++) {
                int r = append_month(draft, item, price, month, service, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int append_purchase(struct bill_draft *draft, const struct service *item,
                           const struct vg_price *price, struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;
        const int64_t at_s = vg_zone_midnight(c->zone, item->from);
        struct vg_bill_line line = line_of(draft, item, price, vg_month_of(item->from));

        if (at_s >= draft->as_of_s || at_s >= draft->end_s)
                return 0;
        line.kind = VG_LINE_PURCHASE;
        line.segment = vg_price_at(price, at_s);
        line.measured_micro = item->quantity_micro;
        line.quantity = (struct vg_fraction){ item->quantity_micro, 1 };
        return line.segment ? append(draft, &line, err) : 0;
}

static int append_service(struct bill_draft *draft, const struct service *item, struct vg_err *err)
{
        const struct vg_price *price = vg_contract_price(draft->contract, item->sku);

        if (!price)
                return 0;
        return price->charge == VG_CHARGE_PURCHASE ? append_purchase(draft, item, price, err)
                                                   : append_months(draft, item, price, err);
}

int bill_recurring(struct bill_draft *draft, struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;
        int r = 0;

        for (size_t i = 0; i < c->n_recurring && r == 0; i++) {
                const struct vg_recurring *row = &c->recurring[i];
                const struct service item = {
                        row->id,   row->sku,    row->tenant, row->quantity_micro,
                        row->from, row->has_to, row->to,     INT64_MIN,
                };
                r = append_service(draft, &item, err);
        }
        for (size_t i = 0; i < c->n_orders && r == 0; i++) {
                const struct vg_order *row = &c->orders[i];
                const struct service item = {
                        row->id,
                        row->sku,
                        row->tenant,
                        row->quantity_micro,
                        row->in_service_on,
                        row->has_end,
                        row->out_of_service_on,
                        row->is_recorded ? row->known_s : INT64_MIN,
                };
                if (item.known_s <= draft->as_of_s)
                        r = append_service(draft, &item, err);
        }
        return r;
}
