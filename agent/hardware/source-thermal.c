/* SPDX-License-Identifier: Apache-2.0 */

/* thermal: processors that slowed down because they were too hot. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"

static const char *const files[] = {
        "/sys/devices/system/cpu/cpu*/thermal_throttle/*_count",
        "/sys/devices/system/cpu/cpu*/topology/physical_package_id",
        NULL,
};

const struct vg_source vg_source_thermal = {
        .name = "thermal",
        .files = files,
        .interval_s = sysfs_interval_s,
        .patience_s = SYSFS_PATIENCE_S,
        .look = sysfs_look,
        .parse = sysfs_parse,
};
