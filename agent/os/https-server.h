/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* https-server: HTTPS for callers who show a certificate, in libevent's loop (evhttp over OpenSSL
 * bufferevents). TLS 1.2 at least; no renegotiation, resumption or compression. Nobody is believed:
 *
 * - a handshake has 10 seconds, a request a deadline from its first byte's earliest moment (the
 *   connection, or the answer before) to its end, however steadily it drips;
 * - headers and body have a size; a body has a Content-Length, and only one;
 * - beyond `connections_max` the connection that is longest without a certificate makes room, or the
 *   new one goes.
 *
 * The caller answers at once, from within the function that it gave. */

#include <event2/event.h>
#include <stddef.h>

#include "vigie/text.h"

struct vg_err;
struct vg_https;

struct vg_https_options {
        const char *listen;      /* "192.0.2.1:8443", "[2001:db8::1]:8443" */
        const char *certificate; /* PEM, its chain behind it */
        const char *private_key; /* PEM, without a password */
        const char *client_ca;   /* PEM: authorities that sign the callers' certificates */
        unsigned deadline_s;
        size_t headers_max, body_max;
        unsigned connections_max;
};

struct vg_https_request {
        const char *method, *path; /* path: without query; decoded by nobody */
        const char *body;          /* NUL-terminated; "" where there is none */
        size_t n;
        char peer[256]; /* common name of the caller's certificate, cleaned */
};

struct vg_https_answer {
        int status;
        const char *type; /* of the body; NULL: application/json */
        struct vg_buf body;
};

/* Fills in the answer, which is empty with status 500. */
typedef void vg_https_fn(void *user, const struct vg_https_request *request,
                         struct vg_https_answer *answer);
/* Somebody was turned away before he could ask, for what his certificate lacks. */
typedef void vg_https_refused_fn(void *user, const char *why);

/* base: borrowed; runs while this lives. -EINVAL: certificate, key, authorities or address. */
int vg_https_new(struct event_base *base, const struct vg_https_options *options, vg_https_fn *fn,
                 vg_https_refused_fn *refused, void *user, struct vg_https **ret_https,
                 struct vg_err *err);
/* Answers on their way are dropped. */
void vg_https_free(struct vg_https *https);
static inline void vg_https_freep(struct vg_https **https)
{
        vg_https_free(*https);
}
