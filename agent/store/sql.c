/* SPDX-License-Identifier: Apache-2.0 */

#include "store/sql.h"

#include <errno.h>
#include <limits.h>

/* What may happen to any file, in our own words; what else SQLite says is about a mistake of ours,
 * and stands as it comes. */
static const struct {
        int rc, code;
        const char *text;
} failures[] = {
        { SQLITE_AUTH, -EACCES, N_("accès interdit") },
        { SQLITE_BUSY, -EBUSY, N_("occupé par un autre programme") },
        { SQLITE_CANTOPEN, -EIO, N_("le fichier, ou ceux à côté de lui, ne s'ouvre pas") },
        { SQLITE_CONSTRAINT, -EEXIST, NULL },
        { SQLITE_CORRUPT, -EBADMSG, N_("le fichier est endommagé ou tronqué") },
        { SQLITE_FORMAT, -EBADMSG, N_("le fichier est endommagé ou tronqué") },
        { SQLITE_FULL, -ENOSPC, NULL },
        { SQLITE_INTERRUPT, -EINTR, N_("interrompu") },
        { SQLITE_IOERR, -EIO, N_("le disque ne répond pas comme il faut") },
        { SQLITE_LOCKED, -EBUSY, N_("occupé par un autre programme") },
        { SQLITE_NOMEM, -ENOMEM, N_("mémoire épuisée") },
        { SQLITE_NOTADB, -EBADMSG, N_("ce n'est pas une base de SQLite") },
        { SQLITE_PERM, -EACCES, N_("accès interdit") },
        { SQLITE_READONLY, -EROFS,
          N_("le fichier, ou son dossier, est en lecture seule; le rendre à l'utilisateur "
             "« vigie », ou remonter le disque en écriture") },
        { SQLITE_TOOBIG, -ERANGE, NULL },
};

int sql_error(sqlite3 *db, int rc, struct vg_err *err)
{
        const char *text = NULL;
        int code = -EIO;

        for (size_t i = 0; i < ELEMENTSOF(failures); i++)
                if ((rc & 0xff) == failures[i].rc) {
                        code = failures[i].code;
                        text = failures[i].text;
                }
        /* SQLite reports an integer overflow in sum() as a plain error with this text. */
        if ((rc & 0xff) == SQLITE_ERROR && strstr(sqlite3_errmsg(db), "overflow")) {
                code = -ERANGE;
                text = N_("somme hors de portée");
        }
        if (code == -ENOSPC) {
                const char *path = sqlite3_db_filename(db, "main");
                return vg_err_set(err, code,
                                  "%s : le disque est plein; y libérer de la place (df -h)",
                                  path && *path ? path : "ledger.db");
        }
        return vg_err_set(err, code, "registre : %s",
                          text ? vg_translate(text) : sqlite3_errmsg(db));
}

int sql_exec(sqlite3 *db, const char *text, struct vg_err *err)
{
        int rc = sqlite3_exec(db, text, NULL, NULL, NULL);

        return rc == SQLITE_OK ? 0 : sql_error(db, rc, err);
}

int sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **ret_stmt, struct vg_err *err)
{
        int rc = sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL);

        return rc == SQLITE_OK ? 0 : sql_error(db, rc, err);
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct sql_value *value)
{
        if (value->kind == SQL_INT)
                return sqlite3_bind_int64(stmt, at, value->number);
        if (!value->bytes)
                return sqlite3_bind_null(stmt, at);
        if (value->kind == SQL_BLOB)
                return sqlite3_bind_blob64(stmt, at, value->bytes, value->n, SQLITE_STATIC);

        const size_t n = value->n == SIZE_MAX ? strlen(value->bytes) : value->n;
        return sqlite3_bind_text64(stmt, at, value->bytes, n, SQLITE_STATIC, SQLITE_UTF8);
}

int sql_bind_values(sqlite3_stmt *stmt, const struct sql_value *values, size_t n,
                    struct vg_err *err)
{
        for (size_t i = 0; i < n; i++) {
                int rc = bind_one(stmt, (int)i + 1, &values[i]);
                if (rc != SQLITE_OK)
                        return sql_error(sqlite3_db_handle(stmt), rc, err);
        }
        return 0;
}

int sql_step(sqlite3_stmt *stmt, struct vg_err *err)
{
        int rc = sqlite3_step(stmt);

        if (rc == SQLITE_ROW)
                return 1;

        int r = rc == SQLITE_DONE ? 0 : sql_error(sqlite3_db_handle(stmt), rc, err);
        sqlite3_reset(stmt);
        return r;
}

int sql_run_values(sqlite3_stmt *stmt, const struct sql_value *values, size_t n, struct vg_err *err)
{
        int r = sql_bind_values(stmt, values, n, err);

        if (r < 0)
                return r;
        r = sql_step(stmt, err);
        if (r == 1) {
                sqlite3_reset(stmt);
                r = 0;
        }
        return r;
}

