/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* store: the ledger in SQLite. One writer (the keeper, or a verb while the keeper is down), held
 * by flock(2) on <path>-writer; any number of readers, mode=ro, which work whether the writer is
 * alive, stopped or killed. WAL, synchronous=FULL: what store_commit() has answered is durable.
 *
 * Time comes in as arguments. Errors: 0, -errno with *err filled, or the positive outcomes named
 * here. A file that is damaged or not ours is -EBADMSG. The projections of another release are made
 * again from the records: by a writer in the file, by a reader for itself (where it has load_zone;
 * else -EPROTONOSUPPORT). */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/forecast.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"
#include "vigie/meter.h"

struct vg_bill;
struct vg_contract;
struct vg_err;
struct vg_line;
struct vg_zone;
struct store;

enum { STORE_SCHEMA = 3 }; /* user_version of the projections */
enum { STORE_NONE = 1 };   /* no such row; an outcome */

/* ---- the signing key (crypto.c): the only place that knows OpenSSL ---- */

struct store_key; /* an Ed25519 private key */
int store_key_new(struct store_key **ret_key, struct vg_err *err);
int store_key_read(const char *path, struct store_key **ret_key, struct vg_err *err); /* PEM */
/* PKCS #8 PEM, mode 0600, never over an existing file (-EEXIST). */
int store_key_write(const struct store_key *key, const char *path, struct vg_err *err);
void store_key_free(struct store_key *key);
static inline void store_key_freep(struct store_key **key)
{
        store_key_free(*key);
}
const uint8_t *store_key_public(const struct store_key *key); /* 32 bytes */
/* A public key from a PEM file (public or private), as 32 bytes. */
int store_key_read_public(const char *path, uint8_t ret_public[VG_PUBLIC_KEY_SIZE],
                          struct vg_err *err);
int store_key_parse_public(const void *pem, size_t n, uint8_t ret_public[VG_PUBLIC_KEY_SIZE],
                           struct vg_err *err);
/* SubjectPublicKeyInfo PEM, for the openssl command. The caller frees. */
int store_key_public_pem(const uint8_t public_key[VG_PUBLIC_KEY_SIZE], char **ret_pem,
                         struct vg_err *err);
/* SHA-256 of the 32 bytes as hexadecimal in groups of four, for two people on the telephone. */
char *store_key_fingerprint(const uint8_t public_key[VG_PUBLIC_KEY_SIZE], char ret_text[80]);

extern const struct vg_hasher store_hasher;
vg_sign_fn store_sign;   /* ctx: const struct store_key * */
vg_check_fn store_check; /* ctx: unused */
int store_random(void *bytes, size_t n, struct vg_err *err);

/* ---- opening ---- */

/* An IANA zone by name, for the contract projection: vg_file_zone() of os/files.h. */
typedef int store_zone_fn(const char *name, struct vg_zone **ret_zone, struct vg_err *err);

struct store_options {
        const char *path;            /* of ledger.db */
        const char *appliance;       /* must be the one of the file, where there is one */
        const struct store_key *key; /* borrowed; the writer needs it, readers give NULL */
        store_zone_fn *load_zone;    /* the writer needs it */
        int64_t utc_ns;              /* stamp of the origin records when the file is made */
        const char *version;         /* of the program, for the origin records */
        bool opens_epoch;            /* the key need not be the current one: an epoch follows */
};

/* The writer. Makes the file (0640) with the two origin records where there is none; brings older
 * projections up to date by a rebuild. -EBUSY: another writer has it. -EKEYREJECTED: the key is
 * not the one of the current epoch. */
int store_open(const struct store_options *options, struct store **ret_store, struct vg_err *err);
/* A reader: only path is looked at. -ENOENT: no ledger there. */
int store_open_read(const struct store_options *options, struct store **ret_store,
                    struct vg_err *err);
void store_close(struct store *store);
static inline void store_closep(struct store **store)
{
        store_close(*store);
}
const char *store_path(const struct store *store);

