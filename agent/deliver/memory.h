/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* memory: deliver.db, what the deliverer keeps from one life to the next. No evidence: lost, each
 * stream begins again as if it were new, and whoever receives knows the events by their ids. One
 * writer; what memory_end() has answered is durable. */

#include <stdbool.h>
#include <stdint.h>

#include "vigie/ledger.h"

struct memory;
struct vg_err;

enum { MEMORY_NONE = 1 }; /* never met; an outcome */

/* Makes the file (0600) where there is none. -EBADMSG: not one of ours. */
int memory_open(const char *path, struct memory **ret_memory, struct vg_err *err);
void memory_close(struct memory *memory);
static inline void memory_closep(struct memory **memory)
{
        memory_close(*memory);
}

/* What is put between the two is durable together; where r < 0, or the end fails, none of it is.
 * Returns r, or why it could not be. */
int memory_begin(struct memory *memory, struct vg_err *err);
int memory_end(struct memory *memory, int r, struct vg_err *err);

struct memory_destination {
        int64_t success_s, next_s; /* the last success, the next try; 0: none */
        int64_t failures;          /* in a row */
        int64_t n_aside;           /* events set aside, ever; only read */
};
int memory_destination_get(struct memory *memory, const char *name,
                           struct memory_destination *ret_destination, struct vg_err *err);
int memory_destination_put(struct memory *memory, const char *name,
                           const struct memory_destination *destination, struct vg_err *err);

struct memory_stream {
        uint64_t next[VG_LOG_N]; /* the cursor: first seq that is not delivered */
        int64_t epoch;           /* of the ledger, when it was put */
        int64_t since_s;         /* what is recorded before is not for this stream */
        int64_t sent_s;          /* when it last went empty or was emptied; 0: never */
};
int memory_stream_get(struct memory *memory, const char *destination, const char *stream,
                      struct memory_stream *ret_stream, struct vg_err *err);
int memory_stream_put(struct memory *memory, const char *destination, const char *stream,
                      const struct memory_stream *at, struct vg_err *err);

/* Events that can never go, by where they stand in the ledger. The latest first, `most` of them. */
int memory_aside_put(struct memory *memory, const char *destination, enum vg_log log, uint64_t seq,
                     int64_t at_s, const char *why, struct vg_err *err);
typedef int memory_aside_fn(void *ctx, enum vg_log log, uint64_t seq, const char *why);
int memory_aside_each(struct memory *memory, const char *destination, unsigned most,
                      memory_aside_fn *fn, void *ctx, struct vg_err *err);

/* The last receipt of a destination. get: MEMORY_NONE; the caller frees. */
int memory_receipt_put(struct memory *memory, const char *destination, const char *receipt,
                       struct vg_err *err);
int memory_receipt_get(struct memory *memory, const char *destination, char **ret_receipt,
                       struct vg_err *err);
