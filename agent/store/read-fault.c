/* SPDX-License-Identifier: Apache-2.0 */

/* Reading the projections of the hardware. */

#include "store/internal.h"

static int fetch(struct store *store, const char *text, const char *value, bool flag,
                 struct sql_rows *ret_rows, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db, text, &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(value), V_INT(flag));
        return r < 0 ? r : sql_fetch(stmt, 0, ret_rows, err);
}

int store_fault_each(struct store *store, const char *id, bool open_only, store_fault_fn *fn,
                     void *ctx, struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(store,
                      "SELECT id, code, severity, state, body, episode, first_s, last_s, ended_s,"
                      " seq, first_seq FROM fault WHERE (?1 IS NULL OR id = ?1)"
                      " AND (NOT ?2 OR ended_s = 0) ORDER BY first_s DESC, id, episode DESC",
                      id, open_only, &rows, err);

        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_fault fault = {
                        .id = sql_cell_text(&rows, i, 0),
                        .code = sql_cell_text(&rows, i, 1),
                        .severity = sql_cell_text(&rows, i, 2),
                        .state = sql_cell_text(&rows, i, 3),
                        .body = sql_cell_text(&rows, i, 4),
                        .episode = sql_cell_int(&rows, i, 5),
                        .first_s = sql_cell_int(&rows, i, 6),
                        .last_s = sql_cell_int(&rows, i, 7),
                        .ended_s = sql_cell_int(&rows, i, 8),
                        .seq = (uint64_t)sql_cell_int(&rows, i, 9),
                        .first_seq = (uint64_t)sql_cell_int(&rows, i, 10),
                };
                r = fn(ctx, &fault);
        }
        sql_rows_done(&rows);
        return r;
}

int store_unit_each(struct store *store, store_unit_fn *fn, void *ctx, struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(store,
                      "SELECT class, location, component, since_s, seq, present FROM inventory"
                      " WHERE ?1 IS NULL OR ?2 ORDER BY class, location",
                      NULL, true, &rows, err);

        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_unit unit = {
                        .component_class = sql_cell_text(&rows, i, 0),
                        .location = sql_cell_text(&rows, i, 1),
                        .component = sql_cell_text(&rows, i, 2),
                        .since_s = sql_cell_int(&rows, i, 3),
                        .seq = (uint64_t)sql_cell_int(&rows, i, 4),
                        .present = sql_cell_int(&rows, i, 5) != 0,
                };
                r = fn(ctx, &unit);
        }
        sql_rows_done(&rows);
        return r;
}

int store_session_each(struct store *store, bool open_only, store_session_fn *fn, void *ctx,
                       struct vg_err *err)
{
        struct sql_rows rows = { 0 };
        int r = fetch(store,
                      "SELECT id, body, opened_s, closed_s FROM session"
                      " WHERE ?1 IS NULL AND (NOT ?2 OR closed_s = 0) ORDER BY opened_seq",
                      NULL, open_only, &rows, err);

        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_session session = {
                        .id = sql_cell_text(&rows, i, 0),
                        .body = sql_cell_text(&rows, i, 1),
                        .opened_s = sql_cell_int(&rows, i, 2),
                        .closed_s = sql_cell_int(&rows, i, 3),
                };
                r = fn(ctx, &session);
        }
        sql_rows_done(&rows);
        return r;
}