/* Who this ledger is. Pointers live as long as the store. */
struct store_identity {
        char appliance[VG_ORIGIN_SIZE];
        int64_t epoch; /* from 1 */
        char origin[VG_LOG_N][VG_ORIGIN_SIZE];
        uint8_t public_key[VG_PUBLIC_KEY_SIZE]; /* that signs */
        uint8_t next_key[VG_PUBLIC_KEY_SIZE];   /* that it has signed, and that may take over */
        bool has_next;
        uint64_t size[VG_LOG_N]; /* records now; a reader asks again with store_refresh() */
};
const struct store_identity *store_identity(const struct store *store);
int store_refresh(struct store *store, struct vg_err *err);

/* Called now and then in long work; a negative answer stops it with that. */
typedef int store_progress_fn(void *ctx, uint64_t done, uint64_t total);

/* ---- writing: all of it between begin and commit ---- */

int store_begin(struct store *store, struct vg_err *err);
/* Durable when it answers 0. On failure everything since begin is undone. */
int store_commit(struct store *store, struct vg_err *err);
void store_rollback(struct store *store);

/* Adds envelope and salt, hashes, appends, and applies the projection of that type (project.c).
 * body: canonical JSON, an object. A body that its projection cannot read is refused (-EINVAL) and
 * nothing of it stays, the transaction being the caller's to roll back. ret_seq may be NULL. */
int store_append(struct store *store, enum vg_log log, const char *type, const char *body,
                 size_t n_body, int64_t utc_ns, uint64_t *ret_seq, struct vg_err *err);

/* Signs the head of each log that grew since its last checkpoint, in its own transaction (not
 * between begin and commit). *ret_n, which may be NULL: how many were signed. */
int store_checkpoint(struct store *store, int64_t utc_ns, unsigned *ret_n, struct vg_err *err);

/* Opens a new epoch (vigie/ledger.h): a record in both logs, new origins, the key of the options. To
 * be followed by a checkpoint. The keeper's memory (inbox, snapshot, seen, open interval) is of the
 * old epoch and goes. Its own transaction. */
struct store_epoch {
        const char *reason; /* "restore", "key-lost" */
        const char *version;
        int64_t utc_ns;
        const char *outside[VG_LOG_N]; /* last checkpoint that somebody else holds; NULL: none */
};
int store_epoch_open(struct store *store, const struct store_epoch *epoch, struct vg_err *err);

/* The key that signs lets another take over: a record in both logs, within the caller's transaction.
 * The other one is taken by the next store_open() that brings it, which says so in both logs. */
int store_key_next(struct store *store, const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                   int64_t utc_ns, struct vg_err *err);

/* Lets go of the bytes and salts of those records of a log that `is_over` says are over; their leaf
 * hashes stay, and records of type purge in the same log say which they are. Within
 * the caller's transaction. What opens an epoch and what records a purge is never asked about.
 * *ret_n: how many. To be followed, after the commit, by store_purge_finish(): the projections are
 * made again without them (a start does so, too, if that was not to be). */
typedef bool store_over_fn(void *ctx, const char *type, int64_t utc_ns, const json_t *body);
int store_purge(struct store *store, enum vg_log log, const char *contract_id, int64_t utc_ns,
                store_over_fn *is_over, void *ctx, uint64_t *ret_n, struct vg_err *err);
int store_purge_finish(struct store *store, store_progress_fn *progress, void *ctx,
                       struct vg_err *err);

/* Inbox: raw observations, kept until the snapshot holds them. forget: those that it holds. */
int store_inbox_append(struct store *store, const void *bytes, size_t n, int64_t *ret_id,
                       struct vg_err *err);
int store_inbox_forget(struct store *store, struct vg_err *err);
/* The snapshot of the meter: one, replaced. inbox_id: the last observation that it contains. */
int store_snapshot_put(struct store *store, int64_t inbox_id, int64_t utc_ns, const void *bytes,
                       size_t n, struct vg_err *err);
/* What a part of the keeper remembers, by its name: one, replaced. Neither evidence nor projection: a
 * ledger without it is whole. get: STORE_NONE; the caller frees; NUL-terminated. */