int sql_int_of(sqlite3 *db, const char *text, const struct sql_value *values, size_t n,
               int64_t *ret_value, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(db, text, &stmt, err);

        if (r == 0)
                r = sql_bind_values(stmt, values, n, err);
        if (r == 0)
                r = sql_step(stmt, err);
        if (r < 0)
                return r;
        if (r == 0 || sqlite3_column_type(stmt, 0) == SQLITE_NULL)
                return 1;
        *ret_value = sqlite3_column_int64(stmt, 0);
        return 0;
}

int sql_int(sqlite3 *db, const char *text, int64_t *ret_value, struct vg_err *err)
{
        return sql_int_of(db, text, NULL, 0, ret_value, err);
}

void sql_rows_done(struct sql_rows *rows)
{
        free(rows->cells);
        vg_buf_done(&rows->arena);
        *rows = (struct sql_rows){ 0 };
}

/* While rows are added, a cell holds its offset in the arena: the arena may still move. */
static int add_row(struct sql_rows *rows, sqlite3_stmt *stmt, size_t *size)
{
        if ((rows->n_rows + 1) * rows->n_columns > *size) {
                const size_t want = *size ? *size * 2 : 64 * rows->n_columns;
                struct sql_value *cells = reallocarray(rows->cells, want, sizeof(*cells));
                if (!cells)
                        return -ENOMEM;
                rows->cells = cells;
                *size = want;
        }
        for (size_t c = 0; c < rows->n_columns; c++) {
                struct sql_value *cell = &rows->cells[rows->n_rows * rows->n_columns + c];
                const int type = sqlite3_column_type(stmt, (int)c);

                *cell = (struct sql_value){ .kind = SQL_INT, .n = SIZE_MAX };
                if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
                        cell->number = sqlite3_column_int64(stmt, (int)c);
                        continue;
                }
                cell->kind = type == SQLITE_TEXT ? SQL_TEXT : SQL_BLOB;
                if (type == SQLITE_NULL)
                        continue;
                const void *bytes = sqlite3_column_blob(stmt, (int)c);
                cell->n = (size_t)sqlite3_column_bytes(stmt, (int)c);
                cell->number = (int64_t)rows->arena.n;
                vg_buf_append(&rows->arena, bytes, cell->n);
                vg_buf_append(&rows->arena, "", 1);
        }
        rows->n_rows++;
        return rows->arena.failed ? -ENOMEM : 0;
}

static void settle(struct sql_rows *rows)
{
        for (size_t i = 0; i < rows->n_rows * rows->n_columns; i++) {
                struct sql_value *cell = &rows->cells[i];
                if (cell->kind == SQL_INT || cell->n == SIZE_MAX)
                        continue;
                cell->bytes = rows->arena.data + cell->number;
        }
}

int sql_fetch(sqlite3_stmt *stmt, size_t max_bytes, struct sql_rows *ret_rows, struct vg_err *err)
{
        struct sql_rows rows = { .n_columns = (size_t)sqlite3_column_count(stmt) };
        size_t size = 0;
        int r;

        while ((r = sql_step(stmt, err)) == 1) {
                if (add_row(&rows, stmt, &size) < 0) {
                        r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
                        break;
                }
                if (max_bytes && rows.arena.n >= max_bytes)
                        break;
        }
        sqlite3_reset(stmt);
        if (r < 0) {
                sql_rows_done(&rows);
                return r;
        }
        settle(&rows);
        *ret_rows = rows;
        return 0;
}

const struct sql_value *sql_cell(const struct sql_rows *rows, size_t row, size_t column)
{
        return &rows->cells[row * rows->n_columns + column];
}

int sql_each(sqlite3 *db, const char *text, const struct sql_value *values, size_t n,
             sql_row_fn *fn, void *ctx, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct sql_rows rows = { 0 };
        int r = sql_prepare(db, text, &stmt, err);

        if (r == 0)
                r = sql_bind_values(stmt, values, n, err);
        if (r == 0)
                r = sql_fetch(stmt, 0, &rows, err);
        for (size_t i = 0; i < rows.n_rows && r == 0; i++)
                r = fn(ctx, &rows, i);
        sql_rows_done(&rows);
        return r;
}

int64_t sql_cell_int(const struct sql_rows *rows, size_t row, size_t column)
{
        const struct sql_value *cell = sql_cell(rows, row, column);

        return cell->kind == SQL_INT ? cell->number : 0;
}

const char *sql_cell_text(const struct sql_rows *rows, size_t row, size_t column)
{
        const struct sql_value *cell = sql_cell(rows, row, column);

        return cell->kind != SQL_INT && cell->bytes ? cell->bytes : "";
}
