/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/total.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/search.h"

void vg_total_done(struct vg_total *total)
{
        free(total->lines);
        *total = (struct vg_total){ 0 };
}

static int compare_i64(int64_t a, int64_t b)
{
        return (a > b) - (a < b);
}

static int compare_lines(const struct vg_line *a, const struct vg_line *b)
{
        int r = compare_i64(a->period_month, b->period_month);

        r = r ? r : compare_i64(a->kind, b->kind);
        r = r ? r : strcmp(a->sku, b->sku);
        r = r ? r : strcmp(a->tenant, b->tenant);
        return r ? r : compare_i64(a->price_from_s, b->price_from_s);
}

static int order(const void *lines, size_t i, const void *line)
{
        return compare_lines(&((const struct vg_line *)lines)[i], line);
}

static int insert(struct vg_total *total, size_t at, const struct vg_line *line)
{
        if (total->n == total->size) {
                const size_t size = total->size ? 2 * total->size : 64;
                struct vg_line *lines = reallocarray(total->lines, size, sizeof(*lines));
                if (!lines)
                        return -ENOMEM;
                total->lines = lines;
                total->size = size;
        }
        memmove(total->lines + at + 1, total->lines + at, (total->n - at) * sizeof(*line));
        total->lines[at] = *line;
        total->n++;
        return 0;
}

int vg_total_add(struct vg_total *total, int64_t start_s, const char *tenant, const char *resource,
                 int64_t micro)
{
        struct vg_line line;
        /* As if known at once: a correction is of the month that it corrects. */
        int r = vg_rate_place(total->contract, start_s, tenant, resource, start_s, &line);

        if (r != 0)
                return r < 0 ? r : 0;
        bool found;
        const size_t at = vg_search(total->lines, total->n, order, &line, &found);
        if (!found)
                r = insert(total, at, &line);
        return r < 0 ? r
                     : vg_add_i128(total->lines[at].quantity_micro, micro,
                                   &total->lines[at].quantity_micro);
}

int vg_total_cents(const struct vg_total *total, int32_t month, int64_t *ret_cents,
                   struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        const struct vg_bill_options options = {
                .contract = total->contract,
                .as_of_s = vg_month_close_s(total->contract, month) - 1,
        };
        size_t from = 0, to;

        while (from < total->n && total->lines[from].period_month < month)
                from++;
        for (to = from; to < total->n && total->lines[to].period_month == month; to++)
                ;
        int r = vg_bill_new(&options, total->lines ? total->lines + from : NULL, to - from, &bill,
                            err);

        *ret_cents = 0;
        for (size_t i = 0; r == 0 && i < bill->n_lines; i++) {
                const struct vg_bill_line *line = &bill->lines[i];
                if (line->period_month == month &&
                    (line->kind == VG_LINE_USAGE || line->kind == VG_LINE_PURCHASE))
                        r = vg_add_i64(*ret_cents, line->cents, ret_cents);
        }
        return r;
}