int store_memory_put(struct store *store, const char *name, int64_t utc_ns, const void *bytes,
                     size_t n, struct vg_err *err);
/* All that the keeper remembers goes: inbox, snapshot, open interval and the above. Within the caller's
 * transaction. */
int store_memory_wipe(struct store *store, struct vg_err *err);
int store_memory_get(struct store *store, const char *name, char **ret_bytes, size_t *ret_n,
                     struct vg_err *err);
/* The newest heartbeats (vigie/ledger.h), both signed in a transaction of their own. get: STORE_NONE,
 * or the note, which the caller frees. */
enum store_heartbeat { STORE_HEARTBEAT_CLIENT, STORE_HEARTBEAT_SHARED };
int store_heartbeat_sign(struct store *store, int64_t utc_ns, struct vg_err *err);
int store_heartbeat_get(struct store *store, enum store_heartbeat kind, char **ret_note,
                        struct vg_err *err);
int store_seen_put(struct store *store, const char *source, const char *instance, int64_t last_seq,
                   int64_t utc_ns, struct vg_err *err);
/* Forgets instances not heard since. */
int store_seen_purge(struct store *store, int64_t before_utc_ns, struct vg_err *err);

struct store_usage {
        int64_t start_s; /* UTC; of the interval */
        const char *tenant, *resource;
        int64_t part;
        int64_t micro; /* micro-units; negative in the parts of a re-attribution */
        enum vg_quality quality;
};
/* The interval that is still open, as of at_s: replaces all of it. Its own transaction is fine. */
int store_open_usage_put(struct store *store, int64_t at_s, const struct store_usage *rows,
                         size_t n, struct vg_err *err);

/* ---- reading ----
 * Every callback returns 0 to go on, a negative errno to stop with that, or a positive number to
 * stop with that. Text and bytes live until the callback returns. No read transaction lasts over
 * 2 s, unless the callback itself dawdles over one row: long answers are cut and resumed by key. */

typedef int store_inbox_fn(void *ctx, int64_t id, const void *bytes, size_t n);
int store_inbox_each(struct store *store, int64_t after_id, store_inbox_fn *fn, void *ctx,
                     struct vg_err *err);
/* STORE_NONE: none yet. The caller frees. */
int store_snapshot_get(struct store *store, int64_t *ret_inbox_id, int64_t *ret_utc_ns,
                       void **ret_bytes, size_t *ret_n, struct vg_err *err);
/* STORE_NONE: never heard of; *ret_last_seq is 0. */
int store_seen_get(struct store *store, const char *source, const char *instance,
                   int64_t *ret_last_seq, struct vg_err *err);
/* When anything was last heard of a source whose name ends so. STORE_NONE: never. */
int store_seen_last(struct store *store, const char *suffix, int64_t *ret_utc_ns,
                    struct vg_err *err);

struct store_usage_query {
        int64_t from_s, to_s;          /* interval starts in [from_s, to_s) */
        const char *tenant, *resource; /* NULL: all */
};
/* By start, then tenant, resource (in the order first met), part. */
typedef int store_usage_fn(void *ctx, const struct store_usage *row);
int store_usage_each(struct store *store, const struct store_usage_query *query, store_usage_fn *fn,
                     void *ctx, struct vg_err *err);
/* The same rows added up over bins of time: bin i is [edge_s[i], edge_s[i + 1]), edges ascending.
 * The caller makes the edges (hours, or local days or months of the contract's zone). One callback
 * a bin, tenant and resource that has any row, in the order of those. */
struct store_sum {
        size_t bin;
        const char *tenant, *resource;
        int64_t micro;
        enum vg_quality quality; /* the worst */
        int64_t n_rows;
};
typedef int store_sum_fn(void *ctx, const struct store_sum *sum);
int store_usage_sum(struct store *store, const struct store_usage_query *query,
                    const int64_t *edge_s, size_t n_edges, store_sum_fn *fn, void *ctx,
                    struct vg_err *err);
