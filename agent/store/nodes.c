/* SPDX-License-Identifier: Apache-2.0 */

/* The tree as it is stored: leaves in `records`, every eighth level in `nodes`. What lies between
 * is computed when asked for. */

#include <errno.h>

#include "store/internal.h"

int node_source_init(struct node_source *source, sqlite3 *db, enum vg_log log, struct vg_err *err)
{
        *source = (struct node_source){ .db = db, .log = log, .err = err };
        int r = sql_prepare(db, "SELECT leaf FROM records WHERE id = ?", &source->get_leaf, err);

        if (r == 0)
                r = sql_prepare(db, "SELECT hash FROM nodes WHERE id = ?", &source->get_node, err);
        if (r < 0)
                node_source_done(source);
        return r;
}

void node_source_done(struct node_source *source)
{
        sqlite3_finalize(source->get_leaf);
        sqlite3_finalize(source->get_node);
        source->get_leaf = source->get_node = NULL;
}

static int get_hash(sqlite3_stmt *stmt, int64_t id, struct vg_hash *ret_hash, struct vg_err *err)
{
        int r = sql_bind(stmt, err, V_INT(id));

        if (r == 0)
                r = sql_step(stmt, err);
        if (r < 0)
                return r;
        if (r == 1 && sqlite3_column_bytes(stmt, 0) == VG_HASH_SIZE) {
                memcpy(ret_hash->bytes, sqlite3_column_blob(stmt, 0), VG_HASH_SIZE);
                sqlite3_reset(stmt);
                return 0;
        }
        sqlite3_reset(stmt);
        return vg_err_set(err, -EBADMSG, "l'arbre du registre est incomplet");
}

int node_in(void *ctx, unsigned level, uint64_t index, struct vg_hash *ret_hash)
{
        struct node_source *source = ctx;

        if (level == 0)
                return get_hash(source->get_leaf, record_id(source->log, index), ret_hash,
                                source->err);
        if (level % STORE_NODE_STEP == 0)
                return get_hash(source->get_node, node_id(source->log, level, index), ret_hash,
                                source->err);

        if (source->last[level].has && source->last[level].index == index) {
                *ret_hash = source->last[level].hash;
                return 0;
        }

        struct vg_hash left, right;
        int r = node_in(ctx, level - 1, 2 * index, &left);
        if (r == 0)
                r = node_in(ctx, level - 1, 2 * index + 1, &right);
        if (r == 0)
                r = vg_node_hash(&store_hasher, &left, &right, ret_hash);
        if (r < 0)
                return r;
        source->last[level].has = true;
        source->last[level].index = index;
        source->last[level].hash = *ret_hash;
        return 0;
}

int tree_load(sqlite3 *db, enum vg_log log, uint64_t size, struct vg_tree *ret_tree,
              struct vg_err *err)
{
        struct node_source source;
        int r = node_source_init(&source, db, log, err);

        if (r < 0)
                return r;
        r = vg_tree_load(ret_tree, size, node_in, &source);
        node_source_done(&source);
        return r;
}

typedef int prove_fn(const struct vg_hasher *hasher, uint64_t a, uint64_t b, vg_node_in_fn *in,
                     void *ctx, struct vg_proof *ret_proof);

static int prove(struct store *store, enum vg_log log, uint64_t a, uint64_t b, prove_fn *fn,
                 struct vg_proof *ret_proof, struct vg_err *err)
{
        struct node_source source;
        int r = node_source_init(&source, store->db, log, err);

        if (r < 0)
                return r;
        r = fn(&store_hasher, a, b, node_in, &source, ret_proof);
        node_source_done(&source);
        return r == -ERANGE ? vg_err_set(err, r, "le journal n'a pas cette inscription") : r;
}

int store_prove_inclusion(struct store *store, enum vg_log log, uint64_t seq, uint64_t size,
                          struct vg_proof *ret_proof, struct vg_err *err)
{
        return prove(store, log, seq, size, vg_prove_inclusion, ret_proof, err);
}

int store_prove_inclusions(struct store *store, enum vg_log log, uint64_t from, uint64_t to,
                           uint64_t size, store_proof_fn *fn, void *ctx, struct vg_err *err)
{
        struct node_source source;
        struct vg_proof proof;
        int r = node_source_init(&source, store->db, log, err);

        if (r < 0)
                return r;
        for (uint64_t seq = from; r == 0 && seq < to; seq++) {
                r = vg_prove_inclusion(&store_hasher, seq, size, node_in, &source, &proof);
                if (r == 0)
                        r = fn(ctx, seq, &proof);
        }
        node_source_done(&source);
        return r == -ERANGE ? vg_err_set(err, r, "le journal n'a pas ces inscriptions") : r;
}

int store_prove_consistency(struct store *store, enum vg_log log, uint64_t old_size, uint64_t size,
                            struct vg_proof *ret_proof, struct vg_err *err)
{
        return prove(store, log, old_size, size, vg_prove_consistency, ret_proof, err);
}

int store_prove_slice(struct store *store, enum vg_log log, uint64_t from, uint64_t to,
                      uint64_t size, struct vg_tree *ret_before, struct vg_proof *ret_after,
                      struct vg_err *err)
{
        struct node_source source;
        int r = node_source_init(&source, store->db, log, err);

        if (r < 0)
                return r;
        r = vg_prove_slice(from, to, size, node_in, &source, ret_before, ret_after);
        node_source_done(&source);
        return r == -ERANGE ? vg_err_set(err, r, "le journal n'a pas ces inscriptions") : r;
}
