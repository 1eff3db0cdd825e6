/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bill: the lines of the ledger, priced by the core. */

#include "cli/view.h"
#include "vigie/rating.h"

/* The bill as of now. with_open: what the open interval has used so far counts too. 0 and
 * *ret_bill; the view has a contract. */
int cli_bill_read(const struct cli_view *view, bool with_open, struct vg_bill **ret_bill,
                  struct vg_err *err);

/* What one unit of a resource costs in an interval that begins at start_s, as a fraction. */
struct cli_rate {
        bool is_priced; /* priced, and within the term */
        int64_t cad_micro;
        int64_t divisor; /* per, and the hours of the month where the unit is a TB-month */
};
/* 0 or -errno. */
int cli_rate_at(const struct cli_view *view, int64_t start_s, const char *resource,
                struct cli_rate *ret_rate);
/* What a quantity adds to its line, in cents, half up: for reading, since a statement rounds whole
 * lines (RATING R10). 0 or -ERANGE. */
int cli_rate_cents(const struct cli_rate *rate, int64_t micro, int64_t *ret_cents);
