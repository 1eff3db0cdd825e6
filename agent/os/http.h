/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* http: HTTPS requests in the event loop, one at a time a client (libcurl multi). Whoever answers is
 * not trusted: bytes, headers and time are bounded, the certificate is checked, a redirection is an
 * answer like any other and is never followed, no proxy of the environment is used. */

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "os/trust.h"

struct vg_err;
struct vg_http;

struct vg_http_options {
        const char *base; /* "https://host[:port]", without a path */
        struct vg_trust trust;
        const char *user, *password; /* for requests with `basic` */
        unsigned timeout_s;          /* of one request */
        size_t body_max;
};

struct vg_http_request {
        const char *method;         /* "GET", "POST", "DELETE" */
        const char *path;           /* "/redfish/v1/", its query included */
        const char *const *headers; /* "Name: value"; an array that ends in NULL, or NULL */
        const char *body;           /* NULL: none */
        const char *type;           /* of the body; NULL: application/json */
        int basic;                  /* sends user and password */
        unsigned timeout_s;         /* 0: that of the options */
};

struct vg_http_answer {
        int r; /* 0: answered, whatever the status. -EFBIG: too much. -ETIMEDOUT. -EKEYREJECTED: a
                * certificate or key, theirs or ours. -EPROTO: no TLS that both accept. -EPERM: an
                * address that is not allowed. -ECONNREFUSED: no connection. -ECONNRESET. -EIO:
                * anything else. */
        const char *why; /* where r < 0 */
        long status;
        int64_t retry_after_s; /* as the other end asks, 0: it does not */
        const char *body;      /* NUL-terminated */
        size_t n;
        void *easy; /* for vg_http_header() */
};
/* A header of the answer, or NULL. Borrowed until the next call. */
const char *vg_http_header(const struct vg_http_answer *answer, const char *name);

/* Called from the loop; the next request may be sent from within. */
typedef void vg_http_answer_fn(void *user, const struct vg_http_answer *answer);

int vg_http_new(sd_event *event, const struct vg_http_options *options, struct vg_http **ret_http,
                struct vg_err *err);
/* A request on its way is dropped without an answer. */
void vg_http_free(struct vg_http *http);
static inline void vg_http_freep(struct vg_http **http)
{
        vg_http_free(*http);
}

/* -EBUSY: one is on its way. -EINVAL, -ENOMEM. Otherwise fn is called, once, later. */
int vg_http_send(struct vg_http *http, const struct vg_http_request *request, vg_http_answer_fn *fn,
                 void *user, struct vg_err *err);
/* Drops the request on its way, if any, without an answer. */
void vg_http_cancel(struct vg_http *http);
