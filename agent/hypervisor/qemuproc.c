/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/qemuproc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.h"
#include "vigie/mem.h"
#include "vigie/num.h"

/* A QEMU with a thousand devices has a command line of this order. */
enum { CMDLINE_MAX = 1 << 20, STAT_MAX = 4096 };

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static bool is_expected(const struct qemuproc_users *users, uid_t uid)
{
        for (size_t i = 0; i < users->n; i++)
                if (users->uids[i] == uid)
                        return true;
        return false;
}

static void closefilep(FILE **file)
{
        if (*file)
                fclose(*file);
}

/* Of this machine's own file. Asking for a name that is not there (each distribution has another for
 * QEMU's user) would load every name service, for good. */
static bool find_local(const char *name, uid_t *ret_uid)
{
        _cleanup_(closefilep) FILE *file = fopen("/etc/passwd", "re");
        const struct passwd *user = NULL;

        while (file && (user = fgetpwent(file)) && strcmp(user->pw_name, name) != 0)
                ;
        if (user)
                *ret_uid = user->pw_uid;
        return user != NULL;
}

/* A user whom libvirt knows may have no name here: the daemon may run in namespaces of its own. */
static bool find_user(const char *name, uid_t *ret_uid)
{
        uint64_t number;

        if (vg_u64_parse(name + (*name == '+'), &number) != 0)
                return find_local(name, ret_uid);
        *ret_uid = (uid_t)number;
        return number < (uid_t)-1;
}

static void add_user(struct qemuproc_users *users, uid_t uid)
{
        if (users->n < ELEMENTSOF(users->uids) && !is_expected(users, uid))
                users->uids[users->n++] = uid;
}

void qemuproc_users_add(struct qemuproc_users *users, const char *name)
{
        uid_t uid;

        if (find_user(name, &uid)) {
                add_user(users, uid);
                return;
        }
        const struct passwd *user = getpwnam(name);
        if (user)
                add_user(users, user->pw_uid);
}

void qemuproc_users_parse(const char *names, struct qemuproc_users *ret_users)
{
        static const char between[] = ", \t";
        uid_t uid;

        *ret_users = (struct qemuproc_users){ .uids = { getuid() }, .n = 1 };
        for (const char *at = names + strspn(names, between); *at; at += strspn(at, between)) {
                char name[64];
                size_t n = strcspn(at, between);
                if (n < sizeof(name)) {
                        memcpy(name, at, n);
                        name[n] = '\0';
                        if (find_user(name, &uid))
                                add_user(ret_users, uid);
                }
                at += n;
        }
}

const char *qemuproc_uuid(const char *cmdline, size_t n)
{
        for (size_t at = 0; at < n;) {
                size_t length = strnlen(cmdline + at, n - at);
                const bool is_flag = length == 5 && memcmp(cmdline + at, "-uuid", 5) == 0;
                at += length + 1;
                if (is_flag && at + UUID_TEXT <= n &&
                    strnlen(cmdline + at, n - at) == UUID_TEXT - 1)
                        return cmdline + at;
        }
        return NULL;
}

/* Field `wanted` (from 1); the second, a name in brackets, may hold anything. */
static int stat_field(const char *stat, unsigned wanted, uint64_t *ret_value)
{
        const char *at = strrchr(stat, ')');
        char number[24];

        for (unsigned field = 2; at && field < wanted; field++) {
                at = strchr(at, ' ');
                if (at)
                        at++;
        }
        size_t n = at ? strspn(at, "0123456789") : 0;
        if (!n || n >= sizeof(number))
                return -EINVAL;
        memcpy(number, at, n);
        number[n] = '\0';
        return vg_u64_parse(number, ret_value);
}

int qemuproc_start_ticks(const char *stat, uint64_t *ret_ticks)
{
        return stat_field(stat, 22, ret_ticks);
}