/* The forecast of a contract from what the ledger holds (vigie/forecast.h): whole local days of
 * usage, and what is certain of those to come. consumed_cents: as of now_s, without the interval that
 * is open. No evidence. */
struct store_forecast { /* store_forecast_done() after use */
        struct vg_forecast forecast;
        int64_t today; /* local day of now_s; history ends on its eve */
        size_t n;      /* days of history */
        double *spent; /* variable cents of each, the last one last; negative: not measured */
        double authorised, consumed; /* cents; consumed: on the eve */
};
int store_forecast_read(struct store *store, const struct vg_contract *contract, int64_t now_s,
                        int64_t consumed_cents, struct store_forecast *ret_forecast,
                        struct vg_err *err);
void store_forecast_done(struct store_forecast *forecast);
/* The open interval; *ret_at_s is when it was written (0: never). */
int store_open_usage_each(struct store *store, int64_t *ret_at_s, store_usage_fn *fn, void *ctx,
                          struct vg_err *err);

/* What another appliance of the contract sent (usage-received), by either of its keys: what it was sent
 * as, and what it means. */
struct store_received {
        const char *appliance;
        int64_t sent_seq; /* of its own record, in its client log */
        int64_t start_s;
        const char *tenant; /* "_agent": that it measured at all */
        int64_t part;
};
/* *ret_seq: of our record, in the client log. STORE_NONE: not received yet. */
int store_received_find(struct store *store, const struct store_received *key, uint64_t *ret_seq,
                        struct vg_err *err);
/* Did another appliance ever send something? */
int store_received_any(struct store *store, bool *ret_any, struct vg_err *err);
/* The intervals in [from_s, to_s) that it measured, in order. */
typedef int store_number_fn(void *ctx, int64_t number);
int store_received_each(struct store *store, const char *appliance, int64_t from_s, int64_t to_s,
                        store_number_fn *fn, void *ctx, struct vg_err *err);
/* The last of its own records, in its client log. STORE_NONE: nothing was sent. */
int store_received_last(struct store *store, const char *appliance, uint64_t *ret_seq,
                        struct vg_err *err);
/* The records, in the client log, of what it sent of [from_s, to_s). */
int store_received_records(struct store *store, const char *appliance, int64_t from_s, int64_t to_s,
                           store_number_fn *fn, void *ctx, struct vg_err *err);
/* The part after the last one of an interval and tenant that is lower than `below`; `least` where
 * none is so high. */
int store_next_part(struct store *store, int64_t start_s, const char *tenant, int64_t least,
                    int64_t below, int64_t *ret_part, struct vg_err *err);
/* The records, in the client log, that hold the usage of one interval, whoever measured it. */
int store_usage_records(struct store *store, int64_t start_s, store_number_fn *fn, void *ctx,
                        struct vg_err *err);

struct store_interval {
        int64_t start_s, length_s, covered_s;
        const char *clock; /* ok, unsynchronised, stepped */
        uint64_t seq;      /* of the record, in the client log */
};
typedef int store_interval_fn(void *ctx, const struct store_interval *interval);
int store_interval_each(struct store *store, int64_t from_s, int64_t to_s, store_interval_fn *fn,
                        void *ctx, struct vg_err *err);

struct store_gap {
        int64_t from_s, to_s;
        const char *cause, *scope; /* scope: allocation, counters, all */
        int64_t interval_s;        /* start of the interval that it was recorded with */
        uint64_t seq;              /* of the record, in the client log */
};
typedef int store_gap_fn(void *ctx, const struct store_gap *gap);
int store_gap_each(struct store *store, int64_t from_s, int64_t to_s, store_gap_fn *fn, void *ctx,
                   struct vg_err *err);

struct store_contract {
        const char *contract_id, *digest, *text;
        const char *previous; /* digest of the revision before; "" for the first */
        size_t n_text;
        int64_t revision;
        int64_t loaded_utc_ns;
        uint64_t seq; /* the higher, the later loaded */
        bool current; /* the latest revision of its id */
};
typedef int store_contract_fn(void *ctx, const struct store_contract *contract);
int store_contract_each(struct store *store, store_contract_fn *fn, void *ctx, struct vg_err *err);
/* The contract in force on an appliance: of those that list it, the one whose term covers now; where
 * none does, the one loaded last. *ret_until_s (may be NULL): until when that holds. STORE_NONE. */
