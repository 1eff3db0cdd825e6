/* SPDX-License-Identifier: Apache-2.0 */

/* capture-path: where a path of host.json leads, and what lies beneath. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/capture-look.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { CHAIN_MAX = 128, SLAVES_MAX = 8 };

/* ---- encryption: dm-crypt somewhere under the device ---- */

/* 1: it is, 0: it is not, -1: not to be seen. device: "dm-3", "sda1". */
static int is_crypt(const struct host_tree *tree, const char *device, int depth)
{
        char path[PATH_MAX];
        const char *node;
        json_t *kind;

        snprintf(path, sizeof(path), "/sys/block/%.200s/dm/uuid", device);
        const char *uuid = host_tree_text(tree, path);
        if (strncmp(device, "dm-", 3) != 0)
                return 0;
        if (!uuid)
                return -1;
        if (strncmp(uuid, "CRYPT-", 6) == 0)
                return 1;

        const int n = snprintf(path, sizeof(path), "/sys/block/%.200s/slaves/", device);
        int all = -1;
        json_object_foreach (tree->nodes, node, kind)
                if (depth < SLAVES_MAX && strncmp(node, path, (size_t)n) == 0 &&
                    !strchr(node + n, '/')) {
                        const int one = is_crypt(tree, node + n, depth + 1);
                        all = all < 0 || one < all ? one : all;
                }
        return all < 0 ? 0 : all;
}

/* The device that the mapper gives this name. "": not to be seen. */
static void find_mapped(const struct host_tree *tree, const char *name, char device[NAME_MAX + 1])
{
        const size_t n = strlen(name);
        const char *node;
        json_t *kind;

        device[0] = '\0';
        json_object_foreach (tree->nodes, node, kind) {
                const char *rest = strncmp(node, "/sys/block/", 11) == 0 ? node + 11 : "";
                const size_t n_device = strcspn(rest, "/");
                if (n_device > NAME_MAX || strcmp(rest + n_device, "/dm/name") != 0)
                        continue;
                const char *is = host_tree_text(tree, node);
                if (is && strncmp(is, name, n) == 0 && !is[n + strspn(is + n, "\n")])
                        snprintf(device, NAME_MAX + 1, "%.*s", (int)n_device, rest);
        }
}

/* Of a device file, by the name that it has in the end. */
static int device_is_crypt(const struct host_tree *tree, const char *path)
{
        struct host_place place;
        char mapped[NAME_MAX + 1];

        host_tree_find(tree, path, &place);
        const char *real = *place.real ? place.real : path;
        if (strncmp(real, "/dev/mapper/", 12) == 0) {
                find_mapped(tree, real + 12, mapped);
                return *mapped ? is_crypt(tree, mapped, 0) : -1;
        }
        if (strncmp(real, "/dev/", 5) != 0 || strchr(real + 5, '/'))
                return -1;
        return is_crypt(tree, real + 5, 0);
}

/* The n-th word of a line, from 0. */
static const char *word(const char *line, int n, size_t *ret_length)
{
        while (n-- > 0) {
                line += strcspn(line, " \n");
                line += strspn(line, " ");
        }
        *ret_length = strcspn(line, " \n");
        return line;
}

static bool is_below(const char *path, const char *folder, size_t n)
{
        if (n == 1 && *folder == '/')
                return true;
        return strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n]);
}

/* /proc/mounts names the device first; mountinfo behind its " - " the type and then the device. */
static int file_is_crypt(const struct host_tree *tree, const char *real)
{
        static const struct {
                const char *path;
                int folder;
        } tables[] = { { "/proc/self/mountinfo", 4 },
                       { "/proc/1/mountinfo", 4 },
                       { "/proc/mounts", 1 },
                       { "/proc/self/mounts", 1 } };
        char device[PATH_MAX] = "";
        size_t best = 0, n;

        for (size_t i = 0; i < ELEMENTSOF(tables) && !best; i++)
                for (const char *at = host_tree_text(tree, tables[i].path); at && *at;
                     at += strcspn(at, "\n"), at += *at == '\n') {
                        const char *folder = word(at, tables[i].folder, &n);
                        const char *dash = tables[i].folder == 4 ? strstr(at, " - ") : at;
                        size_t length;
                        if (!dash || n < best || !is_below(real, folder, n))
                                continue;
                        const char *name = word(dash + (dash != at), dash != at ? 2 : 0, &length);
                        snprintf(device, sizeof(device), "%.*s", (int)length, name);
                        best = n;
                }
        return *device ? device_is_crypt(tree, device) : -1;
}

/* ---- headers ---- */

