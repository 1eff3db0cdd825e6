/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* deliveries: in a few words, whether what is recorded reaches the people it concerns. */

#include <stddef.h>

struct store;
struct vg_err;

struct deliveries {
        size_t n, n_off, n_failing,
                n_aside;             /* destinations; n_aside: those with events set aside */
        char failing[128], why[300]; /* the first that fails */
};
int deliveries_read(struct store *store, struct deliveries *ret_deliveries, struct vg_err *err);
