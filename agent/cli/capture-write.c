/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/capture-write.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/text.h"

/* A member of host.json that is an object, made where it is not there. */
static json_t *member(json_t *host, const char *name)
{
        json_t *there = json_object_get(host, name);

        if (!there)
                json_object_set_new(host, name, there = json_object());
        return there;
}

static const char *text_of(const json_t *piece, const char *key)
{
        const char *text = json_string_value(json_object_get(piece, key));

        return text ? text : "";
}

static void put_file(json_t *host, const char *path, const char *content)
{
        json_object_set_new(member(host, "files"), path, json_string(content));
}

static void append_file(json_t *host, const char *path, const char *line)
{
        const char *before = json_string_value(json_object_get(member(host, "files"), path));
        struct vg_buf buf = { 0 };

        vg_buf_printf(&buf, "%s%s", before ? before : "", line);
        if (!buf.failed)
                put_file(host, path, buf.data);
        vg_buf_done(&buf);
}

static void put_link(json_t *host, const char *path, const char *target)
{
        json_object_set_new(member(host, "symlinks"), path, json_string(target));
}

/* ---- texts and filters ---- */

static void write_texts(json_t *host, const json_t *piece)
{
        json_object_update(member(host, "files"), json_object_get(piece, "texts"));
}

static void write_filters(json_t *host, const json_t *piece)
{
        const json_t *chains = json_object_get(piece, "chains"), *chain;
        char line[300];
        size_t i;

        put_file(host, "/evidence/ebtables-save", "*nat\n");
        json_array_foreach (chains, i, chain) {
                snprintf(line, sizeof(line), ":%s ACCEPT\n", json_string_value(chain));
                append_file(host, "/evidence/ebtables-save", line);
        }
}

static void write_mirrors(json_t *host, const json_t *piece)
{
        json_object_set(host, "mirrors", json_object_get(piece, "mirrors"));
}

/* ---- paths ---- */

/* The folder of an open path and all above may be walked through; the folder of another may not. */
static void write_folders(json_t *host, const char *real, bool open)
{
        char folder[PATH_MAX];

        snprintf(folder, sizeof(folder), "%s", real);
        for (char *slash; (slash = strrchr(folder, '/'));) {
                slash[slash == folder] = '\0';
                json_object_set_new(member(host, "modes"), folder,
                                    json_string(open ? "0755" : "0700"));
                if (!open || slash == folder)
                        return;
        }
}

/* As if the path were a mount of its own, on an encrypted device or on another. */
static void write_crypt(json_t *host, const char *real, bool crypt)
{
        char line[2 * PATH_MAX];

        if (strncmp(real, "/dev/", 5) == 0) {
                snprintf(line, sizeof(line), "/sys/block/%s/dm/uuid", real + 5);
                put_file(host, line, crypt ? "CRYPT-LUKS2\n" : "LVM-\n");
                return;
        }
        put_file(host, "/sys/block/dm-0/dm/uuid", "CRYPT-LUKS2\n");
        snprintf(line, sizeof(line), "1 0 0:0 / %s rw - ext4 %s rw\n", real,
                 crypt ? "/dev/dm-0" : "/dev/sda");
        append_file(host, "/proc/self/mountinfo", line);
}

/* One name of a file is the file; others are hard links to it. */
static bool is_another_name(json_t *host, const json_t *piece, const char *real)
{
        json_t *seen = member(host, "seen");
        char identity[128];

        snprintf(identity, sizeof(identity), "%s/%s", text_of(piece, "dev"), text_of(piece, "ino"));
        const char *first = json_string_value(json_object_get(seen, identity));
        if (!first) {
                json_object_set_new(seen, identity, json_string(real));
                return false;
        }
        if (strcmp(first, real) != 0)
                json_object_set_new(member(host, "hardlinks"), real, json_string(first));
        return true;
}

