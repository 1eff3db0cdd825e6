/* SPDX-License-Identifier: Apache-2.0 */

/* Where the agent may connect to, by the acts egress.approve and egress.revoke:
 * detail {"endpoint":"host:port","public_cloud":0|1}. The last act about an endpoint holds. */

#include "store/internal.h"

int store_approval_each(struct store *store, store_approval_fn *fn, void *ctx, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct sql_rows rows = { 0 };
        int r = sql_prepare(store->db,
                            "SELECT detail ->> '$.endpoint' AS endpoint,"
                            " ifnull(detail ->> '$.public_cloud', 0), user, role, utc_ns, seq"
                            " FROM act a WHERE verb = 'egress.approve' AND NOT EXISTS"
                            " (SELECT 1 FROM act b WHERE b.seq > a.seq"
                            " AND b.verb IN ('egress.approve', 'egress.revoke')"
                            " AND b.detail ->> '$.endpoint' = a.detail ->> '$.endpoint')"
                            " ORDER BY endpoint",
                            &stmt, err);

        if (r == 0)
                r = sql_fetch(stmt, 0, &rows, err);
        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_approval approval = {
                        .endpoint = sql_cell_text(&rows, i, 0),
                        .is_public_cloud = sql_cell_int(&rows, i, 1) != 0,
                        .user = sql_cell_text(&rows, i, 2),
                        .role = sql_cell_text(&rows, i, 3),
                        .utc_ns = sql_cell_int(&rows, i, 4),
                        .seq = (uint64_t)sql_cell_int(&rows, i, 5),
                };
                r = fn(ctx, &approval);
        }
        sql_rows_done(&rows);
        return r;
}
