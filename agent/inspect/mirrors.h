/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mirrors: what rtnetlink's messages of traffic control say of one port's traffic being copied or
 * sent to another. Pure: bytes in. */

#include <linux/rtnetlink.h>

/* Whether a queueing discipline may carry filters that copy: "clsact", "ingress". */
int mirrors_may_hold(const struct nlmsghdr *message);
/* Calls fn with the interface of each mirred action of a filter. */
typedef void mirrors_fn(void *user, int to_ifindex);
void mirrors_of(const struct nlmsghdr *message, mirrors_fn *fn, void *user);
