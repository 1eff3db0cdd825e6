/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* receive: the receiving end of what vigie delivers to a supplier, small enough to be read by whoever
 * writes his own. HTTPS, both sides with a certificate.
 *
 * POST /v1/batch, application/json:
 *
 *   {"checkpoint":"signed note",                    a head of the shared log (vigie/ledger.h)
 *    "consistency":{"from":N,"proof":["64 hex",…]}, from the head that we hold to this one (RFC 6962)
 *    "events":[{CloudEvent},…],                     records, oldest first, no seq left out: "data" is
 *                                                   the record, "id" its leaf hash
 *    "keys":["record",…],                           may be left out: the records by which the log
 *                                                   itself says whose key signs it
 *    "proofs":[["64 hex",…],…]}                     of each event, its inclusion in the head
 *
 *   200 {"cosignature":"— name …\n","key":"base64","next":N,"received":N,"size":N}: the records are
 *       on our disk. The cosignature (vg_cosignature_check) is that of `key` over the head of the
 *       first `next` records of the log, which is all that we hold; `size`: of the head that we hold.
 *       Who has it can prove that those records were received, by then.
 *   409 {"error":{"code","message"},"next":N,"size":N}: begin at `next`, prove from `size`
 *   4xx, 5xx {"error":{"code","message"}}
 *
 * POST /v1/heartbeat, text/plain: the newest heartbeat of the appliance, a signed note
 * (keeper/delivery.h). 200 {}
 *
 * Below the folder, for each log, named by its origin vigie/APPLIANCE/shared/ID:
 *
 *   records.jsonl        the records, a line each; line N is the record of seq N - 1
 *   checkpoint           the last head, verified; never of fewer records than there are
 *   key.pem              the key that signs it, pinned when the log was first met, or one that took
 *                        over from it since; next-key.pem: that one, before it stood there
 *   conflict             a head, duly signed, that contradicts the one that we held: evidence
 *
 * and for each appliance, vigie/APPLIANCE/peer: the name on the certificate that may speak for it;
 * vigie/APPLIANCE/heartbeat: the last. cosign.pem is our own key, made where none is given. */

#include "cli/cli.h"
#include "store/store.h"

enum {
        RECEIVE_BODY_MAX = 8 << 20,
        RECEIVE_EVENTS_MAX = 1000,
        RECEIVE_LOGS_MAX = 1024,
        RECEIVE_PATH = 1024,
};

struct receive_appliance {
        char *name, *peer;
        int64_t news_s;        /* when anything was last heard, by the wall clock */
        uint64_t news_boot_ns; /* the same, of elapsed time */
        int64_t heartbeat_s;   /* time that the last heartbeat says; 0: none */
        bool is_silent;        /* and it was said */
};

/* One log, as far as we hold it. */
struct receive_log {
        char origin[VG_ORIGIN_SIZE];
        struct receive_appliance *appliance;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        struct vg_tree tree;       /* of the records */
        struct vg_checkpoint head; /* size 0: none yet */
        bool is_in_doubt;          /* a write failed: to be read back first */
};

struct receive {
        struct cli *cli;
        const char *dir;
        int lock_fd;
        const char *key; /* of --key; NULL: the first that is met is pinned */
        struct store_key *cosign_key;
        char cosigner[VG_ORIGIN_SIZE];
        int64_t silent_after_s;
        struct receive_appliance *appliances[RECEIVE_LOGS_MAX];
        struct receive_log *logs[RECEIVE_LOGS_MAX];
        size_t n_appliances, n_logs;
        uint64_t refused_boot_ns; /* when a refusal was last said */
        uint64_t n_unsaid;        /* refusals since */
};

/* ---- what is held, read back (receive-load.c) ---- */

/* Takes the folder, makes what is missing, and reads back what it holds. cosign_key: a file, or
 * NULL: DIR/cosign.pem. -EBUSY: another has the folder.
 * -EBADMSG: what stands there is not what was received. */
int receive_open(struct receive *receive, const char *cosign_key, struct vg_err *err);
/* Reads the records of a log again. What a kill left of a last line goes. */
int receive_load_records(const struct receive *receive, struct receive_log *log,
                         struct vg_err *err);

/* ---- what is held (receive-held.c) ---- */

