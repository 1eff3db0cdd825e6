/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* absent: what the one appliance that reports has not received of the others. */

#include "vigie/statement.h"

struct store;
struct vg_contract;
struct vg_err;

struct store_absent { /* store_absent_done() after use */
        struct vg_statement_absent *list;
        size_t n, size;
};
/* Of the intervals in [from_s, to_s), for each appliance of the contract but `own`. */
int store_absent_read(struct store *store, const struct vg_contract *contract, const char *own,
                      int64_t from_s, int64_t to_s, struct store_absent *ret_absent,
                      struct vg_err *err);
void store_absent_done(struct store_absent *absent);
