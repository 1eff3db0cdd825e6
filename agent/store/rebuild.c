/* SPDX-License-Identifier: Apache-2.0 */

/* Projections made again from the records: into a new file beside the ledger, at leisure, and then
 * swapped in by one transaction. Readers see the old ones or the new ones; a crash leaves the old
 * ones; the records are read and never touched. */

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "store/project.h"
#include "vigie/json.h"

static void db_closep(sqlite3 **db)
{
        sqlite3_close_v2(*db);
}

struct replay {
        struct projector *projector;
        store_progress_fn *progress;
        void *ctx;
        uint64_t done, total;
        struct vg_err *err;
};

static int replay_record(void *ctx, const struct store_record *record)
{
        struct replay *replay = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        int r;

        if (replay->progress && replay->done % 1024 == 0) {
                r = replay->progress(replay->ctx, replay->done, replay->total);
                if (r < 0)
                        return r;
        }
        replay->done++;
        if (!record->bytes)
                return 0; /* redacted: gone from the projections too */
        r = vg_record_split(record->bytes, record->n, &split);
        if (r == 0)
                r = vg_json_parse(split.body, split.n_body, &body, NULL, NULL, NULL);
        if (r < 0)
                return vg_err_set(replay->err, -EBADMSG, "%s %llu : inscription illisible",
                                  vg_log_name(record->log), (unsigned long long)record->seq);

        const struct entry entry = { record->log, record->seq, split.type, split.utc_ns, body };
        return projector_apply(replay->projector, &entry, replay->err);
}

static int replay_all(struct store *store, struct replay *replay, struct vg_err *err)
{
        int r = store_refresh(store, err);

        for (unsigned log = 0; log < VG_LOG_N; log++)
                replay->total += store->identity.size[log];
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                const struct store_record_query query = { (enum vg_log)log, 0,
                                                          store->identity.size[log], NULL };
                r = store_record_each(store, &query, replay_record, replay, err);
        }
        if (r == 0 && replay->progress)
                r = replay->progress(replay->ctx, replay->total, replay->total);
        return r;
}

/* The new file needs no care: a crash throws it away. */
static int open_fresh(const char *path, sqlite3 **ret_db, struct vg_err *err)
{
        _cleanup_(db_closep) sqlite3 *db = NULL;

        if (unlink(path) < 0 && errno != ENOENT)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        int rc = sqlite3_open_v2(path, &db,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                         SQLITE_OPEN_NOFOLLOW,
                                 NULL);
        if (rc != SQLITE_OK)
                return sql_error(db, rc, err);
        int r = sql_exec(db,
                         "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                         "PRAGMA locking_mode = EXCLUSIVE; BEGIN",
                         err);
        if (r == 0)
                r = sql_exec(db, store_schema_projections, err);
        if (r < 0)
                return r;
        *ret_db = TAKE_PTR(db);
        return 0;
}

static int make_fresh(struct store *store, const char *path, store_progress_fn *progress, void *ctx,
                      struct vg_err *err)
{
        _cleanup_(db_closep) sqlite3 *db = NULL;
        _cleanup_(projector_freep) struct projector *projector = NULL;
        struct replay replay = { .progress = progress, .ctx = ctx, .err = err };
        int r = open_fresh(path, &db, err);

        if (r == 0)
                r = projector_new(db, store->load_zone, &projector, err);
        replay.projector = projector;
        if (r == 0)
                r = replay_all(store, &replay, err);
        if (r == 0)
                r = sql_exec(db, "COMMIT", err);
        return r;
}

/* Every table but those of store_schema_evidence goes: also those of another release. */
static int drop_projections(sqlite3 *db, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct sql_rows rows = { 0 };
        struct vg_buf text = { 0 };
        int r = sql_prepare(
                db,
                "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name"
                " NOT IN ('records', 'checkpoints', 'nodes', 'inbox', 'memory',"
                " 'snapshot', 'seen', 'open_usage', 'open_at') AND name NOT LIKE 'sqlite_%'",
                &stmt, err);

        if (r == 0)
                r = sql_fetch(stmt, 0, &rows, err);
        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                char *drop = sqlite3_mprintf("DROP TABLE main.\"%w\";", sql_cell_text(&rows, i, 0));
                vg_buf_puts(&text, drop ? drop : "");
                sqlite3_free(drop);
        }
        if (r == 0 && text.data)
                r = sql_exec(db, text.data, err);
        sql_rows_done(&rows);
        vg_buf_done(&text);
        return r;
}

static int copy_projections(sqlite3 *db, struct vg_err *err)
{
        char text[160];
        int r = sql_exec(db, store_schema_projections, err);

        for (size_t i = 0; store_projections[i] && r == 0; i++) {
                snprintf(text, sizeof(text), "INSERT INTO main.%s SELECT * FROM fresh.%s",
                         store_projections[i], store_projections[i]);
                r = sql_exec(db, text, err);
        }
        if (r == 0) {
                snprintf(text, sizeof(text), "PRAGMA main.user_version = %d", STORE_SCHEMA);
                r = sql_exec(db, text, err);
        }
        return r;
}

