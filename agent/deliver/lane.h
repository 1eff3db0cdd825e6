/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lane: one stream of one destination, over the ledger. The cursor (`at`) stands before the first
 * event that is not delivered; `looked` is how far the rest was counted. Records that are not for the
 * stream are passed over without anybody hearing of them. Nothing here sends. */

#include "deliver/event.h"
#include "deliver/memory.h"

struct store;
struct vg_err;

struct lane {
        const struct destination *to;
        const struct sink_stream *stream;
        struct memory_stream at, kept;                  /* kept: as it was last put to memory */
        uint64_t looked[VG_LOG_N], n_waiting[VG_LOG_N]; /* events between cursor and `looked` */
        int64_t oldest_s;   /* when the first of them was recorded, about; 0: none waits */
        size_t n_single;    /* so many batches of one event, after a refusal of several */
        unsigned n_poisons; /* answers in a row that the first event can never go */
};

/* The cursor from memory, or that of a stream which begins. */
int lane_init(struct lane *lane, const struct destination *to, const struct sink_stream *stream,
              struct store *store, struct memory *memory, int64_t now_s, struct vg_err *err);

/* Counts on, a few hundred records at most. 1: there is more to look at. */
int lane_look(struct lane *lane, struct store *store, struct vg_err *err);

uint64_t lane_waiting(const struct lane *lane);

/* The next batch: its events, and where the cursor stands once they are delivered. */
struct load {
        struct event_list of[VG_LOG_N]; /* owners */
        struct event *events;           /* the same, in order of time */
        size_t n;
        uint64_t next[VG_LOG_N];
};
void load_done(struct load *load);
int lane_load(struct lane *lane, struct store *store, struct load *ret_load, struct vg_err *err);

/* What was loaded is delivered, or set aside. */
void lane_advance(struct lane *lane, const struct load *load);
/* The other end says what it lacks first. */
void lane_seek(struct lane *lane, uint64_t next);
