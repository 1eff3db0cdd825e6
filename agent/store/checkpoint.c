/* SPDX-License-Identifier: Apache-2.0 */

/* Signed heads. */

#include <assert.h>
#include <errno.h>

#include "store/internal.h"

static int last_size(struct store *store, enum vg_log log, uint64_t *ret_size, struct vg_err *err)
{
        int64_t size = 0;
        int r = sql_int_of(store->db, "SELECT max(size) FROM checkpoints WHERE log = ?",
                           VALUES(V_INT(log)), &size, err);

        *ret_size = (uint64_t)size;
        return r < 0 ? r : 0;
}

static int put_head(struct store *store, enum vg_log log, int64_t utc_ns, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct vg_checkpoint head = { .size = store->tree[log].n };
        struct vg_buf note = { 0 };
        int r = vg_tree_root(&store->tree[log], &store_hasher, &head.root);

        memcpy(head.origin, store->identity.origin[log], sizeof(head.origin));
        if (r == 0)
                r = vg_checkpoint_sign(&head, &store_hasher, store_key_public(store->key),
                                       store_sign, (void *)store->key, &note);
        if (r < 0)
                r = vg_err_set(err, r, "le point de contrôle n'a pas pu être signé");
        if (r == 0)
                r = sql_prepare(store->db,
                                "INSERT INTO checkpoints (log, size, utc_ns, note)"
                                " VALUES (?, ?, ?, ?)",
                                &stmt, err);
        if (r == 0)
                r = sql_run(stmt, err, V_INT(log), V_INT(head.size), V_INT(utc_ns),
                            V_TEXT_N(note.data, note.n));
        vg_buf_done(&note);
        return r;
}

int store_checkpoint(struct store *store, int64_t utc_ns, unsigned *ret_n, struct vg_err *err)
{
        unsigned n = 0;
        int r = store_begin(store, err);

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                uint64_t signed_size = 0;
                r = last_size(store, (enum vg_log)log, &signed_size, err);
                if (r < 0 || signed_size >= store->tree[log].n)
                        continue;
                r = put_head(store, (enum vg_log)log, utc_ns, err);
                n++;
        }
        if (r < 0) {
                store_rollback(store);
                return r;
        }
        r = store_commit(store, err);
        if (r == 0 && ret_n)
                *ret_n = n;
        return r;
}

int store_checkpoint_get(struct store *store, enum vg_log log, uint64_t size, int64_t *ret_utc_ns,
                         char **ret_note, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db,
                            "SELECT utc_ns, note FROM checkpoints WHERE log = ? AND size <= ?"
                            " ORDER BY size DESC LIMIT 1",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_INT(log),
                             V_INT(size > INT64_MAX ? INT64_MAX : (int64_t)size));
        if (r == 0)
                r = sql_step(stmt, err);
        if (r < 0)
                return r;
        if (r == 0)
                return STORE_NONE;

        const char *text = (const char *)sqlite3_column_text(stmt, 1);
        char *note = strdup(text ? text : "");
        if (!note)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (ret_utc_ns)
                *ret_utc_ns = sqlite3_column_int64(stmt, 0);
        *ret_note = note;
        return 0;
}

int store_root_at(struct store *store, enum vg_log log, uint64_t size, struct vg_hash *ret_root,
                  struct vg_err *err)
{
        struct vg_tree tree;
        int r = tree_load(store->db, log, size, &tree, err);

        return r < 0 ? r : vg_tree_root(&tree, &store_hasher, ret_root);
}

static int check_head(struct store *store, enum vg_log log, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        struct vg_note note;
        struct vg_hash root;
        int r = store_checkpoint_get(store, log, UINT64_MAX, NULL, &text, err);

        if (r == STORE_NONE)
                return 0;
        if (r == 0)
                r = vg_note_parse(text, strlen(text), &note, err);
        if (r < 0)
                return r;
        if (note.checkpoint.size > store->tree[log].n)
                return vg_err_set(err, -EBADMSG,
                                  "le journal « %s » est plus court que son dernier point de "
                                  "contrôle",
                                  vg_log_name(log));
        r = store_root_at(store, log, note.checkpoint.size, &root, err);
        if (r < 0)
                return r;
        return vg_hash_equal(&root, &note.checkpoint.root)
                       ? 0
                       : vg_err_set(err, -EBADMSG,
                                    "le journal « %s » n'est plus celui qui a été signé; faire "
                                    "« vigie ledger verify »",
                                    vg_log_name(log));
}

int check_last_heads(struct store *store, struct vg_err *err)
{
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = check_head(store, (enum vg_log)log, err);
        return r;
}
