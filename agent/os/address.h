/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* address: networks as people write them ("10.20.0.0/16", "2001:db8::/32", one address alone), and
 * whether an address lies in one. An IPv4 address mapped into IPv6 is the IPv4 address. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

enum { VG_ADDRESS_SIZE = 64 };

struct vg_network {
        int family;
        unsigned n_bits;
        uint8_t bytes[16];
};

/* -EINVAL: not a network, or bits are set behind its length. */
int vg_network_parse(const char *text, size_t n, struct vg_network *ret_network);
bool vg_network_holds(const struct vg_network *network, const struct sockaddr *address);

/* As numbers, without the port; "?" for what is no IP address. Returns buf. */
char *vg_address_text(const struct sockaddr *address, char buf[VG_ADDRESS_SIZE]);
