/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* reconcile: a supplier's invoice held against the statement of its month, line by line. Pure. */

#include "cli/month.h"

struct invoice_line {
        const char *sku, *tenant,
                *ref; /* "" tenant: of whichever tenant, lines of the SKU together */
        int64_t cents;
};

enum difference_kind {
        DIFFERENCE_AMOUNT,   /* both have the line; the amounts differ */
        DIFFERENCE_MISSING,  /* the statement alone has it */
        DIFFERENCE_FOREIGN,  /* the invoice alone has it */
        DIFFERENCE_ROUNDING, /* of a total: the exact sum rounded once comes to the invoice's */
        DIFFERENCE_ONE_LINE, /* of a total: a line's amount is just what is missing or too much */
        DIFFERENCE_UNKNOWN,  /* of a total: no single line explains it */
};

struct difference {
        enum difference_kind kind;
        const char *sku, *tenant, *ref;
        int64_t stated_cents, invoiced_cents;
};

struct differences { /* zero-initialised is empty; free list after use */
        struct difference *list;
        size_t n;
        int64_t stated_cents, invoiced_cents; /* totals */
};

/* With lines: every difference. Without (n 0): the total alone, and what may explain it. -ENOMEM,
 * -ERANGE. */
int reconcile(const struct month *month, const struct invoice_line *lines, size_t n,
              int64_t total_cents, struct differences *ret);
