/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* calls: libvirt's calls, made where they may hang. Two slots, each a thread with a connection of
 * its own; one call at a time, in order. A call that passes its deadline is left pending in its
 * slot, and the other slot carries on, asking the same again; what comes back late is dropped,
 * unless its kind has a use for it. With
 * no slot left nothing can be asked any more, and calls_is_blocked() says so. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "vigie/err.h"

struct call;
struct calls;
struct connection;
struct events;

struct call_kind {
        int (*work)(struct call *call, struct connection *connection, struct vg_err *err);
        void (*done)(struct call *call, void *user); /* in the loop: r and err say how it went */
        void (*late)(struct call *call, void *user); /* the same, after its deadline; may be NULL */
        /* The same question once more after a missed deadline, more carefully; NULL: leave it. */
        struct call *(*again)(const struct call *call);
        void (*free)(struct call *call);
};

struct call { /* the head of every call; zero but for kind */
        const struct call_kind *kind;
        struct call *next;
        atomic_uint_fast64_t step_boot_ns; /* when the worker last moved on */
        uint64_t patience_ns;              /* its deadline, where longer than the usual one */
        uint64_t took_ns;                  /* all steps together */
        uint64_t source;                   /* the connection that served it */
        bool careful;                      /* asked for the second time */
        int r;
        struct vg_err err;
};

/* A call missed its deadline: ask calls_is_blocked() and calls_is_stuck() what that means. */
typedef void calls_expired_fn(void *user, const struct call *call);

/* For the worker: before each step that may block for as long as the deadline. */
void call_step(struct call *call);

int calls_new(sd_event *event, const char *uri, struct events *events, uint32_t deadline_s,
              calls_expired_fn *on_expired, void *user, struct calls **ret_calls,
              struct vg_err *err);

/* Takes the call; it ends in done(), or unheard of in free(): late, flushed, or blocked. */
void calls_submit(struct calls *calls, struct call *call);
void calls_flush(struct calls *calls);          /* forgets what waits */
bool calls_is_blocked(struct calls *calls);     /* stuck calls leave no slot to ask with */
bool calls_is_stuck(const struct calls *calls); /* both slots */
bool calls_has_stuck(const struct calls *calls,
                     const struct call_kind *kind); /* one of that kind */
