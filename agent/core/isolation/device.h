/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* device: what libvirt's node devices say of the host's PCI functions and mediated devices. */

#include "cluster.h"

/* "0000:01:00.0" of an <address domain= bus= slot= function=>; NULL: it is none. */
const char *device_pci(struct judge *j, const struct node *address);

struct devices {
        struct uses groups;    /* key: PCI address; part: its IOMMU group */
        struct uses functions; /* key: PCI address of a VF; part: its PF's */
        struct uses parents;   /* key: uuid of a mediated device; part: name of its parent */
        struct uses names;     /* key: name of a network device; part: its PF's PCI address */
};

void devices_read(struct judge *j, struct devices *ret_devices);
void hostdevs_done(struct devices *devices);
/* Of the node device, or of the kernel. NULL: not seen. */
const char *devices_group(struct judge *j, const struct devices *devices, const char *pci);
