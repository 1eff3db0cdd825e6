/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fault-records: what the book of faults says, as records:
 *
 * shared fault        vigie/fault.h, vg_fault_write()
 * shared inventory    {"at":"…Z","component":{…},"event":"found|changed|missing|returned"}
 * shared firmware     the same, with "before":{…}; event "firmware"
 * shared replacement  the same, with "before":{…}; event "replaced"
 * client carried      {"at":"…Z","domains":[{"name","tenant","uuid"}],"episode":N,"fault":"id"}:
 *                     the guests that ran on this machine when the fault opened
 *
 * No record of the shared log names a tenant or a guest. */

#include "keeper/records.h"
#include "vigie/fault.h"

/* The book's sink; user: struct records *. */
int fault_records_fault(void *user, enum vg_fault_event event, const struct vg_fault *fault,
                        int64_t at_s, struct vg_err *err);
int fault_records_slot(void *user, enum vg_slot_event event, const struct vg_component *before,
                       const struct vg_component *now, int64_t at_s, struct vg_err *err);
