/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* client: one connection. Bytes in, whole lines out; answers in, bytes out. Whatever the other end
 * does, what is held for it is bounded: one line and a bit on the way in, ANSWERS_BYTES and the
 * answers of one turn on the way out. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "keeper/peers.h"
#include "vigie/text.h"

enum {
        CLIENT_TURN_LINES = 32,        /* of one client in one turn; also what may be unanswered */
        CLIENT_ANSWER_BYTES = 1 << 18, /* unsent answers beyond which no line is taken */
        CLIENT_READ_AHEAD = 1 << 18,   /* bytes behind a whole line beyond which none are read */
        CLIENT_PATIENCE_S = 30,        /* for the rest of a line, or for an answer to be read */
};

struct client {
        struct client *next;
        struct peer peer;
        int fd;
        sd_event_source *io;

        struct vg_buf in;
        size_t taken;     /* bytes of `in` that were taken as lines */
        size_t searched;  /* no newline in in[taken..searched) */
        size_t newline;   /* index of the first newline at or behind taken; SIZE_MAX: none yet */
        unsigned n_taken; /* lines, in this turn */

        struct vg_buf out;
        size_t sent; /* bytes of `out` */

        uint64_t heard_boot_ns, half_line_boot_ns, stalled_boot_ns; /* the latter: 0 when not */
        bool at_end;  /* the other end will say no more */
        bool closing; /* nothing more is taken from it; goes once its answers are sent */
        bool dropped; /* goes now */
};

/* Reads what has come (one bite, so that others have their turn). */
void client_read(struct client *client, uint64_t now_boot_ns);
/* Whether a whole line waits and may be taken. */
bool client_is_ready(const struct client *client);
/* That line, without its newline; lives until client_settle(). client_is_ready() must be true. */
const char *client_take(struct client *client, size_t *ret_n);
void client_answer(struct client *client, const char *line, size_t n);
/* An answer without a sequence number, then the end. Not within a turn: lines taken are gone. */
void client_refuse(struct client *client, const char *code, const char *message);
/* Sends what it can, forgets what was taken, and says what to wait for. */
void client_settle(struct client *client, uint64_t now_boot_ns);
/* Lets go of one that keeps others' memory without moving. */
void client_check_patience(struct client *client, uint64_t now_boot_ns);
bool client_is_gone(const struct client *client);
void client_free(struct client *client);