struct store_now {
        const char *appliance;
        int64_t now_s;
        store_zone_fn *load_zone;
};
int store_contract_now(struct store *store, const struct store_now *query, store_contract_fn *fn,
                       void *ctx, int64_t *ret_until_s, struct vg_err *err);

struct store_fact {   /* recorded of a contract (vigie/fact.h) */
        uint64_t seq; /* of the act, in the client log */
        int64_t utc_ns, uid;
        const char *contract_id, *fact, *target, *day, *user, *role;
        const char *detail; /* canonical JSON; vg_fact_parse() */
};
typedef int store_fact_fn(void *ctx, const struct store_fact *fact);
/* In the order in which they were recorded. contract_id NULL: of all. */
int store_fact_each(struct store *store, const char *contract_id, store_fact_fn *fn, void *ctx,
                    struct vg_err *err);

/* The contract of a row as it stands with the facts that were recorded of it. As
 * vg_contract_parse(), its outcomes included. The details of `more`, where it is not NULL, come
 * after those of the ledger: a fact that is only tried. */
struct vg_contract;
struct vg_refusals;
int store_contract_read(struct store *store, const char *text, size_t n, const json_t *more,
                        int64_t more_s, store_zone_fn *load_zone, struct vg_contract **ret_contract,
                        struct vg_refusals *refusals, struct vg_err *err);

struct store_line { /* a usage line (RATING R6), before its price is applied */
        const char *contract_id, *tenant, *sku, *kind;
        int32_t statement_month, period_month; /* vg_month_of() */
        int64_t price_from_s;                  /* start of the price segment */
        const char *quantity_micro;            /* decimal text; vg_i128_parse() */
};
typedef int store_line_fn(void *ctx, const struct store_line *line);
/* contract_id NULL: all. Months inclusive. */
int store_line_each(struct store *store, const char *contract_id, int32_t from_month,
                    int32_t to_month, store_line_fn *fn, void *ctx, struct vg_err *err);

struct store_statement { /* a closed month; the record at seq of the client log is the statement */
        const char *contract_id, *digest;
        int32_t month;
        uint64_t seq;
        int64_t utc_ns, closes_s, total_cents;
};
typedef int store_statement_fn(void *ctx, const struct store_statement *statement);
/* contract_id NULL: all. By contract, then month. */
int store_statement_each(struct store *store, const char *contract_id, store_statement_fn *fn,
                         void *ctx, struct vg_err *err);

/* Usage rows of intervals in [from_s, to_s) that were recorded at or after known_s. */
int store_late_count(struct store *store, int64_t from_s, int64_t to_s, int64_t known_s,
                     int64_t *ret_n, struct vg_err *err);

/* The bill of a contract from its lines and what its closed statements charged. */
struct store_bill {
        const struct vg_contract *contract;
        int64_t as_of_s;
        int32_t to_month;           /* lines of later statements are left out; INT32_MAX: none */
        const struct vg_line *more; /* what the ledger does not hold yet */
        size_t n_more;
};
int store_bill_read(struct store *store, const struct store_bill *query, struct vg_bill **ret_bill,
                    struct vg_err *err);

struct store_alert { /* where an alert stands now */
        const char *key, *code, *event, *severity, *text_fr, *text_en, *params; /* params: JSON */
        int64_t fired_s, changed_s, change;
        enum vg_log log;
        const char *notify; /* of that change: vg_notify_name(), "" where its record does not say */
        int64_t notified_s; /* when somebody was last told of this firing; 0: never */
        uint64_t seq;       /* of its last record */
        bool active;        /* not cleared */
        bool acknowledged;
};
typedef int store_alert_fn(void *ctx, const struct store_alert *alert);
int store_alert_each(struct store *store, bool active_only, store_alert_fn *fn, void *ctx,
                     struct vg_err *err);

