/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sql.h"

enum {
        APPLICATION_ID = 0x76676476, /* "vgdv" */
        VERSION = 1,
        BUSY_MS = 5000,
};

static const char schema[] =
        "CREATE TABLE IF NOT EXISTS destination (name TEXT PRIMARY KEY, success_s INTEGER NOT NULL,"
        " next_s INTEGER NOT NULL, failures INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS stream (destination TEXT, name TEXT, shared INTEGER NOT NULL,"
        " client INTEGER NOT NULL, epoch INTEGER NOT NULL, since_s INTEGER NOT NULL,"
        " sent_s INTEGER NOT NULL, PRIMARY KEY (destination, name)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS aside (destination TEXT, log INTEGER, seq INTEGER,"
        " at_s INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY (destination, log, seq))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS receipt (destination TEXT PRIMARY KEY, text TEXT NOT NULL)"
        " STRICT, WITHOUT ROWID;";

struct memory {
        sqlite3 *db;
};

/* A file of nobody's is ours to fill; one of somebody else's is not. */
static int check_ours(sqlite3 *db, const char *path, struct vg_err *err)
{
        int64_t id = 0, version = 0;
        int r = sql_int(db, "PRAGMA application_id", &id, err);

        if (r >= 0)
                r = sql_int(db, "PRAGMA user_version", &version, err);
        if (r < 0)
                return r;
        if (id == 0 && version == 0)
                return sql_exec(db, "PRAGMA application_id = 1986487414; PRAGMA user_version = 1",
                                err);
        if (id != APPLICATION_ID || version != VERSION)
                return vg_err_set(err, -EBADMSG,
                                  "%s : n'est pas la mémoire du livreur de cette version; l'ôter "
                                  "la fait recommencer à neuf",
                                  path);
        return 0;
}

