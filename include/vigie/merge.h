/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* merge: the usage of several appliances under one contract, as one. Pure.
 *
 * An export is a CSV: timestamp,tenant,resource,quantity,appliance,seq,part,volume,seen. seq is the
 * place of the record in the appliance's client log, part that of a late amount of the same interval
 * (from 0), volume what the quantity of storage is of: the key of a disk that several hosts can reach;
 * else "pool/name" of a volume, or the UUID of the domain that has the disks; empty for all else. Bytes
 * other than printable ASCII, and %, comma and quotation mark, are written as %XX. seen is when, within
 * the interval, how much of it was there (below). Quantities may be below zero (a re-attribution). That
 * somebody measured, be it nothing, is a row of tenant _agent and resource _heartbeat; what a whole month
 * of the contract comes to (vigie/total.h), in CAD from its first instant, one of _agent and _month, whose
 * seq and part are the length of the log. An export of before has neither these nor the column seen.
 *
 * A row counts once, by two keys: what was sent (appliance, seq, resource, volume), and what it means
 * (timestamp, tenant, resource, appliance, part, volume). The same again is ignored; another value
 * under a key is a conflict: the first that was read stands, the other is kept apart. A volume that
 * several appliances see counts once at each moment (vg_share()). */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_buf;
struct vg_err;

struct vg_merge_row { /* texts belong to the merge */
        int64_t start_s, seq, part, micro;
        int64_t counts; /* of micro, in what vg_merge_finish() gives */
        const char *tenant, *resource, *appliance, *volume, *seen;
        const char *file; /* as given; where it was read, for conflicts */
        uint64_t line;
};

struct vg_merged { /* a line of what comes out; by timestamp, tenant, resource, appliance */
        int64_t start_s, micro;
        const char *tenant, *resource, *appliance;
};

struct vg_merge_result { /* belongs to the merge */
        const struct vg_merged *rows;
        size_t n_rows;
        const struct vg_merge_row *conflicts; /* in the order in which they were read */
        size_t n_conflicts;
        const struct vg_merge_row *shared; /* of which another appliance counts some, or all */
        size_t n_shared;
        const struct vg_merge_row
                *told; /* all that was sent, once: what counts and what is shared */
        size_t n_told;
        uint64_t duplicates;
        size_t n_appliances;
};

struct vg_merge;
int vg_merge_new(struct vg_merge **ret_merge, struct vg_err *err);
void vg_merge_free(struct vg_merge *merge);
static inline void vg_merge_freep(struct vg_merge **merge)
{
        vg_merge_free(*merge);
}
/* One whole file. -EINVAL: not such a file, *err names the line. */
int vg_merge_add(struct vg_merge *merge, const char *file, const char *bytes, size_t n,
                 struct vg_err *err);
/* Once, after the last file. -ERANGE: a sum beyond 64 bits. */
int vg_merge_finish(struct vg_merge *merge, const struct vg_merge_result **ret_result,
                    struct vg_err *err);

/* What was read, record by record: by appliance and seq, then as it was read. A positive answer of fn
 * stops and is passed up, as is a negative one. Not after vg_merge_finish(). */
typedef int vg_merge_row_fn(void *ctx, const struct vg_merge_row *row);
int vg_merge_sent(struct vg_merge *merge, vg_merge_row_fn *fn, void *ctx, struct vg_err *err);

/* VG_MERGE_HEADER or that of before, whole, without its end. */
bool vg_merge_is_header(const char *line, size_t n);
/* A line without its end, cut into fields in place; file and line are left alone. False: it is none. */
bool vg_merge_row_read(char *line, struct vg_merge_row *row);
void vg_merge_row_write(struct vg_buf *text, const struct vg_merge_row *row);
bool vg_merge_is_heartbeat(const struct vg_merge_row *row);
bool vg_merge_is_month(const struct vg_merge_row *row);

/* The rows of a record of usage (vigie/book.h): with a volume each where storage is known by its disks,
 * and what is left without. 0, -EBADMSG: no such record, -ERANGE, or what fn answered. */
struct vg_merge_source {
        const char *appliance;
        int64_t seq;
};
int vg_merge_rows_of(const json_t *body, const struct vg_merge_source *source, vg_merge_row_fn *fn,
                     void *ctx);

#define VG_MERGE_AGENT "_agent"
#define VG_MERGE_HEARTBEAT "_heartbeat"
#define VG_MERGE_MONTH "_month"
#define VG_MERGE_HEADER_1 "timestamp,tenant,resource,quantity,appliance,seq,part,volume"
#define VG_MERGE_HEADER VG_MERGE_HEADER_1 ",seen"

/* ---- one volume, seen by several ---- */

/* A stretch of an interval, in its seconds, and the size in KiB: in texts "0-1800:1048576", with an f
 * behind where it was free, no domain's disk; one behind the other with ; between. Sizes may be below
 * zero: taken back. */
struct vg_seen {
        int32_t from_s, to_s;
        int64_t kib;
        bool free;
};
void vg_seen_write(struct vg_buf *text, const struct vg_seen *seen);
/* The next of a text; *at moves behind it. 1: the end. -EINVAL. */
int vg_seen_next(const char **at, struct vg_seen *ret_seen);

/* Fills in what counts of rows of one volume in one interval, sorted by appliance, tenant and part. At
 * each moment, a disk of domains counts once for each tenant that has it, for the appliance that saw
 * the most of it, then the first by name; free storage counts once, while nobody has it. Rows that do
 * not say when: all of the appliance that saw the most. What only one appliance saw counts as it is.
 * -EINVAL: a seen that is none; -ERANGE, -ENOMEM. */
int vg_share(struct vg_merge_row *const *rows, size_t n);
