/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* meter: the book, kept so that a crash changes nothing. Every observation is durable in the inbox
 * before the book hears of it; the book is its last snapshot and the inbox since. Acts and closings
 * change the book in one transaction with a snapshot, so that only observations are ever replayed. */

#include <stddef.h>
#include <stdint.h>

#include "vigie/book.h"

struct store;
struct vg_settings;

struct meter {
        struct store *store;
        struct vg_book_options options;
        struct vg_book *book;
        int64_t inbox_id;          /* the last observation that the book has heard */
        int64_t snapshot_id;       /* the last one in the snapshot */
        int64_t inbox_bytes;       /* waiting since the snapshot */
        bool holds_inbox;          /* what the snapshot holds is still in the inbox too */
        uint64_t snapshot_boot_ns; /* when it was written */
        int64_t observed_utc_ns;   /* the latest stamp heard; INT64_MIN: none */
        uint64_t heard_boot_ns;    /* when something was last heard; at first: the start */
};

/* Snapshot and replay. *meter is zero or a meter that is given up. */
int meter_load(struct meter *meter, struct store *store, const struct vg_settings *settings,
               struct vg_err *err);
void meter_done(struct meter *meter);

/* A durable observation. 0 or an outcome of vg_book_apply(). */
int meter_hear(struct meter *meter, int64_t inbox_id, size_t n_bytes,
               const struct vg_observation *observation, struct vg_err *err);

/* Within a transaction: the book as it is, in place of the inbox up to here. That part of the inbox is
 * let go by meter_forget(), in a later transaction: nobody waits for it. */
int meter_snapshot(struct meter *meter, int64_t utc_ns, struct vg_err *err);
int meter_forget(struct meter *meter, struct vg_err *err);
/* 16 MB or ten minutes of inbox. */
bool meter_wants_snapshot(const struct meter *meter, uint64_t now_boot_ns);
