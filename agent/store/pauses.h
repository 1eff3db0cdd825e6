/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pauses: for what time a repair waited for access, from the acts fault.pause and fault.resume. */

#include "vigie/service.h"

struct store;
struct vg_err;

struct store_pause {
        char fault[17];
        struct vg_span span;       /* to_s INT64_MAX: still so */
        uint64_t from_seq, to_seq; /* of the acts, in the client log; to_seq 0: still so */
};

struct store_pauses {             /* store_pauses_done() after use */
        struct store_pause *list; /* in the order in which they began */
        size_t n, size;
};
int store_pauses_read(struct store *store, struct store_pauses *ret_pauses, struct vg_err *err);
void store_pauses_done(struct store_pauses *pauses);
/* The pause of a fault that has no end yet; NULL: there is none. */
const struct store_pause *store_pause_open(const struct store_pauses *pauses, const char *fault);
/* Those of a fault, at most pauses->n. Returns how many. */
size_t store_pauses_of(const struct store_pauses *pauses, const char *fault,
                       struct vg_span *ret_spans);
