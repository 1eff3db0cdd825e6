/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* smtp: one message at a time to a relay, each from a process of its own, whose word the event loop
 * hears: libcurl would hold up the loop. Over smtp:// nothing is said before STARTTLS has made the
 * connection private, and nothing at all where it cannot; over smtps:// it is private from the first
 * byte. The relay's certificate is checked either way. */

#include <stddef.h>
#include <systemd/sd-event.h>

#include "os/trust.h"

struct vg_err;
struct vg_smtp;

struct vg_smtp_options {
        const char *relay; /* "smtp://host:port" or "smtps://host:port" */
        struct vg_trust trust;
        const char *user, *password; /* NULL or "": none is shown */
        unsigned timeout_s;          /* of one message */
};

struct vg_smtp_message {
        const char *from, *to; /* addresses, without angle brackets */
        const char *bytes;     /* lines end in CRLF; borrowed until it is answered */
        size_t n;
};

struct vg_smtp_answer {
        int r; /* 0: the relay has it, and said so. -EACCES: name or password. -EBADMSG: not this
                * message, ever. -EREMOTEIO: not from us, or not to that address. -EAGAIN: not now.
                * Else as http.h. */
        const char *why; /* where r < 0 */
        long code;       /* what the relay answered last; 0: nothing */
};
/* Called from the loop; the next message may be sent from within. */
typedef void vg_smtp_answer_fn(void *user, const struct vg_smtp_answer *answer);

int vg_smtp_new(sd_event *event, const struct vg_smtp_options *options, struct vg_smtp **ret_smtp,
                struct vg_err *err);
/* A message on its way is dropped without an answer. */
void vg_smtp_free(struct vg_smtp *smtp);
static inline void vg_smtp_freep(struct vg_smtp **smtp)
{
        vg_smtp_free(*smtp);
}

/* -EBUSY: one is on its way. -EINVAL: an address that could be read as something else. -ENOMEM.
 * Otherwise fn is called, once, later. */
int vg_smtp_send(struct vg_smtp *smtp, const struct vg_smtp_message *message, vg_smtp_answer_fn *fn,
                 void *user, struct vg_err *err);
