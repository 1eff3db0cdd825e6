/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* in-force: the contract that this appliance belongs to, parsed, for as long as it is in force. */

#include <stdint.h>

struct keeper;
struct vg_contract;
struct vg_err;

/* From the ledger; also after a contract was loaded. A contract that this program can no longer
 * read is said in the log and counts as none: collection goes on. */
int in_force_load(struct keeper *keeper, struct vg_err *err);
void in_force_done(struct keeper *keeper);
/* The one that is, or will be, in force at an instant. NULL: none. The caller frees. ret_until_s may
 * be NULL. */
int in_force_read(struct keeper *keeper, int64_t now_s, struct vg_contract **ret_contract,
                  int64_t *ret_until_s, struct vg_err *err);
/* Within a transaction that loaded a contract or recorded a fact: the meter's interval becomes that
 * of the contract then in force. */
int in_force_interval(struct keeper *keeper, int64_t utc_ns, struct vg_err *err);
/* Another contract may have begun. */
void in_force_tick(struct keeper *keeper);
