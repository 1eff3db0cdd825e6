/* SPDX-License-Identifier: Apache-2.0 */

/* aer: errors of PCI Express that the kernel counts, by device. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"

static const char *const files[] = {
        "/sys/bus/pci/devices/*/aer_*",
        "/sys/bus/pci/devices/*/class",
        "/sys/bus/pci/devices/*/vendor",
        "/sys/bus/pci/devices/*/device",
        NULL,
};

static const char *const subsystems[] = {
        "pci",
        NULL,
};

const struct vg_source vg_source_aer = {
        .name = "aer",
        .files = files,
        .interval_s = sysfs_interval_s,
        .patience_s = SYSFS_PATIENCE_S,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = sysfs_look,
        .parse = sysfs_parse,
};
