/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* files: bounded reading, durable writing. */

#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

struct vg_err;
struct vg_zone;

/* The whole file, NUL-terminated behind its n bytes; caller frees. -EFBIG as soon as it is known to
 * hold more than max bytes (nothing more is read then). Works on /proc, pipes and "-" (standard
 * input). *err (may be NULL) names the file. */
int vg_file_read(const char *path, size_t max, char **ret_bytes, size_t *ret_n, struct vg_err *err);

/* Writes a new file beside path, syncs it, renames it over path and syncs the folder: afterwards
 * the old bytes or the new ones are there, never a mixture. -EINVAL: what stands there is no
 * regular file, and stays. */
int vg_file_write(const char *path, const void *bytes, size_t n, mode_t mode, struct vg_err *err);

/* Whether a file can be made at path, before anybody takes the trouble; *err names the folder. */
int vg_file_may_write(const char *path, struct vg_err *err);

/* An IANA zone by name from the system's tzdata ($TZDIR or /usr/share/zoneinfo), America/Montreal
 * read as America/Toronto. The name may not leave the folder. */
int vg_file_zone(const char *name, struct vg_zone **ret_zone, struct vg_err *err);

/* The release of the system's tzdata ("2025b"), or "unknown" where nothing there says it. */
char *vg_file_tzdata(char buf[32]);

static inline void vg_closep(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}
#define _cleanup_close_ __attribute__((cleanup(vg_closep)))
