/* SPDX-License-Identifier: Apache-2.0 */

/* The keeper's own memory: inbox, snapshot, seen, the open interval, what parts of it remember. No evidence, no projection:
 * what of it matters becomes a record when an interval closes. */

#include <assert.h>
#include <errno.h>

#include "store/internal.h"

int store_inbox_append(struct store *store, const void *bytes, size_t n, int64_t *ret_id,
                       struct vg_err *err)
{
        assert(store->in_transaction);

        int r = store_run(store, STORE_PUT_INBOX, err, V_BLOB(bytes, n));
        if (r == 0 && ret_id)
                *ret_id = sqlite3_last_insert_rowid(store->db);
        return r;
}

int store_inbox_forget(struct store *store, struct vg_err *err)
{
        assert(store->in_transaction);

        return sql_exec(store->db,
                        "DELETE FROM inbox WHERE id <= (SELECT max(inbox_id) FROM snapshot)", err);
}

int store_inbox_each(struct store *store, int64_t after_id, store_inbox_fn *fn, void *ctx,
                     struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db, "SELECT id, bytes FROM inbox WHERE id > ? ORDER BY id",
                            &stmt, err);

        while (r == 0) {
                struct sql_rows rows = { 0 };
                r = sql_bind(stmt, err, V_INT(after_id));
                if (r == 0)
                        r = sql_fetch(stmt, STORE_CHUNK_BYTES, &rows, err);
                if (r < 0 || rows.n_rows == 0)
                        return r;
                for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                        const struct sql_value *bytes = sql_cell(&rows, i, 1);
                        after_id = sql_cell_int(&rows, i, 0);
                        r = fn(ctx, after_id, bytes->bytes, bytes->n);
                }
                sql_rows_done(&rows);
        }
        return r;
}

int store_snapshot_put(struct store *store, int64_t inbox_id, int64_t utc_ns, const void *bytes,
                       size_t n, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;

        assert(store->in_transaction);

        int r = sql_prepare(store->db,
                            "INSERT OR REPLACE INTO snapshot (id, inbox_id, utc_ns, bytes)"
                            " VALUES (1, ?, ?, ?)",
                            &stmt, err);
        return r < 0 ? r
                     : sql_run(stmt, err, V_INT(inbox_id), V_INT(utc_ns),
                               V_BLOB(n ? bytes : "", n));
}

int store_snapshot_get(struct store *store, int64_t *ret_inbox_id, int64_t *ret_utc_ns,
                       void **ret_bytes, size_t *ret_n, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db, "SELECT inbox_id, utc_ns, bytes FROM snapshot", &stmt, err);

        if (r == 0)
                r = sql_step(stmt, err);
        if (r <= 0)
                return r < 0 ? r : STORE_NONE;

        const size_t n = (size_t)sqlite3_column_bytes(stmt, 2);
        char *bytes = malloc(n + 1);
        if (!bytes)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (n)
                memcpy(bytes, sqlite3_column_blob(stmt, 2), n);
        bytes[n] = '\0';
        *ret_inbox_id = sqlite3_column_int64(stmt, 0);
        *ret_utc_ns = sqlite3_column_int64(stmt, 1);
        *ret_bytes = bytes;
        *ret_n = n;
        return 0;
}

int store_seen_put(struct store *store, const char *source, const char *instance, int64_t last_seq,
                   int64_t utc_ns, struct vg_err *err)
{
        assert(store->in_transaction);
        return store_run(store, STORE_PUT_SEEN, err, V_TEXT(source), V_TEXT(instance),
                         V_INT(last_seq), V_INT(utc_ns));
}

int store_seen_get(struct store *store, const char *source, const char *instance,
                   int64_t *ret_last_seq, struct vg_err *err)
{
        sqlite3_stmt *stmt = NULL;
        int r = store_stmt(store, STORE_GET_SEEN, &stmt, err);

        *ret_last_seq = 0;
        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(source), V_TEXT(instance));
        if (r == 0)
                r = sql_step(stmt, err);
        if (r <= 0)
                return r < 0 ? r : STORE_NONE;
        *ret_last_seq = sqlite3_column_int64(stmt, 0);
        sqlite3_reset(stmt);
        return 0;
}

int store_seen_last(struct store *store, const char *suffix, int64_t *ret_utc_ns,
                    struct vg_err *err)
{
        return sql_int_of(store->db,
                          "SELECT max(utc_ns) FROM seen WHERE substr(source, -length(?1)) = ?1",
                          VALUES(V_TEXT(suffix)), ret_utc_ns, err);
}

