/* SPDX-License-Identifier: Apache-2.0 */

/* thermal: processors that slowed down because they were too hot. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"
#include "os/settings.h"

static const char *const files[] = {
        "/sys/devices/system/cpu/cpu*/thermal_throttle/*_count",
        "/sys/devices/system/cpu/cpu*/topology/physical_package_id",
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

const struct vg_source vg_source_thermal = {
        .name = "thermal",
        .interval_s = interval_s,
        .patience_s = 10,
        .look = look,
        .parse = sysfs_parse,
};
