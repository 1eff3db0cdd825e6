/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* dump: all that the kernel lists of one kind (rtnetlink), message by message. */

#include <libmnl/libmnl.h>

struct dump;
/* 0, or a negative errno. */
int dump_new(struct dump **ret_dump);
void dump_free(struct dump *dump);
static inline void dump_freep(struct dump **dump)
{
        dump_free(*dump);
}

/* A question of that type with an empty fixed part of so many bytes. To be filled, then run, before
 * the next one. */
struct nlmsghdr *dump_ask(struct dump *dump, uint16_t type, size_t n_fixed);
/* Gives every message of the answer to `take`. 0; -EINTR: the list changed while it was read (what is
 * left of it still comes: a new dump must ask again); another negative errno: the kernel's word, or
 * take's. */
int dump_run(struct dump *dump, mnl_cb_t take, void *user);
