/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* outbox: what is told leaves in the order in which it was so. An event is stamped when it arrives,
 * but its facts can only be told once libvirt has shown the domain; whatever was read meanwhile
 * waits here for them, or the keeper would have to count them as of later. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/clock.h"

struct vg_keeper;

struct outbox {
        struct vg_keeper *keeper;
        struct letter *first; /* by stamp */
        uint64_t *awaited;    /* stamps of facts that are on their way, oldest question first */
        size_t n_awaited, size_awaited;
};

/* Facts as of this stamp are on their way. */
void outbox_await(struct outbox *outbox, uint64_t boot_ns);
/* The oldest question was answered: what it told may be sent, then outbox_release(). */
void outbox_arrived(struct outbox *outbox);
void outbox_release(struct outbox *outbox);
/* No answer will come. All leaves. */
void outbox_give_up(struct outbox *outbox);
void outbox_done(struct outbox *outbox); /* leaves nothing behind, and sends nothing */

/* body: a JSON object's bytes. The number that the answer will carry, 0 where it waits here;
 * -ENOMEM, -E2BIG. */
int64_t outbox_send(struct outbox *outbox, const char *kind, const struct vg_now *at,
                    const char *body, size_t n_body);