int store_seen_purge(struct store *store, int64_t before_utc_ns, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;

        assert(store->in_transaction);

        int r = sql_prepare(store->db, "DELETE FROM seen WHERE utc_ns < ?", &stmt, err);
        return r < 0 ? r : sql_run(stmt, err, V_INT(before_utc_ns));
}

int store_open_usage_put(struct store *store, int64_t at_s, const struct store_usage *rows,
                         size_t n, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *put = NULL, *stamp = NULL;

        assert(store->in_transaction);
        int r = sql_exec(store->db, "DELETE FROM open_usage", err);
        if (r == 0)
                r = sql_prepare(store->db,
                                "INSERT INTO open_usage (start_s, tenant, resource, micro,"
                                " quality) VALUES (?, ?, ?, ?, ?)",
                                &put, err);
        for (size_t i = 0; i < n && r == 0; i++)
                r = sql_run(put, err, V_INT(rows[i].start_s), V_TEXT(rows[i].tenant),
                            V_TEXT(rows[i].resource), V_INT(rows[i].micro), V_INT(rows[i].quality));
        if (r == 0)
                r = sql_prepare(store->db,
                                "INSERT OR REPLACE INTO open_at (id, at_s) VALUES (1, ?)", &stamp,
                                err);
        return r < 0 ? r : sql_run(stamp, err, V_INT(at_s));
}

int store_open_usage_each(struct store *store, int64_t *ret_at_s, store_usage_fn *fn, void *ctx,
                          struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct sql_rows rows = { 0 };
        int r;

        *ret_at_s = 0;
        r = sql_prepare(store->db,
                        "SELECT start_s, tenant, resource, micro, quality,"
                        " (SELECT at_s FROM open_at) FROM open_usage"
                        " ORDER BY start_s, tenant, resource",
                        &stmt, err);
        if (r == 0)
                r = sql_int(store->db, "SELECT at_s FROM open_at", ret_at_s, err);
        if (r >= 0)
                r = sql_fetch(stmt, 0, &rows, err);
        if (r == 0 && rows.n_rows)
                *ret_at_s = sql_cell_int(&rows, 0, 5); /* of the same instant as the rows */
        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const struct store_usage row = {
                        .start_s = sql_cell_int(&rows, i, 0),
                        .tenant = sql_cell_text(&rows, i, 1),
                        .resource = sql_cell_text(&rows, i, 2),
                        .micro = sql_cell_int(&rows, i, 3),
                        .quality = (enum vg_quality)sql_cell_int(&rows, i, 4),
                };
                r = fn(ctx, &row);
        }
        sql_rows_done(&rows);
        return r;
}

/* ---- what parts of the keeper remember, by name ---- */

#define MEMORY "memory (name TEXT PRIMARY KEY, utc_ns INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT"

int memory_make(struct store *store, struct vg_err *err)
{
        return sql_exec(store->db, "CREATE TABLE IF NOT EXISTS " MEMORY, err);
}

int memory_borrow(struct store *store, struct vg_err *err)
{
        int64_t n;
        int r = sql_int(store->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'memory'", &n,
                        err);

        return r < 0 || n ? r : sql_exec(store->db, "CREATE TEMP TABLE " MEMORY, err);
}

int store_memory_put(struct store *store, const char *name, int64_t utc_ns, const void *bytes,
                     size_t n, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;

        assert(store->in_transaction);

        int r = sql_prepare(store->db,
                            "INSERT OR REPLACE INTO memory (name, utc_ns, bytes) VALUES (?, ?, ?)",
                            &stmt, err);
        return r < 0 ? r
                     : sql_run(stmt, err, V_TEXT(name), V_INT(utc_ns), V_BLOB(n ? bytes : "", n));
}

int store_memory_get(struct store *store, const char *name, char **ret_bytes, size_t *ret_n,
                     struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db, "SELECT bytes FROM memory WHERE name = ?", &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(name));
        if (r == 0)
                r = sql_step(stmt, err);
        if (r <= 0)
                return r < 0 ? r : STORE_NONE;

        const size_t n = (size_t)sqlite3_column_bytes(stmt, 0);
        char *bytes = malloc(n + 1);
        if (!bytes)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (n)
                memcpy(bytes, sqlite3_column_blob(stmt, 0), n);
        bytes[n] = '\0';
        *ret_bytes = bytes;
        *ret_n = n;
        return 0;
}

int store_memory_wipe(struct store *store, struct vg_err *err)
{
        assert(store->in_transaction);
        return sql_exec(store->db,
                        "DELETE FROM inbox; DELETE FROM snapshot; DELETE FROM open_usage;"
                        "DELETE FROM open_at; DELETE FROM memory; DELETE FROM seen",
                        err);
}