static int attach(sqlite3 *db, const char *path, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(db, "ATTACH ? AS fresh", &stmt, err);

        return r < 0 ? r : sql_run(stmt, err, V_TEXT(path));
}

static int swap(struct store *store, const char *path, struct vg_err *err)
{
        int r = attach(store->db, path, err);

        if (r < 0)
                return r;
        r = store_begin(store, err);
        if (r == 0)
                r = drop_projections(store->db, err);
        if (r == 0)
                r = copy_projections(store->db, err);
        if (r == 0)
                r = store_commit(store, err);
        else
                store_rollback(store);
        int detached = sql_exec(store->db, "DETACH fresh", r < 0 ? NULL : err);
        return r < 0 ? r : detached;
}

static int fresh_path(const struct store *store, char path[4096], struct vg_err *err)
{
        return snprintf(path, 4096, "%s-rebuild", store->path) >= 4096
                       ? vg_err_set(err, -ENAMETOOLONG, "chemin trop long")
                       : 0;
}

int rebuild_projections(struct store *store, store_progress_fn *progress, void *ctx,
                        struct vg_err *err)
{
        char path[4096];
        int r = fresh_path(store, path, err);

        assert(store->is_writer);
        if (r < 0)
                return r;
        r = make_fresh(store, path, progress, ctx, err);
        if (r == 0)
                r = swap(store, path, err);
        unlink(path);
        projector_forget(store->projector);
        return r;
}

/* The tables of temp go before those of the file. Both words that a statement begins with are as long. */
static int make_temporary(sqlite3 *db, struct vg_err *err)
{
        static const char create[] = "CREATE TABLE ";
        struct vg_buf text = { 0 };

        for (const char *at = store_schema_projections, *end; *at; at = end + 1) {
                end = strchr(at, ';');
                vg_buf_printf(&text, "%.*stemp.%.*s;", (int)sizeof(create) - 1, at,
                              (int)(end - at) - (int)sizeof(create) + 1, at + sizeof(create) - 1);
        }
        int r = text.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                            : sql_exec(db, text.data, err);
        vg_buf_done(&text);
        return r;
}

int borrow_projections(struct store *store, struct vg_err *err)
{
        _cleanup_(projector_freep) struct projector *projector = NULL;
        struct replay replay = { .err = err };
        int r = make_temporary(store->db, err);

        if (r == 0)
                r = memory_borrow(store, err);
        if (r == 0)
                r = projector_new(store->db, store->load_zone, &projector, err);
        replay.projector = projector;
        return r == 0 ? replay_all(store, &replay, err) : r;
}

static int open_for(const char *path, store_zone_fn *load_zone, struct store **ret_store,
                    int64_t *ret_version, struct vg_err *err)
{
        const struct store_options options = { .path = path, .load_zone = load_zone };
        int r = store_open_bare(&options, ret_store, err);

        return r < 0 ? r : schema_version_check((*ret_store)->db, ret_version, err);
}

int store_rebuild(const char *path, store_zone_fn *load_zone, store_progress_fn *progress,
                  void *ctx, struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int64_t version;
        int r = open_for(path, load_zone, &store, &version, err);

        return r < 0 ? r : rebuild_projections(store, progress, ctx, err);
}

/* Rows that only one of the two has. A table that is not there, or has other columns, differs. */
static int compare_table(sqlite3 *db, const char *table, bool *same, struct vg_err *err)
{
        char text[512];
        int64_t n = 0;

        snprintf(text, sizeof(text),
                 "SELECT (SELECT count(*) FROM main.%1$s) <> (SELECT count(*) FROM fresh.%1$s)"
                 " OR EXISTS (SELECT * FROM main.%1$s EXCEPT SELECT * FROM fresh.%1$s)",
                 table);
        int r = sql_int(db, text, &n, err);
        if (r < 0 && r != -EIO)
                return r;
        *same = *same && r == 0 && n == 0;
        return 0;
}

/* SQLite's own look at every page and index: a row that an index misses is in no answer. */
static int check_file(sqlite3 *db, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(db, "PRAGMA main.integrity_check(1)", &stmt, err);

        if (r == 0)
                r = sql_step(stmt, err);
        if (r < 0)
                return r;
        const char *said = r == 1 ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
        return said && strcmp(said, "ok") == 0
                       ? 0
                       : vg_err_set(err, -EBADMSG, "le fichier est endommagé : %s",
                                    said ? said : "?");
}

int store_rebuild_compare(const char *path, store_zone_fn *load_zone, store_progress_fn *progress,
                          void *ctx, bool *ret_same, struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        char fresh[4096];
        int64_t version;
        bool same = true;
        int r = open_for(path, load_zone, &store, &version, err);

        if (r == 0)
                r = check_file(store->db, err);
        if (r == 0)
                r = fresh_path(store, fresh, err);
        if (r < 0)
                return r;
        if (version != STORE_SCHEMA)
                return STORE_NONE;
        r = make_fresh(store, fresh, progress, ctx, err);
        if (r == 0)
                r = attach(store->db, fresh, err);
        for (size_t i = 0; store_projections[i] && r == 0; i++)
                r = compare_table(store->db, store_projections[i], &same, err);
        unlink(fresh);
        if (r == 0)
                *ret_same = same;
        return r;
}
