/* SPDX-License-Identifier: Apache-2.0 */

/* Reading the projection of deliveries. */

#include "store/internal.h"

int store_delivery_each(struct store *store, store_delivery_fn *fn, void *ctx, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct sql_rows rows = { 0 };
        int r = sql_prepare(store->db,
                            "SELECT name, seq, at_s, state, body FROM delivery ORDER BY name",
                            &stmt, err);

        if (r == 0)
                r = sql_fetch(stmt, 0, &rows, err);
        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_delivery delivery = {
                        .name = sql_cell_text(&rows, i, 0),
                        .seq = (uint64_t)sql_cell_int(&rows, i, 1),
                        .at_s = sql_cell_int(&rows, i, 2),
                        .state = sql_cell_text(&rows, i, 3),
                        .body = sql_cell_text(&rows, i, 4),
                };
                r = fn(ctx, &delivery);
        }
        sql_rows_done(&rows);
        return r;
}
