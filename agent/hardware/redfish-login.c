/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hardware/redfish-links.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/log.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { STATE_MAX = 8192, WAIT_FIRST_S = 30, WAIT_MOST_S = 600 };

/* ---- the file ---- */

static void put_down(struct redfish_session *s)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct vg_err err = { 0 };

        if (!s->state_file)
                return;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "location", s->location);
        vg_json_string(&j, "token", s->token);
        vg_json_end_object(&j);
        if (vg_file_write(s->state_file, j.buf.data, j.buf.n, 0600, &err) < 0)
                vg_log(LOG_WARNING, "session du BMC non conservée : %s", vg_err_text(&err));
}

void redfish_login_take_up(struct redfish_session *s)
{
        _cleanup_free_ char *text = NULL;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        const char *token, *location;
        size_t n;

        if (!s->state_file || vg_file_read(s->state_file, STATE_MAX, &text, &n, NULL) < 0 ||
            vg_json_parse(text, n, &tree, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(tree, "token", &token) < 0 ||
            vg_json_get_string(tree, "location", &location) < 0)
                return;
        s->token = strdup(token);
        s->location = strdup(location);
}

void redfish_login_forget(struct redfish_session *s)
{
        free(TAKE_PTR(s->token));
        free(TAKE_PTR(s->location));
        if (s->state_file)
                unlink(s->state_file);
}

/* ---- logging in ---- */

static bool is_limit(const struct vg_http_answer *answer)
{
        return answer->status == 503 ||
               (answer->status >= 400 && strstr(answer->body, "SessionLimitExceeded"));
}

static void no_session(struct redfish_session *s, const struct vg_http_answer *answer)
{
        if (s->allow_basic) {
                s->is_basic = true;
                redfish_session_send(s);
                return;
        }
        s->wait_s = s->wait_s ? 2 * s->wait_s : WAIT_FIRST_S;
        if (s->wait_s > WAIT_MOST_S)
                s->wait_s = WAIT_MOST_S;
        redfish_session_fail(s, -EAGAIN, N_("le BMC n'a plus de session libre (%ld)"),
                             answer->status);
}

/* The address of a session may be given whole; only its path on this service counts. */
static const char *path_of(const char *location)
{
        const char *path = strstr(location, "/redfish/");

        return path ? path : "";
}

static void on_session(void *user, const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;
        const char *token, *location;

        if (answer->r < 0) {
                redfish_session_fail(s, answer->r, "%s", answer->why);
                return;
        }
        if (is_limit(answer)) {
                no_session(s, answer);
                return;
        }
        if (answer->status == 401 || answer->status == 403) {
                redfish_session_fail(s, -EACCES, N_("le BMC refuse l'utilisateur %s"), s->user);
                return;
        }
        token = vg_http_header(answer, "X-Auth-Token");
        token = token ? strdupa(token) : NULL;
        location = vg_http_header(answer, "Location");
        if (answer->status / 100 != 2 || !token) {
                redfish_session_fail(s, -EIO, N_("le BMC n'ouvre pas de session (réponse %ld)"),
                                     answer->status);
                return;
        }
        s->token = strdup(token);
        s->location = strdup(path_of(location ? location : ""));
        if (!s->token || !s->location) {
                redfish_session_fail(s, -ENOMEM, N_("mémoire épuisée"));
                return;
        }
        s->wait_s = 0;
        s->is_fresh = true;
        put_down(s);
        redfish_session_send(s);
}

static char *credentials(const struct redfish_session *s)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "Password", s->password);
        vg_json_string(&j, "UserName", s->user);
        vg_json_end_object(&j);
        return vg_buf_take(&j.buf);
}

static void send_login(struct redfish_session *s, const char *sessions)
{
        _cleanup_free_ char *body = credentials(s);
        struct vg_err err = { 0 };
        const struct vg_http_request request = {
                .method = "POST", .path = sessions, .body = body, .timeout_s = s->patience_s
        };

        s->n_requests++;
        if (!body || vg_http_send(s->http, &request, on_session, s, &err) < 0)
                redfish_session_fail(s, -EIO, "%s", vg_err_text(&err));
}

/* Where sessions are made stands in the root, which anyone may read. */
static void on_root(void *user, const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;
        _cleanup_(vg_json_decrefp) json_t *tree =
                answer->r < 0 ? NULL : redfish_session_parse(answer);
        const char *sessions;
        char key[REDFISH_LINK_MAX];

        if (answer->r < 0) {
                redfish_session_fail(s, answer->r, "%s", answer->why);
        } else if (answer->status != 200) {
                redfish_session_refuse(s, answer);
        } else if (!tree) {
                redfish_session_fail(s, -EPROTO, N_("%s : la réponse n'est pas du JSON (%s)"), ROOT,
                                     vg_http_header(answer, "Content-Type") ?: "?");
        } else if (json_unpack(tree, "{s:{s:{s:s}}}", "Links", "Sessions", "@odata.id", &sessions) <
                           0 ||
                   redfish_link_key(sessions, key) < 0) {
                redfish_session_fail(s, -EPROTO, N_("le BMC n'offre pas de sessions"));
        } else {
                send_login(s, sessions);
        }
}

void redfish_login(struct redfish_session *s)
{
        struct vg_err err = { 0 };
        const struct vg_http_request request = { .method = "GET",
                                                 .path = ROOT,
                                                 .timeout_s = s->patience_s };

        redfish_login_forget(s);
        s->n_requests++;
        if (vg_http_send(s->http, &request, on_root, s, &err) < 0)
                redfish_session_fail(s, -EIO, "%s", vg_err_text(&err));
}
