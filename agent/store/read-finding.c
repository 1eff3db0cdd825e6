/* SPDX-License-Identifier: Apache-2.0 */

/* Reading the projections of isolation, as of an instant. */

#include <errno.h>

#include "store/internal.h"

static int fetch(struct store *store, const char *text, const struct sql_value *values, size_t n,
                 struct sql_rows *ret_rows, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db, text, &stmt, err);

        if (r == 0)
                r = sql_bind_values(stmt, values, n, err);
        if (r == 0)
                r = sql_fetch(stmt, 0, ret_rows, err);
        return r;
}

int store_iso_finding_each(struct store *store, int64_t at_s, store_iso_finding_fn *fn, void *ctx,
                           struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(
                store,
                "SELECT seq, key, check_id, severity, resource, since_s, from_s, to_s, digest,"
                " detail FROM finding WHERE from_s <= ?1 AND to_s > ?1"
                " ORDER BY check_id, key",
                VALUES(V_INT(at_s)), &rows, err);

        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_iso_finding finding = {
                        .seq = (uint64_t)sql_cell_int(&rows, i, 0),
                        .key = sql_cell_text(&rows, i, 1),
                        .check = sql_cell_text(&rows, i, 2),
                        .severity = sql_cell_text(&rows, i, 3),
                        .resource = sql_cell_text(&rows, i, 4),
                        .since_s = sql_cell_int(&rows, i, 5),
                        .from_s = sql_cell_int(&rows, i, 6),
                        .to_s = sql_cell_int(&rows, i, 7),
                        .digest = sql_cell_text(&rows, i, 8),
                        .detail = sql_cell_text(&rows, i, 9),
                };
                r = fn(ctx, &finding);
        }
        sql_rows_done(&rows);
        return r == STORE_NONE && !rows.n_rows ? 0 : r;
}

int store_unobserved_each(struct store *store, int64_t at_s, store_unobserved_fn *fn, void *ctx,
                          struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(store,
                      "SELECT source, cause, from_s, to_s FROM unobserved"
                      " WHERE from_s <= ?1 AND to_s > ?1 ORDER BY from_s, seq",
                      VALUES(V_INT(at_s)), &rows, err);

        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_unobserved unobserved = {
                        .source = sql_cell_text(&rows, i, 0),
                        .cause = sql_cell_text(&rows, i, 1),
                        .from_s = sql_cell_int(&rows, i, 2),
                        .to_s = sql_cell_int(&rows, i, 3),
                };
                r = fn(ctx, &unobserved);
        }
        sql_rows_done(&rows);
        return r == STORE_NONE && !rows.n_rows ? 0 : r;
}

int store_verdict_at(struct store *store, int64_t at_s, int64_t *ret_at_s, char **ret_detail,
                     struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(store,
                      "SELECT at_s, detail FROM verdict WHERE at_s <= ? ORDER BY seq DESC LIMIT 1",
                      VALUES(V_INT(at_s)), &rows, err);

        if (r == 0 && !rows.n_rows)
                r = STORE_NONE;
        if (r == 0) {
                *ret_at_s = sql_cell_int(&rows, 0, 0);
                *ret_detail = strdup(sql_cell_text(&rows, 0, 1));
                if (!*ret_detail)
                        r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        sql_rows_done(&rows);
        return r;
}
