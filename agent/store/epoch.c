/* SPDX-License-Identifier: Apache-2.0 */

/* Records that open an epoch of a log.
 *
 * `origin`, seq 0 of each log:
 *   {"appliance","epoch":1,"origin","public_key":"base64 of 32 bytes","version"}
 *
 * `epoch`, after a restore; the record with seq N is the first of the new origin, and N is the size
 * of what was restored:
 *   {"appliance","epoch":E,"lost":{"from":"…Z","to":"…Z"},"nonce":"32 hex","old":{"origin","root":
 *    "base64","size":N},"origin","outside":"text of a checkpoint, or empty","public_key","reason",
 *    "version"}
 * lost.from is the stamp of the last record restored, lost.to that of the restore: what was
 * recorded between the two, if anything, is gone from here. outside is the last checkpoint of the
 * old origin that somebody else holds: entries from N to its size were lost, and a verifier who
 * holds it, or an older one, is not shown a contradiction but this record. */

#include <errno.h>

#include "store/internal.h"
#include "vigie/civil.h"
#include "vigie/json.h"

static void put_base64(struct vg_json *j, const char *key, const void *bytes, size_t n)
{
        struct vg_buf text = { 0 };

        vg_base64_format(bytes, n, &text);
        vg_json_string(j, key, text.data ? text.data : "");
        j->buf.failed = j->buf.failed || text.failed;
        vg_buf_done(&text);
}

static int append_json(struct store *store, enum vg_log log, const char *type, struct vg_json *j,
                       int64_t utc_ns, struct vg_err *err)
{
        if (j->buf.failed)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return store_append(store, log, type, j->buf.data, j->buf.n, utc_ns, NULL, err);
}

static int write_origin(struct store *store, enum vg_log log, const struct store_options *options,
                        struct vg_err *err)
{
        const uint8_t *public_key = store_key_public(store->key);
        char origin[VG_ORIGIN_SIZE];
        struct vg_json j = { 0 };
        int r = vg_origin_format(&store_hasher, options->appliance, log, public_key, NULL, origin,
                                 err);

        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", options->appliance);
        vg_json_int(&j, "epoch", 1);
        vg_json_string(&j, "origin", origin);
        put_base64(&j, "public_key", public_key, VG_PUBLIC_KEY_SIZE);
        vg_json_string(&j, "version", options->version);
        vg_json_end_object(&j);
        r = append_json(store, log, "origin", &j, options->utc_ns, err);
        vg_json_done(&j);
        return r;
}

int epoch_write_origin(struct store *store, const struct store_options *options, struct vg_err *err)
{
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = write_origin(store, (enum vg_log)log, options, err);
        return r < 0 ? r : identity_load(store, err);
}

static void put_old(struct vg_json *j, const struct vg_checkpoint *old)
{
        vg_json_object(j, "old");
        vg_json_string(j, "origin", old->origin);
        put_base64(j, "root", old->root.bytes, VG_HASH_SIZE);
        vg_json_int(j, "size", (int64_t)old->size);
        vg_json_end_object(j);
}

static void put_lost(struct vg_json *j, int64_t from_utc_ns, int64_t to_utc_ns)
{
        char text[32];

        vg_json_object(j, "lost");
        vg_json_string(j, "from", vg_utc_format(vg_floor_div(from_utc_ns, VG_NS_PER_S), text));
        vg_json_string(j, "to", vg_utc_format(vg_floor_div(to_utc_ns, VG_NS_PER_S), text));
        vg_json_end_object(j);
}

/* Stamp of the newest record of either log. */
static int last_stamp(struct store *store, int64_t *ret_utc_ns, struct vg_err *err)
{
        *ret_utc_ns = 0;
        int r = sql_int(store->db,
                        "SELECT max(utc_ns) FROM (SELECT utc_ns FROM records WHERE id IN"
                        " (SELECT max(id) FROM records WHERE id < 1 << 48 UNION ALL"
                        " SELECT max(id) FROM records))",
                        ret_utc_ns, err);

        return r < 0 ? r : 0;
}

static int write_epoch(struct store *store, enum vg_log log, const struct store_epoch *epoch,
                       int64_t from_utc_ns, struct vg_err *err)
{
        const uint8_t *public_key = store_key_public(store->key);
        struct vg_checkpoint old = { .size = store->tree[log].n };
        uint8_t nonce[VG_SALT_SIZE];
        char origin[VG_ORIGIN_SIZE], hex[2 * VG_SALT_SIZE + 1];
        struct vg_json j = { 0 };
        int r = store_random(nonce, sizeof(nonce), err);

        memcpy(old.origin, store->identity.origin[log], sizeof(old.origin));
        if (r == 0)
                r = vg_tree_root(&store->tree[log], &store_hasher, &old.root);
        if (r == 0)
                r = vg_origin_format(&store_hasher, store->identity.appliance, log, public_key,
                                     nonce, origin, err);
        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", store->identity.appliance);
        vg_json_int(&j, "epoch", store->identity.epoch + 1);
        put_lost(&j, from_utc_ns, epoch->utc_ns);
        vg_json_string(&j, "nonce", vg_hex_format(nonce, sizeof(nonce), hex));
        put_old(&j, &old);
        vg_json_string(&j, "origin", origin);
        vg_json_string(&j, "outside", epoch->outside[log] ? epoch->outside[log] : "");
        put_base64(&j, "public_key", public_key, VG_PUBLIC_KEY_SIZE);
        vg_json_string(&j, "reason", epoch->reason);
        vg_json_string(&j, "version", epoch->version);
        vg_json_end_object(&j);
        r = append_json(store, log, "epoch", &j, epoch->utc_ns, err);
        vg_json_done(&j);
        return r;
}

/* What is written down as held outside must be a head of ours, signed. */
static int check_outside(struct store *store, enum vg_log log, const char *text, struct vg_err *err)
{
        struct vg_note note;
        int r = vg_note_parse(text, strlen(text), &note, err);

        if (r < 0)
                return r;
        if (strcmp(note.checkpoint.origin, store->identity.origin[log]) != 0)
                return vg_err_set(err, -EINVAL, "ce point de contrôle est d'une autre origine");
        r = vg_note_check(&note, &store_hasher, store->identity.public_key, store_check, NULL);
        return r < 0 ? vg_err_set(err, r,
                                  "ce point de contrôle n'est pas signé par la clé de "
                                  "ce registre")
                     : 0;
}

int store_epoch_open(struct store *store, const struct store_epoch *epoch, struct vg_err *err)
{
        int64_t from_utc_ns;
        int r = store_begin(store, err);

        if (r == 0)
                r = last_stamp(store, &from_utc_ns, err);
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                if (epoch->outside[log])
                        r = check_outside(store, (enum vg_log)log, epoch->outside[log], err);
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = write_epoch(store, (enum vg_log)log, epoch, from_utc_ns, err);
        /* What the keeper remembered is of the old epoch: read on from there, it would count the
         * lost interval a second time. */
        if (r == 0)
                r = sql_exec(store->db,
                             "DELETE FROM inbox; DELETE FROM snapshot; DELETE FROM seen;"
                             "DELETE FROM open_usage; DELETE FROM open_at",
                             err);
        if (r == 0)
                r = identity_load(store, err);
        if (r < 0) {
                store_rollback(store);
                return r;
        }
        return store_commit(store, err);
}
