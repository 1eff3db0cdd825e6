/* SPDX-License-Identifier: Apache-2.0 */

/* Records that verify itself must understand: who signs (origin, epoch, key) and what may be absent
 * (purge: {"from_seq":N,"log":"…","to_seq":N,…}, the entries [from_seq, to_seq) of that log). */

#include <errno.h>

#include "store/project.h"
#include "store/verify-internal.h"
#include "vigie/json.h"

static int find_wrong(struct verify *v, uint64_t seq, const struct vg_err *why)
{
        return verify_find(v, "origin-wrong", seq, "inscription %llu : %s", (unsigned long long)seq,
                           vg_err_text(why));
}

static bool is_trusted(const struct verify *v, const uint8_t key[VG_PUBLIC_KEY_SIZE])
{
        const struct vg_bytes part = { key, VG_PUBLIC_KEY_SIZE };
        struct vg_hash fingerprint;

        if (v->options->n_keys == 0)
                return true;
        if (store_hasher.sha256(store_hasher.ctx, &part, 1, &fingerprint) < 0)
                return false;
        for (size_t i = 0; i < v->options->n_keys; i++)
                if (vg_hash_equal(&v->options->keys[i], &fingerprint))
                        return true;
        return false;
}

struct opening { /* what an origin or epoch record says */
        const char *appliance, *origin;
        int64_t epoch;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE], nonce[VG_SALT_SIZE];
        bool has_nonce;
};

static int read_opening(const json_t *body, struct opening *ret, struct vg_err *err)
{
        const char *key64, *nonce;
        size_t n;
        int r = body_text(body, "appliance", &ret->appliance, err);

        if (r == 0)
                r = body_text(body, "origin", &ret->origin, err);
        if (r == 0)
                r = body_int(body, "epoch", &ret->epoch, err);
        if (r == 0)
                r = body_text(body, "public_key", &key64, err);
        if (r < 0)
                return r;
        if (vg_base64_parse(key64, strlen(key64), ret->public_key, VG_PUBLIC_KEY_SIZE, &n) < 0 ||
            n != VG_PUBLIC_KEY_SIZE)
                return vg_err_set(err, -EINVAL, "« public_key » : 32 octets en base64 attendus");
        ret->has_nonce = ret->epoch > 1;
        if (ret->has_nonce) {
                r = body_text(body, "nonce", &nonce, err);
                if (r < 0 || vg_hex_parse(nonce, ret->nonce, VG_SALT_SIZE) < 0)
                        return vg_err_set(err, -EINVAL, "« nonce » : 16 octets attendus");
        }
        return 0;
}

/* The name of an origin follows from the rest. */
static int check_name(struct verify *v, const struct opening *o, struct vg_err *err)
{
        char origin[VG_ORIGIN_SIZE];
        int r = vg_origin_format(&store_hasher, o->appliance, v->log, o->public_key,
                                 o->has_nonce ? o->nonce : NULL, origin, err);

        if (r < 0)
                return r;
        if (strcmp(origin, o->origin) != 0)
                return vg_err_set(err, -EINVAL, "l'origine n'est pas celle de cette clé");
        if (o->epoch != v->epoch + 1)
                return vg_err_set(err, -EINVAL, "époque %lld après l'époque %lld",
                                  (long long)o->epoch, (long long)v->epoch);
        return 0;
}

/* The head that was restored: ours at this very place. */
static int check_old(struct verify *v, const json_t *body, uint64_t seq, struct vg_err *err)
{
        const json_t *old;
        const char *origin, *root64;
        struct vg_hash told, stored, computed;
        int64_t size;
        size_t n;
        int r = body_object(body, "old", &old, err);

        if (r == 0)
                r = body_text(old, "origin", &origin, err);
        if (r == 0)
                r = body_text(old, "root", &root64, err);
        if (r == 0)
                r = body_int(old, "size", &size, err);
        if (r == 0)
                r = vg_tree_root(&v->tree, &store_hasher, &stored);
        if (r == 0)
                r = vg_tree_root(&v->computed, &store_hasher, &computed);
        if (r < 0)
                return r;
        if (strcmp(origin, v->origin) != 0 || (uint64_t)size != seq)
                return vg_err_set(err, -EINVAL, "l'époque ne continue pas l'origine précédente");
        if (vg_base64_parse(root64, strlen(root64), told.bytes, VG_HASH_SIZE, &n) < 0 ||
            n != VG_HASH_SIZE ||
            (!v->has_hole && !vg_hash_equal(&told, &stored) && !vg_hash_equal(&told, &computed)))
                return vg_err_set(err, -EINVAL, "la tête restaurée n'est pas celle du journal");
        return 0;
}

static void take_opening(struct verify *v, const struct opening *o, uint64_t seq)
{
        v->epoch = o->epoch;
        snprintf(v->origin, sizeof(v->origin), "%s", o->origin);
        memcpy(v->public_key, o->public_key, VG_PUBLIC_KEY_SIZE);
        memcpy(v->report->log[v->log].first_key, o->public_key, VG_PUBLIC_KEY_SIZE);
        snprintf(v->report->appliance, sizeof(v->report->appliance), "%s", o->appliance);
        v->has_next = false;
        v->is_untrusted = !is_trusted(v, o->public_key);
        v->opened = seq;
}

