/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

/* The n-th word (from 0) of a line of words. */
static const char *word_at(const char *line, size_t n_line, unsigned n, size_t *ret_n)
{
        const char *at = line, *end = line + n_line;

        for (;;) {
                const char *stop = memchr(at, ' ', (size_t)(end - at));
                *ret_n = (size_t)((stop ? stop : end) - at);
                if (n-- == 0)
                        return at;
                if (!stop)
                        return NULL;
                at = stop + 1;
        }
}

static void copy_word(const char *word, size_t n, char *out, size_t size)
{
        if (out[0] || n >= size) /* the first mount of a kind is the one people mean */
                return;
        memcpy(out, word, n);
        out[n] = '\0';
}

/* "36 25 0:32 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct" */
static void take_mount(const char *line, size_t n, struct cgroup_mounts *mounts)
{
        size_t n_root, n_where, n_type, n_options;
        const char *dash = memmem(line, n, " - ", 3);
        if (!dash)
                return;

        const char *behind = dash + 3;
        size_t n_behind = n - (size_t)(behind - line);
        const char *root = word_at(line, (size_t)(dash - line), 3, &n_root);
        const char *where = word_at(line, (size_t)(dash - line), 4, &n_where);
        const char *type = word_at(behind, n_behind, 0, &n_type);
        const char *options = word_at(behind, n_behind, 2, &n_options);
        if (!root || !where || !type || !options || n_root != 1)
                return;

        if (n_type == 7 && memcmp(type, "cgroup2", 7) == 0)
                copy_word(where, n_where, mounts->unified, sizeof(mounts->unified));
        if (n_type == 6 && memcmp(type, "cgroup", 6) == 0 &&
            vg_text_has_word(options, n_options, ',', "cpuacct"))
                copy_word(where, n_where, mounts->cpuacct, sizeof(mounts->cpuacct));
}

void cgroup_mounts_parse(const char *mountinfo, struct cgroup_mounts *ret_mounts)
{
        *ret_mounts = (struct cgroup_mounts){ 0 };
        for (const char *line = mountinfo; *line;) {
                size_t n = strcspn(line, "\n");
                take_mount(line, n, ret_mounts);
                line += n + (line[n] == '\n');
        }
}

/* The length of a path without that tail; 0: it has another. */
static size_t without(const char *path, size_t n, const char *tail)
{
        const size_t n_tail = strlen(tail);

        return n > n_tail && memcmp(path + n - n_tail, tail, n_tail) == 0 ? n - n_tail : 0;
}

struct group { /* whose children are the groups of one QEMU's threads */
        const char *mount, *file;
        const char *path; /* below mount; not ended */
        size_t n;         /* 0: none */
};

/* "2:cpu,cpuacct:/machine/qemu-1-a.libvirt-qemu/emulator"; "0::/…" is version 2. */
static struct group find_group(const char *cgroup, const struct cgroup_mounts *mounts)
{
        struct group found = { 0 };

        for (const char *line = cgroup; *line;) {
                size_t n = strcspn(line, "\n");
                const char *list = memchr(line, ':', n);
                const char *path =
                        list ? memchr(list + 1, ':', n - (size_t)(list + 1 - line)) : NULL;
                if (path) {
                        size_t n_list = (size_t)(path - list - 1);
                        size_t n_own =
                                without(path + 1, n - (size_t)(path + 1 - line), "/emulator");
                        if (n_own && mounts->cpuacct[0] &&
                            vg_text_has_word(list + 1, n_list, ',', "cpuacct"))
                                return (struct group){ mounts->cpuacct, "cpuacct.usage", path + 1,
                                                       n_own };
                        if (n_own && mounts->unified[0] && n_list == 0)
                                found = (struct group){ mounts->unified, "cpu.stat", path + 1,
                                                        n_own };
                }
                line += n + (line[n] == '\n');
        }
        return found;
}

static int format_path(const struct group *group, size_t n_group, const char *file, char *path,
                       size_t size)
{
        int n = snprintf(path, size, "%s%.*s%s%s", group->mount, (int)n_group, group->path,
                         file ? "/" : "", file ? file : "");

        return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

int cgroup_cpu_path(const char *cgroup, const struct cgroup_mounts *mounts, char *path, size_t size)
{
        const struct group group = find_group(cgroup, mounts);
        /* What a scope of systemd holds is below it; the scope counts all of it. */
        const size_t n_scope = without(group.path, group.n, "/libvirt");

        return group.n ? format_path(&group, n_scope ? n_scope : group.n, group.file, path, size)
                       : -ENOENT;
}

int cgroup_threads_path(const char *cgroup, const struct cgroup_mounts *mounts, char *path,
                        size_t size)
{
        const struct group group = find_group(cgroup, mounts);

        return group.n ? format_path(&group, group.n, NULL, path, size) : -ENOENT;
}

int cgroup_cpu_parse(const char *text, uint64_t *ret_ns)
{
        static const char key[] = "usage_usec ";
        const bool is_stat = strncmp(text, key, sizeof(key) - 1) == 0;
        const char *digits = is_stat ? text + sizeof(key) - 1 : text;
        size_t n = strspn(digits, "0123456789");
        char number[24];
        uint64_t value;

        if (!n || n >= sizeof(number))
                return -EINVAL;
        memcpy(number, digits, n);
        number[n] = '\0';
        if (vg_u64_parse(number, &value) < 0)
                return -EINVAL;
        return vg_mul_u64(value, is_stat ? 1000 : 1, ret_ns);
}
