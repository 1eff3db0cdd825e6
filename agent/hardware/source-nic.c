/* SPDX-License-Identifier: Apache-2.0 */

/* nic: network adapters of the machine (those with a device behind them) and bonds. */

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/sysfs.h"

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

const struct vg_source vg_source_nic = {
        .name = "nic",
        .files = files,
        .interval_s = sysfs_interval_s,
        .patience_s = SYSFS_PATIENCE_S,
        .waits_for_boot = true,
        .subsystems = subsystems,
        .takes_hints = true,
        .look = sysfs_look,
        .parse = sysfs_parse,
};
