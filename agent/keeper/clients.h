/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* clients: everyone who is connected. Accepts, asks the table of peers, and hands out lines in
 * turn, so that nobody waits longer because somebody else talks more. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "keeper/client.h"

struct vg_err;
struct clients;

enum {
        CLIENTS_MAX = 256,           /* then the most silent one of the busiest user goes */
        CLIENTS_IN_BYTES = 64 << 20, /* all half lines together; then the biggest goes */
};

/* A turn: take lines with clients_next(), answer them. Called from the loop when lines wait. */
typedef void clients_turn_fn(void *user);

int clients_new(sd_event *event, int listen_fd, const struct peers *peers, clients_turn_fn *on_turn,
                void *user, struct clients **ret_clients, struct vg_err *err);
void clients_free(struct clients *clients);
static inline void clients_freep(struct clients **clients)
{
        clients_free(*clients);
}

/* The next line, one client after the other; false: none waits. Lines and clients stay valid until
 * the turn returns. */
bool clients_next(struct clients *clients, struct client **ret_client, const char **ret_line,
                  size_t *ret_n);

/* Whether lines are taken at all: not before the first round is durable, nor after the last. */
void clients_set_open(struct clients *clients, bool open);
/* Once a second: those who have stopped moving. */
void clients_check_patience(struct clients *clients);
