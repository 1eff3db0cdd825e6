/* SPDX-License-Identifier: Apache-2.0 */

/* A batch: read, believed, kept, answered, in that order; nothing of it is kept before all of it is
 * believed. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cli/ledger.h"
#include "cli/receive.h"
#include "os/clock.h"
#include "vigie/civil.h"

struct taken {
        struct receive *receive;
        const char *peer;
        struct receive_refusal *refusal;
        const char *text; /* of the checkpoint */
        struct vg_note note;
        const json_t *events, *proofs, *keys;
        uint64_t proven_from;
        struct vg_proof consistency;
        struct receive_log *log;
        uint8_t next_key[VG_PUBLIC_KEY_SIZE]; /* that took over from the pinned one */
        bool has_next;
        struct vg_tree tree;     /* as it will be */
        struct vg_buf lines;     /* what is new, as it will be written */
        size_t first_new, n_new; /* of events */
};

/* ---- reading ---- */

static int read_consistency(const json_t *tree, struct taken *t)
{
        const json_t *object = json_object_get(tree, "consistency");
        int64_t from;

        if (vg_json_get_int(object, "from", &from) < 0 || from < 0 ||
            ledger_read_proof(json_object_get(object, "proof"), &t->consistency) < 0)
                return -EINVAL;
        t->proven_from = (uint64_t)from;
        return 0;
}

static int read_batch(const json_t *tree, struct taken *t)
{
        struct vg_err err = { 0 };

        t->events = json_object_get(tree, "events");
        t->proofs = json_object_get(tree, "proofs");
        t->keys = json_object_get(tree, "keys");
        if (vg_json_get_string(tree, "checkpoint", &t->text) < 0 || read_consistency(tree, t) < 0 ||
            !json_is_array(t->events) || !json_is_array(t->proofs) ||
            json_array_size(t->events) != json_array_size(t->proofs) ||
            json_array_size(t->events) > RECEIVE_EVENTS_MAX)
                return receive_refuse(t->refusal, 400, "batch", "ce n'est pas un envoi");
        if (vg_note_parse(t->text, strlen(t->text), &t->note, &err) < 0)
                return receive_refuse(t->refusal, 400, "checkpoint", "%s", vg_err_text(&err));
        return 0;
}

/* ---- believing ---- */

static int check_pin(const struct taken *t, const uint8_t public_key[VG_PUBLIC_KEY_SIZE])
{
        const struct vg_bytes part = { public_key, VG_PUBLIC_KEY_SIZE };
        struct vg_hash wanted, own;
        struct vg_err err = { 0 };

        if (!t->receive->key)
                return 0;
        if (ledger_key_digest(t->receive->key, &wanted, &err) < 0 ||
            store_hasher.sha256(NULL, &part, 1, &own) < 0 || !vg_hash_equal(&wanted, &own))
                return receive_refuse(t->refusal, 403, "key", "la clé n'est pas celle de --key");
        return 0;
}

static int check_signature(const struct taken *t, const uint8_t public_key[VG_PUBLIC_KEY_SIZE])
{
        if (vg_note_check(&t->note, &store_hasher, public_key, store_check, NULL) == 0)
                return 0;
        return receive_refuse(t->refusal, 403, "signature",
                              "le point de contrôle n'est pas signé par la clé du journal");
}

/* One appliance is spoken for by one certificate's name: another's may be as good, for another. */
static int check_peer(const struct taken *t)
{
        const struct receive_appliance *appliance;
        const char *name;
        size_t n;

        if (receive_split_origin(t->note.checkpoint.origin, "shared", &name, &n) < 0)
                return receive_refuse(t->refusal, 403, "origin",
                                      "l'origine n'est pas celle d'un journal partagé");
        appliance = receive_find_appliance(t->receive, name, n);
        if (appliance && strcmp(appliance->peer, t->peer) != 0)
                return receive_refuse(t->refusal, 403, "peer",
                                      "le certificat « %s » ne parle pas pour l'appareil %s",
                                      t->peer, appliance->name);
        return 0;
}

static int meet(struct taken *t)
{
        const char *origin = t->note.checkpoint.origin;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        struct vg_err err = { 0 };

        if (receive_first_key(t->keys, origin, public_key, &err) < 0)
                return receive_refuse(t->refusal, 403, "key-unknown", "%s", vg_err_text(&err));
        int r = check_pin(t, public_key);
        if (r == 0)
                r = check_signature(t, public_key);
        if (r < 0)
                return r;
        if (receive_meet(t->receive, origin, public_key, t->peer, &t->log, &err) < 0)
                return receive_refuse(t->refusal, 503, "disk", "%s", vg_err_text(&err));
        receive_tell_met(t->receive, t->log);
        return 0;
}

