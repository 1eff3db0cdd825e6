/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pstore: what a kernel that died left behind, where systemd keeps it; for the kernel's source. */

struct source;

/* Adds to the source's documents those that are newer than the newest one that was read before, which
 * the file `seen_file` remembers (NULL: nothing is). 0 or -errno. */
int pstore_read(struct source *source, const char *seen_file);
