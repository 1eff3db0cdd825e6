/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* total: what rows of usage come to in a month of a contract, priced as on a statement. Whoever holds
 * the same rows has the same number, so two ledgers can be compared by it. Pure. */

#include <stddef.h>
#include <stdint.h>

#include "vigie/rating.h"

struct vg_total { /* zero-initialised but for the contract; vg_total_done() after use */
        const struct vg_contract *contract; /* borrowed */
        struct vg_line *lines;              /* in order, each once */
        size_t n, size;
};
void vg_total_done(struct vg_total *total);
/* What has no price, or lies outside the term, adds nothing. -ENOMEM, -ERANGE. */
int vg_total_add(struct vg_total *total, int64_t start_s, const char *tenant, const char *resource,
                 int64_t micro);
/* Of usage and purchases alone: no recurring line and no shortfall is one appliance's. */
int vg_total_cents(const struct vg_total *total, int32_t month, int64_t *ret_cents,
                   struct vg_err *err);
