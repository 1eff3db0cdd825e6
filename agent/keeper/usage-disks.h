/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* usage-disks: what the appliances saw of each volume in one interval. A volume that several of them
 * see counts once, for the most that one of them saw of it, whichever was recorded first. */

#include <stddef.h>
#include <stdint.h>

struct store;
struct vg_err;

struct usage_disk {
        char *volume, *appliance; /* as in an export (vigie/merge.h) */
        int64_t micro;
};

struct usage_disks { /* zero-initialised is empty; usage_disks_done() after use */
        int64_t start_s;
        struct usage_disk *list; /* by volume, then appliance */
        size_t n, size;
};
void usage_disks_done(struct usage_disks *disks);
/* All that the ledger holds of the interval; nothing is read where they are of it already. */
int usage_disks_read(struct usage_disks *disks, struct store *store, int64_t start_s,
                     struct vg_err *err);
/* An appliance saw so much more of it: *ret_counts is what that adds to the whole. -ENOMEM, -ERANGE. */
int usage_disks_add(struct usage_disks *disks, const char *volume, const char *appliance,
                    int64_t micro, int64_t *ret_counts);
