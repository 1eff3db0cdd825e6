/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* courier: takes the batches of one destination out, one at a time, and keeps what came of it. */

#include "deliver/lane.h"
#include "vigie/egress.h"

struct deliver;

enum courier_state {
        COURIER_OK,      /* the last batch arrived, or none has left yet */
        COURIER_WAITING, /* it did not; it will be tried again */
        COURIER_REFUSED, /* it cannot until somebody changes something; tried again all the same */
        COURIER_OFF,     /* nothing is sent by this way */
};
const char *courier_state_name(enum courier_state state);

struct courier {
        struct deliver *deliver;
        struct destination to;
        char *name; /* to.name */
        char endpoint[VG_ENDPOINT_SIZE];
        enum courier_state state;
        char why[480];
        bool is_shut; /* egress says no: neither opened nor tried */
        bool has_client_certificate;
        struct vg_trust trust;
        char *certificate, *private_key, *pins; /* what trust points to */

        bool is_open;
        void *sink; /* its state */
        struct lane *lanes;
        size_t n_lanes, turn;
        struct memory_destination at;

        struct lane *on_way; /* NULL: nothing is */
        struct load load;
};

/* to: copied but for what it points to, which outlives the courier. Its name is made here. */
int courier_new(struct deliver *deliver, const struct destination *to, struct courier **ret_courier,
                struct vg_err *err);
void courier_free(struct courier *courier);
static inline void courier_freep(struct courier **courier)
{
        courier_free(*courier);
}
/* Nothing is sent, for a reason that is shown. */
void courier_shut(struct courier *courier, enum courier_state state, const char *why);

/* Looks at the ledger and starts what is due. Returns when there is something to do again, if nothing
 * happens before: an instant, INT64_MAX for never. */
int64_t courier_step(struct courier *courier);

uint64_t courier_waiting(const struct courier *courier);
/* When the oldest was recorded of what should have left by now; 0: nothing should. */
int64_t courier_oldest_s(const struct courier *courier);
