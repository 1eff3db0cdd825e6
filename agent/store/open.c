/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/project.h"

enum { BUSY_MS = 5000 };

static void db_closep(sqlite3 **db)
{
        sqlite3_close_v2(*db);
}

/* path with the three characters that mean something in an URI escaped. */
static char *uri_of(const char *path, const char *query)
{
        struct vg_buf buf = { 0 };

        vg_buf_puts(&buf, "file:");
        for (; *path; path++) {
                const bool escape = *path == '?' || *path == '#' || *path == '%';
                if (escape)
                        vg_buf_printf(&buf, "%%%02x", (unsigned char)*path);
                else
                        vg_buf_append(&buf, path, 1);
        }
        vg_buf_puts(&buf, query);
        return vg_buf_take(&buf);
}

/* Nobody writes a ledger that has no -wal beside it (the writer leaves its own there for ever): it
 * is a copy, perhaps on a medium where SQLite could not make one. */
static bool is_copy(const char *path)
{
        char wal[4096];

        snprintf(wal, sizeof(wal), "%s-wal", path);
        return access(wal, F_OK) < 0 && errno == ENOENT;
}

/* A file from a stranger may hold anything: no functions or views of its schema are run, and its
 * own idea of its schema is not believed. */
static int harden(sqlite3 *db, struct vg_err *err)
{
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, BUSY_MS);
        return sql_exec(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", err);
}

int open_database(const char *path, int flags, sqlite3 **ret_db, struct vg_err *err)
{
        _cleanup_(db_closep) sqlite3 *db = NULL;
        const bool writes = flags & SQLITE_OPEN_READWRITE;
        const char *query = writes ? "?mode=rw" : is_copy(path) ? "?immutable=1" : "?mode=ro";
        struct stat st;

        if (stat(path, &st) < 0)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        if (!S_ISREG(st.st_mode))
                return vg_err_set(err, -EBADMSG, "%s : pas un fichier ordinaire", path);

        _cleanup_free_ char *uri = uri_of(path, query);
        if (!uri)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int rc = sqlite3_open_v2(uri, &db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc != SQLITE_OK)
                return vg_err_wrap(err, sql_error(db, rc, err), "%s", path);
        int r = harden(db, err);
        if (r < 0)
                return vg_err_wrap(err, r, "%s", path);
        *ret_db = TAKE_PTR(db);
        return 0;
}

static int persist_wal(sqlite3 *db, struct vg_err *err)
{
        int on = 1, rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);

        return rc == SQLITE_OK ? 0 : sql_error(db, rc, err);
}

const char *store_path(const struct store *store)
{
        return store->path;
}

static int new_store(const struct store_options *options, struct store **ret_store,
                     struct vg_err *err)
{
        struct store *store = calloc(1, sizeof(*store));

        if (!store || !(store->path = strdup(options->path))) {
                free(store);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        store->lock_fd = -1;
        store->key = options->key;
        store->load_zone = options->load_zone;
        *ret_store = store;
        return 0;
}

void store_close(struct store *store)
{
        if (!store)
                return;
        if (store->in_transaction)
                store_rollback(store);
        projector_free(store->projector);
        names_free(store->tenants);
        names_free(store->resources);
        for (size_t i = 0; i < STORE_N_STMTS; i++)
                sqlite3_finalize(store->stmt[i]);
        sqlite3_close_v2(store->db);
        if (store->lock_fd >= 0)
                close(store->lock_fd);
        vg_buf_done(&store->scratch);
        free(store->path);
        free(store);
}

int store_open_evidence(const char *path, struct store **ret_store, struct vg_err *err)
{
        const struct store_options options = { .path = path };
        _cleanup_(store_closep) struct store *store = NULL;
        int64_t version;
        int r = new_store(&options, &store, err);

        if (r == 0)
                r = open_database(path, SQLITE_OPEN_READONLY, &store->db, err);
        if (r == 0)
                r = schema_version_check(store->db, &version, err);
        if (r < 0)
                return r;
        *ret_store = TAKE_PTR(store);
        return 0;
}

int store_open_read(const struct store_options *options, struct store **ret_store,
                    struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int64_t version;
        int r = new_store(options, &store, err);

        if (r == 0)
                r = open_database(options->path, SQLITE_OPEN_READONLY, &store->db, err);
        if (r == 0)
                r = schema_version_check(store->db, &version, err);
        if (r == 0 && version != STORE_SCHEMA)
                r = options->load_zone
                            ? borrow_projections(store, err)
                            : vg_err_set(err, -EPROTONOSUPPORT,
                                         "les tables du registre sont d'une autre version (%lld); "
                                         "le gardien les refait quand il démarre",
                                         (long long)version);
        if (r == 0)
                r = identity_load(store, err);
        if (r < 0)
                return r;
        *ret_store = TAKE_PTR(store);
        return 0;
}

int store_lock(const char *path, int *ret_fd, struct vg_err *err)
{
        char name[4096];
        struct stat st;

        if ((size_t)snprintf(name, sizeof(name), "%s-writer", path) >= sizeof(name))
                return vg_err_set(err, -ENAMETOOLONG, "chemin trop long");
        int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", name, vg_errno_text(errno));
        /* A verb that root runs must not lock the keeper's own user out afterwards. */
        if (geteuid() == 0 && stat(path, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) < 0) {
                const int e = errno;
                close(fd);
                return vg_err_set(err, -e, "%s : %s", name, vg_errno_text(e));
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                const int e = errno == EWOULDBLOCK ? EBUSY : errno;
                close(fd);
                return vg_err_set(err, -e, "%s : le registre est déjà ouvert en écriture", path);
        }
        *ret_fd = fd;
        return 0;
}

int store_open_bare(const struct store_options *options, struct store **ret_store,
                    struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int r = new_store(options, &store, err);

        if (r == 0)
                r = store_lock(options->path, &store->lock_fd, err);
        if (r == 0)
                r = open_database(options->path, SQLITE_OPEN_READWRITE, &store->db, err);
        if (r == 0)
                r = persist_wal(store->db, err);
        if (r == 0)
                r = sql_exec(store->db,
                             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                             "PRAGMA secure_delete = FAST;" /* store_purge() asks for more */
                             "PRAGMA journal_size_limit = 67108864",
                             err);
        if (r == 0)
                r = projector_new(store->db, store->load_zone, &store->projector, err);
        if (r < 0)
                return r;
        store->is_writer = true;
        *ret_store = TAKE_PTR(store);
        return 0;
}
