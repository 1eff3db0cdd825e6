/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include "vigie/ledger.h"

int vg_leaf_hash(const struct vg_hasher *hasher, const void *record, size_t n,
                 struct vg_hash *ret_hash)
{
        static const uint8_t prefix = 0x00;
        const struct vg_bytes parts[] = { { &prefix, 1 }, { record, n } };

        return hasher->sha256(hasher->ctx, parts, 2, ret_hash);
}

int vg_node_hash(const struct vg_hasher *hasher, const struct vg_hash *left,
                 const struct vg_hash *right, struct vg_hash *ret_hash)
{
        /* One buffer: a hash of 65 bytes costs more in calls than in blocks. */
        uint8_t node[1 + 2 * VG_HASH_SIZE] = { 0x01 };
        const struct vg_bytes part = { node, sizeof(node) };

        memcpy(node + 1, left->bytes, VG_HASH_SIZE);
        memcpy(node + 1 + VG_HASH_SIZE, right->bytes, VG_HASH_SIZE);
        return hasher->sha256(hasher->ctx, &part, 1, ret_hash);
}

bool vg_hash_equal(const struct vg_hash *a, const struct vg_hash *b)
{
        return memcmp(a->bytes, b->bytes, VG_HASH_SIZE) == 0;
}

/* Like adding one in binary: each bit that is set is a subtree of the same height on the left, and
 * carrying over joins the two. */
static int carry(struct vg_tree *tree, const struct vg_hasher *hasher, unsigned level,
                 struct vg_hash hash, vg_node_out_fn *out, void *ctx)
{
        const uint64_t n = UINT64_C(1) << level;

        if (tree->n > UINT64_MAX - n)
                return -ERANGE;
        for (; tree->n >> level & 1; level++) {
                int r = vg_node_hash(hasher, &tree->peak[level], &hash, &hash);
                if (r == 0 && out)
                        r = out(ctx, level + 1, tree->n >> (level + 1), &hash);
                if (r < 0)
                        return r;
        }
        tree->peak[level] = hash;
        tree->n += n;
        return 0;
}

int vg_tree_append(struct vg_tree *tree, const struct vg_hasher *hasher, const struct vg_hash *leaf,
                   vg_node_out_fn *out, void *ctx)
{
        return carry(tree, hasher, 0, *leaf, out, ctx);
}

int vg_tree_append_subtree(struct vg_tree *tree, const struct vg_hasher *hasher, unsigned level,
                           const struct vg_hash *hash)
{
        if (level > 63 || tree->n & ((UINT64_C(1) << level) - 1))
                return -EINVAL;
        return carry(tree, hasher, level, *hash, NULL, NULL);
}

int vg_tree_root(const struct vg_tree *tree, const struct vg_hasher *hasher,
                 struct vg_hash *ret_root)
{
        struct vg_hash root;
        bool any = false;

        if (tree->n == 0)
                return hasher->sha256(hasher->ctx, NULL, 0, ret_root);
        for (unsigned level = 0; level < 64; level++) {
                if (!(tree->n >> level & 1))
                        continue;
                int r = any ? vg_node_hash(hasher, &tree->peak[level], &root, &root) : 0;
                if (r < 0)
                        return r;
                if (!any)
                        root = tree->peak[level];
                any = true;
        }
        *ret_root = root;
        return 0;
}

int vg_tree_load(struct vg_tree *ret_tree, uint64_t n, vg_node_in_fn *in, void *ctx)
{
        struct vg_tree tree = { .n = n };

        for (unsigned level = 0; level < 64; level++) {
                if (!(n >> level & 1))
                        continue;
                /* What the higher bits cover lies to its left; in whole subtrees of this level. */
                int r = in(ctx, level, (n >> level) - 1, &tree.peak[level]);
                if (r < 0)
                        return r;
        }
        *ret_tree = tree;
        return 0;
}
