/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* alert-policy: what the ledger says of who is to be told: silences, and whether the observation is
 * over. Loaded with the states of the alerts, and after every act about them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/notify.h"

struct keeper;
struct store;
struct vg_err;

struct alert_policy { /* zero-initialised: no silence, not live */
        struct vg_silence *silences;
        size_t n_silences, size;
        bool has_said_live;    /* somebody said `vigie go-live` */
        int64_t first_start_s; /* of the appliance; the observation ends by itself after it */
};

int alert_policy_load(struct store *store, struct alert_policy *ret_policy, struct vg_err *err);
void alert_policy_done(struct alert_policy *policy);
bool alert_policy_is_live(const struct alert_policy *policy, int64_t now_s);
/* As the core wants it, at an instant. Borrows from the policy and from the keeper. */
struct vg_notify_policy alert_policy_at(const struct alert_policy *policy,
                                        const struct keeper *keeper, int64_t now_s);
