/* SPDX-License-Identifier: Apache-2.0 */

#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static int fail(struct vg_err *err, int error, const char *path)
{
        return vg_err_set(err, -error, "%s : %s", path, vg_errno_text(error));
}

static int too_big(struct vg_err *err, const char *path, size_t max)
{
        return vg_err_set(err, -EFBIG, "%s : plus de %zu octets", path, max);
}

int vg_file_read(const char *path, size_t max, char **ret_bytes, size_t *ret_n, struct vg_err *err)
{
        const bool is_stdin = strcmp(path, "-") == 0;
        _cleanup_close_ int fd =
                is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        _cleanup_(vg_buf_done) struct vg_buf buf = { 0 };
        struct stat st;
        char chunk[16384];
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fail(err, errno, path);
        if (S_ISDIR(st.st_mode))
                return fail(err, EISDIR, path);
        if (S_ISREG(st.st_mode) && st.st_size > 0 && (size_t)st.st_size > max)
                return too_big(err, path, max);
        while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fail(err, errno, path);
                if (buf.n + (size_t)n > max)
                        return too_big(err, path, max);
                vg_buf_append(&buf, chunk, (size_t)n);
        }

        size_t size = buf.n;
        char *bytes = vg_buf_take(&buf);
        if (!bytes)
                return fail(err, ENOMEM, path);
        *ret_bytes = bytes;
        *ret_n = size;
        return 0;
}

static char *folder_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
}

static int sync_folder(const char *path)
{
        _cleanup_free_ char *dir = folder_of(path);
        _cleanup_close_ int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int vg_file_may_write(const char *path, struct vg_err *err)
{
        _cleanup_free_ char *dir = folder_of(path);

        if (dir && access(dir, W_OK | X_OK) == 0)
                return 0;
        return dir && errno == ENOENT
                       ? vg_err_set(err, -ENOENT, "%s : ce dossier n'existe pas; le créer d'abord",
                                    dir)
                       : fail(err, errno, dir ? dir : path);
}

static int write_all(int fd, const char *bytes, size_t n)
{
        while (n > 0) {
                ssize_t done = write(fd, bytes, n);
                if (done < 0 && errno == EINTR)
                        continue;
                if (done < 0)
                        return -errno;
                bytes += done;
                n -= (size_t)done;
        }
        return fsync(fd) < 0 ? -errno : 0;
}

int vg_file_write(const char *path, const void *bytes, size_t n, mode_t mode, struct vg_err *err)
{
        _cleanup_free_ char *temporary = NULL;
        struct stat st;

        /* The name would be taken away from a device or a pipe. */
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
                return vg_err_set(err, -EINVAL, "%s : ce n'est pas un fichier ordinaire", path);
        if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
                return fail(err, ENOMEM, path);

        _cleanup_close_ int fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return fail(err, errno, path);

        int r = fchmod(fd, mode) < 0 ? -errno : write_all(fd, bytes, n);
        if (r == 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0) {
                unlink(temporary);
                return fail(err, -r, path);
        }
        r = sync_folder(path);
        return r < 0 ? fail(err, -r, path) : 0;
}

/* The first bytes of a file; 0 where it cannot be read. */
static size_t read_head(const char *path, char *buf, size_t size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

        buf[n > 0 ? n : 0] = '\0';
        return n > 0 ? (size_t)n : 0;
}

/* Debian's data begins with "# version 2025b"; other builds have the bare name in +VERSION. */
char *vg_file_tzdata(char buf[32])
{
        static const char marker[] = "# version ";
        static const char *const names[] = { "tzdata.zi", "+VERSION" };
        const char *folder = getenv("TZDIR");
        char path[4096], head[64];

        snprintf(buf, 32, "unknown");
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                snprintf(path, sizeof(path), "%s/%s",
                         folder && *folder ? folder : "/usr/share/zoneinfo", names[i]);
                if (!read_head(path, head, sizeof(head)))
                        continue;
                const char *text =
                        strncmp(head, marker, strlen(marker)) == 0 ? head + strlen(marker) : head;
                const size_t n = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-");
                if (n == 0 || n > 31)
                        continue;
                snprintf(buf, 32, "%.*s", (int)n, text);
                return buf;
        }
        return buf;
}

int vg_file_zone(const char *name, struct vg_zone **ret_zone, struct vg_err *err)
{
        const char *folder = getenv("TZDIR");
        _cleanup_free_ char *path = NULL, *bytes = NULL;
        size_t n;

        if (strcmp(name, "America/Montreal") == 0)
                name = "America/Toronto";
        if (!*name || *name == '/' || strstr(name, ".."))
                return vg_err_set(err, -EINVAL, "fuseau horaire inconnu : %s", name);
        if (asprintf(&path, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name) < 0)
                return fail(err, ENOMEM, name);

        int r = vg_file_read(path, 1 << 20, &bytes, &n, err);
        if (r < 0)
                return vg_err_wrap(err, r, "fuseau horaire %s introuvable; apt-get install tzdata",
                                   name);
        r = vg_zone_parse(bytes, n, ret_zone, err);
        return r < 0 ? vg_err_wrap(err, r, "%s", path) : 0;
}
