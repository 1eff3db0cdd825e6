/* SPDX-License-Identifier: Apache-2.0 */

/* edac: errors of memory that the kernel counts, by module. The rows of modules that it also
 * shows count the same errors again, and are not read. On firmware-first servers there is nothing
 * here, and the kernel log tells. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"
#include "os/settings.h"

static const char *const files[] = {
        "/sys/devices/system/edac/mc/mc*/mc_name",
        "/sys/devices/system/edac/mc/mc*/[cu]e*_count",
        "/sys/devices/system/edac/mc/mc*/dimm*/*",
        "/sys/devices/system/edac/mc/mc*/rank*/*",
        NULL,
};

static const char *const subsystems[] = {
        "edac",
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

const struct vg_source vg_source_edac = {
        .name = "edac",
        .interval_s = interval_s,
        .patience_s = 10,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = look,
        .parse = sysfs_parse,
};