static int put_named(struct capture *capture, json_t *piece, const json_t *header, const char *key,
                     const char *image, int depth)
{
        const char *name = json_string_value(json_object_get(header, key));
        char path[PATH_MAX];

        if (!name || !*name)
                return 0;
        if (depth == CHAIN_MAX || !vg_backing_resolve(name, image, path, sizeof(path)))
                return json_object_set_new(piece, "backing_bad", json_integer(1));
        if (json_object_set_new(piece, key, json_string(path)) < 0)
                return -ENOMEM;
        return *path == '/' ? capture_put_path(capture, path, depth + 1) : 0;
}

static int put_header(struct capture *capture, json_t *piece, const struct host_place *place,
                      int depth)
{
        const json_t *header = json_object_get(capture->tree.qcow2, place->self);
        const char *below = json_string_value(json_object_get(header, "backing_format"));
        int r = json_object_set_new(piece, "format", json_string("qcow2"));

        if (r == 0 && below && strcmp(below, "raw") == 0)
                r = json_object_set_new(piece, "backing_raw", json_integer(1));
        if (r == 0)
                r = put_named(capture, piece, header, "backing", place->real, depth);
        return r == 0 ? put_named(capture, piece, header, "data_file", place->real, depth) : r;
}

/* ---- one path ---- */

static const char *mode_of(const struct host_tree *tree, const struct host_place *place)
{
        return json_string_value(json_object_get(tree->modes, place->self));
}

/* Whether others may walk through every folder above: -1 where one was not seen to say. */
static int is_open(const struct host_tree *tree, const char *real)
{
        char folder[PATH_MAX];

        snprintf(folder, sizeof(folder), "%s", real);
        for (char *slash; (slash = strrchr(folder, '/'));) {
                slash[slash == folder] = '\0';
                const char *text = json_string_value(json_object_get(tree->modes, folder));
                if (!text || !*text)
                        return -1;
                if (!(text[strlen(text) - 1] & 1)) /* the last octal digit */
                        return 0;
                if (slash == folder)
                        break;
        }
        return 1;
}

static int set(json_t *piece, const char *key, json_t *value)
{
        return json_object_set_new(piece, key, value) < 0 ? -ENOMEM : 0;
}

static int fill(struct capture *capture, json_t *piece, const struct host_place *place, int depth)
{
        const struct host_tree *tree = &capture->tree;
        const char *mode = mode_of(tree, place);
        const bool is_device = strncmp(place->real, "/dev/", 5) == 0;
        const int crypt =
                is_device ? device_is_crypt(tree, place->real) : file_is_crypt(tree, place->real);
        const int open = mode ? is_open(tree, place->real) : -1;
        int r = set(piece, "dev", json_string("capture"));

        if (r == 0)
                r = set(piece, "ino", json_string(place->self));
        if (r == 0 && place->end == HOST_DIR)
                r = set(piece, "kind", json_string("dir"));
        else if (r == 0 && !is_device)
                r = set(piece, "kind", json_string("file"));
        if (r == 0 && mode)
                r = set(piece, "mode", json_string(mode));
        if (r == 0 && open >= 0)
                r = set(piece, "open", json_integer(open));
        if (r == 0 && crypt >= 0)
                r = set(piece, "crypt", json_integer(crypt));
        if (r == 0 && place->end == HOST_QCOW2)
                r = put_header(capture, piece, place, depth);
        return r;
}

/* Where links were seen to lead, and whether the mapper encrypts a device that was not listed. */
static void fill_missing(struct capture *capture, json_t *piece, const struct host_place *place,
                         const char *path)
{
        const int crypt =
                strncmp(place->real, "/dev/", 5) == 0 ? device_is_crypt(&capture->tree, path) : -1;

        if (place->real[0])
                json_object_set_new(piece, "toward", json_string(place->real));
        if (crypt >= 0)
                json_object_set_new(piece, "crypt", json_integer(crypt));
}

int capture_put_path(struct capture *capture, const char *path, int depth)
{
        json_t *piece;
        struct host_place place;

        /* Longer than any kernel takes: nothing is there. */
        if (strlen(path) >= PATH_MAX || json_object_get(capture->seen, path))
                return 0;
        if (json_object_set_new(capture->seen, path, json_true()) < 0)
                return vg_err_set(capture->err, -ENOMEM, "mémoire épuisée");
        host_tree_find(&capture->tree, path, &place);
        const bool is_there = place.end != HOST_MISSING;
        piece = json_pack("{s:s, s:s, s:s}", "key", path, "real", is_there ? place.real : "",
                          "scope", "path");
        if (piece && !is_there)
                fill_missing(capture, piece, &place, path);
        if (piece && is_there && fill(capture, piece, &place, depth) < 0) {
                json_decref(piece);
                return capture->err->code ? capture->err->code
                                          : vg_err_set(capture->err, -ENOMEM, "mémoire épuisée");
        }
        return capture_put(capture, piece);
}
