/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bill: between the files that make a struct vg_bill. */

#include "vigie/rating.h"

/* The bill while it is made. Lines are appended; a failed append is -ENOMEM. */
struct bill_draft {
        const struct vg_contract *contract;
        int64_t as_of_s, end_s;
        int32_t from_month, to_month; /* both computed */
        int32_t open_month;           /* 0: none is closed by a record */
        int32_t correction_month;     /* whose statement tells what closed ones do not */
        int64_t carried_cents;
        struct vg_bill_line *lines;
        size_t n, size;
        char **texts; /* kept for lines: names that the contract no longer has */
        size_t n_texts;
};

/* The same text, kept until the bill goes. NULL: no memory. */
const char *bill_keep(struct bill_draft *draft, const char *text);
/* The contract's own text of a tenant, or a copy. NULL: no memory. */
const char *bill_keep_tenant(struct bill_draft *draft, const char *tenant);

/* Prices *line (its quantity and segment are set) and appends it. */
int bill_append(struct bill_draft *draft, struct vg_bill_line line, struct vg_err *err);

/* The first statement not before `month` that was still open at known_s. */
int32_t rate_open_statement(const struct vg_contract *contract, int32_t month, int64_t known_s);

/* R7, R8: recurring items and orders of [from_month, to_month]; later corrections move to_month. */
int bill_recurring(struct bill_draft *draft, struct vg_err *err);

/* R9: of one month, all of whose other lines are those in [first, end). */
int bill_shortfalls(struct bill_draft *draft, int32_t month, size_t first, size_t end,
                    struct vg_err *err);
/* R9 at the contract's end, against all other lines. */
int bill_contract_shortfalls(struct bill_draft *draft, int32_t month, struct vg_err *err);

/* Computed lines (of items, orders and commitments) of closed months give way to what was charged,
 * and what differs becomes corrections. */
int bill_keep_closed(struct bill_draft *draft, const struct vg_charged *charged, size_t n_charged,
                     struct vg_err *err);

int bill_compare_lines(const void *a, const void *b); /* in the order of a statement */
