/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* price: exact amounts, and the one place where they are rounded (RATING R10). */

#include "vigie/rating.h"

/* Micro-units x micro-CAD are pico-CAD. *ret_exact = quantity x price / per. -ERANGE. */
int price_exact(struct vg_fraction quantity, const struct vg_price_segment *segment,
                struct vg_fraction *ret_exact);

/* Pico-CAD to cents, half up, away from zero. -ERANGE: beyond VG_LINE_CENTS_MAX. */
int price_cents(struct vg_fraction exact, int64_t *ret_cents);

/* The largest measured quantity (micro-units x hours where divided by hours) whose line still fits
 * VG_LINE_CENTS_MAX. */
vg_i128 price_most(const struct vg_price_segment *segment, int divisor);
