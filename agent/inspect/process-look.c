/* SPDX-License-Identifier: Apache-2.0 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect/listens.h"
#include "inspect/process.h"
#include "os/files.h"
#include "vigie/mem.h"
#include "vigie/num.h"

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_GET 0
#endif

enum { SMALL_MAX = 16 << 10 };

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static char *read_small(const char *format, pid_t pid, const char *detail)
{
        char path[PATH_MAX], *text = NULL;
        size_t n;

        snprintf(path, sizeof(path), format, pid, detail);
        return vg_file_read(path, SMALL_MAX, &text, &n, NULL) == 0 ? text : NULL;
}

/* The value of a line "Key:\tvalue", without white space around. */
static char *line_of(const char *text, const char *key)
{
        const size_t n = strlen(key);

        for (const char *at = text; at; at = strchr(at, '\n')) {
                at += *at == '\n';
                if (strncmp(at, key, n) != 0 || at[n] != ':')
                        continue;
                at += n + 1;
                at += strspn(at, " \t");
                return strndup(at, strcspn(at, "\n"));
        }
        return NULL;
}

static void put_number(json_t *piece, const char *key, const char *text)
{
        if (text && isdigit((unsigned char)*text))
                json_object_set_new(piece, key, json_integer(strtol(text, NULL, 10)));
}

/* Uid: real, effective, saved, file system's; the effective one counts. */
static void put_uid(json_t *piece, const char *status)
{
        _cleanup_free_ char *uids = line_of(status, "Uid");
        const char *second = uids ? strpbrk(uids, " \t") : NULL;

        put_number(piece, "uid", second ? second + strspn(second, " \t") : NULL);
}

static void put_status(json_t *piece, const char *status)
{
        _cleanup_free_ char *caps = line_of(status, "CapEff");
        _cleanup_free_ char *seccomp = line_of(status, "Seccomp");
        _cleanup_free_ char *no_new_privs = line_of(status, "NoNewPrivs");

        put_uid(piece, status);
        if (caps)
                json_object_set_new(piece, "caps", json_string(caps));
        put_number(piece, "seccomp", seccomp);
        put_number(piece, "no_new_privs", no_new_privs);
}

/* The label of the security module; without one the kernel says EINVAL. */
static void put_label(json_t *piece, pid_t pid)
{
        char path[64], label[4096];

        snprintf(path, sizeof(path), "/proc/%d/attr/current", pid);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, label, sizeof(label) - 1);
        if (n < 0) {
                json_object_set_new(piece, "label_error",
                                    json_string(errno == EINVAL ? "EINVAL" : "EIO"));
                return;
        }
        while (n && (label[n - 1] == '\n' || !label[n - 1]))
                n--;
        json_object_set_new(piece, "label", json_stringn(label, (size_t)n));
}

/* Where the kernel tells. */
static void put_ksm(json_t *piece, pid_t pid)
{
        _cleanup_free_ char *stat = read_small("/proc/%d/%s", pid, "ksm_stat");
        _cleanup_free_ char *mergeable = stat ? line_of(stat, "ksm_mergeable") : NULL;

        if (mergeable)
                json_object_set_new(piece, "ksm_mergeable",
                                    json_integer(strcmp(mergeable, "yes") == 0));
}

/* QEMU names the threads that run a vCPU "CPU 0/KVM". */
static void put_thread(json_t *threads, json_t *vcpus, json_t *cookies, pid_t pid, const char *tid)
{
        _cleanup_free_ char *status = read_small("/proc/%d/task/%s/status", pid, tid);
        _cleanup_free_ char *cpus = status ? line_of(status, "Cpus_allowed_list") : NULL;
        _cleanup_free_ char *name = status ? line_of(status, "Name") : NULL;
        unsigned long long cookie;
        char text[24];

        if (cpus)
                json_object_set_new(threads, tid, json_string(cpus));
        if (name && strncmp(name, "CPU ", 4) == 0)
                json_array_append_new(vcpus, json_string(tid));
        if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, strtol(tid, NULL, 10), 0, &cookie) == 0) {
                snprintf(text, sizeof(text), "%llu", cookie);
                json_array_append_new(cookies, json_string(text));
        }
}

static void put_threads(json_t *piece, pid_t pid)
{
        char path[64];
        const struct dirent *entry;

        snprintf(path, sizeof(path), "/proc/%d/task", pid);
        _cleanup_(closedirp) DIR *dir = opendir(path);
        json_t *threads = json_object(), *vcpus = json_array(), *cookies = json_array();
        while (dir && (entry = readdir(dir)))
                if (isdigit((unsigned char)entry->d_name[0]))
                        put_thread(threads, vcpus, cookies, pid, entry->d_name);
        json_object_set_new(piece, "threads", threads);
        json_object_set_new(piece, "vcpus", vcpus);
        if (json_array_size(cookies))
                json_object_set_new(piece, "cookies", cookies);
        else
                json_decref(cookies);
}

static void put_mount_space(json_t *piece, pid_t pid)
{
        char path[64], own[64] = "", first[64] = "";

        snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
        if (readlink(path, own, sizeof(own) - 1) > 0 &&
            readlink("/proc/1/ns/mnt", first, sizeof(first) - 1) > 0)
                json_object_set_new(piece, "mnt_private", json_integer(strcmp(own, first) != 0));
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, so that the same files make the same piece. */
static json_t *take_files(char **files, size_t n)
{
        json_t *array = json_array();

        if (n)
                qsort(files, n, sizeof(*files), by_text);
        for (size_t i = 0; i < n; i++) {
                if (i == 0 || strcmp(files[i - 1], files[i]) != 0)
                        json_array_append_new(array, json_string(files[i]));
        }
        for (size_t i = 0; i < n; i++)
                free(files[i]);
        return array;
}

/* What it holds open: files and block devices by name, and the sockets' numbers. A file without a
 * name any more cannot be another's. */
static void put_open(json_t *piece, pid_t pid)
{
        enum { FILES_MAX = 4096 };
        _cleanup_free_ char **files = calloc(FILES_MAX, sizeof(*files));
        _cleanup_(listens_done) struct listens sockets = { 0 };
        char path[64], link[PATH_MAX];
        const struct dirent *entry;
        size_t n = 0;

        snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        _cleanup_(closedirp) DIR *dir = opendir(path);
        if (!dir || !files)
                return;
        while ((entry = readdir(dir)) && n < FILES_MAX) {
                struct stat st;
                const ssize_t length =
                        readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
                if (length <= 0)
                        continue;
                link[length] = '\0';
                listens_note(&sockets, link);
                if (link[0] == '/' && fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
                    (S_ISBLK(st.st_mode) || (S_ISREG(st.st_mode) && st.st_nlink)))
                        files[n++] = strdup(link);
                n -= n && !files[n - 1];
        }
        json_object_set_new(piece, "files", take_files(files, n));
        json_object_set_new(piece, "listens", listens_of(&sockets, pid));
}

json_t *process_look(pid_t pid, const char *uuid)
{
        _cleanup_free_ char *status = read_small("/proc/%d/%s", pid, "status");
        json_t *piece = status ? json_pack("{s:s, s:i, s:s}", "key", uuid, "pid", (int)pid, "scope",
                                           "process")
                               : NULL;

        if (!piece)
                return NULL;
        put_status(piece, status);
        put_label(piece, pid);
        put_ksm(piece, pid);
        put_threads(piece, pid);
        put_mount_space(piece, pid);
        put_open(piece, pid);
        return piece;
}