static void write_image(json_t *host, const json_t *piece, const char *real)
{
        json_t *header = json_pack("{s:i}", "size", 0);

        if (json_object_get(piece, "backing_raw"))
                json_object_set_new(header, "backing_format", json_string("raw"));
        for (size_t i = 0; i < 2; i++) {
                const char *key = i ? "data_file" : "backing";
                if (text_of(piece, key)[0])
                        json_object_set(header, key, json_object_get(piece, key));
        }
        json_object_set_new(member(host, "qcow2"), real, header);
}

static void write_path(json_t *host, const json_t *piece)
{
        const char *key = text_of(piece, "key"), *real = text_of(piece, "real");
        const json_t *crypt = json_object_get(piece, "crypt"),
                     *open = json_object_get(piece, "open");

        if (!real[0])
                return;
        if (strcmp(key, real) != 0)
                put_link(host, key, real);
        if (text_of(piece, "mode")[0])
                json_object_set(member(host, "modes"), real, json_object_get(piece, "mode"));
        if (open)
                write_folders(host, real, json_integer_value(open) != 0);
        if (strcmp(text_of(piece, "kind"), "dir") == 0 || is_another_name(host, piece, real))
                return;
        if (crypt)
                write_crypt(host, real, json_integer_value(crypt) != 0);
        if (strcmp(text_of(piece, "format"), "qcow2") == 0)
                write_image(host, piece, real);
        else
                put_file(host, real, "");
}

/* ---- processes ---- */

struct process {
        json_t *host;
        const json_t *piece;
        long long pid;
};

static char *path_in(const struct process *p, const char *name, char path[256])
{
        snprintf(path, 256, "/proc/%lld/%s", p->pid, name);
        return path;
}

static void put_line(struct vg_buf *buf, const struct process *p, const char *key, const char *line)
{
        const json_t *value = json_object_get(p->piece, key);

        if (json_is_integer(value))
                vg_buf_printf(buf, "%s:\t%lld\n", line, (long long)json_integer_value(value));
        else if (json_is_string(value))
                vg_buf_printf(buf, "%s:\t%s\n", line, json_string_value(value));
}

static void write_status(const struct process *p)
{
        const json_t *uid = json_object_get(p->piece, "uid");
        const json_t *mergeable = json_object_get(p->piece, "ksm_mergeable");
        const json_t *is_private = json_object_get(p->piece, "mnt_private");
        struct vg_buf buf = { 0 };
        char path[256];

        if (uid)
                vg_buf_printf(&buf, "Uid:\t%1$lld\t%1$lld\t%1$lld\t%1$lld\n",
                              (long long)json_integer_value(uid));
        put_line(&buf, p, "caps", "CapEff");
        put_line(&buf, p, "no_new_privs", "NoNewPrivs");
        put_line(&buf, p, "seccomp", "Seccomp");
        if (buf.n && !buf.failed)
                put_file(p->host, path_in(p, "status", path), buf.data);
        vg_buf_done(&buf);
        if (text_of(p->piece, "label")[0])
                put_file(p->host, path_in(p, "attr/current", path), text_of(p->piece, "label"));
        if (mergeable)
                put_file(p->host, path_in(p, "ksm_stat", path),
                         json_integer_value(mergeable) ? "ksm_mergeable: yes\n"
                                                       : "ksm_mergeable: no\n");
        if (!is_private)
                return;
        put_link(p->host, "/proc/1/ns/mnt", "mnt:[1]");
        put_link(p->host, path_in(p, "ns/mnt", path),
                 json_integer_value(is_private) ? "mnt:[2]" : "mnt:[1]");
}

static bool holds(const json_t *array, const char *word)
{
        const json_t *text;
        size_t i;

        json_array_foreach (array, i, text)
                if (strcmp(json_string_value(text), word) == 0)
                        return true;
        return false;
}

