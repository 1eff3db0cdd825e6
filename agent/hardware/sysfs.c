/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hardware/hardware.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { FILE_MAX = 64 << 10, FIRST_READ = 4096 };

static int read_link(const char *path, const char *name, struct documents *documents)
{
        char to[PATH_MAX];
        const ssize_t n = readlink(path, to, sizeof(to));

        return n < 0 ? -errno : documents_append(documents, name, to, (size_t)n);
}

static int read_into(const char *path, const char *name, struct documents *documents)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        char chunk[FIRST_READ];
        size_t total = 0;
        ssize_t n;
        int r = 0;

        if (fd < 0)
                return -errno;
        while (r == 0 && total < FILE_MAX && (n = read(fd, chunk, sizeof(chunk))) != 0) {
                if (n < 0 && errno == EISDIR)
                        return read_link(path, name, documents);
                if (n < 0)
                        return total ? 0 : -errno;
                r = documents_append(documents, name, chunk, (size_t)n);
                total += (size_t)n;
        }
        return r;
}

static int gather(const char *root, const char *pattern, struct documents *documents,
                  struct vg_err *err)
{
        _cleanup_free_ char *path = NULL;
        glob_t found = { 0 };
        int r = 0;

        if (asprintf(&path, "%s%s", root, pattern) < 0) {
                path = NULL;
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        if (glob(path, GLOB_NOSORT, NULL, &found) != 0)
                return 0;
        for (size_t i = 0; i < found.gl_pathc; i++) {
                const char *file = found.gl_pathv[i];
                int one = read_into(file, file + strlen(root) + 1, documents);
                if (one == -EACCES && r == 0)
                        r = vg_err_set(err, -EACCES, "%s : lecture refusée", file);
                if (one == -ENOMEM || one == -EFBIG)
                        r = vg_err_set(err, one, "%s : %s", file, strerror(-one));
        }
        globfree(&found);
        return r;
}

int sysfs_gather(const char *root, const char *const *patterns, struct documents *documents,
                 struct vg_err *err)
{
        int r = 0;

        for (; *patterns; patterns++) {
                struct vg_err one = { 0 };
                int failed = gather(root, *patterns, documents, &one);
                if (failed < 0 && r == 0) {
                        r = failed;
                        *err = one;
                }
        }
        return r;
}

bool sysfs_disk_is_fixed(const char *root, const char *disk)
{
        _cleanup_free_ char *path = NULL, *removable = NULL;
        char link[PATH_MAX];
        size_t n_bytes;

        if (asprintf(&path, "%s/sys/class/block/%s", root, disk) < 0) {
                path = NULL;
                return false;
        }
        const ssize_t n = readlink(path, link, sizeof(link) - 1);
        if (n < 0)
                return errno == ENOENT; /* behind a controller: the kernel shows none of it */
        link[n] = '\0';

        _cleanup_free_ char *file = NULL;
        if (asprintf(&file, "%s/removable", path) < 0) {
                file = NULL;
                return false;
        }
        return vg_file_read(file, 16, &removable, &n_bytes, NULL) == 0 &&
               sysfs_is_fixed(link, removable);
}

uint32_t sysfs_interval_s(const struct vg_settings *settings)
{
        return settings->hardware_sysfs_interval_s;
}

void sysfs_look(struct source *source)
{
        struct vg_err err = { 0 };
        int r = sysfs_gather(source->hardware->root, source->row->files, &source->documents, &err);

        if (r == -EACCES)
                source_unread(source, source->row->name, vg_err_text(&err));
        source_end(source, r == -EACCES ? 0 : r, vg_err_text(&err));
}
