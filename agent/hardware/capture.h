/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* capture: one look of every enabled source, written to a folder as `vigie hardware check` reads it
 * (DESIGN §8), with capture.json {"boot_time","captured_at","host"}. */

struct vg_err;
struct vg_settings;

/* folder must not exist, or be empty. 0, or -errno: *err says why. What one source could not read is
 * said in the log, and the others are there. */
int hardware_capture(const struct vg_settings *settings, const char *folder, struct vg_err *err);
