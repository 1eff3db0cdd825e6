/* SPDX-License-Identifier: Apache-2.0 */

/* edac: errors of memory that the kernel counts, by module. The rows of modules that it also
 * shows count the same errors again, and are not read. On firmware-first servers there is nothing
 * here, and the kernel log tells. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"

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

const struct vg_source vg_source_edac = {
        .name = "edac",
        .files = files,
        .interval_s = sysfs_interval_s,
        .patience_s = SYSFS_PATIENCE_S,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = sysfs_look,
        .parse = sysfs_parse,
};
