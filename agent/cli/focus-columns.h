/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* focus-columns: the cell of each column of focus.def, for one charge. Null is an empty cell. Those of
 * accounts, months and parties are the same in the other datasets. */

#include "cli/focus-table.h"

/* "vCPU-Hours" for "vcpu_hour"; "" for none of ours. */
const char *focus_unit(const char *id);
/* Unique within the supplier: a commitment's own ID is so within its contract alone. */
void focus_put_commitment_id(const struct vg_contract *contract, const char *id,
                             struct vg_buf *text);

#define FOCUS_COLUMN(name, since, until) focus_put_fn focus_put_##name;
#include "cli/focus.def"
#undef FOCUS_COLUMN
