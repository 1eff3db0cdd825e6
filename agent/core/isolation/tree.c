/* SPDX-License-Identifier: Apache-2.0 */

#include "tree.h"

#include <errno.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/num.h"

static const char *text_of(struct arena *arena, const json_t *object, const char *key)
{
        return arena_text(arena, json_string_value(json_object_get(object, key)));
}

/* Of names with the same head: those that it holds whole are the same. */
static bool same(uint64_t head, const char *a, const char *b)
{
        return ((const char *)&head)[sizeof(head) - 1] == '\0' || strcmp(a, b) == 0;
}

static int read_attrs(struct arena *arena, const json_t *attrs, struct node *node)
{
        const size_t n = json_object_size(attrs);
        struct node_attr *list = n ? arena_array(arena, n, sizeof(*list)) : NULL;
        const char *name;
        json_t *value;

        node->attrs = list;
        json_object_foreach ((json_t *)attrs, name, value) {
                if (!json_is_string(value))
                        return -EINVAL;
                if (list)
                        list[node->n_attrs++] =
                                (struct node_attr){ node_head(name), arena_text(arena, name),
                                                    arena_text(arena, json_string_value(value)) };
        }
        return 0;
}

static int read_node(struct arena *arena, const json_t *tree, struct node *node, int depth)
{
        const json_t *children = json_object_get(tree, "c");
        const size_t n = json_array_size(children);

        if (!json_is_string(json_object_get(tree, "n")))
                return -EINVAL;
        if (depth > NODE_DEPTH_MAX)
                return -E2BIG;
        node->name = text_of(arena, tree, "n");
        node->ns = text_of(arena, tree, "ns");
        node->text = text_of(arena, tree, "t");
        int r = read_attrs(arena, json_object_get(tree, "a"), node);

        struct node *list = n ? arena_array(arena, n, sizeof(*list)) : NULL;
        uint64_t *heads = n ? arena_array(arena, n, sizeof(*heads)) : NULL;
        node->children = list;
        node->heads = heads;
        for (size_t i = 0; r == 0 && list && heads && i < n; i++) {
                r = read_node(arena, json_array_get(children, i), &list[i], depth + 1);
                heads[i] = r == 0 ? node_head(list[i].name) : 0;
                node->n_children++;
        }
        return r;
}

int node_read(struct arena *arena, const json_t *tree, struct node *ret_node, struct vg_err *err)
{
        struct node node = { 0 };
        int r = read_node(arena, tree, &node, 1);

        if (r == 0 && arena->failed)
                r = -ENOMEM;
        if (r < 0)
                return vg_err_set(err, r, "arbre d'un document : forme inattendue");
        *ret_node = node;
        return 0;
}

const struct node *node_next_by(const struct node *parent, const struct node *after,
                                const char *name, uint64_t head)
{
        if (!parent || !parent->n_children)
                return NULL;
        for (size_t i = after ? (size_t)(after - parent->children) + 1 : 0; i < parent->n_children;
             i++)
                if (parent->heads[i] == head && same(head, parent->children[i].name, name))
                        return &parent->children[i];
        return NULL;
}

const struct node *node_child(const struct node *node, const char *name)
{
        return node_next(node, NULL, name);
}

const struct node *node_at(const struct node *node, const char *path)
{
        char name[48];

        while (node && *path) {
                size_t n = strcspn(path, "/");
                if (n >= sizeof(name))
                        return NULL;
                memcpy(name, path, n);
                name[n] = '\0';
                node = node_child(node, name);
                path += n + (path[n] == '/');
        }
        return node;
}

const char *node_attr_by(const struct node *node, const char *name, uint64_t head)
{
        for (uint32_t i = 0; node && i < node->n_attrs; i++)
                if (node->attrs[i].head == head && same(head, node->attrs[i].name, name))
                        return node->attrs[i].value;
        return NULL;
}

const char *node_value(const struct node *node, const char *path, const char *name)
{
        return node_attr(node_at(node, path), name);
}

bool node_attr_is(const struct node *node, const char *name, const char *value)
{
        const char *is = node_attr(node, name);

        return is && strcmp(is, value) == 0;
}

const char *node_text(const struct node *node, const char *path)
{
        const struct node *at = node_at(node, path);

        return at ? at->text : "";
}

bool node_number(const struct node *node, const char *name, uint64_t *ret_value)
{
        const char *text = node_attr(node, name);

        if (!text)
                return false;
        if (strncmp(text, "0x", 2) != 0)
                return vg_u64_parse(text, ret_value) == 0;

        const char *end = text + 2 + strspn(text + 2, "0123456789abcdefABCDEF");
        if (*end || end == text + 2 || end - text > 18)
                return false;
        *ret_value = strtoull(text, NULL, 16);
        return true;
}
