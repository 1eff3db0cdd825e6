/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-login: how a session is come by, kept over restarts and let go. For redfish-session.c,
 * which asks with it. */

#include <jansson.h>
#include <stdbool.h>

#include "hardware/redfish-session.h"

#define ROOT "/redfish/v1/"

struct redfish_session {
        struct vg_http *http;
        char *user, *password, *state_file;
        bool allow_basic, is_basic;
        char *token, *location; /* NULL: no session */
        bool is_fresh;          /* made for the request on its way: a second 401 is final */
        unsigned wait_s, patience_s, n_requests;

        char *link, *etag; /* what is asked for */
        redfish_answer_fn *fn;
        void *fn_user;
        void (*ended)(void *user);
        void *ended_user;
};

/* Opens a session, then sends what is asked for; or tells that there is none. */
void redfish_login(struct redfish_session *session);
/* The session of the life before, where its file is there. */
void redfish_login_take_up(struct redfish_session *session);
/* It is over: the file goes too. */
void redfish_login_forget(struct redfish_session *session);

/* ---- of redfish-session.c ---- */

void redfish_session_send(struct redfish_session *session);
void redfish_session_fail(struct redfish_session *session, int r, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* A status that is no answer to what was asked for. */
void redfish_session_refuse(struct redfish_session *session, const struct vg_http_answer *answer);
/* NULL: no object of JSON. */
json_t *redfish_session_parse(const struct vg_http_answer *answer);
