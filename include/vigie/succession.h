/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* succession: whether one contract file may follow another of the same contract. What was signed
 * changes by an amendment at the end of the list and in no other way; what is an order may be added
 * to; the rest is administrative. One table says which is which, field by field. Pure. */

#include "vigie/contract.h"

enum vg_change {
        VG_CHANGE_SIGNED,         /* only by an amendment */
        VG_CHANGE_ORDER,          /* within the contract: rows may be added, and ended */
        VG_CHANGE_ADMINISTRATIVE, /* by loading the next revision */
        VG_CHANGE_ONCE,           /* may be said where it was not; then it is signed */
        VG_CHANGE_LONGER,         /* may only grow */
};
const char *vg_change_name(enum vg_change change); /* "signed" ... */

struct vg_field {
        const char *path; /* "orders[].serials": of each row. What has no row is as what holds it */
        enum vg_change change;
};
const struct vg_field *vg_fields(size_t *ret_n); /* sorted by path */

/* old and new as their files alone say (no facts); bytes are those of the new file, for the lines of
 * refusals. 0, VG_CONTRACT_REFUSED with *refusals (empty before), or -ENOMEM. */
int vg_contract_succeeds(const struct vg_contract *old, const struct vg_contract *new,
                         const char *bytes, size_t n, struct vg_refusals *refusals);
