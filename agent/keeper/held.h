/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* held: what the ledger already holds of a contract that somebody brings, and of others. */

#include <stdbool.h>
#include <stdint.h>

struct keeper;
struct vg_contract;
struct vg_err;

struct held { /* zero-initialised is empty; held_done() after use */
        bool same_text;
        int64_t revision;           /* the highest of this contract */
        char digest[65];            /* of the current revision; "": there is none */
        struct vg_contract *before; /* that revision, as its file says; NULL: unreadable */
        char rival[128];       /* the contract in force, where it has this appliance meanwhile */
        bool improved_is_ours; /* the contract that it adds to lists this appliance */
};
int held_look(struct keeper *keeper, const struct vg_contract *ours, const char *digest,
              struct held *held, struct vg_err *err);
void held_done(struct held *held);
