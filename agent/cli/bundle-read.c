/* SPDX-License-Identifier: Apache-2.0 */

/* A bundle that somebody hands over: nothing of it is believed, nothing is extracted. */

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bundle.h"

enum { PARTS_MAX = 10000, NAME_MAX_BYTES = 200, BLOCK = 1 << 16 };

static void archive_freep(struct archive **tar)
{
        if (*tar)
                archive_read_free(*tar);
}

void bundle_parts_done(struct bundle_parts *parts)
{
        for (size_t i = 0; i < parts->n; i++) {
                free(parts->list[i].name);
                free(parts->list[i].bytes);
        }
        free(parts->list);
        free(parts->top);
        *parts = (struct bundle_parts){ 0 };
}

const struct bundle_part *bundle_part_find(const struct bundle_parts *parts, const char *name)
{
        for (size_t i = 0; i < parts->n; i++)
                if (strcmp(parts->list[i].name, name) == 0)
                        return &parts->list[i];
        return NULL;
}

static int refuse(const char *path, const char *why, struct vg_err *err)
{
        return vg_err_set(err, -EINVAL, "%s : %s", path, why);
}

static int open_tar(const char *path, struct archive **ret_tar, struct vg_err *err)
{
        _cleanup_(archive_freep) struct archive *tar = archive_read_new();

        if (!tar)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        archive_read_support_format_tar(tar); /* and no compression: nothing may swell */
        if (archive_read_open_filename(tar, path, BLOCK) != ARCHIVE_OK)
                return refuse(path, _("le fichier ne peut pas être lu"), err);
        *ret_tar = TAKE_PTR(tar);
        return 0;
}

bool bundle_name_is_plain(const char *name)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789._-/";

        return *name && *name != '/' && strlen(name) <= NAME_MAX_BYTES &&
               strspn(name, letters) == strlen(name) && !strstr(name, "..");
}

/* "top/name": the name below the folder, or NULL where it is not of that form. */
static const char *name_below(const char *full, const char *top)
{
        const char *slash = full ? strchr(full, '/') : NULL;

        if (!slash || !slash[1] || !bundle_name_is_plain(full))
                return NULL;
        if (top && (strlen(top) != (size_t)(slash - full) ||
                    strncmp(full, top, (size_t)(slash - full)) != 0))
                return NULL;
        return slash + 1;
}

/* 0, or 1 after the last one. */
static int next_part(struct archive *tar, const char *path, const char *top,
                     struct archive_entry **ret_entry, const char **ret_name, struct vg_err *err)
{
        for (;;) {
                int r = archive_read_next_header(tar, ret_entry);
                if (r == ARCHIVE_EOF)
                        return 1;
                if (r != ARCHIVE_OK)
                        return refuse(path,
                                      _("ce n'est pas une archive tar, ou elle est endommagée"),
                                      err);
                if (archive_entry_filetype(*ret_entry) == AE_IFDIR)
                        continue;
                *ret_name = name_below(archive_entry_pathname(*ret_entry), top);
                if (!*ret_name || archive_entry_filetype(*ret_entry) != AE_IFREG ||
                    archive_entry_hardlink(*ret_entry))
                        return refuse(path, _("partie d'un nom ou d'un genre inattendu"), err);
                return 0;
        }
}

/* The part into a working file. */
static int unpack(struct archive *tar, const char *path, FILE *file, struct vg_err *err)
{
        const void *bytes;
        size_t n;
        la_int64_t at;
        int r;

        while ((r = archive_read_data_block(tar, &bytes, &n, &at)) == ARCHIVE_OK)
                if (at != ftello(file) || fwrite(bytes, 1, n, file) != n)
                        return refuse(path, _("partie à trous, ou disque plein"), err);
        return r == ARCHIVE_EOF ? 0 : refuse(path, _("l'archive est endommagée ou tronquée"), err);
}

