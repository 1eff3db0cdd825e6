/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* notify: between the tables of who is told what, and the turn that applies them. */

#include "vigie/notify.h"

bool notify_is_silenced(const struct vg_notify_policy *policy, const struct vg_alert_state *state,
                        int64_t at_s);
enum vg_notify notify_how_soon(enum vg_severity severity);
/* Which alert, being up, says all that this one would; NULL: none. */
const struct vg_alert_state *notify_inhibitor(const struct vg_alert_states *states,
                                              const struct vg_alert_state *state, bool is_again);
/* Of two keys of one ladder, above 0 where a is the further step; 0: they are not on one. */
int notify_compare_steps(const struct vg_alert *alert, const char *a, const char *b);
