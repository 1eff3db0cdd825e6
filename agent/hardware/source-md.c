/* SPDX-License-Identifier: Apache-2.0 */

/* md: arrays of disks made by the kernel. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"

static const char *const files[] = {
        "/sys/block/md*/size",
        "/sys/block/md*/md/level",
        "/sys/block/md*/md/raid_disks",
        "/sys/block/md*/md/degraded",
        "/sys/block/md*/md/array_state",
        "/sys/block/md*/md/sync_*",
        "/sys/block/md*/md/mismatch_cnt",
        "/sys/block/md*/md/dev-*/state",
        "/sys/block/md*/md/dev-*/slot",
        "/sys/block/md*/md/dev-*/errors",
        NULL,
};

static const char *const subsystems[] = {
        "block",
        NULL,
};

const struct vg_source vg_source_md = {
        .name = "md",
        .files = files,
        .interval_s = sysfs_interval_s,
        .patience_s = SYSFS_PATIENCE_S,
        .waits_for_boot = true,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = sysfs_look,
        .parse = sysfs_parse,
};
