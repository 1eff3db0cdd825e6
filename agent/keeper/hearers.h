/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* hearers: who judges the observations that are not the book's. Each kind of kinds.def that names a
 * hearer is handed to it, one line at a time, within a transaction that also remembers (source,
 * instance, seq): what the hearer appends is durable with the answer, and a line that is sent again
 * changes nothing. Nothing of such a line is kept but the records that follow from it. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "keeper/peers.h"
#include "keeper/records.h"
#include "vigie/text.h"

struct keeper;
struct vg_err;

enum { HEAR_REFUSED = 1 }; /* outcome: *err says why, nothing is kept, the sender must not retry */

struct hearing {
        const struct peer *peer;
        enum kind kind;
        const char *source, *instance; /* who speaks */
        uint64_t seq;
        int64_t at_boot_ns, at_utc_ns; /* of the envelope; the first counts in boot_id only */
        const char *boot_id;
        const json_t *body;

        struct records records;               /* stamped with the keeper's clock */
        struct vg_buf result;                 /* a JSON object; left empty it is {} */
        void (*after)(struct keeper *keeper); /* once durable: look at the alerts … */
        /* The transaction was not to be: what is in memory is ahead of the ledger, read it again. */
        void (*undone)(struct keeper *keeper);
};
typedef int hear_fn(struct hearing *hearing, struct vg_err *err);
hear_fn hear_delivery, hear_sessions, hear_sightings;

/* Whether kinds.def names a hearer for the kind. */
bool hearers_take(enum kind kind);
/* Judges one line and appends its answer. */
void hearers_hear(struct hearing *hearing, struct vg_buf *answer);
