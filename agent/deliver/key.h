/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* key: where a delivery key lies. */

struct vg_settings;

/* Caller frees. NULL: no folder of keys, or no memory. */
char *key_path(const struct vg_settings *settings, const char *name);
