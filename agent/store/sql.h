/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sql: SQLite in the manner of this house: values in, rows out, errors as values. */

#include <sqlite3.h>

#include "vigie/err.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"

struct sql_value {
        enum { SQL_INT, SQL_TEXT, SQL_BLOB } kind;
        int64_t number;
        const void *bytes; /* NULL: SQL's null */
        size_t n;
};
#define V_INT(x) ((struct sql_value){ .kind = SQL_INT, .number = (int64_t)(x) })
#define V_TEXT(s) ((struct sql_value){ .kind = SQL_TEXT, .bytes = (s), .n = SIZE_MAX })
#define V_TEXT_N(s, size) ((struct sql_value){ .kind = SQL_TEXT, .bytes = (s), .n = (size) })
#define V_BLOB(p, size) ((struct sql_value){ .kind = SQL_BLOB, .bytes = (p), .n = (size) })

/* What SQLite said, as -errno: -EBADMSG a damaged file, -EBUSY, -ENOSPC, -ENOMEM, -ERANGE for an
 * overflow in a sum, else -EIO. */
int sql_error(sqlite3 *db, int rc, struct vg_err *err);

int sql_exec(sqlite3 *db, const char *text, struct vg_err *err);
int sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **ret_stmt, struct vg_err *err);
static inline void sql_finalizep(sqlite3_stmt **stmt)
{
        sqlite3_finalize(*stmt);
}
#define _cleanup_stmt_ _cleanup_(sql_finalizep)

int sql_bind_values(sqlite3_stmt *stmt, const struct sql_value *values, size_t n,
                    struct vg_err *err);
#define sql_bind(stmt, err, ...)                                         \
        sql_bind_values(stmt, (const struct sql_value[]){ __VA_ARGS__ }, \
                        ELEMENTSOF(((const struct sql_value[]){ __VA_ARGS__ })), err)

/* 1: a row is there; 0: done, and the statement is reset; or an error, reset too. */
int sql_step(sqlite3_stmt *stmt, struct vg_err *err);
/* Binds, runs to the end, resets. */
#define sql_run(stmt, err, ...)                                         \
        sql_run_values(stmt, (const struct sql_value[]){ __VA_ARGS__ }, \
                       ELEMENTSOF(((const struct sql_value[]){ __VA_ARGS__ })), err)
int sql_run_values(sqlite3_stmt *stmt, const struct sql_value *values, size_t n,
                   struct vg_err *err);
/* The values of a statement, and how many they are. */
#define VALUES(...)                                \
        (const struct sql_value[]){ __VA_ARGS__ }, \
                ELEMENTSOF(((const struct sql_value[]){ __VA_ARGS__ }))

/* One integer from one row; 1 (STORE_NONE) where there is no row or null. */
int sql_int_of(sqlite3 *db, const char *text, const struct sql_value *values, size_t n,
               int64_t *ret_value, struct vg_err *err);
int sql_int(sqlite3 *db, const char *text, int64_t *ret_value, struct vg_err *err);

/* A whole answer in memory, so that no read transaction is open while somebody is shown it. */
struct sql_rows {
        size_t n_columns, n_rows;
        struct sql_value *cells; /* text and blobs point into arena, NUL behind each */
        struct vg_buf arena;
};
void sql_rows_done(struct sql_rows *rows);
/* Runs a bound statement. max_bytes: stops after the row that passes it (0: no limit). */
int sql_fetch(sqlite3_stmt *stmt, size_t max_bytes, struct sql_rows *ret_rows, struct vg_err *err);
/* One statement, and a function for each of its rows, which are taken whole first. A positive answer of
 * fn stops and is passed up, as is a negative one. */
typedef int sql_row_fn(void *ctx, const struct sql_rows *rows, size_t i);
int sql_each(sqlite3 *db, const char *text, const struct sql_value *values, size_t n,
             sql_row_fn *fn, void *ctx, struct vg_err *err);
int64_t sql_cell_int(const struct sql_rows *rows, size_t row, size_t column);
const char *sql_cell_text(const struct sql_rows *rows, size_t row, size_t column); /* never NULL */
const struct sql_value *sql_cell(const struct sql_rows *rows, size_t row, size_t column);