int qemuproc_cpu_ns(const char *stat, uint64_t *ret_ns)
{
        const uint64_t tick_ns = UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
        uint64_t user, system;

        if (stat_field(stat, 14, &user) < 0 || stat_field(stat, 15, &system) < 0 ||
            vg_add_u64(user, system, &user) < 0)
                return -EINVAL;
        return vg_mul_u64(user, tick_ns, ret_ns);
}

void qemuprocs_done(struct qemuprocs *procs)
{
        free(procs->rows);
        *procs = (struct qemuprocs){ 0 };
}

static int add(struct qemuprocs *procs, const struct qemuproc *row)
{
        if (procs->n == procs->size) {
                size_t size = procs->size ? procs->size * 2 : 32;
                struct qemuproc *rows = realloc(procs->rows, size * sizeof(*rows));
                if (!rows)
                        return -ENOMEM;
                procs->rows = rows;
                procs->size = size;
        }
        procs->rows[procs->n++] = *row;
        return 0;
}

static int read_start(const char *proc, const char *pid, uint64_t *ret_ticks)
{
        _cleanup_free_ char *stat = NULL;
        char path[512];
        size_t n;

        snprintf(path, sizeof(path), "%s/%s/stat", proc, pid);
        int r = vg_file_read(path, STAT_MAX, &stat, &n, NULL);
        return r < 0 ? r : qemuproc_start_ticks(stat, ret_ticks);
}

/* Positive: not a QEMU with a UUID, or gone meanwhile. */
static int look_at(const char *proc, const char *pid, const struct qemuproc_users *users,
                   struct qemuproc *ret_row)
{
        _cleanup_free_ char *cmdline = NULL;
        char path[512];
        struct stat st;
        size_t n;

        snprintf(path, sizeof(path), "%s/%s", proc, pid);
        if (stat(path, &st) < 0 || !is_expected(users, st.st_uid))
                return 1;
        snprintf(path, sizeof(path), "%s/%s/cmdline", proc, pid);
        if (vg_file_read(path, CMDLINE_MAX, &cmdline, &n, NULL) < 0)
                return 1;

        const char *uuid = qemuproc_uuid(cmdline, n);
        if (!uuid || read_start(proc, pid, &ret_row->start_ticks) < 0)
                return 1;
        memcpy(ret_row->uuid, uuid, UUID_TEXT);
        ret_row->pid = (pid_t)strtol(pid, NULL, 10);
        return 0;
}

static int by_uuid(const void *a, const void *b)
{
        return strcmp(((const struct qemuproc *)a)->uuid, ((const struct qemuproc *)b)->uuid);
}

/* Two that claim one domain: believe neither. */
static void settle_claims(struct qemuprocs *procs)
{
        size_t kept = 0;

        for (size_t i = 0; i < procs->n; i++) {
                struct qemuproc *last = kept ? &procs->rows[kept - 1] : NULL;
                if (last && strcmp(last->uuid, procs->rows[i].uuid) == 0)
                        last->pid = 0;
                else
                        procs->rows[kept++] = procs->rows[i];
        }
        procs->n = kept;
}

int qemuprocs_scan(struct qemuprocs *procs, const char *proc, const struct qemuproc_users *users)
{
        _cleanup_(closedirp) DIR *dir = opendir(proc);
        const struct dirent *entry;

        procs->n = 0;
        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                struct qemuproc row = { 0 };
                if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
                    look_at(proc, entry->d_name, users, &row) != 0)
                        continue;
                int r = add(procs, &row);
                if (r < 0)
                        return r;
        }
        if (procs->n)
                qsort(procs->rows, procs->n, sizeof(*procs->rows), by_uuid);
        settle_claims(procs);
        return 0;
}

const struct qemuproc *qemuprocs_find(const struct qemuprocs *procs, const char *uuid)
{
        struct qemuproc wanted = { 0 };

        if (!procs->n)
                return NULL;
        memcpy(wanted.uuid, uuid, UUID_TEXT);

        const struct qemuproc *row =
                bsearch(&wanted, procs->rows, procs->n, sizeof(*procs->rows), by_uuid);
        return row && row->pid ? row : NULL;
}
