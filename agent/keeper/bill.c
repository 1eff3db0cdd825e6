/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/bill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-rows.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct lines {
        const struct vg_contract *contract;
        struct vg_line *list;
        size_t n, size;
};

static void lines_done(struct lines *lines)
{
        free(lines->list);
}

static int add(struct lines *lines, const struct vg_line *line)
{
        if (lines->n == lines->size) {
                size_t size = lines->size ? 2 * lines->size : 256;
                struct vg_line *list = reallocarray(lines->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                lines->list = list;
                lines->size = size;
        }
        lines->list[lines->n++] = *line;
        return 0;
}

/* A line of the ledger, its texts replaced by the contract's own, which outlive the row. */
static int add_row(void *ctx, const struct store_line *row)
{
        struct lines *lines = ctx;
        const struct vg_tenant *tenant = vg_contract_tenant(lines->contract, row->tenant);
        const struct vg_price *price = vg_contract_price(lines->contract, row->sku);
        const int kind = vg_line_kind_find(row->kind);
        struct vg_line line = {
                .statement_month = row->statement_month,
                .period_month = row->period_month,
                .kind = (enum vg_line_kind)kind,
                .tenant = tenant ? tenant->id : VG_TENANT_NOBODY,
                .sku = price ? price->sku : NULL,
                .price_from_s = row->price_from_s,
        };

        if (!price || kind < 0 || vg_i128_parse(row->quantity_micro, &line.quantity_micro) < 0)
                return -EBADMSG;
        return add(lines, &line);
}

static int add_open(struct lines *lines, const struct usage_rows *open, int64_t now_s)
{
        for (size_t i = 0; i < open->n; i++) {
                const struct store_usage *row = &open->list[i];
                struct vg_line line;
                int r = vg_rate_place(lines->contract, row->start_s, row->tenant, row->resource,
                                      now_s, &line);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue; /* unpriced, or outside of the term */
                line.quantity_micro = row->micro;
                r = add(lines, &line);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bill_now(const struct keeper *k, const struct usage_rows *open, int64_t now_s,
             struct vg_bill **ret_bill, struct vg_err *err)
{
        _cleanup_(lines_done) struct lines lines = { .contract = k->contract };
        const struct vg_bill_options options = { .contract = k->contract, .as_of_s = now_s };
        int r = store_line_each(k->store, k->contract->id, INT32_MIN, INT32_MAX, add_row, &lines,
                                err);

        if (r == 0)
                r = add_open(&lines, open, now_s);
        return r < 0 ? vg_err_wrap(err, r, "lignes du contrat %s", k->contract->id)
                     : vg_bill_new(&options, lines.list, lines.n, ret_bill, err);
}