/* A fault, each episode; body: its last record (vigie/fault.h, vg_fault_write()). */
struct store_fault {
        const char *id, *code, *severity, *state, *body;
        int64_t episode, first_s, last_s, ended_s; /* ended_s 0: not over */
        uint64_t seq, first_seq;                   /* of its last and its first record (shared) */
};
typedef int store_fault_fn(void *ctx, const struct store_fault *fault);
/* id NULL: all. open_only: those that are not over. By first_s, latest first. */
int store_fault_each(struct store *store, const char *id, bool open_only, store_fault_fn *fn,
                     void *ctx, struct vg_err *err);

struct store_unit {                                         /* what is, or was last, in a slot */
        const char *component_class, *location, *component; /* component: canonical JSON */
        int64_t since_s;
        uint64_t seq;
        bool present;
};
typedef int store_unit_fn(void *ctx, const struct store_unit *unit);
int store_unit_each(struct store *store, store_unit_fn *fn, void *ctx, struct vg_err *err);

struct store_session { /* somebody logged in on this machine */
        const char *id, *body;
        int64_t opened_s, closed_s; /* closed_s 0: still open */
};
typedef int store_session_fn(void *ctx, const struct store_session *session);
int store_session_each(struct store *store, bool open_only, store_session_fn *fn, void *ctx,
                       struct vg_err *err);

struct store_delivery { /* what was last recorded of a destination (keeper/delivery.h) */
        const char *name, *state, *body; /* body: canonical JSON */
        int64_t at_s;
        uint64_t seq;
};
typedef int store_delivery_fn(void *ctx, const struct store_delivery *delivery);
int store_delivery_each(struct store *store, store_delivery_fn *fn, void *ctx, struct vg_err *err);

struct store_silence {
        const char *key; /* as vg_silence_covers() wants it */
        const char *user, *role, *reason;
        int64_t at_s, until_s, uid;
        uint64_t seq; /* of the act */
};
typedef int store_silence_fn(void *ctx, const struct store_silence *silence);
/* Those that were not taken back, also those that are over. By key. */
int store_silence_each(struct store *store, store_silence_fn *fn, void *ctx, struct vg_err *err);

struct store_map {
        const char *by, *value, *tenant, *reason;
        int64_t from_s;
        uint64_t seq;
};
typedef int store_map_fn(void *ctx, const struct store_map *map);
int store_map_each(struct store *store, store_map_fn *fn, void *ctx, struct vg_err *err);

struct store_act {
        uint64_t seq;
        int64_t utc_ns, uid;
        const char *verb, *user, *role, *detail; /* detail: canonical JSON */
};
typedef int store_act_fn(void *ctx, const struct store_act *act);
int store_act_each(struct store *store, const char *verb, store_act_fn *fn, void *ctx,
                   struct vg_err *err);

struct store_approval { /* an endpoint that is approved now (vigie/egress.h) */
        const char *endpoint, *user, *role;
        int64_t utc_ns;
        uint64_t seq; /* of the act */
        bool is_public_cloud;
};
typedef int store_approval_fn(void *ctx, const struct store_approval *approval);
/* By endpoint. */
int store_approval_each(struct store *store, store_approval_fn *fn, void *ctx, struct vg_err *err);

/* A certificate that was let in (act access.grant), also one that no longer is. */
struct store_access {
        const char *fingerprint;             /* SHA-256 of its SubjectPublicKeyInfo, 64 hex */
        const char *role, *tenant, *subject; /* tenant: "" where the role has none */
        int64_t granted_s,
                until_s;   /* the supplier's ends with the contract, should that come first */
        int64_t revoked_s; /* 0: it was not */
        uint64_t seq;      /* of the last act */
};
typedef int store_access_fn(void *ctx, const struct store_access *access);
/* In the order in which they were granted. */
int store_access_each(struct store *store, store_access_fn *fn, void *ctx, struct vg_err *err);

/* How the key of a log's epoch came to be the one that signs: the first key, which no other signed
 * (signature NULL), and each that followed. */
