/* SPDX-License-Identifier: Apache-2.0 */

/* Reading the projection of who may come in. */

#include "store/internal.h"

static int fetch(struct store *store, struct sql_rows *ret_rows, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db,
                            "SELECT fingerprint, role, tenant, subject, granted_s, until_s,"
                            " revoked_s, seq FROM access ORDER BY granted_s, fingerprint",
                            &stmt, err);

        return r < 0 ? r : sql_fetch(stmt, 0, ret_rows, err);
}

int store_access_each(struct store *store, store_access_fn *fn, void *ctx, struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(store, &rows, err);

        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_access access = {
                        .fingerprint = sql_cell_text(&rows, i, 0),
                        .role = sql_cell_text(&rows, i, 1),
                        .tenant = sql_cell_text(&rows, i, 2),
                        .subject = sql_cell_text(&rows, i, 3),
                        .granted_s = sql_cell_int(&rows, i, 4),
                        .until_s = sql_cell_int(&rows, i, 5),
                        .revoked_s = sql_cell_int(&rows, i, 6),
                        .seq = (uint64_t)sql_cell_int(&rows, i, 7),
                };
                r = fn(ctx, &access);
        }
        sql_rows_done(&rows);
        return r;
}
