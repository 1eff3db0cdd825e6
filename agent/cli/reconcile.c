/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/reconcile.h"

#include <errno.h>
#include <string.h>

static int add(struct differences *d, struct difference one)
{
        struct difference *list = reallocarray(d->list, d->n + 1, sizeof(*list));

        if (!list)
                return -ENOMEM;
        d->list = list;
        list[d->n++] = one;
        return 0;
}

/* The invoice's line speaks of that line of the statement. */
static bool fits(const struct invoice_line *invoice, const struct month_line *line)
{
        const char *tenant = *invoice->tenant ? invoice->tenant : line->tenant;
        const char *ref = *invoice->ref ? invoice->ref : line->ref;

        return strcmp(invoice->sku, line->sku) == 0 && strcmp(tenant, line->tenant) == 0 &&
               strcmp(ref, line->ref) == 0;
}

static bool same_key(const struct invoice_line *a, const struct invoice_line *b)
{
        return strcmp(a->sku, b->sku) == 0 && strcmp(a->tenant, b->tenant) == 0 &&
               strcmp(a->ref, b->ref) == 0;
}

/* Invoice lines of one key are one; so are the lines of the statement that it fits. */
static int hold_line(const struct month *m, const struct invoice_line *lines, size_t n, size_t i,
                     bool *taken, struct differences *d)
{
        int64_t invoiced = 0, stated = 0;
        bool any = false;

        for (size_t k = 0; k < n; k++) {
                if (!same_key(&lines[k], &lines[i]))
                        continue;
                if (k < i)
                        return 0; /* done with the first of them */
                if (vg_add_i64(invoiced, lines[k].cents, &invoiced) < 0)
                        return -ERANGE;
        }
        for (size_t k = 0; k < m->n_lines; k++) {
                if (taken[k] || !fits(&lines[i], &m->lines[k]))
                        continue;
                taken[k] = any = true;
                stated += m->lines[k].cents;
        }
        if (any && stated == invoiced)
                return 0;
        return add(d,
                   (struct difference){ any ? DIFFERENCE_AMOUNT : DIFFERENCE_FOREIGN, lines[i].sku,
                                        lines[i].tenant, lines[i].ref, stated, invoiced });
}

static int hold_lines(const struct month *m, const struct invoice_line *lines, size_t n,
                      struct differences *d)
{
        _cleanup_free_ bool *taken = calloc(m->n_lines + 1, sizeof(*taken));
        int r = taken ? 0 : -ENOMEM;

        for (size_t i = 0; i < n && r == 0; i++)
                r = hold_line(m, lines, n, i, taken, d);
        for (size_t k = 0; k < m->n_lines && r == 0; k++)
                if (!taken[k] && m->lines[k].cents)
                        r = add(d, (struct difference){ DIFFERENCE_MISSING, m->lines[k].sku,
                                                        m->lines[k].tenant, m->lines[k].ref,
                                                        m->lines[k].cents, 0 });
        return r;
}

/* The exact amounts added up and rounded once at the end, as a supplier might. */
static bool rounds_once(const struct month *m, int64_t total_cents)
{
        vg_i128 sum = 0;

        for (size_t i = 0; i < m->n_lines; i++) {
                const char *text = m->lines[i].exact;
                const bool is_negative = *text == '-';
                int64_t pico;
                /* 12 decimals in 63 bits: up to nine million dollars a line; more is left alone. */
                if (vg_decimal_parse(text + is_negative, 12, &pico) < 0)
                        return false;
                sum += is_negative ? -pico : pico;
        }
        return vg_round_half_up(sum, INT64_C(10000000000)) == total_cents;
}

static int explain_total(const struct month *m, int64_t total_cents, struct differences *d)
{
        const int64_t difference = total_cents - m->total_cents;
        int r = 0;

        if (difference == 0)
                return 0;
        if (rounds_once(m, total_cents))
                return add(d, (struct difference){ DIFFERENCE_ROUNDING, "", "", "", m->total_cents,
                                                   total_cents });
        for (size_t i = 0; i < m->n_lines && r == 0; i++) {
                const struct month_line *line = &m->lines[i];
                if (line->cents == -difference || line->cents == difference)
                        r = add(d, (struct difference){ DIFFERENCE_ONE_LINE, line->sku,
                                                        line->tenant, line->ref, line->cents,
                                                        line->cents + difference });
        }
        return r < 0 || d->n ? r
                             : add(d, (struct difference){ DIFFERENCE_UNKNOWN, "", "", "",
                                                           m->total_cents, total_cents });
}

int reconcile(const struct month *m, const struct invoice_line *lines, size_t n,
              int64_t total_cents, struct differences *d)
{
        d->stated_cents = m->total_cents;
        d->invoiced_cents = total_cents;
        return n ? hold_lines(m, lines, n, d) : explain_total(m, total_cents, d);
}