/* A key that is trusted covers what was before it, through the heads that it signs, and what comes
 * after it, through the keys that it signed. */
int verify_trust(struct verify *v)
{
        char fingerprint[80];

        if (!v->is_untrusted)
                return 0;
        v->is_untrusted = false;
        return verify_find(v, "key-unknown", v->opened,
                           "l'époque %lld est signée par une autre clé que celle qui est donnée : "
                           "%s",
                           (long long)v->epoch, store_key_fingerprint(v->public_key, fingerprint));
}

/* The old key signs the new one, which then takes over. */
static int take_key(struct verify *v, uint64_t seq, const json_t *body)
{
        struct key_change change = { 0 };
        struct vg_err why = { 0 };
        int r = key_change_read(body, &change, &why);

        if (r == 0 && memcmp(change.old, v->public_key, VG_PUBLIC_KEY_SIZE) != 0)
                r = vg_err_set(&why, -EINVAL, "la clé qui est remplacée n'est pas celle qui signe");
        if (r == 0 && !change.is_taken &&
            vg_key_check(v->origin, change.old, change.public_key, change.signature, store_check,
                         NULL) < 0)
                r = vg_err_set(&why, -EINVAL, "la nouvelle clé n'est pas signée par l'ancienne");
        if (r == 0 && change.is_taken &&
            (!v->has_next || memcmp(change.public_key, v->next_key, VG_PUBLIC_KEY_SIZE) != 0))
                r = vg_err_set(&why, -EINVAL, "la nouvelle clé n'est pas signée par l'ancienne");
        if (r < 0)
                return find_wrong(v, seq, &why);
        v->has_next = !change.is_taken;
        memcpy(change.is_taken ? v->public_key : v->next_key, change.public_key,
               VG_PUBLIC_KEY_SIZE);
        if (change.is_taken && is_trusted(v, change.public_key))
                v->is_untrusted = false;
        return 0;
}

/* An epoch is accepted, and never passed over in silence. */
static void take_lost(struct verify *v, const json_t *body)
{
        const json_t *lost = json_object_get(body, "lost");
        const char *from = "?", *to = "?";

        (void)vg_json_get_string(lost, "from", &from);
        (void)vg_json_get_string(lost, "to", &to);
        snprintf(v->report->log[v->log].lost_from, sizeof(v->report->log[0].lost_from), "%s", from);
        snprintf(v->report->log[v->log].lost_to, sizeof(v->report->log[0].lost_to), "%s", to);
}

static int check_opening(struct verify *v, const struct vg_record *record, const json_t *body)
{
        const bool is_epoch = strcmp(record->type, "epoch") == 0;
        struct opening opening = { 0 };
        struct vg_err why = { 0 };
        const char *outside = "";
        int r = read_opening(body, &opening, &why);

        if (r == 0 && is_epoch != (record->seq > 0))
                r = vg_err_set(&why, -EINVAL, "une origine commence un journal, et lui seul");
        if (r == 0)
                r = check_name(v, &opening, &why);
        if (r == 0 && is_epoch)
                r = check_old(v, body, record->seq, &why);
        if (r < 0)
                return find_wrong(v, record->seq, &why);
        if (is_epoch) {
                take_lost(v, body);
                (void)vg_json_get_string(body, "outside", &outside);
                r = heads_at_epoch(v, outside);
                if (r == 0)
                        r = verify_trust(v);
        }
        if (r == 0)
                take_opening(v, &opening, record->seq);
        return r;
}

static int take_purge(struct verify *v, uint64_t seq, const json_t *body)
{
        struct vg_err why = { 0 };
        const char *name;
        enum vg_log log;
        int64_t from, to;
        int r = body_text(body, "log", &name, &why);

        if (r == 0)
                r = body_int(body, "from_seq", &from, &why);
        if (r == 0)
                r = body_int(body, "to_seq", &to, &why);
        if (r < 0 || vg_log_parse(name, &log) < 0 || from < 0 || to < from)
                return find_wrong(v, seq, &why);
        return ranges_add(&v->purged[log], (uint64_t)from, (uint64_t)to);
}

int verify_special(struct verify *v, const struct vg_record *record)
{
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const bool opens =
                strcmp(record->type, "origin") == 0 || strcmp(record->type, "epoch") == 0;
        struct vg_err why = { 0 };

        if (!opens && record->seq == 0) {
                vg_err_set(&why, -EINVAL, "le journal ne commence pas par son origine");
                return find_wrong(v, 0, &why);
        }
        const bool changes_key = strcmp(record->type, "key") == 0;
        if (!opens && !changes_key && strcmp(record->type, "purge") != 0)
                return 0;
        if (vg_json_parse(record->body, record->n_body, &body, NULL, NULL, &why) < 0)
                return find_wrong(v, record->seq, &why);
        if (changes_key)
                return take_key(v, record->seq, body);
        return opens ? check_opening(v, record, body) : take_purge(v, record->seq, body);
}
