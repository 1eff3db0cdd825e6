/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* netdev: every interface's bytes from one reading of /proc/net/dev. */

#include <stddef.h>
#include <stdint.h>

struct netdev {
        char name[32];
        uint64_t rx_bytes, tx_bytes; /* as the host sees them: a tap's rx is its guest's tx */
};

struct netdevs {
        struct netdev *rows; /* sorted by name */
        size_t n, size;
};

void netdevs_done(struct netdevs *netdevs);
/* Replaces what is there. text is cut into lines in place. -EINVAL: not that file. -ENOMEM. */
int netdevs_parse(struct netdevs *netdevs, char *text);
const struct netdev *netdevs_find(const struct netdevs *netdevs, const char *name);
