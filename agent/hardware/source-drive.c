/* SPDX-License-Identifier: Apache-2.0 */

/* drive: disks that the kernel shows, so that one that vanishes is missed. What is read is what the
 * kernel remembers: no disk is asked, so none is woken. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"

static const char *const files[] = {
        "/sys/class/nvme/nvme*/model",
        "/sys/class/nvme/nvme*/serial",
        "/sys/class/nvme/nvme*/firmware_rev",
        "/sys/class/nvme/nvme*/state",
        "/sys/class/nvme/nvme*/address",
        "/sys/class/nvme/nvme*/transport",
        "/sys/class/block/sd*[a-z]",
        "/sys/block/sd*/removable",
        "/sys/block/sd*/device/model",
        "/sys/block/sd*/device/rev",
        "/sys/block/sd*/device/state",
        "/sys/block/sd*/device/vendor",
        "/sys/block/sd*/device/vpd_pg80",
        "/sys/block/sd*/device/vpd_pg89",
        NULL,
};

static const char *const subsystems[] = {
        "block",
        "nvme",
        NULL,
};

const struct vg_source vg_source_drive = {
        .name = "drive",
        .files = files,
        .interval_s = sysfs_interval_s,
        .patience_s = SYSFS_PATIENCE_S,
        .waits_for_boot = true,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = sysfs_look,
        .parse = sysfs_parse,
};
