/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sharedkey: one name, on every host, for storage that several hosts can reach: what they call it
 * themselves, a path or a device, is each host's own affair. */

/* Of a path without symbolic links, by the text of /proc/self/mountinfo. A file system that others mount
 * too: "shared:" and where it is mounted from, "shared:nas:/export/vms/a.qcow2". NULL: it lies on the
 * host's own. -ENOMEM is NULL with *ret_r set. */
char *sharedkey_file(const char *mountinfo, const char *path, int *ret_r);

/* Of a block device, by the folder sys (/sys): "block:" and the number that it was given for life, of a
 * disk ("block:naa.600…") or of a logical volume ("block:LVM-…"). NULL: it has none. */
char *sharedkey_device(const char *sys, const char *path);
