/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/host-tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { LINKS_MAX = 40 };

/* "/a//b/./c" as "/a/b/c"; ".." as the parent. false: not absolute, or too long. */
static bool normal(const char *path, char out[PATH_MAX])
{
        size_t n = 0;

        if (*path != '/' || strlen(path) >= PATH_MAX)
                return false;
        while (*path) {
                path += strspn(path, "/");
                size_t part = strcspn(path, "/");
                if (part == 2 && strncmp(path, "..", 2) == 0) {
                        while (n && out[n - 1] != '/')
                                n--;
                        n -= n > 0;
                } else if (part && !(part == 1 && *path == '.')) {
                        out[n++] = '/';
                        memcpy(out + n, path, part);
                        n += part;
                }
                path += part;
        }
        if (!n)
                out[n++] = '/';
        out[n] = '\0';
        return true;
}

static int add_node(struct host_tree *tree, const char *path, const char *kind, struct vg_err *err)
{
        char name[PATH_MAX];

        if (!normal(path, name))
                return vg_err_set(err, -EINVAL, "host.json : chemin non absolu : %s", path);
        if (json_object_set_new(tree->nodes, name, json_string(kind)) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (char *slash; (slash = strrchr(name, '/')) && slash != name;) {
                *slash = '\0';
                if (json_object_get(tree->nodes, name))
                        break;
                if (json_object_set_new(tree->nodes, name, json_string("dir")) < 0)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        return 0;
}

static int add_nodes(struct host_tree *tree, const json_t *object, const char *kind,
                     struct vg_err *err)
{
        const char *path;
        json_t *value;

        json_object_foreach ((json_t *)object, path, value) {
                int r = add_node(tree, path, kind, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take(const json_t *evidence, const char *name, const json_t **ret, struct vg_err *err)
{
        *ret = json_object_get(evidence, name);
        if (*ret && !json_is_object(*ret))
                return vg_err_set(err, -EINVAL, "host.json : « %s » doit être un objet", name);
        return 0;
}

/* What a hard link is another name of is there, listed or not. */
static int add_targets(struct host_tree *tree, struct vg_err *err)
{
        const char *path;
        json_t *target;

        json_object_foreach ((json_t *)tree->hardlinks, path, target) {
                const char *name = json_string_value(target);
                char other[PATH_MAX];
                if (!name || !normal(name, other) || json_object_get(tree->nodes, other))
                        continue;
                int r = add_node(tree, name, "file", err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int host_tree_read(struct host_tree *tree, const json_t *evidence, struct vg_err *err)
{
        *tree = (struct host_tree){ .nodes = json_object() };

        const struct {
                const char *name, *kind;
                const json_t **at;
        } parts[] = { { "files", "file", &tree->files },
                      { "qcow2", "qcow2", &tree->qcow2 },
                      { "hardlinks", "hard", &tree->hardlinks },
                      { "symlinks", "link", &tree->symlinks },
                      { "modes", NULL, &tree->modes } };
        if (!tree->nodes)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                int r = take(evidence, parts[i].name, parts[i].at, err);
                if (r == 0 && parts[i].kind)
                        r = add_nodes(tree, *parts[i].at, parts[i].kind, err);
                if (r < 0)
                        return r;
        }
        return add_targets(tree, err);
}

void host_tree_done(struct host_tree *tree)
{
        json_decref(tree->nodes);
        *tree = (struct host_tree){ 0 };
}

/* ---- finding ---- */

static const char *kind_of(const struct host_tree *tree, const char *path)
{
        return strcmp(path, "/") == 0 ? "dir"
                                      : json_string_value(json_object_get(tree->nodes, path));
}

/* Members are keyed as they are written; most are canonical. */
static const json_t *member(const json_t *object, const char *path)
{
        const json_t *found = json_object_get(object, path);
        const char *name;
        char other[PATH_MAX];
        json_t *value;

        if (found)
                return found;
        json_object_foreach ((json_t *)object, name, value)
                if (normal(name, other) && strcmp(other, path) == 0)
                        return value;
        return NULL;
}

/* One component further: rest moves on, or begins with the target of a link. false: there is nothing
 * of that name; at and rest then say where. */
static bool step(const struct host_tree *tree, char at[PATH_MAX], char rest[PATH_MAX], int *links)
{
        char next[PATH_MAX], name[PATH_MAX];
        const size_t skip = strspn(rest, "/"), n = strcspn(rest + skip, "/");

        if (strcmp(at, "/") == 0)
                at[0] = '\0';
        if (snprintf(name, sizeof(name), "%s/%.*s", at, (int)n, rest + skip) >= (int)sizeof(name))
                return false;

        const bool is_up = n == 2 && strcmp(name + strlen(name) - 2, "..") == 0;
        const char *kind;
        if (!normal(name, next) || !(kind = kind_of(tree, next)))
                return false;
        memmove(rest, rest + skip + n, strlen(rest + skip + n) + 1);
        if (is_up || strcmp(kind, "link") != 0) {
                snprintf(at, PATH_MAX, "%s", next);
                return !*rest || strcmp(kind, "dir") == 0;
        }

        const char *target = json_string_value(member(tree->symlinks, next));
        if (!target || ++*links > LINKS_MAX ||
            snprintf(name, sizeof(name), "%s%s", target, rest) >= (int)sizeof(name)) {
                snprintf(at, PATH_MAX, "%s", next);
                return false;
        }
        snprintf(rest, PATH_MAX, "%s", name);
        if (*target == '/' || !*at)
                snprintf(at, PATH_MAX, "/");
        return true;
}

static void follow_hard(const struct host_tree *tree, char self[PATH_MAX])
{
        for (int i = 0; i < LINKS_MAX; i++) {
                const char *other = json_string_value(member(tree->hardlinks, self));
                char name[PATH_MAX];
                if (!other || !normal(other, name))
                        return;
                snprintf(self, PATH_MAX, "%s", name);
        }
}

/* As far as links were seen to lead, and on by name. */
static void set_toward(const char *at, const char *rest, struct host_place *place)
{
        char name[2 * PATH_MAX];

        snprintf(name, sizeof(name), "%s/%s", at, rest);
        if (!normal(name, place->real))
                place->real[0] = '\0';
}

void host_tree_find(const struct host_tree *tree, const char *path, struct host_place *ret_place)
{
        char at[PATH_MAX] = "/", rest[PATH_MAX];
        int links = 0;

        *ret_place = (struct host_place){ .end = HOST_MISSING };
        if (*path != '/' || strlen(path) >= sizeof(rest))
                return;
        snprintf(rest, sizeof(rest), "%s", path);
        while (rest[strspn(rest, "/")])
                if (!step(tree, at, rest, &links)) {
                        set_toward(at, rest, ret_place);
                        return;
                }

        snprintf(ret_place->real, PATH_MAX, "%s", *at ? at : "/");
        snprintf(ret_place->self, PATH_MAX, "%s", ret_place->real);
        follow_hard(tree, ret_place->self);

        const char *kind = kind_of(tree, ret_place->self);
        ret_place->end = !kind || strcmp(kind, "file") == 0 ? HOST_FILE
                         : strcmp(kind, "dir") == 0         ? HOST_DIR
                         : strcmp(kind, "qcow2") == 0       ? HOST_QCOW2
                                                            : HOST_FILE;
}

const char *host_tree_text(const struct host_tree *tree, const char *path)
{
        struct host_place place;

        host_tree_find(tree, path, &place);
        if (place.end == HOST_FILE)
                return json_string_value(member(tree->files, place.self));
        return place.end == HOST_MISSING ? json_string_value(member(tree->symlinks, path)) : NULL;
}
