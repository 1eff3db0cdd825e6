/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* open-usage: the interval that is still open, for whoever looks now. A projection that is written
 * again at most every ten seconds, and no evidence. */

#include <stdbool.h>

struct keeper;
struct vg_err;
struct vg_now;

bool open_usage_is_due(const struct keeper *keeper, const struct vg_now *now);
int open_usage_write(struct keeper *keeper, const struct vg_now *now, struct vg_err *err);
/* The same within the caller's transaction: what has just become a record must not be shown twice. */
int open_usage_put(struct keeper *keeper, const struct vg_now *now, struct vg_err *err);
