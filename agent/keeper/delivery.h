/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* delivery: what the deliverer tells of its destinations (kind `delivery`):
 *
 *   {"destinations":[{"name","sink","role","state":"ok|waiting|refused|off","pending":N,
 *     "oldest":"…Z or empty","success":"…Z or empty","why","set_aside":[{"log","seq":N,"why"}],
 *     "receipt":{…}?,"certificate":{"subject","until":"…Z"}?}]}
 *
 * Record `delivery` (client log): {"at":"…Z","destination":{…}}, one of those without what moves all
 * the time (pending, oldest, success), when its state, its set-aside events, its receipt or its
 * certificate change; state "gone": the contract no longer names it. It "waits" once something has
 * waited for DELIVERY_PATIENCE_S. What was told last is kept whole in the memory "delivery":
 * {"at":"…Z","destinations":[…]}.
 *
 * VIG-D-006 while something waits; VIG-A-001 before the certificate of a destination ends; VIG-L-002
 * when the newest receipt of the shared log is a week old and the log has grown since. The
 * deliverer may fall silent: what waited then goes on waiting here. */

#include <jansson.h>
#include <stdint.h>

struct keeper;
struct vg_err;

enum {
        DELIVERY_PATIENCE_S = 900,
        DELIVERY_MAX = 256, /* destinations */
};

struct delivery {
        json_t *destinations; /* as told last; NULL: never */
        uint64_t looked_boot_ns, beat_boot_ns;
};

int delivery_init(struct keeper *keeper, struct vg_err *err);
void delivery_done(struct delivery *delivery);
/* Signs a heartbeat when one is due, and looks at the alerts. */
void delivery_tick(struct keeper *keeper);

/* delivery-alerts.c */
void delivery_alert(struct keeper *keeper);
