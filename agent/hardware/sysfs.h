/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sysfs: small files of /sys and /proc by patterns, as documents "sys/block/md0/md/degraded". */

#include <stdbool.h>
#include <stdint.h>

struct documents;
struct source;
struct vg_err;
struct vg_settings;

/* Reads what matches each pattern ("/sys/block/md*" and so on; the list ends in NULL) below root.
 * What is not there, or holds nothing now (the carrier of a link that is down), is left out; of a
 * link to a folder the document is where it leads.
 * -EACCES: *err names the first file that may not be read; the others were. */
int sysfs_gather(const char *root, const char *const *patterns, struct documents *documents,
                 struct vg_err *err);
/* Whether a disk is this machine's own for good: not by USB, not another machine's. link: where its
 * /sys/class/block/<name> leads; removable: its file of that name. */
bool sysfs_is_fixed(const char *link, const char *removable);
/* The same of the disk "sda", as it is now. */
bool sysfs_disk_is_fixed(const char *root, const char *disk);

/* For rows of sources that read no more than their `files` below /sys. */
enum { SYSFS_PATIENCE_S = 10 };
uint32_t sysfs_interval_s(const struct vg_settings *settings);
void sysfs_look(struct source *source);
