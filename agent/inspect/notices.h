/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* notices: what the kernel tells by itself, over netlink: links (bridge ports among them), traffic
 * control and nf_tables. Only that something changed counts; what it is now is read again. */

#include <systemd/sd-event.h>

struct notices;
struct vg_err;

/* what: LOOK_* bits of what is worth another look. */
typedef void notices_fn(void *user, unsigned what);

int notices_new(sd_event *event, notices_fn *fn, void *user, struct notices **ret_notices,
                struct vg_err *err);
void notices_free(struct notices *notices);
