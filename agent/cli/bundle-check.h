/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bundle-check: a bundle, a tar or a folder, held against itself and the key, on any machine: without
 * ledger, keeper or settings. What is looked at is a row of a table; each is told. */

#include "cli/bundle.h"

struct bundle_check { /* zero-initialised but for cli and path; bundle_check_done() after use */
        struct cli *cli;
        const char *path;
        struct bundle_parts parts;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE]; /* that signs the heads */
        uint8_t first_key[VG_PUBLIC_KEY_SIZE];  /* the same, where it was never changed */
        uint64_t n_records, n_redacted;
        struct bundle_slice { /* what the bundle holds of a log */
                bool is_there;
                uint64_t from, to;     /* [from, to) */
                struct vg_tree before; /* of the records before it */
                struct vg_checkpoint head;
        } log[VG_LOG_N];
};
void bundle_check_done(struct bundle_check *check);

/* 0 or -errno with *err filled. */
typedef int bundle_check_fn(struct bundle_check *check, struct vg_err *err);

/* Reads and checks all of it, telling each (to people, or as members of the open array j).
 * *ret_fine: nothing was found. CLI_FINE, or CLI_REFUSED after having said why it cannot be read. */
int bundle_check_all(struct bundle_check *check, struct vg_json *j, bool *ret_fine);
/* One more, told in the same way: 0 or its error. */
int bundle_check_one(struct bundle_check *check, struct vg_json *j, const char *name,
                     bundle_check_fn *fn, const char *text);

/* A line of a slice: a record, or the leaf that stands for one. -EBADMSG: not the one of that place. */
int bundle_line_leaf(enum vg_log log, uint64_t seq, const char *line, size_t n,
                     struct vg_hash *ret_leaf, bool *ret_is_redacted);

/* ---- kept (bundle-keep.c) ---- */

struct bundle_kept {
        uint64_t held, added; /* records before, and new ones */
        char folder[1024];
};
/* Adds a slice that was checked to what DIR/<origin> holds of the log, if the two agree: the same
 * records where both have one, the same log before, and nothing missing between. -EEXIST: they
 * contradict each other. -ENODATA: records are missing between. Nothing is changed then. */
int bundle_keep(const struct bundle_check *check, enum vg_log log, const char *dir,
                struct bundle_kept *ret, struct vg_err *err);

/* ---- between its files ---- */

/* A part held in memory, by its name. */
int bundle_held(const struct bundle_check *check, const char *name,
                const struct bundle_part **ret_part, struct vg_err *err);
bundle_check_fn bundle_check_key; /* bundle-check-key.c */
/* bundle-check-ledger.c */
int bundle_read_head(const struct bundle_check *check, const char *name, struct vg_note *ret_note,
                     struct vg_err *err);
bundle_check_fn bundle_check_seal, bundle_check_shared, bundle_check_client;
