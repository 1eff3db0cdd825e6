/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sysfs: small files of /sys and /proc by patterns, as documents "sys/block/md0/md/degraded". */

struct documents;
struct source;
struct vg_err;

/* Reads what matches each pattern ("/sys/block/md*" and so on; the list ends in NULL) below root.
 * What is not there, or holds nothing now (the carrier of a link that is down), is left out.
 * -EACCES: *err names the first file that may not be read; the others were. */
int sysfs_gather(const char *root, const char *const *patterns, struct documents *documents,
                 struct vg_err *err);
/* The same as a whole look of a source. */
void sysfs_look(struct source *source, const char *const *patterns);
