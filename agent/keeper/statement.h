/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* statement: the record of a closed month. */

#include <stdint.h>

struct keeper;
struct vg_contract;
struct vg_err;

struct statement_closing {
        const struct vg_contract *contract;
        const char *contract_digest;
        int32_t month;
        int64_t utc_ns; /* stamp of the record */
};
/* Appends the statement within the caller's transaction. What it says is of the instant at which the
 * month closes, not of when the keeper came to it. */
int statement_close(struct keeper *keeper, const struct statement_closing *closing,
                    struct vg_err *err);
