/* SPDX-License-Identifier: Apache-2.0 */

/* capture-process: /proc of the QEMU processes, as far as host.json has it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/capture-look.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct looking {
        const struct host_tree *tree;
        json_t *piece;
        long long pid;
};

static const char *text_of(const struct looking *l, const char *name)
{
        char path[128];

        snprintf(path, sizeof(path), "/proc/%lld/%s", l->pid, name);
        return host_tree_text(l->tree, path);
}

/* The value of a line "Key:\tvalue"; its length without white space behind. NULL: none. */
static const char *line_of(const char *text, const char *key, size_t *ret_n)
{
        const size_t n = strlen(key);

        for (const char *at = text; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
                if (strncmp(at, key, n) != 0 || at[n] != ':')
                        continue;
                at += n + 1;
                at += strspn(at, " \t");
                *ret_n = strcspn(at, "\n");
                return at;
        }
        return NULL;
}

static void put_number(json_t *piece, const char *key, const char *text)
{
        if (text && *text >= '0' && *text <= '9')
                json_object_set_new(piece, key, json_integer(strtoll(text, NULL, 10)));
}

static void put_line(json_t *piece, const char *key, const char *text, size_t n)
{
        if (text)
                json_object_set_new(piece, key, json_stringn(text, n));
}

/* Uid: real, effective, saved, file system's; the effective one counts. */
static void put_status(struct looking *l)
{
        const char *status = text_of(l, "status");
        size_t n = 0;
        const char *uids = line_of(status, "Uid", &n), *caps = line_of(status, "CapEff", &n);
        const size_t real = uids ? strspn(uids, "0123456789") : 0;

        put_line(l->piece, "caps", caps, n);
        put_number(l->piece, "uid",
                   !uids                                     ? NULL
                   : uids[real] == '\t' || uids[real] == ' ' ? uids + real + 1
                                                             : uids);
        put_number(l->piece, "seccomp", line_of(status, "Seccomp", &n));
        put_number(l->piece, "no_new_privs", line_of(status, "NoNewPrivs", &n));
}

static void put_label(struct looking *l)
{
        const char *label = text_of(l, "attr/apparmor/current");

        if (!label)
                label = text_of(l, "attr/current");
        put_line(l->piece, "label", label, label ? strcspn(label, "\n") : 0);
}

static void put_ksm(struct looking *l)
{
        size_t n;
        const char *stat = text_of(l, "ksm_stat"), *mergeable = line_of(stat, "ksm_mergeable", &n);
        const char *pages = strstr(stat ? stat : "", "ksm_merging_pages");

        if (mergeable)
                json_object_set_new(l->piece, "ksm_mergeable",
                                    json_integer(strncmp(mergeable, "yes", 3) == 0));
        else if (pages && strtoll(pages + strcspn(pages, "0123456789\n"), NULL, 10) > 0)
                json_object_set_new(l->piece, "ksm_mergeable", json_integer(1));
}

static void put_mount(struct looking *l)
{
        const char *own = text_of(l, "ns/mnt");
        const char *first = host_tree_text(l->tree, "/proc/1/ns/mnt");

        if (own && first)
                json_object_set_new(l->piece, "mnt_private", json_integer(strcmp(own, first) != 0));
}

/* The direct members of a folder of the process, each by name. */
typedef void member_fn(struct looking *l, const char *path, const char *name, json_t *list);

static json_t *each(struct looking *l, const char *folder, member_fn *fn)
{
        char prefix[128];
        const int n = snprintf(prefix, sizeof(prefix), "/proc/%lld/%s/", l->pid, folder);
        json_t *list = NULL, *kind;
        const char *path;

        json_object_foreach (l->tree->nodes, path, kind)
                if (strncmp(path, prefix, (size_t)n) == 0 && !strchr(path + n, '/')) {
                        list = list ? list : json_array();
                        fn(l, path, path + n, list);
                }
        return list;
}

static void add_file(struct looking *l, const char *path, _unused_ const char *name, json_t *list)
{
        const char *target = json_string_value(json_object_get(l->tree->symlinks, path));

        if (!target)
                target = host_tree_text(l->tree, path);
        if (target)
                json_array_append_new(list, json_string(target));
}

static void add_thread(struct looking *l, _unused_ const char *path, const char *tid, json_t *vcpus)
{
        char name[64];
        size_t n;

        snprintf(name, sizeof(name), "task/%.20s/status", tid);
        const char *status = text_of(l, name), *is = line_of(status, "Name", &n);
        const char *cpus = line_of(status, "Cpus_allowed_list", &n);
        if (!cpus)
                return;

        json_t *threads = json_object_get(l->piece, "threads");
        if (!threads)
                json_object_set_new(l->piece, "threads", threads = json_object());
        json_object_set_new(threads, tid, json_stringn(cpus, n));
        if (is && strncmp(is, "CPU ", 4) == 0)
                json_array_append_new(vcpus, json_string(tid));
}