void receive_close(struct receive *receive);
/* DIR/inside/name. */
char *receive_path(const struct receive *receive, const char *inside, const char *name,
                   char buf[RECEIVE_PATH]);
int receive_add_appliance(struct receive *receive, const char *name, size_t n, const char *peer,
                          struct receive_appliance **ret, struct vg_err *err);
int receive_add_log(struct receive *receive, const char *origin,
                    struct receive_appliance *appliance, struct receive_log **ret_log,
                    struct vg_err *err);

/* NULL: not met yet. */
struct receive_log *receive_find_log(const struct receive *receive, const char *origin);
struct receive_appliance *receive_find_appliance(const struct receive *receive, const char *name,
                                                 size_t n);
/* A log met for the first time; nothing is held of it yet. -ENOSPC: too many. */
int receive_meet(struct receive *receive, const char *origin,
                 const uint8_t public_key[VG_PUBLIC_KEY_SIZE], const char *peer,
                 struct receive_log **ret_log, struct vg_err *err);
/* The name between the slashes of "vigie/NAME/…". -EINVAL: not an origin of that kind
 * ("shared", "heartbeat"). */
int receive_split_origin(const char *origin, const char *kind, const char **ret_name,
                         size_t *ret_n);

/* Each is durable when it answers 0. */
int receive_put_key(struct receive *receive, struct receive_log *log,
                    const uint8_t public_key[VG_PUBLIC_KEY_SIZE], struct vg_err *err);
/* Beside it, until the first head that it signs is there. */
int receive_put_next_key(const struct receive *receive, const struct receive_log *log,
                         const uint8_t public_key[VG_PUBLIC_KEY_SIZE], struct vg_err *err);
int receive_put_head(struct receive *receive, struct receive_log *log, const struct vg_note *note,
                     const char *text, struct vg_err *err);
int receive_put_records(struct receive *receive, struct receive_log *log,
                        const struct vg_buf *lines, const struct vg_tree *tree, struct vg_err *err);
int receive_put_heartbeat(struct receive *receive, struct receive_appliance *appliance,
                          const char *text, struct vg_err *err);
int receive_put_conflict(const struct receive *receive, const struct receive_log *log,
                         const char *text, struct vg_err *err);

/* ---- what is asked (receive-batch.c, receive-heartbeat.c) ---- */

/* Why something is not taken; status 0: it is. */
struct receive_refusal {
        int status;
        const char *code;
        struct vg_err err;
        const struct receive_log *log; /* where it stands is told; NULL: nothing to tell */
};
/* Fills it in; returns -EINVAL, so that refusing is one line. format: a French msgid. */
int receive_refuse(struct receive_refusal *refusal, int status, const char *code,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Takes a batch and writes the answer. peer: the name on the certificate. */
int receive_batch(struct receive *receive, const char *peer, const char *body, size_t n,
                  struct vg_buf *answer, struct receive_refusal *refusal);
int receive_heartbeat(struct receive *receive, const char *peer, const char *body, size_t n,
                      struct receive_refusal *refusal);

/* ---- whose key it is (receive-key.c) ---- */

/* The key that a log itself names for an origin first met, from the records that were sent along:
 * the origin commits to it. keys: an array of texts. -ENOKEY: none of them does. */
int receive_first_key(const json_t *keys, const char *origin, uint8_t ret_key[VG_PUBLIC_KEY_SIZE],
                      struct vg_err *err);

/* The key that signs note, from the one that is pinned along records of type `key`, each of which the
 * key before has signed (vigie/ledger.h): *key becomes it. -ENOKEY: they do not lead there. */
int receive_next_key(const json_t *keys, const struct vg_note *note,
                     uint8_t key[VG_PUBLIC_KEY_SIZE]);

/* ---- what is said (receive-tell.c) ---- */

void receive_tell_ready(struct receive *receive, const char *listen);
void receive_tell_met(struct receive *receive, const struct receive_log *log);
void receive_tell_record(struct receive *receive, const struct receive_log *log,
                         const json_t *record);
void receive_tell_conflict(struct receive *receive, const struct receive_log *log,
                           const struct receive_refusal *refusal);
void receive_tell_refused(struct receive *receive, const char *peer, const char *why);
/* Something was heard of it: is it back? */
void receive_note_news(struct receive *receive, struct receive_appliance *appliance);
/* Who has not been heard for too long. */
void receive_tell_silence(struct receive *receive);
