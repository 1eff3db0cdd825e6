/* SPDX-License-Identifier: Apache-2.0 */

/* aer: errors of PCI Express that the kernel counts, by device. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"
#include "os/settings.h"

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

static uint32_t interval_s(const struct vg_settings *settings)
{
        return settings->hardware_sysfs_interval_s;
}

static void look(struct source *source)
{
        sysfs_look(source, files);
}

const struct vg_source vg_source_aer = {
        .name = "aer",
        .interval_s = interval_s,
        .patience_s = 10,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = look,
        .parse = sysfs_parse,
};
