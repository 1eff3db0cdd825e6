/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ledger: what a record is to the byte, the Merkle tree over a log, and the signed head of a log.
 * Pure: SHA-256 and Ed25519 come in as functions, records and nodes as values.
 *
 * Record: canonical JSON (vigie/json.h), exactly
 *   {"body":B,"log":"client|shared","salt":"32 hex","seq":N,"type":"T","utc_ns":N,"v":1}
 * Leaf: SHA-256(0x00 || record). Node: SHA-256(0x01 || left || right). Tree: RFC 6962, section 2.1.
 * Head: a C2SP tlog-checkpoint, which is a C2SP signed note:
 *   origin LF  size in decimal LF  base64 of the root LF  LF
 *   U+2014 SP key name SP base64(4-byte key id || 64-byte Ed25519 signature) LF
 * The signed bytes are the first three lines, the LF of the third included. The key name is the
 * origin; the key id is the start of SHA-256(key name || 0x0A || 0x01 || 32-byte public key).
 *
 * Origin: vigie/<appliance>/<log>/<16 hex of SHA-256 of the first public key>. It never changes,
 * not even with the key, while the log goes on. After a restore the log cannot go on: what was
 * written after the backup may already be known outside, and one origin must never show two
 * histories. A restore therefore opens an *epoch*: one more record in the same tree, from which on
 * checkpoints carry a new origin, its 16 hex taken from SHA-256(public key || nonce) with the nonce
 * of that record. The record names the head that was restored, the last checkpoint known outside,
 * and the interval lost between the two (body of `epoch`, agent/store/epoch.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/text.h"

struct vg_err;

enum {
        VG_HASH_SIZE = 32,
        VG_SALT_SIZE = 16,
        VG_PUBLIC_KEY_SIZE = 32,
        VG_SIGNATURE_SIZE = 64,
        VG_KEY_ID_SIZE = 4,
        VG_ORIGIN_SIZE = 160,    /* with its NUL */
        VG_TYPE_SIZE = 33,       /* [a-z0-9.-], with its NUL */
        VG_PROOF_MAX = 130,      /* hashes in a proof of a tree of 2^64 leaves, with room */
        VG_NOTE_SIGNATURES = 16, /* signatures kept of one note; witnesses add theirs */
};

enum vg_log { VG_LOG_SHARED, VG_LOG_CLIENT };
#define VG_LOG_N 2U
const char *vg_log_name(enum vg_log log);
int vg_log_parse(const char *name, enum vg_log *ret_log); /* -EINVAL */

struct vg_hash {
        uint8_t bytes[VG_HASH_SIZE];
};

struct vg_bytes {
        const void *data;
        size_t n;
};

/* The crypto edge. 0 or -errno. */
struct vg_hasher {
        int (*sha256)(void *ctx, const struct vg_bytes *parts, size_t n_parts,
                      struct vg_hash *ret_hash);
        void *ctx;
};
typedef int vg_sign_fn(void *ctx, const void *message, size_t n,
                       uint8_t ret_signature[VG_SIGNATURE_SIZE]);
/* 0: good. -EBADMSG: not that key's signature of that message. */
typedef int vg_check_fn(void *ctx, const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                        const void *message, size_t n, const uint8_t signature[VG_SIGNATURE_SIZE]);

/* ---- records ---- */

struct vg_record {
        enum vg_log log;
        uint64_t seq; /* from 0 in each log; the index of the leaf */
        char type[VG_TYPE_SIZE];
        int64_t utc_ns;
        uint8_t salt[VG_SALT_SIZE];
        const char *body; /* canonical JSON, an object; not owned */
        size_t n_body;
};

/* Appends the bytes of the record. -EINVAL: type or body not of that form (the body is believed to
 * be canonical; only its braces are looked at). */
int vg_record_format(const struct vg_record *record, struct vg_buf *buf, struct vg_err *err);

/* Takes the envelope off. ret_record->body points into bytes. -EINVAL: not a record of version 1.
 * The body is not parsed. */
int vg_record_split(const char *bytes, size_t n, struct vg_record *ret_record);

bool vg_record_type_valid(const char *type);

/* ---- tree ---- */

/* The compact range of the first n leaves: one hash for each bit of n that is set, peak[level]. */
struct vg_tree {
        uint64_t n;
        struct vg_hash peak[64];
};

/* A subtree just completed: 2^level leaves, the index-th of its level. */
typedef int vg_node_out_fn(void *ctx, unsigned level, uint64_t index, const struct vg_hash *hash);
/* Gives the hash of such a subtree (level 0: a leaf). */
typedef int vg_node_in_fn(void *ctx, unsigned level, uint64_t index, struct vg_hash *ret_hash);

struct vg_proof {
        size_t n;
        struct vg_hash hash[VG_PROOF_MAX];
};

int vg_leaf_hash(const struct vg_hasher *hasher, const void *record, size_t n,
                 struct vg_hash *ret_hash);
int vg_node_hash(const struct vg_hasher *hasher, const struct vg_hash *left,
                 const struct vg_hash *right, struct vg_hash *ret_hash);
bool vg_hash_equal(const struct vg_hash *a, const struct vg_hash *b);

/* out (which may be NULL) hears of each subtree that the leaf completes, the leaf itself excluded.
 * The tree is unchanged where this fails. */
int vg_tree_append(struct vg_tree *tree, const struct vg_hasher *hasher, const struct vg_hash *leaf,
                   vg_node_out_fn *out, void *ctx);
/* The same for a whole subtree of 2^level leaves at once. -EINVAL: it does not begin where the tree
 * ends. */
int vg_tree_append_subtree(struct vg_tree *tree, const struct vg_hasher *hasher, unsigned level,
                           const struct vg_hash *hash);
int vg_tree_root(const struct vg_tree *tree, const struct vg_hasher *hasher,
                 struct vg_hash *ret_root);
int vg_tree_load(struct vg_tree *ret_tree, uint64_t n, vg_node_in_fn *in, void *ctx);

/* -ERANGE: no such leaf, or a tree that shrinks. */
int vg_prove_inclusion(const struct vg_hasher *hasher, uint64_t seq, uint64_t size,
                       vg_node_in_fn *in, void *ctx, struct vg_proof *ret_proof);
int vg_prove_consistency(const struct vg_hasher *hasher, uint64_t old_size, uint64_t size,
                         vg_node_in_fn *in, void *ctx, struct vg_proof *ret_proof);
/* 0 or -EBADMSG. */
int vg_check_inclusion(const struct vg_hasher *hasher, const struct vg_hash *leaf, uint64_t seq,
                       uint64_t size, const struct vg_proof *proof, const struct vg_hash *root);
int vg_check_consistency(const struct vg_hasher *hasher, uint64_t old_size,
                         const struct vg_hash *old_root, uint64_t size, const struct vg_hash *root,
                         const struct vg_proof *proof);

/* A slice of a log proved as a whole: `before` is the compact range of the leaves before it, `after`
 * the roots of the whole subtrees that cover what follows, from left to right. Both are short,
 * however long the log. -ERANGE: no such slice. */
int vg_prove_slice(uint64_t from, uint64_t to, uint64_t size, vg_node_in_fn *in, void *ctx,
                   struct vg_tree *ret_before, struct vg_proof *ret_after);
/* Whoever checks appends the slice's own leaves to a copy of `before`, then calls this with it. 0
 * or -EBADMSG: the tree is not the one of that size and root. */
int vg_check_slice(const struct vg_hasher *hasher, const struct vg_tree *tree, uint64_t size,
                   const struct vg_proof *after, const struct vg_hash *root);

/* ---- checkpoints ---- */

struct vg_checkpoint {
        char origin[VG_ORIGIN_SIZE];
        uint64_t size;
        struct vg_hash root;
};

struct vg_note_signature {
        char name[VG_ORIGIN_SIZE];
        uint8_t key_id[VG_KEY_ID_SIZE];
        uint8_t signature[VG_SIGNATURE_SIZE]; /* of Ed25519's length only; others are passed over */
};

struct vg_note {
        struct vg_bytes text; /* the signed bytes, within the note */
        struct vg_checkpoint checkpoint;
        size_t n_signatures;
        struct vg_note_signature signature[VG_NOTE_SIGNATURES];
};

/* nonce NULL for the first epoch of a log. -EINVAL: appliance is empty, too long or holds a
 * character that a key name may not (space, '+', '/', control). */
int vg_origin_format(const struct vg_hasher *hasher, const char *appliance, enum vg_log log,
                     const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                     const uint8_t nonce[VG_SALT_SIZE], char ret_origin[VG_ORIGIN_SIZE],
                     struct vg_err *err);
int vg_key_id(const struct vg_hasher *hasher, const char *name,
              const uint8_t public_key[VG_PUBLIC_KEY_SIZE], uint8_t ret_id[VG_KEY_ID_SIZE]);

void vg_checkpoint_text(const struct vg_checkpoint *checkpoint, struct vg_buf *buf);
/* Text, empty line, one signature. */
int vg_checkpoint_sign(const struct vg_checkpoint *checkpoint, const struct vg_hasher *hasher,
                       const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                       struct vg_buf *buf);
/* A text of ours that stands in buf from `from` on becomes a note: an empty line and one signature by
 * that name are appended. */
int vg_note_sign(const char *name, size_t from, const struct vg_hasher *hasher,
                 const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                 struct vg_buf *buf);
/* Text and signatures of a note, whatever its text says. -EINVAL: not a note. */
int vg_note_split(const char *note, size_t n, struct vg_note *ret_note, struct vg_err *err);
/* -EINVAL: not a checkpoint. Strict: canonical decimal and base64, at most 64 KiB. */
int vg_note_parse(const char *note, size_t n, struct vg_note *ret_note, struct vg_err *err);
/* 0: the note carries a good signature of that key under its origin's name. -ENOKEY: none of that
 * key. -EBADMSG: one that does not match. */
int vg_note_check(const struct vg_note *note, const struct vg_hasher *hasher,
                  const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_check_fn *check, void *ctx);

/* As vg_note_check(), of a note that is no checkpoint. */
int vg_note_check_name(const struct vg_note *note, const char *name, const struct vg_hasher *hasher,
                       const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_check_fn *check, void *ctx);

/* ---- heartbeats ----
 * That the keeper lives, as a signed note that whoever carries it cannot make:
 *   vigie/<appliance>/heartbeat/<16 hex> LF
 *   2027-04-01T13:00:00Z LF
 *   client SP size in decimal SP base64 of the root LF    (left out of the supplier's)
 *   shared SP size in decimal SP base64 of the root LF
 *   LF and one signature by the name of the first line
 * The 16 hex are those of the shared log's origin: they change with its epoch, not with the key. */

struct vg_heartbeat {
        char origin[VG_ORIGIN_SIZE];
        int64_t utc_s;
        bool has[VG_LOG_N];
        uint64_t size[VG_LOG_N];
        struct vg_hash root[VG_LOG_N];
};
/* "vigie/a/heartbeat/…" of "vigie/a/shared/…". -EINVAL: not an origin of ours, or too long. */
int vg_heartbeat_origin(const char *log_origin, char ret_origin[VG_ORIGIN_SIZE]);
int vg_heartbeat_sign(const struct vg_heartbeat *heartbeat, const struct vg_hasher *hasher,
                      const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                      struct vg_buf *buf);
/* Exactly that form, else -EINVAL. The signature is vg_note_check_name()'s to check, by
 * ret_heartbeat->origin. */
int vg_heartbeat_parse(const char *note, size_t n, struct vg_heartbeat *ret_heartbeat,
                       struct vg_note *ret_note, struct vg_err *err);

/* ---- cosignatures ---- */

/* What somebody who verified a head, and saved it, says of it (C2SP tlog-cosignature, Ed25519): a
 * note's signature line with its LF, `utc_s` within what is signed. A key cosigns under one name. */
bool vg_cosigner_name_valid(const char *name);
int vg_cosignature_write(const struct vg_checkpoint *head, const char *name, int64_t utc_s,
                         const struct vg_hasher *hasher,
                         const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                         struct vg_buf *buf);
/* 0: that key's cosignature of that head. -EINVAL: no cosignature. -ENOKEY: of another key.
 * -EBADMSG: it does not match. */
int vg_cosignature_check(const struct vg_checkpoint *head, const char *line, size_t n,
                         const struct vg_hasher *hasher,
                         const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_check_fn *check,
                         void *ctx, int64_t *ret_utc_s);

/* ---- keys ----
 * The key that signs may change while the log, and its origin, go on: the old key signs the new. The
 * signed text, which is no checkpoint's,
 *   vigie key LF  origin LF  base64 of the 32 bytes of the new public key LF
 * stands with its signature in a record of type `key` (agent/store/key-change.c). */
void vg_key_text(const char *origin, const uint8_t new_key[VG_PUBLIC_KEY_SIZE], struct vg_buf *buf);
/* 0: the old key did sign the new one for that origin. -EBADMSG. */
int vg_key_check(const char *origin, const uint8_t old_key[VG_PUBLIC_KEY_SIZE],
                 const uint8_t new_key[VG_PUBLIC_KEY_SIZE],
                 const uint8_t signature[VG_SIGNATURE_SIZE], vg_check_fn *check, void *ctx);

/* Standard base64 with padding. format: 4 * ((n + 2) / 3) characters are appended. parse: exact
 * form only (-EINVAL), at most size bytes (-ERANGE). */
void vg_base64_format(const void *bytes, size_t n, struct vg_buf *buf);
int vg_base64_parse(const char *text, size_t n, void *bytes, size_t size, size_t *ret_n);
