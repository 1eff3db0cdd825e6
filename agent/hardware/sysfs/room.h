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

/* Each looks at one file, where it is its own. 0 or -ENOMEM. */
int sysfs_aer(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_edac(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_hwmon(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_md(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_net(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_nvme(const struct sysfs *sysfs, const struct document *document, const char *name);
int sysfs_throttle(const struct sysfs *sysfs, const struct document *document, const char *name);
