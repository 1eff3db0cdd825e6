/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* in-force: the contract that this appliance belongs to, parsed, for as long as it is in force. */

struct keeper;
struct vg_err;

/* From the ledger; also after a contract was loaded. A contract that this program can no longer
 * read is said in the log and counts as none: collection goes on. */
int in_force_load(struct keeper *keeper, struct vg_err *err);
