/* SPDX-License-Identifier: Apache-2.0 */

/* Lines that no measured quantity makes stand, in closed months, as they were charged. Where the
 * contract, as it is known now, makes another amount of such a line (a day of end of service, an
 * amendment signed after the fact), the difference is a correction of the first open month.
 * Shortfalls of closed months are settled: late data never reopen them. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/bill.h"
#include "vigie/err.h"
#include "vigie/mem.h"

#define CENT_PICO INT64_C(10000000000)

enum fate { STANDS_ALONE, STANDS, IS_KNOWN }; /* of a charge: no line, its line, another amount */

struct charge {
        const struct vg_charged *of;
        enum fate fate;
};

static int compare_text(const char *a, const char *b) /* NULL first */
{
        return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare(const struct vg_charged *a, const struct vg_charged *b)
{
        int r = (a->period_month > b->period_month) - (a->period_month < b->period_month);

        r = r ? r : ((int)a->kind > (int)b->kind) - ((int)a->kind < (int)b->kind);
        r = r ? r : compare_text(a->tenant, b->tenant);
        r = r ? r : compare_text(a->sku, b->sku);
        r = r ? r : compare_text(a->ref, b->ref);
        return r ? r : (a->price_from_s > b->price_from_s) - (a->price_from_s < b->price_from_s);
}

static int compare_charges(const void *a, const void *b)
{
        return compare(((const struct charge *)a)->of, ((const struct charge *)b)->of);
}

static struct vg_charged key_of(const struct vg_bill_line *line)
{
        return (struct vg_charged){
                .period_month = line->period_month,
                .kind = line->kind,
                .tenant = line->tenant,
                .sku = line->sku,
                .ref = line->ref,
                .price_from_s = line->segment ? line->segment->from_s : 0,
        };
}

/* A line of which nothing but the amount is known. */
static int append_amount(struct bill_draft *draft, const struct vg_charged *of,
                         int32_t statement_month, int64_t cents, struct vg_err *err)
{
        const struct vg_price *price = of->sku ? vg_contract_price(draft->contract, of->sku) : NULL;
        const struct vg_bill_line line = {
                .kind = of->kind,
                .statement_month = statement_month,
                .period_month = of->period_month,
                .tenant = strcmp(of->tenant, "*") == 0 ? "*" : bill_keep_tenant(draft, of->tenant),
                .sku = of->sku ? bill_keep(draft, of->sku) : NULL,
                .price = price,
                .ref = of->ref ? bill_keep(draft, of->ref) : NULL,
                .quantity = { 0, 1 },
                .exact = { (vg_i128)cents * CENT_PICO, 1 },
        };

        if (!line.tenant || (of->sku && !line.sku) || (of->ref && !line.ref))
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (statement_month > draft->to_month)
                draft->to_month = statement_month;
        return bill_append(draft, line, err);
}

static size_t first_of(const struct charge *charges, size_t n, const struct vg_charged *key)
{
        size_t low = 0, high = n;

        while (low < high) {
                const size_t middle = low + (high - low) / 2;
                if (compare(charges[middle].of, key) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* A computed line of a closed month. *ret_kept: it is what its own statement charged, and nobody
 * since; else the charges stand for it, and what it differs by goes into the open month. */
static int settle_line(struct bill_draft *draft, const struct vg_bill_line *line,
                       struct charge *charges, size_t n, bool *ret_kept, struct vg_err *err)
{
        const struct vg_charged key = key_of(line);
        const size_t first = first_of(charges, n, &key);
        size_t end = first;
        int64_t cents = 0;
        int r = 0;

        for (; end < n && compare(charges[end].of, &key) == 0 && r == 0; end++) {
                charges[end].fate = IS_KNOWN;
                r = vg_add_i64(cents, charges[end].of->cents, &cents);
        }
        if (r < 0)
                return vg_err_set(err, r, "relevé : total trop grand");
        if (end == first && line->statement_month >= draft->open_month) {
                *ret_kept = true; /* it was known late, and stands as a correction already */
                return 0;
        }
        *ret_kept = end == first + 1 && cents == line->cents &&
                    charges[first].of->statement_month == line->statement_month;
        if (*ret_kept)
                charges[first].fate = STANDS;
        return *ret_kept || cents == line->cents
                       ? 0
                       : append_amount(draft, &key, draft->open_month, line->cents - cents, err);
}

/* Shortfalls come later; these are the lines of items and orders. */
static int settle_lines(struct bill_draft *draft, size_t first, struct charge *charges, size_t n,
                        struct vg_err *err)
{
        const size_t n_computed = draft->n;
        size_t n_kept = first;

        for (size_t i = first; i < n_computed; i++) {
                const struct vg_bill_line line = draft->lines[i];
                bool kept = true;
                int r = line.period_month < draft->open_month
                                ? settle_line(draft, &line, charges, n, &kept, err)
                                : 0;
                if (r < 0)
                        return r;
                if (kept)
                        draft->lines[n_kept++] = line;
        }
        if (draft->n > n_computed)
                memmove(draft->lines + n_kept, draft->lines + n_computed,
                        (draft->n - n_computed) * sizeof(*draft->lines));
        draft->n -= n_computed - n_kept;
        return 0;
}

static int settle_charge(struct bill_draft *draft, const struct charge *charge, struct vg_err *err)
{
        const struct vg_charged *of = charge->of;
        int r = 0;

        if (charge->fate != STANDS)
                r = append_amount(draft, of, of->statement_month, of->cents, err);
        /* What was charged for nothing that the contract still knows is given back. */
        if (r == 0 && charge->fate == STANDS_ALONE && of->kind != VG_LINE_SHORTFALL && of->cents)
                r = append_amount(draft, of, draft->open_month, -of->cents, err);
        return r;
}

int bill_keep_closed(struct bill_draft *draft, size_t first, const struct vg_charged *charged,
                     size_t n, struct vg_err *err)
{
        _cleanup_free_ struct charge *charges = NULL;
        int r;

        if (!draft->open_month)
                return 0;
        assert(charged || !n);
        charges = calloc(n ? n : 1, sizeof(*charges));
        if (!charges)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < n; i++)
                charges[i].of = &charged[i];
        qsort(charges, n, sizeof(*charges), compare_charges);
        r = settle_lines(draft, first, charges, n, err);
        for (size_t i = 0; i < n && r == 0; i++)
                r = settle_charge(draft, &charges[i], err);
        return r;
}
