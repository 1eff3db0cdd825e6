/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* vf: what the card lets a virtual function do, as the kernel tells it: "/evidence/ip-link" holds the
 * lines of `ip link show`, and /sys/class/net/<card>/device/virtfn<N> leads to the function's PCI
 * address. */

#include "cluster.h"

struct vfs {
        struct uses lines; /* key: "eno1 3"; part: the line of that function, without its number */
        struct uses names; /* key: PCI address; part: "eno1 3" */
};

struct vf {
        const char *vlan;       /* NULL: none */
        int spoof_check, trust; /* 0, 1, or -1 where the card does not tell */
};

void vfs_read(struct judge *j, struct vfs *ret_vfs);
void vfs_done(struct vfs *vfs);
/* Whether the function was seen. */
bool vfs_look(struct judge *j, const struct vfs *vfs, const char *pci, struct vf *ret_vf);
