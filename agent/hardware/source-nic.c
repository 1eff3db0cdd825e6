/* SPDX-License-Identifier: Apache-2.0 */

/* nic: network adapters of the machine (those with a device behind them) and bonds. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"
#include "os/settings.h"

static const char *const files[] = {
        "/sys/class/net/*/operstate",
        "/sys/class/net/*/carrier",
        "/sys/class/net/*/flags",
        "/sys/class/net/*/address",
        "/sys/class/net/*/speed",
        "/sys/class/net/*/device/vendor",
        "/sys/class/net/*/device/device",
        "/sys/class/net/*/statistics/rx_crc_errors",
        "/sys/class/net/*/statistics/tx_carrier_errors",
        "/sys/class/net/*/bonding/*",
        "/sys/class/net/*/bonding_slave/*",
        NULL,
};

static const char *const subsystems[] = {
        "net",
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

const struct vg_source vg_source_nic = {
        .name = "nic",
        .interval_s = interval_s,
        .patience_s = 10,
        .waits_for_boot = true,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = look,
        .parse = sysfs_parse,
};
