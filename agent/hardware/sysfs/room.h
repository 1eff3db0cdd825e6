/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this folder share: files of /sys by their paths. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hardware/documents.h"
#include "vigie/fault.h"

enum { SYSFS_TEXT = 256 };

struct sysfs {
        const struct documents *documents;
        struct vg_round *round;
};

/* The document beside this one, under another name; its content trimmed into buf. False: it is not
 * there, or empty. */
bool sysfs_beside(const struct sysfs *sysfs, const char *path, const char *name,
                  char buf[SYSFS_TEXT]);
bool sysfs_number_beside(const struct sysfs *sysfs, const char *path, const char *name,
                         int64_t *ret_value);
char *sysfs_content(const struct document *document, char buf[SYSFS_TEXT]);
/* The part of path `depth` parts from its end (0: the file's name). Returns buf. */
char *sysfs_part(const char *path, size_t depth, char *buf, size_t size);

/* A temperature (thousandths of a degree) or a fan, as a chip tells of it; 0: none. */
struct sysfs_channel {
        bool has_value, is_fan, is_broken, has_alarm, alarm;
        int64_t value, high, critical;
};
int sysfs_tell_channel(const struct sysfs *sysfs, const char *path, const char *place,
                       const struct sysfs_channel *channel);
/* What `sensors` printed, wherever it stands. */
int sysfs_sensors(const struct sysfs *sysfs, const struct document *document);

/* Each looks at one file, where it is its own. 0 or -ENOMEM. */
int sysfs_aer(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_edac(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_hwmon(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_md(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_net(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_nvme(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_scsi(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_throttle(const struct sysfs *sysfs, const struct document *document, const char *name);