int bundle_part_add(struct bundle_parts *parts, const char *path, const char *name,
                    const struct bundle_map *map, struct vg_err *err)
{
        struct bundle_part part = { .size = map->n };
        struct bundle_part *bigger;
        int r;

        if (parts->n == PARTS_MAX || bundle_part_find(parts, name))
                return refuse(path, _("trop de parties, ou deux du même nom"), err);
        r = bundle_hash(map->bytes, map->n, &part.hash, err);
        if (r < 0)
                return r;
        bigger = reallocarray(parts->list, parts->n + 1, sizeof(*bigger));
        if (bigger)
                parts->list = bigger;
        part.name = strdup(name);
        if (map->n <= BUNDLE_HELD_MAX - parts->n_held) {
                part.bytes = calloc(1, map->n + 1);
                parts->n_held += map->n;
                if (part.bytes && map->n)
                        memcpy(part.bytes, map->bytes, map->n);
        }
        if (!bigger || !part.name) {
                free(part.name);
                free(part.bytes);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        parts->list[parts->n++] = part;
        return 0;
}

static int read_part(struct archive *tar, const char *path, const char *name,
                     struct bundle_parts *parts, struct vg_err *err)
{
        struct bundle_map map = { 0 };
        FILE *file = tmpfile();
        int r = file ? unpack(tar, path, file, err)
                     : vg_err_set(err, -errno, "fichier de travail impossible : %s",
                                  vg_errno_text(errno));

        if (r == 0)
                r = bundle_map(file, &map, err);
        if (r == 0)
                r = bundle_part_add(parts, path, name, &map, err);
        bundle_unmap(&map);
        if (file)
                fclose(file);
        return r;
}

static int note_top(struct bundle_parts *parts, const char *full)
{
        if (!parts->top)
                parts->top = strndup(full, (size_t)(strchr(full, '/') - full));
        return parts->top ? 0 : -ENOMEM;
}

static int read_tar(const char *path, struct bundle_parts *ret_parts, struct vg_err *err)
{
        _cleanup_(bundle_parts_done) struct bundle_parts parts = { 0 };
        _cleanup_(archive_freep) struct archive *tar = NULL;
        struct archive_entry *entry;
        const char *name;
        int r = open_tar(path, &tar, err);

        while (r == 0 && (r = next_part(tar, path, parts.top, &entry, &name, err)) == 0) {
                r = note_top(&parts, archive_entry_pathname(entry));
                if (r == 0)
                        r = read_part(tar, path, name, &parts, err);
        }
        if (r < 0)
                return r;
        *ret_parts = parts;
        parts = (struct bundle_parts){ 0 };
        return 0;
}

int bundle_read(const char *path, struct bundle_parts *ret_parts, struct vg_err *err)
{
        return bundle_is_folder(path) ? bundle_folder_read(path, ret_parts, err)
                                      : read_tar(path, ret_parts, err);
}

/* ---- lines ---- */

static int each_line(const struct bundle_map *map, bundle_line_fn *fn, void *user,
                     struct vg_err *err)
{
        const char *at = map->bytes, *end = at ? at + map->n : at;

        while (at < end) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                const size_t n = (size_t)((newline ? newline : end) - at);
                if (n > BUNDLE_HELD_MAX)
                        return vg_err_set(err, -EFBIG, "ligne démesurée");
                int r = fn(user, at, n, err);
                if (r < 0)
                        return r;
                at += n + 1;
        }
        return 0;
}

/* The part of that name into a working file. */
static int find_part(const char *path, const char *name, FILE **ret_file, struct vg_err *err)
{
        _cleanup_(archive_freep) struct archive *tar = NULL;
        struct archive_entry *entry;
        const char *found;
        int r = open_tar(path, &tar, err);

        while (r == 0 && (r = next_part(tar, path, NULL, &entry, &found, err)) == 0)
                if (strcmp(found, name) == 0)
                        break;
        if (r != 0)
                return r < 0 ? r : refuse(path, name, err);
        *ret_file = tmpfile();
        return *ret_file ? unpack(tar, path, *ret_file, err)
                         : vg_err_set(err, -errno, "%s", vg_errno_text(errno));
}

int bundle_lines(const char *path, const char *name, bundle_line_fn *fn, void *user,
                 struct vg_err *err)
{
        struct bundle_map map = { 0 };
        FILE *file = NULL;
        int r = bundle_is_folder(path) ? bundle_folder_open(path, name, &file, err)
                                       : find_part(path, name, &file, err);

        if (r == 0)
                r = bundle_map(file, &map, err);
        if (r == 0)
                r = each_line(&map, fn, user, err);
        bundle_unmap(&map);
        if (file)
                fclose(file);
        return r;
}
