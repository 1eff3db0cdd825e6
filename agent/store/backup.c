/* SPDX-License-Identifier: Apache-2.0 */

#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <unistd.h>

#include "store/internal.h"

enum { STEP_PAGES = 4096, MAX_RESTARTS = 5 };

static void db_closep(sqlite3 **db)
{
        sqlite3_close_v2(*db);
}

static int make_target(const char *to, sqlite3 **ret_db, struct vg_err *err)
{
        int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);

        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", to, vg_errno_text(errno));
        close(fd);
        int rc = sqlite3_open_v2(to, ret_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        return rc == SQLITE_OK ? 0 : sql_error(*ret_db, rc, err);
}

/* A write between two steps starts SQLite's copy over again; after some of those we keep hold. */
static int copy_pages(sqlite3_backup *backup, store_progress_fn *progress, void *ctx)
{
        int restarts = 0, rc, last_left = INT32_MAX;

        do {
                rc = sqlite3_backup_step(backup, restarts < MAX_RESTARTS ? STEP_PAGES : -1);
                if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
                        sqlite3_sleep(20);
                        rc = SQLITE_OK;
                }
                const int left = sqlite3_backup_remaining(backup),
                          total = sqlite3_backup_pagecount(backup);
                restarts += left >= last_left;
                last_left = left;
                if (progress && progress(ctx, (uint64_t)(total - left), (uint64_t)total) < 0)
                        return SQLITE_INTERRUPT;
        } while (rc == SQLITE_OK);
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int copy(sqlite3 *from, sqlite3 *to, store_progress_fn *progress, void *ctx,
                struct vg_err *err)
{
        sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

        if (!backup)
                return sql_error(to, sqlite3_errcode(to), err);
        int rc = copy_pages(backup, progress, ctx);
        int finished = sqlite3_backup_finish(backup);
        if (rc != SQLITE_OK || finished != SQLITE_OK)
                return sql_error(to, rc != SQLITE_OK ? rc : finished, err);
        return 0;
}

/* The file and its name, on disk. */
static int sync_file(const char *path, struct vg_err *err)
{
        _cleanup_free_ char *copy = strdup(path);
        int r = 0;

        for (int i = 0; i < 2 && r == 0 && copy; i++) {
                int fd = open(i ? dirname(copy) : path, O_RDONLY | O_CLOEXEC);
                if (fd < 0 || fsync(fd) < 0)
                        r = vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
                if (fd >= 0)
                        close(fd);
        }
        return copy ? r : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static int copy_to(sqlite3 *from, const char *to, store_progress_fn *progress, void *ctx,
                   struct vg_err *err)
{
        _cleanup_(db_closep) sqlite3 *target = NULL;
        int r = make_target(to, &target, err);

        return r < 0 ? r : copy(from, target, progress, ctx, err);
}

/* Also what a copy that was cut off has left. */
static void remove_part(const char *part)
{
        static const char *const suffixes[] = { "", "-journal", "-shm", "-wal" };
        char name[PATH_MAX + 16];

        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                snprintf(name, sizeof(name), "%s%s", part, suffixes[i]);
                unlink(name);
        }
}

/* Under its name once it is whole: what is called ledger.db is a ledger. */
int store_backup(const char *from, const char *to, store_progress_fn *progress, void *ctx,
                 struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        char part[PATH_MAX];
        int r = store_open_evidence(from, &store, err);

        if (r < 0)
                return r;
        if ((size_t)snprintf(part, sizeof(part), "%s-part", to) >= sizeof(part))
                return vg_err_set(err, -ENAMETOOLONG, "chemin trop long");
        if (access(to, F_OK) == 0)
                return vg_err_set(err, -EEXIST, "%s : %s", to, vg_errno_text(EEXIST));
        remove_part(part);
        r = copy_to(store->db, part, progress, ctx, err);
        if (r == 0)
                r = sync_file(part, err);
        if (r == 0 && rename(part, to) < 0)
                r = vg_err_set(err, -errno, "%s : %s", to, vg_errno_text(errno));
        if (r == 0)
                r = sync_file(to, err);
        remove_part(part);
        return r;
}
