/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* statements: a month's statement (vigie/statement.h) from the ledger. */

#include <stdbool.h>
#include <stdint.h>

struct store;
struct vg_bill;
struct vg_err;
struct vg_json;
struct vg_statement;

struct store_statement_write {
        const struct vg_bill *bill;
        const struct vg_statement *statement; /* of the bill */
        const char *appliance, *contract_digest, *tzdata;
        int64_t due_s;  /* until when intervals should be on record; INT64_MAX: all of the month */
        bool is_closed; /* with its digest; else as it stands now */
};
/* Writes the object, gaps of the month included. The caller lets go of *ret_json, also after a
 * failure. */
int store_statement_write(struct store *store, const struct store_statement_write *write,
                          struct vg_json *ret_json, struct vg_err *err);
/* What is on record of [from_s, to_s) and what is not, up to due_s. */
struct store_seen {                    /* store_seen_done() after use */
        struct vg_statement_gap *gaps; /* recorded and unrecorded: cut, in order */
        size_t n_gaps;
        int64_t not_measured_s;
        struct vg_statement_gap *rows; /* as recorded; theirs are the texts */
        size_t n_rows, size_rows;
        struct vg_statement_interval *intervals;
        size_t n_intervals, size_intervals;
};
int store_seen_read(struct store *store, int64_t from_s, int64_t to_s, int64_t due_s,
                    struct store_seen *ret_seen, struct vg_err *err);
void store_seen_done(struct store_seen *seen);
/* SHA-256 of n bytes, in hexadecimal. */
int store_digest(const void *bytes, size_t n, char ret_hex[65], struct vg_err *err);
