/* SPDX-License-Identifier: Apache-2.0 */

/* path: names of places, and where they lead as far as it was seen. */

#include <string.h>

#include "storage.h"

const char *path_normal(struct arena *arena, const char *path)
{
        char *normal = arena_alloc(arena, strlen(path) + 2);
        size_t n = 0;

        if (!normal)
                return "";
        while (*path) {
                path += strspn(path, "/");
                size_t part = strcspn(path, "/");
                if (part == 2 && strncmp(path, "..", 2) == 0) {
                        while (n && normal[n - 1] != '/')
                                n--;
                        n -= n > 0;
                } else if (part && !(part == 1 && *path == '.')) {
                        normal[n++] = '/';
                        memcpy(normal + n, path, part);
                        n += part;
                }
                path += part;
        }
        if (!n)
                normal[n++] = '/';
        normal[n] = '\0';
        return normal;
}

bool path_is_under(const char *path, const char *prefix)
{
        size_t n = strlen(prefix);

        while (n && prefix[n - 1] == '/')
                n--;
        return strncmp(path, prefix, n) == 0 && (path[n] == '/' || !path[n]);
}

static const char *key_of(struct arena *arena, const struct path_fact *fact)
{
        const bool is_device = fact->kind && strcmp(fact->kind, "block") == 0;

        if (is_device && fact->rdev)
                return arena_printf(arena, "rdev:%s", fact->rdev);
        if (fact->dev && fact->ino)
                return arena_printf(arena, "ino:%s:%s", fact->dev, fact->ino);
        return arena_printf(arena, "path:%s", fact->real);
}

struct place place_of(struct judge *j, const char *path)
{
        const struct item *item = host_find(j->host, SCOPE_PATH, path);
        struct place place = { .fact = item ? &item->path : NULL };

        if (j->want)
                j->want(j->want_user, path);
        place.seen = item && *item->path.real;
        if (place.seen) {
                place.key = key_of(&j->arena, place.fact);
                place.path = place.fact->real;
        } else {
                place.path = path_normal(&j->arena,
                                         item && item->path.toward ? item->path.toward : path);
                place.key = arena_printf(&j->arena, "path:%s", place.path);
        }
        return place;
}
