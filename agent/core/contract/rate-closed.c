/* SPDX-License-Identifier: Apache-2.0 */

/* Lines that no measured quantity makes stand, in closed months, as they were charged. Where what is
 * known now makes another amount of such a line (a day of end of service, late data that fulfil a
 * commitment for which a top-up was charged), the difference is a correction of the first open
 * month. So nobody pays twice, and it does not matter what was known when. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/bill.h"
#include "vigie/err.h"
#include "vigie/mem.h"

#define CENT_PICO INT64_C(10000000000)

enum fate { STANDS_ALONE, STANDS, IS_KNOWN }; /* of a charge: no line, its line, other lines */

struct charge {
        const struct vg_charged *of;
        enum fate fate;
};

static int compare_text(const char *a, const char *b) /* NULL first */
{
        return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

/* What is settled: an item, an order or a commitment in a month. Its price may have changed within
 * the month; a correction is of the whole, and has no price. */
static int compare(const struct vg_charged *a, const struct vg_charged *b)
{
        int r = (a->period_month > b->period_month) - (a->period_month < b->period_month);

        r = r ? r : ((int)a->kind > (int)b->kind) - ((int)a->kind < (int)b->kind);
        r = r ? r : compare_text(a->tenant, b->tenant);
        r = r ? r : compare_text(a->sku, b->sku);
        return r ? r : compare_text(a->ref, b->ref);
}

static int compare_charges(const void *a, const void *b)
{
        const struct vg_charged *x = ((const struct charge *)a)->of;
        const struct vg_charged *y = ((const struct charge *)b)->of;
        int r = compare(x, y);

        return r ? r : (x->price_from_s > y->price_from_s) - (x->price_from_s < y->price_from_s);
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

struct settling { /* what was computed for one thing, and what was charged for it */
        const struct vg_bill_line *lines;
        size_t n_lines;
        struct charge *charges;
        size_t n_charges;
};

/* Line for line what its own statement charged, and nobody since. */
static bool is_as_charged(const struct settling *s)
{
        for (size_t i = 0; i < s->n_lines && s->n_lines == s->n_charges; i++) {
                const struct vg_charged *of = s->charges[i].of, key = key_of(&s->lines[i]);
                if (of->statement_month != s->lines[i].statement_month ||
                    of->cents != s->lines[i].cents || of->price_from_s != key.price_from_s)
                        return false;
        }
        return s->n_lines == s->n_charges;
}

/* What was computed, less what was charged. */
static int difference(const struct settling *s, int64_t *ret_cents)
{
        int r = 0;

        *ret_cents = 0;
        for (size_t i = 0; i < s->n_lines && r == 0; i++)
                r = vg_add_i64(*ret_cents, s->lines[i].cents, ret_cents);
        for (size_t i = 0; i < s->n_charges && r == 0; i++)
                r = vg_add_i64(*ret_cents, -s->charges[i].of->cents, ret_cents);
        return r;
}

/* *ret_kept: the computed lines stand; else the charges do, and what differs goes into the open
 * month. */
static int settle(struct bill_draft *draft, const struct settling *s, bool *ret_kept,
                  struct vg_err *err)
{
        const struct vg_charged key = key_of(s->lines);
        const bool as_charged = is_as_charged(s);
        int64_t cents;

        /* What was known late stands as a correction already. */
        *ret_kept = as_charged || (!s->n_charges && s->lines->statement_month >= draft->open_month);
        for (size_t i = 0; i < s->n_charges; i++)
                s->charges[i].fate = as_charged ? STANDS : IS_KNOWN;
        if (*ret_kept)
                return 0;
        int r = difference(s, &cents);
        if (r < 0)
                return vg_err_set(err, r, "relevé : total trop grand");
        return cents ? append_amount(draft, &key, draft->correction_month, cents, err) : 0;
}

static size_t n_of_one(const struct vg_bill_line *lines, size_t n)
{
        const struct vg_charged key = key_of(lines);
        size_t i = 1;

        for (; i < n && lines[i].ref; i++) {
                const struct vg_charged other = key_of(&lines[i]);
                if (compare(&key, &other) != 0)
                        break;
        }
        return i;
}

/* Lines [first, first + n_lines) of the draft, all for one thing. */
static int settle_one(struct bill_draft *draft, size_t first, size_t n_lines,
                      struct charge *charges, size_t n, bool *ret_kept, struct vg_err *err)
{
        const struct vg_charged key = key_of(&draft->lines[first]);
        const size_t begin = first_of(charges, n, &key);
        size_t end = begin;

        while (end < n && compare(charges[end].of, &key) == 0)
                end++;
        const struct settling s = { draft->lines + first, n_lines, charges + begin, end - begin };
        return settle(draft, &s, ret_kept, err);
}

/* Lines of items, orders and commitments say which; measured ones have nothing to settle. */
static int settle_lines(struct bill_draft *draft, struct charge *charges, size_t n,
                        struct vg_err *err)
{
        const size_t n_computed = draft->n;
        size_t n_kept = 0;

        for (size_t i = 0, n_lines; i < n_computed; i += n_lines) {
                const struct vg_bill_line *line = &draft->lines[i];
                bool kept = true;
                int r = 0;

                n_lines = 1;
                if (line->ref && line->period_month < draft->open_month) {
                        n_lines = n_of_one(line, n_computed - i);
                        r = settle_one(draft, i, n_lines, charges, n, &kept, err);
                }
                if (r < 0)
                        return r;
                for (size_t k = i; k < i + n_lines && kept; k++)
                        draft->lines[n_kept++] = draft->lines[k];
        }
        if (draft->n > n_computed)
                memmove(draft->lines + n_kept, draft->lines + n_computed,
                        (draft->n - n_computed) * sizeof(*draft->lines));
        draft->n -= n_computed - n_kept;
        return 0;
}

/* Charges for one thing. What was charged for nothing that is still known is given back, once. */
static int keep_charges(struct bill_draft *draft, struct charge *charges, size_t n,
                        struct vg_err *err)
{
        const struct settling none = { .charges = charges, .n_charges = n };
        const bool is_alone = charges->fate == STANDS_ALONE;
        int64_t cents = 0;
        int r = 0;

        for (size_t i = 0; i < n && r == 0 && charges->fate != STANDS; i++)
                r = append_amount(draft, charges[i].of, charges[i].of->statement_month,
                                  charges[i].of->cents, err);
        if (r == 0 && is_alone && difference(&none, &cents) < 0)
                r = vg_err_set(err, -ERANGE, "relevé : total trop grand");
        return r == 0 && cents
                       ? append_amount(draft, charges->of, draft->correction_month, cents, err)
                       : r;
}

int bill_keep_closed(struct bill_draft *draft, const struct vg_charged *charged, size_t n,
                     struct vg_err *err)
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
        r = settle_lines(draft, charges, n, err);
        for (size_t i = 0, end; i < n && r == 0; i = end) {
                for (end = i + 1; end < n && compare(charges[i].of, charges[end].of) == 0; end++)
                        ;
                r = keep_charges(draft, charges + i, end - i, err);
        }
        return r;
}