static void write_threads(const struct process *p)
{
        const json_t *vcpus = json_object_get(p->piece, "vcpus");
        json_t *threads = json_object_get(p->piece, "threads"), *cpus;
        const char *tid;

        json_object_foreach (threads, tid, cpus) {
                char path[256], name[64], status[4200];
                snprintf(name, sizeof(name), "task/%.20s/status", tid);
                snprintf(status, sizeof(status), "Name:\t%s\nCpus_allowed_list:\t%s\n",
                         holds(vcpus, tid) ? "CPU 0/KVM" : "qemu", json_string_value(cpus));
                put_file(p->host, path_in(p, name, path), status);
        }
}

/* "0.0.0.0:5900", "[::]:5900": a line of /proc/PID/net/tcp, or of tcp6. */
static void write_listen(const struct process *p, const char *text)
{
        const bool is_6 = text[0] == '[';
        const char *colon = strrchr(text, ':');
        char path[256], line[160], address[33];
        unsigned b[4] = { 0 };
        char *at = (char *)text;

        if (!colon)
                return;
        for (size_t i = 0; i < 4 && !is_6; i++, at += *at == '.')
                b[i] = (unsigned)strtoul(at, &at, 10) & 255;
        if (is_6)
                snprintf(address, sizeof(address), "%s",
                         strncmp(text, "[::1]", 5) == 0 ? "00000000000000000000000001000000"
                                                        : "00000000000000000000000000000000");
        else
                snprintf(address, sizeof(address), "%02X%02X%02X%02X", b[3], b[2], b[1], b[0]);
        snprintf(line, sizeof(line), "   0: %s:%04lX %0*d:0000 0A\n", address,
                 strtoul(colon + 1, NULL, 10), is_6 ? 32 : 8, 0);
        append_file(p->host, path_in(p, is_6 ? "net/tcp6" : "net/tcp", path), line);
}

static void write_open(const struct process *p)
{
        const json_t *files = json_object_get(p->piece, "files"), *text;
        const json_t *listens = json_object_get(p->piece, "listens");
        char path[256], name[32];
        size_t i;

        json_array_foreach (files, i, text) {
                snprintf(name, sizeof(name), "fd/%zu", i + 3);
                put_link(p->host, path_in(p, name, path), json_string_value(text));
        }
        if (listens)
                put_file(p->host, path_in(p, "net/tcp", path), "  sl  local_address\n");
        json_array_foreach (listens, i, text)
                write_listen(p, json_string_value(text));
}

static void write_process(json_t *host, const json_t *names, const json_t *piece)
{
        const struct process p = {
                .host = host,
                .piece = piece,
                .pid = json_integer_value(json_object_get(piece, "pid")),
        };
        const char *name = json_string_value(json_object_get(names, text_of(piece, "key")));
        char path[256];

        if (!name || p.pid <= 0)
                return;
        json_object_set_new(member(host, "pids"), name, json_integer(p.pid));
        put_link(host, path_in(&p, "exe", path), "/usr/bin/qemu-system-");
        write_status(&p);
        write_threads(&p);
        write_open(&p);
}

static void write_orphans(json_t *host, const json_t *piece)
{
        const json_t *orphans = json_object_get(piece, "orphans"), *pid;
        char path[256];
        size_t i;

        json_array_foreach (orphans, i, pid) {
                const struct process p = { .pid = json_integer_value(pid) };
                put_link(host, path_in(&p, "exe", path), "/usr/bin/qemu-system-");
        }
}

int capture_write_piece(json_t *host, const json_t *names, const json_t *piece)
{
        const char *scope = text_of(piece, "scope");

        if (strcmp(scope, "texts") == 0)
                write_texts(host, piece);
        else if (strcmp(scope, "filters") == 0)
                write_filters(host, piece);
        else if (strcmp(scope, "mirrors") == 0)
                write_mirrors(host, piece);
        else if (strcmp(scope, "path") == 0)
                write_path(host, piece);
        else if (strcmp(scope, "process") == 0)
                write_process(host, names, piece);
        else if (strcmp(scope, "processes") == 0)
                write_orphans(host, piece);
        return json_object_get(host, "files") ? 0 : -ENOMEM;
}
