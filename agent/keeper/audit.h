/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* audit: the ledger read over against its signed heads, in slices that leave the loop free. Each
 * record must still give its leaf, and the leaves the root of every head signed over them. A record
 * whose bytes no longer give its leaf is told, and the audit goes on by the leaf; where both parties
 * have settled it (vigie ledger settle), it is no longer told. What the heads themselves contradict
 * cannot be settled: no head proves anything behind it. */

#include <stdbool.h>
#include <stdint.h>

#include "store/settlements.h"
#include "vigie/ledger.h"

struct keeper;

struct audit {
        bool running;
        enum vg_log log;
        uint64_t size;       /* of the log when the audit came to it */
        struct vg_tree tree; /* over what was read */
        uint64_t proved;     /* leaves under the last head that agreed */
        uint64_t started_boot_ns;
        struct store_settlements settlements;

        bool done_once;          /* since the start */
        bool mismatch[VG_LOG_N]; /* of the last audit that ended */
        uint64_t mismatch_seq[VG_LOG_N];
        bool found[VG_LOG_N]; /* of the running one */
        uint64_t found_seq[VG_LOG_N];
};

/* Begins anew. */
void audit_start(struct keeper *keeper);
void audit_done(struct audit *audit);
/* Once a second: a slice where one runs, a start where a day has passed. True: one has just ended. */
bool audit_tick(struct keeper *keeper);
