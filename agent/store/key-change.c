/* SPDX-License-Identifier: Apache-2.0 */

/* A new key for the log that goes on. Record `key`, in both logs:
 *
 *   {"appliance","event":"next","old":"base64","origin","public_key":"base64","signature":"base64"}
 *   {"appliance","event":"taken","old":"base64","origin","public_key":"base64"}
 *
 * next: the old key, which still signs the heads, has signed the new one (vigie/ledger.h). A later
 * one replaces it. taken: from the head that covers this record on, the new key signs. */

#include <assert.h>
#include <errno.h>

#include "store/project.h"
#include "vigie/json.h"

static void put_base64(struct vg_json *j, const char *key, const void *bytes, size_t n)
{
        struct vg_buf text = { 0 };

        vg_base64_format(bytes, n, &text);
        vg_json_string(j, key, text.data ? text.data : "");
        j->buf.failed = j->buf.failed || text.failed;
        vg_buf_done(&text);
}

/* ---- writing ---- */

/* signature NULL: the key is taken. */
static int append_change(struct store *store, enum vg_log log, const uint8_t *public_key,
                         const uint8_t *signature, int64_t utc_ns, struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", store->identity.appliance);
        vg_json_string(&j, "event", signature ? "next" : "taken");
        put_base64(&j, "old", store->identity.public_key, VG_PUBLIC_KEY_SIZE);
        vg_json_string(&j, "origin", store->identity.origin[log]);
        put_base64(&j, "public_key", public_key, VG_PUBLIC_KEY_SIZE);
        if (signature)
                put_base64(&j, "signature", signature, VG_SIGNATURE_SIZE);
        vg_json_end_object(&j);
        return j.buf.failed
                       ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                       : store_append(store, log, "key", j.buf.data, j.buf.n, utc_ns, NULL, err);
}

int store_key_next(struct store *store, const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                   int64_t utc_ns, struct vg_err *err)
{
        uint8_t signature[VG_SIGNATURE_SIZE];
        int r = 0;

        assert(store->in_transaction);
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                struct vg_buf text = { 0 };
                vg_key_text(store->identity.origin[log], public_key, &text);
                r = text.failed ? -ENOMEM
                                : store_sign((void *)store->key, text.data, text.n, signature);
                vg_buf_done(&text);
                if (r < 0)
                        return vg_err_set(err, r, "la nouvelle clé n'a pas pu être signée");
                r = append_change(store, (enum vg_log)log, public_key, signature, utc_ns, err);
        }
        return r < 0 ? r : identity_load(store, err);
}

int key_take(struct store *store, int64_t utc_ns, struct vg_err *err)
{
        const uint8_t *public_key = store_key_public(store->key);
        int r = store_begin(store, err);

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = append_change(store, (enum vg_log)log, public_key, NULL, utc_ns, err);
        if (r == 0)
                r = identity_load(store, err);
        if (r < 0) {
                store_rollback(store);
                return r;
        }
        r = store_commit(store, err);
        return r < 0 ? r : store_checkpoint(store, utc_ns, NULL, err);
}

/* ---- what a record says ---- */

static int get_base64(const json_t *body, const char *key, uint8_t *bytes, size_t size,
                      struct vg_err *err)
{
        const char *text;
        size_t n;
        int r = body_text(body, key, &text, err);

        if (r < 0)
                return r;
        return vg_base64_parse(text, strlen(text), bytes, size, &n) < 0 || n != size
                       ? vg_err_set(err, -EINVAL, "« %s » : %zu octets en base64 attendus", key,
                                    size)
                       : 0;
}

int key_change_read(const json_t *body, struct key_change *ret, struct vg_err *err)
{
        const char *event;
        int r = body_text(body, "event", &event, err);

        if (r == 0)
                r = get_base64(body, "old", ret->old, sizeof(ret->old), err);
        if (r == 0)
                r = get_base64(body, "public_key", ret->public_key, sizeof(ret->public_key), err);
        if (r < 0)
                return r;
        ret->is_taken = strcmp(event, "taken") == 0;
        if (!ret->is_taken && strcmp(event, "next") != 0)
                return vg_err_set(err, -EINVAL, "« event » : next ou taken attendu");
        return ret->is_taken
                       ? 0
                       : get_base64(body, "signature", ret->signature, sizeof(ret->signature), err);
}

