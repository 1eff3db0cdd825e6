/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tree: a libvirt document as the checks walk it. Read only; lives in an arena.
 *
 * Every check walks every domain, far beyond the caches: the heads of its children's names lie side by
 * side, so that a name is looked for without a look at each child. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

struct vg_err;

struct node_attr {
        uint64_t head; /* the first eight bytes of the name */
        const char *name, *value;
};

struct node {
        const char *name, *ns, *text; /* "" where none */
        const struct node_attr *attrs;
        const struct node *children;
        const uint64_t *heads; /* of the children's names */
        uint32_t n_attrs, n_children;
};

enum { NODE_DEPTH_MAX = 64 };

/* From the JSON form of include/vigie/isolation.h. -EINVAL, -E2BIG, -ENOMEM. */
int node_read(struct arena *arena, const json_t *tree, struct node *ret_node, struct vg_err *err);

/* The first eight bytes of a name; of a literal the compiler knows them. */
static inline uint64_t node_head(const char *name)
{
        const size_t n = strlen(name);
        uint64_t head = 0;

        memcpy(&head, name, n < sizeof(head) ? n : sizeof(head));
        return head;
}
const struct node *node_next_by(const struct node *parent, const struct node *after,
                                const char *name, uint64_t head);
const char *node_attr_by(const struct node *node, const char *name, uint64_t head);

/* All of these take NULL for a node that is not there. Names are of libvirt: no namespace. */
const struct node *node_child(const struct node *node, const char *name);
static inline const struct node *node_next(const struct node *parent, const struct node *after,
                                           const char *name)
{
        return node_next_by(parent, after, name, node_head(name));
}
/* "source/address": the first child of each name in turn. */
const struct node *node_at(const struct node *node, const char *path);
/* NULL: absent. */
static inline const char *node_attr(const struct node *node, const char *name)
{
        return node_attr_by(node, name, node_head(name));
}
/* The attribute of node_at(): "source/@file" is node_value(node, "source", "file"). NULL: absent. */
const char *node_value(const struct node *node, const char *path, const char *name);
bool node_attr_is(const struct node *node, const char *name, const char *value);
const char *node_text(const struct node *node, const char *path); /* "" where there is none */
/* An integer as libvirt writes them: decimal, or hexadecimal after 0x. */
bool node_number(const struct node *node, const char *name, uint64_t *ret_value);

#define NODE_EACH(child, parent, name)                                            \
        for (const struct node *child = node_next((parent), NULL, (name)); child; \
             child = node_next((parent), child, (name)))
