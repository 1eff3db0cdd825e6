/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-session: one session with one BMC, kept over restarts. Its token and its address are in a
 * file of the state folder, so that the session of a life that was killed serves the next one; a
 * stop deletes both. Where no session is to be had (503, "session limit"), it waits longer and
 * longer, or sends name and password with each request where that is allowed. */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "os/http.h"

struct redfish_session;
struct vg_err;

struct redfish_options {
        struct vg_http_options http;
        const char *state_file; /* NULL: the session is not kept */
        bool allow_basic;
};

struct redfish_answer {
        int r; /* 0: *tree is what was asked for. REDFISH_SAME. -errno: `why`, in our words. -EAGAIN:
                * no session now, `wait_s`. -ENOENT: the resource is not there. -EPROTO: no JSON.
                * -EREMOTEIO: the BMC refuses this one. -EACCES: the user. */
        const char *why;
        const json_t *tree;
        const char *etag; /* NULL: none */
        unsigned wait_s;
        size_t n; /* bytes */
};
enum { REDFISH_SAME = 1 }; /* not changed since `etag` */
typedef void redfish_answer_fn(void *user, const struct redfish_answer *answer);

int redfish_session_new(sd_event *event, const struct redfish_options *options,
                        struct redfish_session **ret_session, struct vg_err *err);
/* Lets go of it without a word: the session stays, and its file. */
void redfish_session_free(struct redfish_session *session);

/* Reads the resource at link, logging in first where that is needed. etag NULL: as it is. fn is
 * called once, later, and may ask for the next. One at a time. */
int redfish_get(struct redfish_session *session, const char *link, const char *etag,
                redfish_answer_fn *fn, void *user, struct vg_err *err);

/* How long the answer to one request may take from now on; 0: as the options say. */
void redfish_session_set_patience(struct redfish_session *session, unsigned patience_s);

/* Deletes the session, then calls fn. Drops what is on its way. */
void redfish_session_end(struct redfish_session *session, void (*fn)(void *user), void *user);

unsigned redfish_session_requests(const struct redfish_session *session); /* sent so far */