/* The key that signs may change: the pinned one has then signed the other. */
static int follow_key(struct taken *t)
{
        if (vg_note_check(&t->note, &store_hasher, t->log->public_key, store_check, NULL) !=
            -ENOKEY)
                return check_signature(t, t->log->public_key);
        memcpy(t->next_key, t->log->public_key, sizeof(t->next_key));
        t->has_next = receive_next_key(t->keys, &t->note, t->next_key) == 0;
        return t->has_next ? 0
                           : receive_refuse(t->refusal, 403, "signature",
                                            "le point de contrôle n'est pas signé par la clé du "
                                            "journal");
}

static int find_log(struct taken *t)
{
        struct vg_err err = { 0 };
        int r = check_peer(t);

        if (r < 0)
                return r;
        t->log = receive_find_log(t->receive, t->note.checkpoint.origin);
        if (!t->log)
                return meet(t);
        if (t->log->is_in_doubt && receive_load_records(t->receive, t->log, &err) < 0)
                return receive_refuse(t->refusal, 503, "disk", "%s", vg_err_text(&err));
        return follow_key(t);
}

/* A head duly signed that ours does not grow into: the log shows two histories. */
static int contradict(const struct taken *t)
{
        struct vg_err err = { 0 };
        const int r = receive_refuse(t->refusal, 422, "conflict",
                                     "ce point de contrôle contredit celui qui est détenu");

        if (receive_put_conflict(t->receive, t->log, t->text, &err) < 0)
                cli_progress(t->receive->cli, "%s", vg_err_text(&err));
        receive_tell_conflict(t->receive, t->log, t->refusal);
        return r;
}

static int check_head(struct taken *t)
{
        const struct vg_checkpoint *held = &t->log->head, *now = &t->note.checkpoint;

        t->refusal->log = t->log;
        if (now->size < held->size)
                return receive_refuse(t->refusal, 409, "older",
                                      "ce point de contrôle est plus ancien que celui qui est "
                                      "détenu");
        if (now->size == held->size)
                return vg_hash_equal(&now->root, &held->root) ? 0 : contradict(t);
        if (held->size == 0)
                return 0;
        if (t->proven_from != held->size)
                return receive_refuse(t->refusal, 409, "from",
                                      "la preuve de continuité part d'une autre taille");
        return vg_check_consistency(&store_hasher, held->size, &held->root, now->size, &now->root,
                                    &t->consistency) == 0
                       ? 0
                       : contradict(t);
}

static int check_proof(const struct taken *t, size_t i, uint64_t seq, const struct vg_hash *leaf)
{
        struct vg_proof proof;

        if (ledger_read_proof(json_array_get(t->proofs, i), &proof) < 0 ||
            vg_check_inclusion(&store_hasher, leaf, seq, t->note.checkpoint.size, &proof,
                               &t->note.checkpoint.root) < 0)
                return receive_refuse(t->refusal, 422, "inclusion",
                                      "rien ne prouve que l'inscription %llu soit dans le journal",
                                      (unsigned long long)seq);
        return 0;
}

static int check_record(const struct taken *t, const json_t *event, struct vg_buf *bytes,
                        uint64_t *ret_seq, struct vg_hash *ret_leaf)
{
        struct vg_record record;
        const char *id = "";
        char hex[2 * VG_HASH_SIZE + 1];

        (void)vg_json_get_string(event, "id", &id);
        if (vg_json_canonical(json_object_get(event, "data"), bytes, NULL) < 0 || bytes->failed ||
            vg_record_split(bytes->data, bytes->n, &record) < 0 || record.log != VG_LOG_SHARED)
                return receive_refuse(t->refusal, 400, "record",
                                      "« data » n'est pas une inscription du journal partagé");
        if (vg_leaf_hash(&store_hasher, bytes->data, bytes->n, ret_leaf) < 0 ||
            strcmp(vg_hex_format(ret_leaf->bytes, VG_HASH_SIZE, hex), id) != 0)
                return receive_refuse(t->refusal, 400, "id",
                                      "« id » n'est pas l'empreinte de l'inscription");
        *ret_seq = record.seq;
        return 0;
}

