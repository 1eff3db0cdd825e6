/* SPDX-License-Identifier: Apache-2.0 */

/* Proofs of RFC 6962, section 2.1, made without recursion from hashes of whole subtrees. */

#include <assert.h>
#include <errno.h>

#include "vigie/ledger.h"

struct source {
        const struct vg_hasher *hasher;
        vg_node_in_fn *in;
        void *ctx;
};

/* The root of leaves [from, to), where from is a multiple of the least power of two that is not
 * below to - from: the right-hand side of a split. */
static int range_root(const struct source *source, uint64_t from, uint64_t to,
                      struct vg_hash *ret_root)
{
        const uint64_t n = to - from;
        struct vg_tree tree = { .n = n };
        uint64_t at = from;

        for (int level = 63; level >= 0; level--) {
                if (!(n >> level & 1))
                        continue;
                int r = source->in(source->ctx, (unsigned)level, at >> level, &tree.peak[level]);
                if (r < 0)
                        return r;
                at += UINT64_C(1) << level;
        }
        return vg_tree_root(&tree, source->hasher, ret_root);
}

/* Leaves in the left subtree of a tree of n > 1: the largest power of two below n. */
static uint64_t split(uint64_t n)
{
        return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Steps are found from the root down and belong in the proof from the leaf up. */
static void reverse(struct vg_proof *proof)
{
        for (size_t i = 0; i < proof->n / 2; i++) {
                const struct vg_hash other = proof->hash[proof->n - 1 - i];
                proof->hash[proof->n - 1 - i] = proof->hash[i];
                proof->hash[i] = other;
        }
}

static int add_range(const struct source *source, struct vg_proof *proof, uint64_t from,
                     uint64_t to)
{
        assert(proof->n < VG_PROOF_MAX);
        int r = range_root(source, from, to, &proof->hash[proof->n]);

        if (r == 0)
                proof->n++;
        return r;
}

int vg_prove_inclusion(const struct vg_hasher *hasher, uint64_t seq, uint64_t size,
                       vg_node_in_fn *in, void *ctx, struct vg_proof *ret_proof)
{
        const struct source source = { hasher, in, ctx };
        uint64_t from = 0, to = size;
        int r = 0;

        ret_proof->n = 0;
        if (seq >= size)
                return -ERANGE;
        while (to - from > 1 && r == 0) {
                const uint64_t middle = from + split(to - from);
                if (seq < middle) {
                        r = add_range(&source, ret_proof, middle, to);
                        to = middle;
                } else {
                        r = add_range(&source, ret_proof, from, middle);
                        from = middle;
                }
        }
        reverse(ret_proof);
        return r;
}

int vg_prove_consistency(const struct vg_hasher *hasher, uint64_t old_size, uint64_t size,
                         vg_node_in_fn *in, void *ctx, struct vg_proof *ret_proof)
{
        const struct source source = { hasher, in, ctx };
        uint64_t from = 0, to = size;
        int r = 0;

        ret_proof->n = 0;
        if (old_size > size)
                return -ERANGE;
        if (old_size == 0 || old_size == size)
                return 0;
        while (old_size != to && r == 0) {
                const uint64_t middle = from + split(to - from);
                if (old_size <= middle) {
                        r = add_range(&source, ret_proof, middle, to);
                        to = middle;
                } else {
                        r = add_range(&source, ret_proof, from, middle);
                        from = middle;
                }
        }
        /* The old tree's own last subtree is left out only where it is the whole old tree. */
        if (r == 0 && from > 0)
                r = add_range(&source, ret_proof, from, to);
        reverse(ret_proof);
        return r;
}

int vg_check_inclusion(const struct vg_hasher *hasher, const struct vg_hash *leaf, uint64_t seq,
                       uint64_t size, const struct vg_proof *proof, const struct vg_hash *root)
{
        struct vg_hash hash = *leaf;
        size_t used = 0;

        if (seq >= size)
                return -EBADMSG;
        for (uint64_t last = size - 1; last > 0; seq >>= 1, last >>= 1) {
                if (!(seq & 1) && seq == last)
                        continue; /* no sibling at this height */
                if (used == proof->n)
                        return -EBADMSG;
                const struct vg_hash *sibling = &proof->hash[used++];
                int r = seq & 1 ? vg_node_hash(hasher, sibling, &hash, &hash)
                                : vg_node_hash(hasher, &hash, sibling, &hash);
                if (r < 0)
                        return r;
        }
        return used == proof->n && vg_hash_equal(&hash, root) ? 0 : -EBADMSG;
}

/* Both roots out of one proof: the old one from what lies to the left only. */
static int fold(const struct vg_hasher *hasher, uint64_t seq, uint64_t last,
                const struct vg_proof *proof, size_t used, struct vg_hash *old_hash,
                struct vg_hash *hash)
{
        for (; last > 0; seq >>= 1, last >>= 1) {
                if (!(seq & 1) && seq == last)
                        continue;
                if (used == proof->n)
                        return -EBADMSG;
                const struct vg_hash *sibling = &proof->hash[used++];
                int r;
                if (seq & 1) {
                        r = vg_node_hash(hasher, sibling, old_hash, old_hash);
                        if (r == 0)
                                r = vg_node_hash(hasher, sibling, hash, hash);
                } else
                        r = vg_node_hash(hasher, hash, sibling, hash);
                if (r < 0)
                        return r;
        }
        return used == proof->n ? 0 : -EBADMSG;
}

int vg_check_consistency(const struct vg_hasher *hasher, uint64_t old_size,
                         const struct vg_hash *old_root, uint64_t size, const struct vg_hash *root,
                         const struct vg_proof *proof)
{
        size_t used = 0;

        if (old_size > size)
                return -EBADMSG;
        if (old_size == size)
                return proof->n == 0 && vg_hash_equal(old_root, root) ? 0 : -EBADMSG;
        if (old_size == 0)
                return proof->n == 0 ? 0 : -EBADMSG;

        /* Start from the old tree's last whole subtree. */
        const unsigned level = (unsigned)__builtin_ctzll(old_size);
        const uint64_t seq = (old_size - 1) >> level, last = (size - 1) >> level;
        struct vg_hash old_hash, hash;

        if (seq == 0)
                old_hash = *old_root;
        else if (proof->n == 0)
                return -EBADMSG;
        else
                old_hash = proof->hash[used++];
        hash = old_hash;

        int r = fold(hasher, seq, last, proof, used, &old_hash, &hash);
        if (r < 0)
                return r;
        return vg_hash_equal(&old_hash, old_root) && vg_hash_equal(&hash, root) ? 0 : -EBADMSG;
}