/* /proc/PID/net/tcp and tcp6: "  0: 0100007F:170C 00000000:0000 0A ...", words of the host's order. */
static void add_listening(json_t *listens, const char *table)
{
        for (const char *at = table; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
                char local[40], remote[40], state[8], text[96];
                if (sscanf(at, " %*[0-9]: %39[0-9A-Fa-f:] %39[0-9A-Fa-f:] %7s", local, remote,
                           state) != 3 ||
                    strcmp(state, "0A") != 0)
                        continue;
                const char *colon = strchr(local, ':');
                const unsigned long long port = colon ? strtoull(colon + 1, NULL, 16) : 0;
                const size_t n = colon ? (size_t)(colon - local) : 0;
                const unsigned long long ip = n == 8 ? strtoull(local, NULL, 16) : 0;
                if (n == 8)
                        snprintf(text, sizeof(text), "%llu.%llu.%llu.%llu:%llu", ip & 255,
                                 ip >> 8 & 255, ip >> 16 & 255, ip >> 24, port);
                else if (n == 32)
                        snprintf(text, sizeof(text), "[%s]:%llu",
                                 strncmp(local, "00000000000000000000000001000000", 32) == 0 ? "::1"
                                                                                             : "::",
                                 port);
                else
                        continue;
                json_array_append_new(listens, json_string(text));
        }
}

static void put_listens(struct looking *l)
{
        const char *tcp = text_of(l, "net/tcp"), *tcp6 = text_of(l, "net/tcp6");
        json_t *listens = tcp || tcp6 ? json_array() : NULL;

        if (!listens)
                return;
        add_listening(listens, tcp);
        add_listening(listens, tcp6);
        json_object_set_new(l->piece, "listens", listens);
}

static int put_process(struct capture *capture, const char *uuid, long long pid)
{
        struct looking l = { .tree = &capture->tree, .pid = pid };

        l.piece = json_pack("{s:s, s:I, s:s}", "key", uuid, "pid", (json_int_t)pid, "scope",
                            "process");
        if (!l.piece)
                return vg_err_set(capture->err, -ENOMEM, "mémoire épuisée");
        put_status(&l);
        put_label(&l);
        put_ksm(&l);
        put_mount(&l);
        put_listens(&l);
        json_t *files = each(&l, "fd", add_file), *vcpus = each(&l, "task", add_thread);
        if (files)
                json_object_set_new(l.piece, "files", files);
        if (vcpus)
                json_object_set_new(l.piece, "vcpus", vcpus);
        return capture_put(capture, l.piece);
}

/* ---- all of them ---- */

struct running {
        struct capture *capture;
        const json_t *pids;
};

static int take_running(void *user, enum vg_want want, const char *uuid, const char *name)
{
        const struct running *running = user;
        const json_t *pid = json_object_get(running->pids, name);

        if (want != VG_WANT_PROCESS || !json_is_integer(pid))
                return 0;
        return put_process(running->capture, uuid, json_integer_value(pid));
}

/* A program that was replaced since has " (deleted)" behind its name. */
static bool runs_qemu(const char *program)
{
        static const char *const names[] = { "qemu-kvm", "kvm" };
        const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strlen(names[i]) == strcspn(name, " ") &&
                    strncmp(name, names[i], strlen(names[i])) == 0)
                        return true;
        return strncmp(name, "qemu-system-", 12) == 0;
}

static bool belongs(const json_t *pids, long long pid)
{
        const char *domain;
        json_t *is;

        json_object_foreach ((json_t *)pids, domain, is)
                if (json_integer_value(is) == pid)
                        return true;
        return false;
}

/* /proc/PID/exe of every process that was kept; where none was, nobody knows. */
static int put_orphans(struct capture *capture, const json_t *pids)
{
        json_t *orphans = NULL, *kind;
        const char *path;

        json_object_foreach (capture->tree.nodes, path, kind) {
                char *end;
                const long long pid =
                        strncmp(path, "/proc/", 6) == 0 ? strtoll(path + 6, &end, 10) : 0;
                if (pid <= 0 || strcmp(end, "/exe") != 0)
                        continue;
                const char *program =
                        json_string_value(json_object_get(capture->tree.symlinks, path));
                program = program ? program : host_tree_text(&capture->tree, path);
                orphans = orphans ? orphans : json_array();
                if (program && runs_qemu(program) && !belongs(pids, pid))
                        json_array_append_new(orphans, json_integer(pid));
        }
        return orphans ? capture_put(capture, json_pack("{s:s, s:o, s:s}", "key", "capture",
                                                        "orphans", orphans, "scope", "processes"))
                       : 0;
}

int capture_put_processes(struct capture *capture, const json_t *pids)
{
        struct running running = { capture, pids };
        int r = vg_host_wants(capture->host, take_running, &running);

        return r < 0 ? r : put_orphans(capture, pids);
}
