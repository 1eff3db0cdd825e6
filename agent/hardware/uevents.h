/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* uevents: what the kernel tells of devices (through udev) brings looks of the sources that listen
 * to their subsystem forward. A hint only: the look is the truth. */

struct hardware;
struct uevents;
struct vg_err;

int uevents_new(struct hardware *hardware, struct uevents **ret_uevents, struct vg_err *err);
void uevents_free(struct uevents *uevents);
