/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bill: the contract in force as if closed now, the open interval included. */

#include <stdint.h>

#include "vigie/rating.h"

struct keeper;
struct usage_rows;
struct vg_err;

/* The keeper has a contract. open: what the ledger does not hold yet. */
int bill_now(const struct keeper *keeper, const struct usage_rows *open, int64_t now_s,
             struct vg_bill **ret_bill, struct vg_err *err);
