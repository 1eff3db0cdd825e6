/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* settlements: entries that no longer match, and about which both parties have come to terms: two acts
 * ledger.settle about one entry and one document, by two people. */

#include <stdbool.h>
#include <stddef.h>

#include "vigie/ledger.h"

struct store;
struct vg_err;

struct store_settlement {
        enum vg_log log;
        uint64_t seq; /* of the entry */
        int64_t uid;  /* of the one act so far, or of the first of two */
        char document[65];
        bool is_settled;
};

struct store_settlements { /* store_settlements_done() after use */
        struct store_settlement *list;
        size_t n, size;
};
int store_settlements_read(struct store *store, struct store_settlements *ret_settlements,
                           struct vg_err *err);
void store_settlements_done(struct store_settlements *settlements);
bool store_is_settled(const struct store_settlements *settlements, enum vg_log log, uint64_t seq);
