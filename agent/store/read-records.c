/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "store/internal.h"

static int give(const struct sql_rows *rows, size_t i, enum vg_log log, store_record_fn *fn,
                void *ctx)
{
        const struct sql_value *bytes = sql_cell(rows, i, 3), *leaf = sql_cell(rows, i, 4);
        struct store_record record = {
                .log = log,
                .seq = record_seq(sql_cell_int(rows, i, 0)),
                .type = sql_cell_text(rows, i, 1),
                .utc_ns = sql_cell_int(rows, i, 2),
                .bytes = bytes->bytes,
                .n = bytes->bytes ? bytes->n : 0,
        };

        /* A leaf of another length is nobody's hash, and stays zero: verify will tell. */
        if (leaf->kind == SQL_BLOB && leaf->bytes && leaf->n == VG_HASH_SIZE)
                memcpy(record.leaf.bytes, leaf->bytes, VG_HASH_SIZE);
        return fn(ctx, &record);
}

/* Ids looked through in one go: a type that is rare must not make one long read of a whole log. */
enum { WINDOW = 8192 };

int store_record_each(struct store *store, const struct store_record_query *query,
                      store_record_fn *fn, void *ctx, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        uint64_t size, from = query->from_seq;
        int r = log_size(store->db, query->log, &size, err);

        if (r == 0)
                r = sql_prepare(store->db,
                                "SELECT id, type, utc_ns, bytes, leaf FROM records"
                                " WHERE id >= ?1 AND id < ?2 AND (?3 IS NULL OR type = ?3)"
                                " ORDER BY id",
                                &stmt, err);
        const uint64_t to = query->to_seq < size ? query->to_seq : size;
        while (r == 0 && from < to) {
                const uint64_t upper = to - from > WINDOW ? from + WINDOW : to;
                struct sql_rows rows = { 0 };
                r = sql_bind(stmt, err, V_INT(record_id(query->log, from)),
                             V_INT(record_id(query->log, upper)), V_TEXT(query->type));
                if (r == 0)
                        r = sql_fetch(stmt, STORE_CHUNK_BYTES, &rows, err);
                const bool cut = rows.arena.n >= STORE_CHUNK_BYTES;
                for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                        const int64_t id = sql_cell_int(&rows, i, 0);
                        /* A tree with a changed key gives rows that were not asked for. */
                        if (id < record_id(query->log, from) || id >= record_id(query->log, upper))
                                r = vg_err_set(err, -EBADMSG, "une ligne n'y est pas à sa place");
                        else
                                r = give(&rows, i, query->log, fn, ctx);
                        from = record_seq(id) + 1;
                }
                if (!cut)
                        from = upper;
                sql_rows_done(&rows);
        }
        return r;
}
