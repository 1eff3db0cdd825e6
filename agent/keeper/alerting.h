/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* alerting: from signals to recorded events. The states are what the ledger's alert records left:
 * they survive a restart because nothing else holds them. */

#include <stdint.h>

#include "vigie/alert.h"

struct keeper;
struct vg_contract;
struct vg_err;

/* States of this appliance and of the contract in force, and the policy of the watch, from the
 * ledger. */
int alerting_load(struct keeper *keeper, struct vg_alert_states *ret_states, struct vg_err *err);

/* Applies the signals, in a transaction of its own where anything changes. After a failure the
 * states must be loaded again. */
int alerting_apply(struct keeper *keeper, struct vg_alert_states *states,
                   const struct vg_signals *signals, int64_t utc_ns, struct vg_err *err);

/* The same for a contract beside the one in force: its states are read from the ledger each time. */
int alerting_apply_of(struct keeper *keeper, const struct vg_contract *contract,
                      const struct vg_signals *signals, int64_t utc_ns, struct vg_err *err);

/* Alerts of a contract that is no longer the one in force end with it, but for what is still looked
 * at beside it. */
int alerting_clear_others(struct keeper *keeper, int64_t utc_ns, struct vg_err *err);
