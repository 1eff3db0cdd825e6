/* SPDX-License-Identifier: Apache-2.0 */

/* R9: minimum commitments. A monthly one is due at the end of the local month, or at the end of the
 * contract where that comes first; its value is pro-rated by the contract's days of that month. */

#include <string.h>

#include "core/contract/bill.h"
#include "vigie/err.h"

struct period {
        int64_t end_s;
        int contract_days, days_in_month;
};

/* false: the month's end is still to come, or the contract has no day in it. */
static bool month_is_over(const struct bill_draft *draft, int32_t month, struct period *ret_period)
{
        const struct vg_contract *c = draft->contract;
        const int days_in_month = vg_days_in_month(month / 12, month % 12 + 1);
        int64_t from = vg_days_from_civil((struct vg_date){ month / 12, month % 12 + 1, 1 });
        int64_t until = from + days_in_month;
        int64_t start = vg_days_from_civil(c->start);
        int64_t end = vg_days_from_civil(vg_contract_last_day_at(c, draft->as_of_s)) + 1;
        int64_t end_s = vg_zone_month_start(c->zone, month + 1);

        from = start > from ? start : from;
        until = end < until ? end : until;
        if (from >= until)
                return false;
        *ret_period = (struct period){
                .end_s = draft->end_s < end_s ? draft->end_s : end_s,
                .contract_days = (int)(until - from),
                .days_in_month = days_in_month,
        };
        return ret_period->end_s <= draft->as_of_s;
}

static struct vg_bill_line line_of(const struct vg_commitment *commitment, int32_t month)
{
        return (struct vg_bill_line){
                .kind = VG_LINE_SHORTFALL,
                .statement_month = month,
                .period_month = month,
                .tenant = "*",
                .ref = commitment->id,
        };
}

/* Quantity that the month's lines of that SKU used, as one fraction: all of them have the same
 * divisor (hours of the month, days of the month, or none). */
static int used_quantity(const struct bill_draft *draft, const struct vg_commitment *commitment,
                         int32_t month, size_t first, struct vg_fraction *ret_used)
{
        *ret_used = (struct vg_fraction){ 0, 1 };
        for (size_t i = first; i < draft->n; i++) {
                const struct vg_bill_line *line = &draft->lines[i];
                if (line->kind == VG_LINE_SHORTFALL || line->statement_month != month ||
                    line->period_month != month || strcmp(line->sku, commitment->sku) != 0)
                        continue;
                ret_used->den = line->quantity.den;
                if (vg_add_i128(ret_used->num, line->quantity.num, &ret_used->num) < 0)
                        return -ERANGE;
        }
        return 0;
}

static int quantity_shortfall(struct bill_draft *draft, const struct vg_commitment *commitment,
                              int32_t month, size_t first, const struct period *period,
                              struct vg_err *err)
{
        const struct vg_price *price = vg_contract_price(draft->contract, commitment->sku);
        const struct vg_price_segment *segment =
                price ? vg_price_at(price, period->end_s - 1) : NULL;
        const int64_t value =
                vg_dated_at(commitment->values, commitment->n_values, period->end_s - 1)->value;
        struct vg_fraction used, missing;
        vg_i128 need;

        if (!segment)
                return 0;
        if (used_quantity(draft, commitment, month, first, &used) < 0 ||
            vg_mul_i128((vg_i128)value * period->contract_days, used.den, &need) < 0 ||
            vg_mul_i128(used.num, -period->days_in_month, &missing.num) < 0 ||
            vg_add_i128(need, missing.num, &missing.num) < 0)
                return vg_err_set(err, -ERANGE, "engagement %s : quantité trop grande",
                                  commitment->id);
        if (missing.num <= 0)
                return 0;
        missing.den = used.den * period->days_in_month;

        struct vg_bill_line line = line_of(commitment, month);
        line.sku = price->sku;
        line.price = price;
        line.segment = segment;
        line.quantity = missing;
        return bill_append(draft, line, err);
}

/* value is in micro-CAD, against cents that the lines came to. */
static int amount_shortfall(struct bill_draft *draft, const struct vg_commitment *commitment,
                            int32_t month, int64_t charged_cents, struct period period,
                            struct vg_err *err)
{
        const int64_t value =
                vg_dated_at(commitment->values, commitment->n_values, period.end_s - 1)->value;
        const vg_i128 need = (vg_i128)value * 1000000 * period.contract_days;
        const vg_i128 charged =
                (vg_i128)charged_cents * INT64_C(10000000000) * period.days_in_month;

        if (need <= charged)
                return 0;

        struct vg_bill_line line = line_of(commitment, month);
        line.exact = (struct vg_fraction){ need - charged, period.days_in_month };
        return bill_append(draft, line, err);
}

static int month_cents(const struct bill_draft *draft, int32_t month, size_t first,
                       int64_t *ret_cents)
{
        *ret_cents = 0;
        for (size_t i = first; i < draft->n; i++)
                if (draft->lines[i].statement_month == month &&
                    draft->lines[i].kind != VG_LINE_PURCHASE &&
                    vg_add_i64(*ret_cents, draft->lines[i].cents, ret_cents) < 0)
                        return -ERANGE;
        return 0;
}

int bill_shortfalls(struct bill_draft *draft, int32_t month, size_t first, struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;
        struct period period;
        int64_t charged_cents;
        int r = 0;

        if (!month_is_over(draft, month, &period))
                return 0;
        for (size_t i = 0; i < c->n_commitments && r == 0; i++)
                if (c->commitments[i].basis == VG_BASIS_QUANTITY_MONTH)
                        r = quantity_shortfall(draft, &c->commitments[i], month, first, &period,
                                               err);
        /* Amounts are held against the lines, quantity top-ups included, not against each other. */
        if (r == 0 && month_cents(draft, month, first, &charged_cents) < 0)
                r = vg_err_set(err, -ERANGE, "relevé : total trop grand");
        for (size_t i = 0; i < c->n_commitments && r == 0; i++)
                if (c->commitments[i].basis == VG_BASIS_AMOUNT_MONTH)
                        r = amount_shortfall(draft, &c->commitments[i], month, charged_cents,
                                             period, err);
        return r;
}

int bill_contract_shortfalls(struct bill_draft *draft, int32_t month, int64_t total_cents,
                             struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;
        const struct period whole = { draft->end_s, 1, 1 };
        int r = 0;

        for (size_t i = 0; i < c->n_commitments && r == 0; i++)
                if (c->commitments[i].basis == VG_BASIS_AMOUNT_CONTRACT)
                        r = amount_shortfall(draft, &c->commitments[i], month, total_cents, whole,
                                             err);
        return r;
}
