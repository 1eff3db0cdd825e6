/* SPDX-License-Identifier: Apache-2.0 */

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bundle.h"
#include "store/store.h"

struct sum {
        char *name;
        uint64_t size;
        struct vg_hash hash;
};

struct bundle {
        char *path, *beside, *top; /* top NULL: a folder */
        int fd;
        int64_t utc_s;
        struct archive *tar;
        FILE *part;
        struct sum *sums;
        size_t n;
};

static int tar_failed(const struct bundle *b, struct vg_err *err)
{
        return vg_err_set(err, -EIO, "%s : l'archive ne peut pas être écrite (%s)", b->path,
                          vg_errno_text(archive_errno(b->tar)));
}

static int remove_one(const char *path, _unused_ const struct stat *st, _unused_ int kind,
                      _unused_ struct FTW *at)
{
        return remove(path);
}

/* The same calls write to the disk. What they make is readable by others only through the folder. */
static int open_folder(struct bundle *b, struct vg_err *err)
{
        if (access(b->path, F_OK) == 0)
                return vg_err_set(err, -EEXIST, "%s existe déjà", b->path);
        nftw(b->beside, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* of one that was cut short */
        if (mkdir(b->beside, 0750) < 0)
                return vg_err_set(err, -errno, "%s : %s", b->beside, vg_errno_text(errno));
        b->fd = open(b->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        b->tar = archive_write_disk_new();
        if (b->fd < 0 || !b->tar)
                return vg_err_set(err, -EIO, "%s : %s", b->beside, vg_errno_text(errno));
        return 0;
}

static int open_tar(struct bundle *b, struct vg_err *err)
{
        b->fd = open(b->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (b->fd < 0)
                return vg_err_set(err, -errno, "%s : %s", b->beside, vg_errno_text(errno));
        b->tar = archive_write_new();
        if (!b->tar)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (archive_write_set_format_pax_restricted(b->tar) != ARCHIVE_OK ||
            archive_write_open_fd(b->tar, b->fd) != ARCHIVE_OK)
                return tar_failed(b, err);
        return 0;
}

int bundle_new(const char *path, const char *top, int64_t utc_s, struct bundle **ret_bundle,
               struct vg_err *err)
{
        _cleanup_(bundle_freep) struct bundle *b = calloc(1, sizeof(*b));

        if (!b)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        b->fd = -1;
        b->utc_s = utc_s;
        b->path = strdup(path);
        b->top = top ? strdup(top) : NULL;
        if (asprintf(&b->beside, "%s.part", path) < 0)
                b->beside = NULL;
        if (!b->path || (top && !b->top) || !b->beside)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int r = top ? open_tar(b, err) : open_folder(b, err);
        if (r < 0)
                return r;
        *ret_bundle = TAKE_PTR(b);
        return 0;
}

void bundle_free(struct bundle *b)
{
        if (!b)
                return;
        if (b->tar)
                archive_write_free(b->tar);
        if (b->part)
                fclose(b->part);
        if (b->fd >= 0) { /* not finished */
                close(b->fd);
                nftw(b->beside, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        }
        for (size_t i = 0; i < b->n; i++)
                free(b->sums[i].name);
        free(b->sums);
        free(b->path);
        free(b->beside);
        free(b->top);
        free(b);
}

/* ---- parts ---- */

FILE *bundle_begin(struct bundle *b)
{
        if (b->part)
                fclose(b->part);
        b->part = tmpfile();
        return b->part;
}

static int put_header(struct bundle *b, const char *name, uint64_t size, struct vg_err *err)
{
        _cleanup_free_ char *full = NULL;
        struct archive_entry *entry = archive_entry_new();
        int r = -ENOMEM;

        if (entry && asprintf(&full, "%s/%s", b->top ? b->top : b->beside, name) >= 0) {
                archive_entry_set_pathname(entry, full);
                archive_entry_set_size(entry, (la_int64_t)size);
                archive_entry_set_filetype(entry, AE_IFREG);
                archive_entry_set_perm(entry, 0644);
                archive_entry_set_mtime(entry, b->utc_s, 0);
                r = archive_write_header(b->tar, entry) == ARCHIVE_OK ? 0 : tar_failed(b, err);
        } else {
                vg_err_set(err, r, "mémoire épuisée");
        }
        archive_entry_free(entry);
        return r;
}

static int remember(struct bundle *b, const char *name, uint64_t size, const struct vg_hash *hash,
                    struct vg_err *err)
{
        struct sum *bigger = reallocarray(b->sums, b->n + 1, sizeof(*bigger));

        if (bigger)
                b->sums = bigger;
        char *copy = strdup(name);
        if (!bigger || !copy) {
                free(copy);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        b->sums[b->n++] = (struct sum){ copy, size, *hash };
        return 0;
}

static int copy_part(struct bundle *b, const void *bytes, size_t n, struct vg_err *err)
{
        return !n || archive_write_data(b->tar, bytes, n) == (la_ssize_t)n ? 0 : tar_failed(b, err);
}

/* The part's file as it is, seen through the memory map: into the tar, and hashed. */
int bundle_end(struct bundle *b, const char *name, struct vg_err *err)
{
        struct bundle_map map = { 0 };
        struct vg_hash hash;
        int r = b->part ? bundle_map(b->part, &map, err)
                        : vg_err_set(err, -errno, "fichier de travail impossible : %s",
                                     vg_errno_text(errno));

        if (r == 0)
                r = put_header(b, name, map.n, err);
        if (r == 0)
                r = copy_part(b, map.bytes, map.n, err);
        if (r == 0)
                r = bundle_hash(map.bytes, map.n, &hash, err);
        if (r == 0)
                r = remember(b, name, map.n, &hash, err);
        bundle_unmap(&map);
        if (b->part)
                fclose(b->part);
        b->part = NULL;
        return r;
}

int bundle_add(struct bundle *b, const char *name, const void *bytes, size_t n, struct vg_err *err)
{
        FILE *part = bundle_begin(b);

        if (part)
                fwrite(bytes, 1, n, part);
        return bundle_end(b, name, err);
}

/* ---- the end ---- */

static int put_manifest(struct bundle *b, struct vg_json *head, struct vg_err *err)
{
        char hex[2 * VG_HASH_SIZE + 1];

        vg_json_array(head, "parts");
        for (size_t i = 0; i < b->n; i++) {
                vg_json_object(head, NULL);
                vg_json_string(head, "name", b->sums[i].name);
                vg_json_string(head, "sha256",
                               vg_hex_format(b->sums[i].hash.bytes, VG_HASH_SIZE, hex));
                vg_json_int(head, "size", (int64_t)b->sums[i].size);
                vg_json_end_object(head);
        }
        vg_json_end_array(head);
        vg_json_end_object(head);
        vg_buf_puts(&head->buf, "\n");
        if (head->buf.failed)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return bundle_add(b, "manifest.json", head->buf.data, head->buf.n, err);
}

int bundle_sum(struct bundle *b, struct vg_json *head, struct vg_hash *ret_digest,
               struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf sums = { 0 };
        char hex[2 * VG_HASH_SIZE + 1];
        int r = put_manifest(b, head, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < b->n; i++)
                vg_buf_printf(&sums, "%s  %s\n",
                              vg_hex_format(b->sums[i].hash.bytes, VG_HASH_SIZE, hex),
                              b->sums[i].name);
        if (sums.failed)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        r = bundle_add(b, "SHA256SUMS", sums.data, sums.n, err);
        if (r == 0)
                *ret_digest = b->sums[b->n - 1].hash;
        return r;
}

int bundle_finish(struct bundle *b, struct vg_err *err)
{
        if (archive_write_close(b->tar) != ARCHIVE_OK)
                return tar_failed(b, err);
        if ((b->top ? fsync(b->fd) : syncfs(b->fd)) < 0 || rename(b->beside, b->path) < 0)
                return vg_err_set(err, -errno, "%s : %s", b->path, vg_errno_text(errno));
        close(b->fd);
        b->fd = -1;
        return 0;
}

size_t bundle_n_parts(const struct bundle *b)
{
        return b->n;
}
