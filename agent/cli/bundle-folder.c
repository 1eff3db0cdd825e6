/* SPDX-License-Identifier: Apache-2.0 */

/* An unpacked bundle. */

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bundle.h"

bool bundle_is_folder(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A regular file, and not through a link, whatever happened to it since it was looked at. */
static int open_file(const char *path, FILE **ret_file, struct vg_err *err)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !(*ret_file = fdopen(fd, "re"))) {
                close(fd);
                return vg_err_set(err, -EINVAL, "%s : pas un fichier ordinaire", path);
        }
        return 0;
}

int bundle_folder_open(const char *path, const char *name, FILE **ret_file, struct vg_err *err)
{
        _cleanup_free_ char *full = NULL;

        if (asprintf(&full, "%s/%s", path, name) < 0) {
                full = NULL;
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        return open_file(full, ret_file, err);
}

static int read_file(const char *full, const char *name, struct bundle_parts *parts,
                     struct vg_err *err)
{
        struct bundle_map map = { 0 };
        FILE *file = NULL;
        int r = open_file(full, &file, err);

        if (r == 0)
                r = bundle_map(file, &map, err);
        if (r == 0)
                r = bundle_part_add(parts, full, name, &map, err);
        bundle_unmap(&map);
        if (file)
                fclose(file);
        return r;
}

static int take(const FTSENT *entry, size_t n_path, struct bundle_parts *parts, struct vg_err *err)
{
        const char *name = entry->fts_path + n_path;

        if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP)
                return 0;
        if (entry->fts_info != FTS_F || !bundle_name_is_plain(name))
                return vg_err_set(err, -EINVAL, "%s : %s", entry->fts_path,
                                  _("partie d'un nom ou d'un genre inattendu"));
        return read_file(entry->fts_accpath, name, parts, err);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
        return strcmp((*a)->fts_name, (*b)->fts_name);
}

int bundle_folder_read(const char *path, struct bundle_parts *ret_parts, struct vg_err *err)
{
        _cleanup_(bundle_parts_done) struct bundle_parts parts = { 0 };
        _cleanup_free_ char *root = strdup(path);
        size_t n = root ? strlen(root) : 0;
        FTS *tree = NULL;
        FTSENT *entry;
        int r = 0;

        while (n > 1 && root[n - 1] == '/')
                root[--n] = '\0';
        if (root)
                tree = fts_open((char *[]){ root, NULL }, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV,
                                by_name);
        if (!tree)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        while (r == 0 && (errno = 0, entry = fts_read(tree)))
                r = take(entry, n + 1, &parts, err);
        if (r == 0 && errno)
                r = vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        fts_close(tree);
        if (r < 0)
                return r;
        *ret_parts = parts;
        parts = (struct bundle_parts){ 0 };
        return 0;
}
