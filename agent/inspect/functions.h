/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* functions: what rtnetlink's messages of links say of a card's virtual functions, in the words of
 * `ip link show` that the checks read. */

#include <linux/netlink.h>

struct vg_buf;

/* Pure: bytes in. Appends "7: eno1:" and a line for each function; nothing for a link without any, or for bytes that
 * are no whole message. */
void functions_of(const struct nlmsghdr *message, struct vg_buf *text);
/* Of every card of this host; to be freed. NULL: there is none, or they cannot be read. */
char *functions_read(void);
