/* SPDX-License-Identifier: Apache-2.0 */

/* A slice of a log, proved as a whole: two short lists of hashes stand for all that lies around it. */

#include <assert.h>
#include <errno.h>

#include "vigie/ledger.h"

/* Height of the largest whole subtree that begins at `at` and ends at `size` or before. */
static unsigned level_at(uint64_t at, uint64_t size)
{
        const unsigned fits = 63 - (unsigned)__builtin_clzll(size - at);
        const unsigned aligned = at ? (unsigned)__builtin_ctzll(at) : 63;

        return fits < aligned ? fits : aligned;
}

int vg_prove_slice(uint64_t from, uint64_t to, uint64_t size, vg_node_in_fn *in, void *ctx,
                   struct vg_tree *ret_before, struct vg_proof *ret_after)
{
        int r;

        if (from > to || to > size)
                return -ERANGE;
        r = vg_tree_load(ret_before, from, in, ctx);
        ret_after->n = 0;
        while (r == 0 && to < size) {
                const unsigned level = level_at(to, size);
                assert(ret_after->n < VG_PROOF_MAX);
                r = in(ctx, level, to >> level, &ret_after->hash[ret_after->n++]);
                to += UINT64_C(1) << level;
        }
        return r;
}

int vg_check_slice(const struct vg_hasher *hasher, const struct vg_tree *tree, uint64_t size,
                   const struct vg_proof *after, const struct vg_hash *root)
{
        struct vg_tree whole = *tree;
        struct vg_hash hash;
        size_t used = 0;
        int r = 0;

        while (r == 0 && whole.n < size && used < after->n)
                r = vg_tree_append_subtree(&whole, hasher, level_at(whole.n, size),
                                           &after->hash[used++]);
        if (r < 0)
                return r;
        if (whole.n != size || used != after->n)
                return -EBADMSG;
        r = vg_tree_root(&whole, hasher, &hash);
        if (r < 0)
                return r;
        return vg_hash_equal(&hash, root) ? 0 : -EBADMSG;
}
