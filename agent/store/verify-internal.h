/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* verify-internal: one log while it is read through once, from its first record to its last. */

#include <jansson.h>

#include "store/internal.h"
#include "store/verify.h"

struct range { /* [from, to) */
        uint64_t from, to;
};

struct ranges {
        struct range *list;
        size_t n, size;
};

struct head { /* an outside checkpoint of this log that waits for its size */
        struct vg_note note;
        bool met;
};

struct verify {
        const struct store_verify_options *options;
        struct store_verify_report *report;
        struct store *store;
        struct vg_err *err;
        enum vg_log log;
        uint64_t size; /* records when we began */
        uint64_t done, total;

        uint64_t next;                  /* the seq that must come now */
        struct vg_tree tree;            /* of the leaves as stored */
        struct vg_tree computed;        /* of the leaves as the bytes give them */
        struct vg_hash over_stored[65]; /* the last subtree of each level, of `tree` */
        bool has_hole;                  /* entries are missing: no later root can be right */
        sqlite3_stmt *node;             /* hash of a stored node */
        struct sql_rows checkpoints;    /* a page of them, by size */
        size_t at_checkpoint;
        int64_t max_checkpoint;   /* size of the last one when we began */
        uint64_t last_checkpoint; /* size of the last one looked at */
        sqlite3_stmt *checkpoint_page;

        int64_t epoch; /* 0 before the origin record */
        char origin[VG_ORIGIN_SIZE];
        uint8_t public_key[VG_PUBLIC_KEY_SIZE], next_key[VG_PUBLIC_KEY_SIZE];
        bool has_next;
        bool is_untrusted; /* no key of this epoch so far is one that the verifier trusts */
        uint64_t opened;   /* the record that opened it */
        struct head *outside;
        size_t n_outside;

        struct ranges redacted[VG_LOG_N], purged[VG_LOG_N];
};

/* Tells of a finding. 0, or what the listener answered. */
int verify_find(struct verify *v, const char *code, uint64_t seq, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
int ranges_add(struct ranges *ranges, uint64_t from, uint64_t to);
void ranges_done(struct ranges *ranges);

/* verify-epoch.c: a record of type origin, epoch, key or purge. */
int verify_special(struct verify *v, const struct vg_record *record);
/* At the end of an epoch: was any of its keys one that is trusted? */
int verify_trust(struct verify *v);

/* verify-heads.c */
int heads_begin(struct verify *v);
/* Checkpoints of exactly so many records as were read now. */
int heads_at_size(struct verify *v);
/* Before an epoch record is taken in: heads of the old origin that are larger than it. */
int heads_at_epoch(struct verify *v, const char *outside);
int heads_end(struct verify *v);
void heads_done(struct verify *v);
