/* SPDX-License-Identifier: Apache-2.0 */

#include <assert.h>
#include <errno.h>

#include "store/project.h"
#include "vigie/json.h"

static const char *const statements[STORE_N_STMTS] = {
        [STORE_BEGIN] = "BEGIN IMMEDIATE",
        [STORE_COMMIT] = "COMMIT",
        [STORE_ROLLBACK] = "ROLLBACK",
        [STORE_PUT_RECORD] =
                "INSERT INTO records (id, type, utc_ns, bytes, leaf) VALUES (?, ?, ?, ?, ?)",
        [STORE_PUT_NODE] = "INSERT INTO nodes (id, hash) VALUES (?, ?)",
        [STORE_PUT_INBOX] = "INSERT INTO inbox (bytes) VALUES (?)",
        [STORE_PUT_SEEN] = ("INSERT OR REPLACE INTO seen (source, instance, last_seq, utc_ns)"
                            " VALUES (?, ?, ?, ?)"),
        [STORE_GET_SEEN] = "SELECT last_seq FROM seen WHERE source = ? AND instance = ?",
};

int store_stmt(struct store *store, enum store_stmt which, sqlite3_stmt **ret_stmt,
               struct vg_err *err)
{
        sqlite3_stmt **stmt = &store->stmt[which];
        int r = *stmt ? 0 : sql_prepare(store->db, statements[which], stmt, err);

        *ret_stmt = *stmt;
        return r;
}

static int run_plain(struct store *store, enum store_stmt which, struct vg_err *err)
{
        sqlite3_stmt *stmt = NULL;
        int r = store_stmt(store, which, &stmt, err);

        return r < 0 ? r : sql_step(stmt, err);
}

int store_begin(struct store *store, struct vg_err *err)
{
        assert(store->is_writer && !store->in_transaction);

        int r = run_plain(store, STORE_BEGIN, err);
        if (r < 0)
                return r;
        store->in_transaction = true;
        store->spoiled = false;
        store->identity_before = store->identity;
        memcpy(store->tree_before, store->tree, sizeof(store->tree));
        return 0;
}

void store_rollback(struct store *store)
{
        if (!store->in_transaction)
                return;
        /* SQLite may have rolled back by itself (disk full): that this fails is no news. */
        (void)run_plain(store, STORE_ROLLBACK, NULL);
        store->in_transaction = false;
        store->identity = store->identity_before;
        memcpy(store->tree, store->tree_before, sizeof(store->tree));
        projector_forget(store->projector);
}

int store_commit(struct store *store, struct vg_err *err)
{
        assert(store->in_transaction);

        int r = store->spoiled
                        ? vg_err_set(err, -ECANCELED, "une inscription de la transaction a échoué")
                        : run_plain(store, STORE_COMMIT, err);
        if (r < 0) {
                store_rollback(store);
                return r;
        }
        store->in_transaction = false;
        return 0;
}

struct node_out {
        struct store *store;
        enum vg_log log;
        struct vg_err *err;
};

static int put_node(void *ctx, unsigned level, uint64_t index, const struct vg_hash *hash)
{
        const struct node_out *out = ctx;

        if (level % STORE_NODE_STEP)
                return 0;
        return store_run(out->store, STORE_PUT_NODE, out->err,
                         V_INT(node_id(out->log, level, index)), V_BLOB(hash->bytes, VG_HASH_SIZE));
}

/* What is written once is written for ever: a body that is not canonical stops here. That the tree
 * gives back the same bytes says all that vg_json_parse would: no key twice, no real, whole UTF-8. */
static int check_body(const char *body, size_t n_body, struct vg_buf *scratch, json_t **ret_tree,
                      struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = json_loadb(body, n_body, 0, NULL);

        scratch->n = 0;
        if (!tree)
                return vg_err_set(err, -EINVAL, "le corps n'est pas en JSON canonique");
        int r = vg_json_canonical(tree, scratch, err);
        if (r < 0)
                return r;
        if (!json_is_object(tree) || scratch->n != n_body ||
            memcmp(scratch->data, body, n_body) != 0)
                return vg_err_set(err, -EINVAL, "le corps n'est pas en JSON canonique");
        *ret_tree = TAKE_PTR(tree);
        return 0;
}

static int put_record(struct store *store, const struct vg_record *record, struct vg_err *err)
{
        struct node_out out = { store, record->log, err };
        struct vg_tree *tree = &store->tree[record->log];
        struct vg_hash leaf;
        int r;

        store->scratch.n = 0;
        r = vg_record_format(record, &store->scratch, err);
        if (r < 0)
                return r;
        r = vg_leaf_hash(&store_hasher, store->scratch.data, store->scratch.n, &leaf);
        if (r < 0)
                return vg_err_set(err, r, "SHA-256 a échoué");
        r = store_run(store, STORE_PUT_RECORD, err, V_INT(record_id(record->log, record->seq)),
                      V_TEXT(record->type), V_INT(record->utc_ns),
                      V_BLOB(store->scratch.data, store->scratch.n),
                      V_BLOB(leaf.bytes, VG_HASH_SIZE));
        if (r == 0)
                r = vg_tree_append(tree, &store_hasher, &leaf, put_node, &out);
        if (r == 0)
                store->identity.size[record->log] = tree->n;
        return r;
}

static int append(struct store *store, struct vg_record *record, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        int r = check_body(record->body, record->n_body, &store->scratch, &tree, err);

        if (r == 0)
                r = store_random(record->salt, VG_SALT_SIZE, err);
        if (r == 0)
                r = put_record(store, record, err);
        if (r < 0)
                return r;

        const struct entry entry = { record->log, record->seq, record->type, record->utc_ns, tree };
        return projector_apply(store->projector, &entry, err);
}

int store_append(struct store *store, enum vg_log log, const char *type, const char *body,
                 size_t n_body, int64_t utc_ns, uint64_t *ret_seq, struct vg_err *err)
{
        assert(store->in_transaction && log < VG_LOG_N);

        struct vg_record record = {
                .log = log,
                .seq = store->tree[log].n,
                .utc_ns = utc_ns,
                .body = body,
                .n_body = n_body,
        };
        int r;
        if (vg_record_type_valid(type)) {
                memcpy(record.type, type, strlen(type) + 1);
                r = append(store, &record, err);
        } else
                r = vg_err_set(err, -EINVAL, "type d'inscription mal formé");
        if (r < 0)
                store->spoiled = true;
        else if (ret_seq)
                *ret_seq = record.seq;
        return r;
}
