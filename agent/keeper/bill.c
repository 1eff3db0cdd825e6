/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/bill.h"

#include <errno.h>
#include <stdlib.h>

#include "keeper/keeper.h"
#include "keeper/usage-rows.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* What the open interval used, as lines; what is unpriced or outside of the term makes none. */
static int place_open(const struct vg_contract *contract, const struct usage_rows *open,
                      int64_t now_s, struct vg_line *lines, size_t *ret_n)
{
        *ret_n = 0;
        for (size_t i = 0; i < open->n; i++) {
                const struct store_usage *row = &open->list[i];
                struct vg_line *line = &lines[*ret_n];
                int r = vg_rate_place(contract, row->start_s, row->tenant, row->resource, now_s,
                                      line);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                line->quantity_micro = row->micro;
                ++*ret_n;
        }
        return 0;
}

int bill_now(const struct keeper *k, const struct usage_rows *open, int64_t now_s,
             struct vg_bill **ret_bill, struct vg_err *err)
{
        _cleanup_free_ struct vg_line *lines = calloc(open->n + 1, sizeof(*lines));
        struct store_bill query = {
                .contract = k->contract,
                .as_of_s = now_s,
                .to_month = INT32_MAX,
                .more = lines,
        };

        if (!lines)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int r = place_open(k->contract, open, now_s, lines, &query.n_more);
        if (r == 0)
                r = store_bill_read(k->store, &query, ret_bill, err);
        return r < 0 ? vg_err_wrap(err, r, "lignes du contrat %s", k->contract->id) : 0;
}
