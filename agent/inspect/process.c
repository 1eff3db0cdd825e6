/* SPDX-License-Identifier: Apache-2.0 */

/* The QEMUs of this machine, as /proc shows them. A process is a QEMU by the program that it runs,
 * which it cannot forge; whose it is, by its command line, which it can: where two claim one domain,
 * libvirt's own note of the process decides, and without one nobody is believed. */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inspect/guard.h"
#include "inspect/inspect.h"
#include "inspect/process.h"
#include "os/evidence.h"
#include "os/files.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum {
        CMDLINE_MAX = 1 << 20,
        SMALL_MAX = 16 << 10,
        /* Younger ones may be libvirt's own probes, or domains that it has not told of yet. */
        ORPHAN_AGE_S = 30,
};

struct claim {
        char uuid[40], name[NAME_MAX + 1];
        pid_t pid;
        bool is_young;
};

struct claims {
        struct claim *list; /* by uuid */
        size_t n, size;
};

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static bool runs_qemu(pid_t pid)
{
        static const char *const programs[] = { "qemu-kvm", "kvm" };
        char path[64], exe[PATH_MAX];

        snprintf(path, sizeof(path), "/proc/%d/exe", pid);
        ssize_t n = readlink(path, exe, sizeof(exe) - 1);
        if (n <= 0)
                return false;
        exe[n] = '\0';
        const char *slash = strrchr(exe, '/'), *program = slash ? slash + 1 : exe;
        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                if (strlen(programs[i]) == strcspn(program, " ") && /* " (deleted)" */
                    strncmp(program, programs[i], strlen(programs[i])) == 0)
                        return true;
        return strncmp(program, "qemu-system-", 12) == 0;
}

/* The word behind an option, in n bytes with NULs between the words. */
static const char *option(const char *cmdline, size_t n, const char *name)
{
        for (const char *at = cmdline; at < cmdline + n; at += strlen(at) + 1)
                if (strcmp(at, name) == 0 && at + strlen(at) + 1 < cmdline + n)
                        return at + strlen(at) + 1;
        return NULL;
}

/* "guest=NAME,debug-threads=on", where a comma of the name is doubled. */
static void take_name(const char *word, char name[NAME_MAX + 1])
{
        size_t n = 0;

        word += strncmp(word, "guest=", 6) == 0 ? 6 : 0;
        for (; *word && n < NAME_MAX && !(word[0] == ',' && word[1] != ','); word++) {
                name[n++] = *word;
                word += word[0] == ',';
        }
        name[n] = '\0';
}

static bool is_young(pid_t pid)
{
        _cleanup_free_ char *stat = NULL;
        char path[64];
        struct timespec now;
        size_t n;

        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        if (vg_file_read(path, SMALL_MAX, &stat, &n, NULL) < 0)
                return true;
        const char *at = strrchr(stat, ')');
        for (int field = 2; at && field < 22; field++)
                at = strchr(at + 1, ' ');
        const unsigned long long ticks = at ? strtoull(at, NULL, 10) : 0;
        if (!ticks)
                return true;
        clock_gettime(CLOCK_BOOTTIME, &now);
        return ticks / (unsigned long long)sysconf(_SC_CLK_TCK) + ORPHAN_AGE_S >
               (unsigned long long)now.tv_sec;
}

static int add_claim(struct claims *claims, pid_t pid)
{
        _cleanup_free_ char *cmdline = NULL;
        struct claim claim = { .pid = pid, .is_young = is_young(pid) };
        char path[64];
        size_t n;

        snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
        if (vg_file_read(path, CMDLINE_MAX, &cmdline, &n, NULL) == 0) {
                const char *uuid = option(cmdline, n, "-uuid"), *name = option(cmdline, n, "-name");
                if (uuid && strlen(uuid) == 36)
                        memcpy(claim.uuid, uuid, 37);
                if (name)
                        take_name(name, claim.name);
        }
        if (claims->n == claims->size) {
                const size_t size = claims->size ? claims->size * 2 : 64;
                struct claim *list = realloc(claims->list, size * sizeof(*list));
                if (!list)
                        return -ENOMEM;
                claims->list = list;
                claims->size = size;
        }
        claims->list[claims->n++] = claim;
        return 0;
}

static int by_uuid(const void *a, const void *b)
{
        return strcmp(((const struct claim *)a)->uuid, ((const struct claim *)b)->uuid);
}

static int scan(struct claims *claims)
{
        _cleanup_(closedirp) DIR *dir = opendir("/proc");
        const struct dirent *entry;

        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                const long pid = isdigit((unsigned char)entry->d_name[0])
                                         ? strtol(entry->d_name, NULL, 10)
                                         : 0;
                if (pid > 0 && runs_qemu((pid_t)pid)) {
                        int r = add_claim(claims, (pid_t)pid);
                        if (r < 0)
                                return r;
                }
        }
        if (claims->n)
                qsort(claims->list, claims->n, sizeof(*claims->list), by_uuid);
        return 0;
}

/* libvirt notes the process of each domain where only root writes. */
static bool is_noted(const struct claim *claim)
{
        _cleanup_free_ char *text = NULL;
        char path[PATH_MAX];
        size_t n;

        if (!claim->name[0] || strchr(claim->name, '/'))
                return false;
        snprintf(path, sizeof(path), "/run/libvirt/qemu/%s.pid", claim->name);
        return vg_file_read(path, 64, &text, &n, NULL) == 0 && strtol(text, NULL, 10) == claim->pid;
}

/* Which of the claims [from, to) of one domain is its process; to: none. */
static size_t settle(const struct claims *claims, size_t from, size_t to)
{
        for (size_t i = from; i < to; i++)
                if (is_noted(&claims->list[i]))
                        return i;
        return to - from == 1 ? from : to;
}

/* While the list is not to be had, whoever names a domain. */
static bool is_wanted(const struct wanted *wanted, const char *uuid)
{
        return uuid[0] && (!wanted->is_known || wanted_has_process(wanted, uuid));
}

/* The claims [from, to) of one domain: one may be its process, the others belong to nobody. */
static void take_claims(struct vg_evidence *evidence, const struct wanted *wanted,
                        const struct claims *claims, size_t from, size_t to, json_t *orphans,
                        struct guard *guard)
{
        const char *uuid = claims->list[from].uuid;
        const size_t chosen = is_wanted(wanted, uuid) ? settle(claims, from, to) : to;

        if (chosen < to && guard_enter(guard, uuid)) {
                json_t *piece = process_look(claims->list[chosen].pid, uuid);
                if (piece)
                        vg_evidence_put(evidence, piece);
        }
        for (size_t i = from; i < to; i++)
                if (i != chosen && !claims->list[i].is_young)
                        json_array_append_new(orphans, json_integer(claims->list[i].pid));
}

void processes_look(struct vg_evidence *evidence, const struct wanted *wanted, struct guard *guard)
{
        struct claims claims = { 0 };
        json_t *orphans = json_array();

        if (scan(&claims) == 0) {
                for (size_t from = 0, to; from < claims.n; from = to) {
                        for (to = from + 1;
                             to < claims.n && by_uuid(&claims.list[from], &claims.list[to]) == 0;
                             to++)
                                ;
                        take_claims(evidence, wanted, &claims, from, to, orphans, guard);
                }
        }
        free(claims.list);
        /* Without the list of libvirt's domains nobody can say who belongs to none. */
        if (wanted->is_known)
                vg_evidence_put(evidence, json_pack("{s:s, s:o, s:s}", "key", "qemu", "orphans",
                                                    orphans, "scope", "processes"));
        else
                json_decref(orphans);
}
