/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bill: between the files that make a struct vg_bill. */

#include "vigie/rating.h"

/* The bill while it is made. Lines are appended; a failed append is -ENOMEM. */
struct bill_draft {
        const struct vg_contract *contract;
        int64_t as_of_s, end_s;
        int32_t from_month, to_month; /* both computed */
        int64_t carried_cents;
        struct vg_bill_line *lines;
        size_t n, size;
};

/* Prices *line (its quantity and segment are set) and appends it. */
int bill_append(struct bill_draft *draft, struct vg_bill_line line, struct vg_err *err);

/* The first statement not before `month` that was still open at known_s. */
int32_t rate_open_statement(const struct vg_contract *contract, int32_t month, int64_t known_s);

/* R7, R8: recurring items and orders of [from_month, to_month]; later corrections move to_month. */
int bill_recurring(struct bill_draft *draft, struct vg_err *err);

/* R9: of one month, whose other lines are all there already; lines before `first` are of others. */
int bill_shortfalls(struct bill_draft *draft, int32_t month, size_t first, struct vg_err *err);
/* R9 at the contract's end: total_cents is all that the contract came to. */
int bill_contract_shortfalls(struct bill_draft *draft, int32_t month, int64_t total_cents,
                             struct vg_err *err);

int bill_compare_lines(const void *a, const void *b); /* in the order of a statement */