int memory_open(const char *path, struct memory **ret_memory, struct vg_err *err)
{
        _cleanup_(memory_closep) struct memory *memory = calloc(1, sizeof(*memory));

        if (!memory)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        const mode_t before = umask(0077);
        const int rc = sqlite3_open_v2(path, &memory->db,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        umask(before);
        int r = rc == SQLITE_OK ? 0 : sql_error(memory->db, rc, err);
        if (r == 0)
                sqlite3_busy_timeout(memory->db, BUSY_MS);
        if (r == 0)
                r = sql_exec(memory->db,
                             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                             "PRAGMA cache_size = -256",
                             err);
        if (r == 0)
                r = check_ours(memory->db, path, err);
        if (r == 0)
                r = sql_exec(memory->db, schema, err);
        if (r < 0)
                return vg_err_wrap(err, r, "%s", path);
        *ret_memory = TAKE_PTR(memory);
        return 0;
}

void memory_close(struct memory *memory)
{
        if (!memory)
                return;
        sqlite3_close(memory->db);
        free(memory);
}

int memory_begin(struct memory *memory, struct vg_err *err)
{
        return sql_exec(memory->db, "BEGIN IMMEDIATE", err);
}

int memory_end(struct memory *memory, int r, struct vg_err *err)
{
        if (r == 0)
                r = sql_exec(memory->db, "COMMIT", err);
        if (r < 0)
                (void)sql_exec(memory->db, "ROLLBACK", NULL);
        return r;
}

/* Statements here run a few times a second at most: each is made when it is needed. */
#define run(memory, text, err, ...)                                    \
        ({                                                             \
                _cleanup_stmt_ sqlite3_stmt *stmt_ = NULL;             \
                int r_ = sql_prepare((memory)->db, text, &stmt_, err); \
                r_ < 0 ? r_ : sql_run(stmt_, err, __VA_ARGS__);        \
        })

/* The first row of an answer, into numbers. */
static int get_numbers(sqlite3_stmt *stmt, int64_t *ret_numbers, int n, struct vg_err *err)
{
        int r = sql_step(stmt, err);

        if (r <= 0)
                return r < 0 ? r : MEMORY_NONE;
        for (int i = 0; i < n; i++)
                ret_numbers[i] = sqlite3_column_int64(stmt, i);
        return 0;
}

/* ---- destinations ---- */

int memory_destination_get(struct memory *memory, const char *name,
                           struct memory_destination *ret_destination, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int64_t n[4];
        int r = sql_prepare(memory->db,
                            "SELECT success_s, next_s, failures,"
                            " (SELECT count(*) FROM aside WHERE destination = ?1)"
                            " FROM destination WHERE name = ?1",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(name));
        if (r == 0)
                r = get_numbers(stmt, n, ELEMENTSOF(n), err);
        if (r == 0)
                *ret_destination = (struct memory_destination){ n[0], n[1], n[2], n[3] };
        return r;
}

int memory_destination_put(struct memory *memory, const char *name,
                           const struct memory_destination *d, struct vg_err *err)
{
        return run(memory, "INSERT OR REPLACE INTO destination VALUES (?, ?, ?, ?)", err,
                   V_TEXT(name), V_INT(d->success_s), V_INT(d->next_s), V_INT(d->failures));
}

/* ---- streams ---- */

int memory_stream_get(struct memory *memory, const char *destination, const char *stream,
                      struct memory_stream *ret_stream, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int64_t n[5];
        int r = sql_prepare(memory->db,
                            "SELECT shared, client, epoch, since_s, sent_s FROM stream"
                            " WHERE destination = ? AND name = ?",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(destination), V_TEXT(stream));
        if (r == 0)
                r = get_numbers(stmt, n, ELEMENTSOF(n), err);
        if (r == 0)
                *ret_stream = (struct memory_stream){
                        .next = { [VG_LOG_SHARED] = (uint64_t)n[0],
                                  [VG_LOG_CLIENT] = (uint64_t)n[1] },
                        .epoch = n[2],
                        .since_s = n[3],
                        .sent_s = n[4],
                };
        return r;
}

int memory_stream_put(struct memory *memory, const char *destination, const char *stream,
                      const struct memory_stream *at, struct vg_err *err)
{
        return run(memory, "INSERT OR REPLACE INTO stream VALUES (?, ?, ?, ?, ?, ?, ?)", err,
                   V_TEXT(destination), V_TEXT(stream), V_INT(at->next[VG_LOG_SHARED]),
                   V_INT(at->next[VG_LOG_CLIENT]), V_INT(at->epoch), V_INT(at->since_s),
                   V_INT(at->sent_s));
}

/* ---- set aside ---- */

int memory_aside_put(struct memory *memory, const char *destination, enum vg_log log, uint64_t seq,
                     int64_t at_s, const char *why, struct vg_err *err)
{
        return run(memory, "INSERT OR REPLACE INTO aside VALUES (?, ?, ?, ?, ?)", err,
                   V_TEXT(destination), V_INT(log), V_INT(seq), V_INT(at_s), V_TEXT(why));
}

int memory_aside_each(struct memory *memory, const char *destination, unsigned most,
                      memory_aside_fn *fn, void *ctx, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(memory->db,
                            "SELECT log, seq, why FROM aside WHERE destination = ?"
                            " ORDER BY at_s DESC, log, seq DESC LIMIT ?",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(destination), V_INT(most));
        while (r == 0 && (r = sql_step(stmt, err)) == 1)
                r = fn(ctx, (enum vg_log)sqlite3_column_int(stmt, 0),
                       (uint64_t)sqlite3_column_int64(stmt, 1),
                       (const char *)sqlite3_column_text(stmt, 2));
        return r;
}

/* ---- receipts ---- */

int memory_receipt_put(struct memory *memory, const char *destination, const char *receipt,
                       struct vg_err *err)
{
        return run(memory, "INSERT OR REPLACE INTO receipt VALUES (?, ?)", err, V_TEXT(destination),
                   V_TEXT(receipt));
}

int memory_receipt_get(struct memory *memory, const char *destination, char **ret_receipt,
                       struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(memory->db, "SELECT text FROM receipt WHERE destination = ?", &stmt,
                            err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(destination));
        if (r == 0)
                r = sql_step(stmt, err);
        if (r <= 0)
                return r < 0 ? r : MEMORY_NONE;
        *ret_receipt = strdup((const char *)sqlite3_column_text(stmt, 0));
        return *ret_receipt ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}