int project_key(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        struct key_change change = { 0 };
        int r = key_change_read(entry->body, &change, err);

        return r < 0 ? r
                     : project_run(projector, PROJECT_KEY, err, V_INT(entry->log),
                                   V_INT(entry->seq), V_TEXT(change.is_taken ? "taken" : "next"),
                                   V_BLOB(change.public_key, sizeof(change.public_key)),
                                   V_BLOB(change.signature, sizeof(change.signature)));
}

/* ---- reading ---- */

/* Of the epoch that is open, in order. */
static int fetch(struct store *store, enum vg_log log, struct sql_rows *ret_rows,
                 struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db,
                            "SELECT event, public_key, signature FROM key_change WHERE log = ?1 AND"
                            " seq > (SELECT max(seq) FROM epoch WHERE log = ?1) ORDER BY seq",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_INT(log));
        return r < 0 ? r : sql_fetch(stmt, 0, ret_rows, err);
}

static bool is_blob(const struct sql_rows *rows, size_t i, size_t column, size_t size)
{
        const struct sql_value *value = sql_cell(rows, i, column);

        return value->kind == SQL_BLOB && value->bytes && value->n == size;
}

static int check_rows(const struct sql_rows *rows, struct vg_err *err)
{
        for (size_t i = 0; i < rows->n_rows; i++)
                if (!is_blob(rows, i, 1, VG_PUBLIC_KEY_SIZE) ||
                    !is_blob(rows, i, 2, VG_SIGNATURE_SIZE))
                        return vg_err_set(err, -EBADMSG, "les clés du registre sont illisibles");
        return 0;
}

int key_load(struct store *store, enum vg_log log, struct vg_err *err)
{
        struct store_identity *id = &store->identity;
        struct sql_rows rows = { 0 };
        int r = fetch(store, log, &rows, err);

        if (r == 0)
                r = check_rows(&rows, err);
        id->has_next = false;
        for (size_t i = 0; i < rows.n_rows && r == 0; i++) {
                const bool is_taken = strcmp(sql_cell_text(&rows, i, 0), "taken") == 0;
                memcpy(is_taken ? id->public_key : id->next_key, sql_cell(&rows, i, 1)->bytes,
                       VG_PUBLIC_KEY_SIZE);
                id->has_next = !is_taken;
        }
        sql_rows_done(&rows);
        return r;
}

static int first_key(struct store *store, enum vg_log log, uint8_t *ret_key, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db,
                            "SELECT public_key FROM epoch WHERE log = ? ORDER BY epoch DESC"
                            " LIMIT 1",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_INT(log));
        if (r == 0)
                r = sql_step(stmt, err);
        if (r < 0)
                return r;
        if (r == 0 || sqlite3_column_bytes(stmt, 0) != VG_PUBLIC_KEY_SIZE)
                return vg_err_set(err, -EBADMSG, "le registre n'a pas d'origine");
        memcpy(ret_key, sqlite3_column_blob(stmt, 0), VG_PUBLIC_KEY_SIZE);
        return 0;
}

int store_key_each(struct store *store, enum vg_log log, store_key_fn *fn, void *ctx,
                   struct vg_err *err)
{
        uint8_t first[VG_PUBLIC_KEY_SIZE];
        struct sql_rows rows = { 0 };
        int r = first_key(store, log, first, err);

        if (r == 0)
                r = fetch(store, log, &rows, err);
        if (r == 0)
                r = check_rows(&rows, err);
        if (r == 0)
                r = fn(ctx, &(struct store_key_change){ first, NULL });
        /* What takes over is the row before: one that another replaced never does. */
        for (size_t i = 1; i < rows.n_rows && r == 0; i++)
                if (strcmp(sql_cell_text(&rows, i, 0), "taken") == 0)
                        r = fn(ctx, &(struct store_key_change){ sql_cell(&rows, i - 1, 1)->bytes,
                                                                sql_cell(&rows, i - 1, 2)->bytes });
        sql_rows_done(&rows);
        return r;
}
