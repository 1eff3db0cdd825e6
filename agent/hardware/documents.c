/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/documents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "os/files.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/search.h"

void documents_done(struct documents *d)
{
        for (size_t i = 0; i < d->n; i++) {
                free(d->rows[i].path);
                free(d->rows[i].bytes);
        }
        free(d->rows);
        *d = (struct documents){ 0 };
}

static int order(const void *rows, size_t i, const void *path)
{
        return strcmp(((const struct document *)rows)[i].path, path);
}

/* Where path is, or would be. */
static size_t place_of(const struct documents *d, const char *path, bool *ret_found)
{
        return vg_search(d->rows, d->n, order, path, ret_found);
}

static int make_room(struct documents *d)
{
        if (d->n < d->size)
                return 0;
        if (d->n >= DOCUMENTS_MAX)
                return -EFBIG;

        const size_t size = d->size ? 2 * d->size : 64;
        struct document *rows = reallocarray(d->rows, size, sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        d->rows = rows;
        d->size = size;
        return 0;
}

/* The row of path, empty where it is new. */
static int row_of(struct documents *d, const char *path, struct document **ret_row)
{
        bool found;
        const size_t at = place_of(d, path, &found);

        if (!found) {
                int r = make_room(d);
                char *copy = r == 0 ? strdup(path) : NULL;
                if (!copy)
                        return r < 0 ? r : -ENOMEM;
                memmove(&d->rows[at + 1], &d->rows[at], (d->n - at) * sizeof(*d->rows));
                d->rows[at] = (struct document){ .path = copy };
                d->n++;
        }
        *ret_row = &d->rows[at];
        return 0;
}

int documents_append(struct documents *d, const char *path, const char *bytes, size_t n)
{
        struct document *row;

        if (n > DOCUMENTS_BYTES_MAX - d->n_bytes)
                return -EFBIG;

        int r = row_of(d, path, &row);
        if (r < 0)
                return r;
        char *grown = realloc(row->bytes, row->n + n + 1);
        if (!grown)
                return -ENOMEM;
        memcpy(grown + row->n, bytes, n);
        row->bytes = grown;
        row->n += n;
        row->bytes[row->n] = '\0';
        d->n_bytes += n;
        return 0;
}

void documents_remove(struct documents *d, const char *path)
{
        bool found;
        const size_t at = place_of(d, path, &found);

        if (!found)
                return;
        d->n_bytes -= d->rows[at].n;
        free(d->rows[at].path);
        free(d->rows[at].bytes);
        d->n--;
        memmove(&d->rows[at], &d->rows[at + 1], (d->n - at) * sizeof(*d->rows));
}

int documents_put(struct documents *d, const char *path, const char *bytes, size_t n)
{
        documents_remove(d, path);
        return documents_append(d, path, bytes, n);
}

const struct document *documents_find(const struct documents *d, const char *path)
{
        bool found;
        const size_t at = place_of(d, path, &found);

        return found ? &d->rows[at] : NULL;
}

/* ---- to a folder ---- */

/* Names come from a BMC: none may be "..", hidden, or empty. */
static bool is_safe(const char *path)
{
        for (const char *part = path;; part++) {
                const size_t n = strcspn(part, "/");
                if (n == 0 || n > 200 || part[0] == '.')
                        return false;
                part += n;
                if (!*part)
                        return true;
        }
}

static int make_folders(char *path, size_t n_fixed)
{
        for (char *slash = strchr(path + n_fixed, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                const int r = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
                *slash = '/';
                if (r < 0)
                        return r;
        }
        return 0;
}

static int write_one(const struct document *row, const char *folder)
{
        _cleanup_free_ char *path = NULL;

        if (!is_safe(row->path))
                return -EINVAL;
        if (asprintf(&path, "%s/%s", folder, row->path) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        int r = make_folders(path, strlen(folder) + 1);
        if (r < 0)
                return r;
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        for (size_t at = 0; at < row->n;) {
                const ssize_t n = write(fd, row->bytes + at, row->n - at);
                if (n < 0 && errno != EINTR)
                        return -errno;
                at += n > 0 ? (size_t)n : 0;
        }
        return 0;
}

int documents_write(const struct documents *d, const char *folder, struct vg_err *err)
{
        for (size_t i = 0; i < d->n; i++) {
                int r = write_one(&d->rows[i], folder);
                if (r < 0)
                        return vg_err_set(err, r, "%s/%s : %s", folder, d->rows[i].path,
                                          strerror(-r));
        }
        return 0;
}
