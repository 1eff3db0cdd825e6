/* SPDX-License-Identifier: Apache-2.0 */

/* drive: disks that the kernel shows, so that one that vanishes is missed. What is read is what the
 * kernel remembers: no disk is asked, so none is woken. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"
#include "os/settings.h"

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

static uint32_t interval_s(const struct vg_settings *settings)
{
        return settings->hardware_sysfs_interval_s;
}

static void look(struct source *source)
{
        sysfs_look(source, files);
}

const struct vg_source vg_source_drive = {
        .name = "drive",
        .interval_s = interval_s,
        .patience_s = 10,
        .waits_for_boot = true,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = look,
        .parse = sysfs_parse,
};