/* Below what is held it is a resend, and passed over; beyond it, something is missing. */
static int take_event(struct taken *t, size_t i)
{
        _cleanup_(vg_buf_done) struct vg_buf bytes = { 0 };
        struct vg_hash leaf = { 0 };
        uint64_t seq = 0;
        int r = check_record(t, json_array_get(t->events, i), &bytes, &seq, &leaf);

        if (r == 0)
                r = check_proof(t, i, seq, &leaf);
        if (r < 0)
                return r;
        if (seq < t->log->tree.n && t->n_new == 0) {
                t->first_new = i + 1;
                return 0;
        }
        if (seq != t->tree.n)
                return receive_refuse(t->refusal, 409, "gap",
                                      "l'inscription %llu est attendue, non la %llu",
                                      (unsigned long long)t->tree.n, (unsigned long long)seq);
        r = vg_tree_append(&t->tree, &store_hasher, &leaf, NULL, NULL);
        vg_buf_append(&t->lines, bytes.data, bytes.n);
        vg_buf_append(&t->lines, "\n", 1);
        t->n_new++;
        return r < 0 || t->lines.failed
                       ? receive_refuse(t->refusal, 503, "memory", "mémoire épuisée")
                       : 0;
}

static int check_events(struct taken *t)
{
        int r = 0;

        t->tree = t->log->tree;
        for (size_t i = 0; i < json_array_size(t->events) && r == 0; i++)
                r = take_event(t, i);
        return r;
}

/* ---- keeping ---- */

/* Whatever instant a kill picks, the head is signed by one of the two keys that stand beside it. */
static int put_head(struct taken *t, struct vg_err *err)
{
        int r = t->has_next ? receive_put_next_key(t->receive, t->log, t->next_key, err) : 0;

        if (r == 0)
                r = receive_put_head(t->receive, t->log, &t->note, t->text, err);
        return r == 0 && t->has_next ? receive_put_key(t->receive, t->log, t->next_key, err) : r;
}

static int keep(struct taken *t)
{
        struct vg_err err = { 0 };
        int r = 0;

        if (t->note.checkpoint.size != t->log->head.size)
                r = put_head(t, &err);
        if (r == 0 && t->n_new)
                r = receive_put_records(t->receive, t->log, &t->lines, &t->tree, &err);
        if (r < 0)
                return receive_refuse(t->refusal, 503, "disk", "%s", vg_err_text(&err));
        receive_note_news(t->receive, t->log->appliance);
        for (size_t i = t->first_new; i < t->first_new + t->n_new; i++)
                receive_tell_record(t->receive, t->log,
                                    json_object_get(json_array_get(t->events, i), "data"));
        return 0;
}

/* ---- answering ---- */

/* The head of what we hold, no more: the cosignature says that it was received. */
static int put_cosignature(const struct taken *t, struct vg_json *j)
{
        const struct store_key *key = t->receive->cosign_key;
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };
        struct vg_checkpoint head = { .size = t->log->tree.n };

        snprintf(head.origin, sizeof(head.origin), "%s", t->log->origin);
        int r = vg_tree_root(&t->log->tree, &store_hasher, &head.root);
        if (r == 0)
                r = vg_cosignature_write(&head, t->receive->cosigner,
                                         vg_clock_now().at_utc_ns / VG_NS_PER_S, &store_hasher,
                                         store_key_public(key), store_sign, (void *)key, &line);
        if (r == 0)
                vg_json_string(j, "cosignature", line.data);
        return r;
}

static int write_answer(const struct taken *t, struct vg_buf *answer)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf key = { 0 };

        vg_base64_format(store_key_public(t->receive->cosign_key), VG_PUBLIC_KEY_SIZE, &key);
        vg_json_object(&j, NULL);
        int r = put_cosignature(t, &j);
        vg_json_string(&j, "key", key.data ? key.data : "");
        vg_json_int(&j, "next", (int64_t)t->log->tree.n);
        vg_json_int(&j, "received", (int64_t)t->n_new);
        vg_json_int(&j, "size", (int64_t)t->log->head.size);
        vg_json_end_object(&j);
        vg_buf_append(answer, j.buf.data, j.buf.n);
        if (r < 0 || key.failed || j.buf.failed || answer->failed)
                return receive_refuse(t->refusal, 503, "memory", "mémoire épuisée");
        return 0;
}

int receive_batch(struct receive *receive, const char *peer, const char *body, size_t n,
                  struct vg_buf *answer, struct receive_refusal *refusal)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct taken t = { .receive = receive, .peer = peer, .refusal = refusal };
        struct vg_err err = { 0 };

        if (vg_json_parse(body, n, &tree, NULL, NULL, &err) < 0)
                return receive_refuse(refusal, 400, "json", "%s", vg_err_text(&err));
        int r = read_batch(tree, &t);
        if (r == 0)
                r = find_log(&t);
        if (r == 0)
                r = check_head(&t);
        if (r == 0)
                r = check_events(&t);
        if (r == 0)
                r = keep(&t);
        if (r == 0)
                r = write_answer(&t, answer);
        vg_buf_done(&t.lines);
        return r;
}