struct store_key_change {
        const uint8_t *public_key, *signature; /* the latter: of vg_key_text(), by the key before */
};
typedef int store_key_fn(void *ctx, const struct store_key_change *change);
int store_key_each(struct store *store, enum vg_log log, store_key_fn *fn, void *ctx,
                   struct vg_err *err);

/* Isolation, as it stood at an instant (INT64_MAX - 1: now). */
struct store_iso_finding {
        const char *key, *check, *severity, *resource;
        const char *digest;   /* of the evidence */
        const char *detail;   /* the body of its record (keeper/isolation-record.h) */
        int64_t since_s;      /* when it was first found, of this opening */
        int64_t from_s, to_s; /* over which it stood so; INT64_MAX: it still does */
        uint64_t seq;
};
typedef int store_iso_finding_fn(void *ctx, const struct store_iso_finding *finding);
int store_iso_finding_each(struct store *store, int64_t at_s, store_iso_finding_fn *fn, void *ctx,
                           struct vg_err *err);

struct store_unobserved {
        const char *source, *cause;
        int64_t from_s, to_s; /* INT64_MAX: it goes on */
};
typedef int store_unobserved_fn(void *ctx, const struct store_unobserved *unobserved);
int store_unobserved_each(struct store *store, int64_t at_s, store_unobserved_fn *fn, void *ctx,
                          struct vg_err *err);
/* The last verdict by then. STORE_NONE: none yet. The caller frees. */
int store_verdict_at(struct store *store, int64_t at_s, int64_t *ret_at_s, char **ret_detail,
                     struct vg_err *err);

struct store_record {
        enum vg_log log;
        uint64_t seq;
        const char *type;
        int64_t utc_ns;
        const void *bytes; /* NULL: redacted */
        size_t n;
        struct vg_hash leaf;
};
struct store_record_query {
        enum vg_log log;
        uint64_t from_seq, to_seq; /* [from_seq, to_seq) */
        const char *type;          /* NULL: all */
};
typedef int store_record_fn(void *ctx, const struct store_record *record);
int store_record_each(struct store *store, const struct store_record_query *query,
                      store_record_fn *fn, void *ctx, struct vg_err *err);

/* The last checkpoint of a log with at most `size` leaves (UINT64_MAX: the last). STORE_NONE. The
 * caller frees the note. */
int store_checkpoint_get(struct store *store, enum vg_log log, uint64_t size, int64_t *ret_utc_ns,
                         char **ret_note, struct vg_err *err);
/* The root of the first `size` records of a log, of which there must be so many. */
int store_root_at(struct store *store, enum vg_log log, uint64_t size, struct vg_hash *ret_root,
                  struct vg_err *err);
/* Proofs from the tree as it is stored. */
int store_prove_inclusion(struct store *store, enum vg_log log, uint64_t seq, uint64_t size,
                          struct vg_proof *ret_proof, struct vg_err *err);
/* Of each record in [from, to), in order: what one proof took to find, the next does not look for. */
typedef int store_proof_fn(void *ctx, uint64_t seq, const struct vg_proof *proof);
int store_prove_inclusions(struct store *store, enum vg_log log, uint64_t from, uint64_t to,
                           uint64_t size, store_proof_fn *fn, void *ctx, struct vg_err *err);
int store_prove_consistency(struct store *store, enum vg_log log, uint64_t old_size, uint64_t size,
                            struct vg_proof *ret_proof, struct vg_err *err);
int store_prove_slice(struct store *store, enum vg_log log, uint64_t from, uint64_t to,
                      uint64_t size, struct vg_tree *ret_before, struct vg_proof *ret_after,
                      struct vg_err *err);

/* Small facts about the appliance (projection `meta`): appliance, version, boot_id, first_start_s,
 * last_start_s, last_stop_s, last_after, live_s (when somebody said `vigie go-live`), decommissioned_s. STORE_NONE. The caller frees. */
int store_meta_get(struct store *store, const char *name, char **ret_value, struct vg_err *err);
