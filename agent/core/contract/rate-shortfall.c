/* SPDX-License-Identifier: Apache-2.0 */

/* R9: minimum commitments. A monthly one is due at the end of the local month, or at the end of the
 * contract where that comes first; its value is pro-rated by the contract's days of that month, and
 * held against all that is of that month, in whatever statement it stands: what came too late for
 * its own statement fulfils a commitment like the rest. */

#include <string.h>

#include "core/contract/bill.h"
#include "vigie/err.h"

struct period {
        int32_t month;
        size_t first, end; /* its lines in the draft */
        int64_t end_s;
        int contract_days, days_in_month;
};

/* false: the month's end is still to come, or the contract has no day in it. */
static bool month_is_over(const struct bill_draft *draft, struct period *period)
{
        const struct vg_contract *c = draft->contract;
        const int32_t month = period->month;
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
        period->end_s = draft->end_s < end_s ? draft->end_s : end_s;
        period->contract_days = (int)(until - from);
        period->days_in_month = days_in_month;
        return period->end_s <= draft->as_of_s;
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
                         const struct period *period, struct vg_fraction *ret_used)
{
        *ret_used = (struct vg_fraction){ 0, 1 };
        for (size_t i = period->first; i < period->end; i++) {
                const struct vg_bill_line *line = &draft->lines[i];
                if (strcmp(line->sku, commitment->sku) != 0)
                        continue;
                ret_used->den = line->quantity.den;
                if (vg_add_i128(ret_used->num, line->quantity.num, &ret_used->num) < 0)
                        return -ERANGE;
        }
        return 0;
}

static int quantity_shortfall(struct bill_draft *draft, const struct vg_commitment *commitment,
                              const struct period *period, struct vg_err *err)
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
        if (used_quantity(draft, commitment, period, &used) < 0 ||
            vg_mul_i128((vg_i128)value * period->contract_days, used.den, &need) < 0 ||
            vg_mul_i128(used.num, -period->days_in_month, &missing.num) < 0 ||
            vg_add_i128(need, missing.num, &missing.num) < 0)
                return vg_err_set(err, -ERANGE, "engagement %s : quantité trop grande",
                                  commitment->id);
        if (missing.num <= 0)
                return 0;
        missing.den = used.den * period->days_in_month;

        struct vg_bill_line line = line_of(commitment, period->month);
        line.sku = price->sku;
        line.price = price;
        line.segment = segment;
        line.quantity = missing;
        return bill_append(draft, line, err);
}

/* value is in micro-CAD, against cents that the lines came to. */
static int amount_shortfall(struct bill_draft *draft, const struct vg_commitment *commitment,
                            int64_t charged_cents, const struct period *period, struct vg_err *err)
{
        const int64_t value =
                vg_dated_at(commitment->values, commitment->n_values, period->end_s - 1)->value;
        const vg_i128 need = (vg_i128)value * 1000000 * period->contract_days;
        const vg_i128 charged =
                (vg_i128)charged_cents * INT64_C(10000000000) * period->days_in_month;

        if (need <= charged)
                return 0;

        struct vg_bill_line line = line_of(commitment, period->month);
        line.exact = (struct vg_fraction){ need - charged, period->days_in_month };
        return bill_append(draft, line, err);
}

/* Cents of the lines [first, end) but those of one kind. */
static int add_cents(const struct bill_draft *draft, size_t first, size_t end, int but,
                     int64_t *sum_cents)
{
        int r = 0;

        for (size_t i = first; i < end && r == 0; i++)
                if ((int)draft->lines[i].kind != but)
                        r = vg_add_i64(*sum_cents, draft->lines[i].cents, sum_cents);
        return r;
}

int bill_shortfalls(struct bill_draft *draft, int32_t month, size_t first, size_t end,
                    struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;
        const size_t n = draft->n;
        struct period period = { .month = month, .first = first, .end = end };
        int64_t cents = 0;
        int r = 0;

        if (!month_is_over(draft, &period))
                return 0;
        for (size_t i = 0; i < c->n_commitments && r == 0; i++)
                if (c->commitments[i].basis == VG_BASIS_QUANTITY_MONTH)
                        r = quantity_shortfall(draft, &c->commitments[i], &period, err);
        /* Amounts are held against the lines, quantity top-ups included, not against each other. */
        if (r == 0 && (add_cents(draft, first, end, VG_LINE_PURCHASE, &cents) < 0 ||
                       add_cents(draft, n, draft->n, -1, &cents) < 0))
                r = vg_err_set(err, -ERANGE, "relevé : total trop grand");
        for (size_t i = 0; i < c->n_commitments && r == 0; i++)
                if (c->commitments[i].basis == VG_BASIS_AMOUNT_MONTH)
                        r = amount_shortfall(draft, &c->commitments[i], cents, &period, err);
        return r;
}

int bill_contract_shortfalls(struct bill_draft *draft, int32_t month, struct vg_err *err)
{
        const struct vg_contract *c = draft->contract;
        const struct period whole = {
                .month = month, .end_s = draft->end_s, .contract_days = 1, .days_in_month = 1
        };
        int64_t cents = draft->carried_cents;
        int r = add_cents(draft, 0, draft->n, -1, &cents);

        if (r < 0)
                return vg_err_set(err, r, "contrat : total trop grand");
        for (size_t i = 0; i < c->n_commitments && r == 0; i++)
                if (c->commitments[i].basis == VG_BASIS_AMOUNT_CONTRACT)
                        r = amount_shortfall(draft, &c->commitments[i], cents, &whole, err);
        return r;
}
