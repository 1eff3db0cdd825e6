/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-session.h"

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

enum { STATE_MAX = 8192, WAIT_FIRST_S = 30, WAIT_MOST_S = 600, TREE_DEPTH_MAX = 64 };
#define ROOT "/redfish/v1/"

struct redfish_session {
        struct vg_http *http;
        char *user, *password, *state_file;
        bool allow_basic, is_basic;
        char *token, *location; /* NULL: no session */
        bool is_fresh;          /* made for the request on its way: a second 401 is final */
        unsigned wait_s, n_requests;

        char *link, *etag; /* what is asked for */
        redfish_answer_fn *fn;
        void *fn_user;
        void (*ended)(void *user);
        void *ended_user;
};

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

static void take_up(struct redfish_session *s)
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

static void forget(struct redfish_session *s)
{
        free(TAKE_PTR(s->token));
        free(TAKE_PTR(s->location));
        if (s->state_file)
                unlink(s->state_file);
}

/* ---- answers ---- */

static void tell(struct redfish_session *s, const struct redfish_answer *answer)
{
        redfish_answer_fn *fn = s->fn;

        s->fn = NULL;
        free(TAKE_PTR(s->link));
        free(TAKE_PTR(s->etag));
        if (fn)
                fn(s->fn_user, answer);
}

static void tell_failure(struct redfish_session *s, int r, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void tell_failure(struct redfish_session *s, int r, const char *format, ...)
{
        char text[400];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        va_end(ap);
        tell(s, &(const struct redfish_answer){ .r = r, .why = text, .wait_s = s->wait_s });
}

static json_t *parse(const struct vg_http_answer *answer)
{
        /* Redfish has reals, which are of no use as such: kept as the text they were. */
        json_t *tree = json_loadb(answer->body, answer->n, JSON_ALLOW_NUL, NULL);

        if (!json_is_object(tree)) {
                json_decref(tree);
                return NULL;
        }
        return tree;
}

static void take_resource(struct redfish_session *s, const struct vg_http_answer *answer)
{
        _cleanup_(vg_json_decrefp) json_t *tree = parse(answer);

        if (!tree) {
                const char *type = vg_http_header(answer, "Content-Type");
                tell_failure(s, -EPROTO, N_("%s : la réponse n'est pas du JSON (%s)"), s->link,
                             type ? type : "?");
                return;
        }
        tell(s, &(const struct redfish_answer){
                        .tree = tree,
                        .etag = vg_http_header(answer, "ETag"),
                        .n = answer->n,
                });
}

static void send_get(struct redfish_session *s);
static void log_in(struct redfish_session *s);

static void refuse_status(struct redfish_session *s, const struct vg_http_answer *answer)
{
        const char *to = vg_http_header(answer, "Location");

        if (answer->status >= 300 && answer->status < 400)
                tell_failure(s, -EPROTO, N_("%s : le BMC renvoie ailleurs (%s), refusé"), s->link,
                             to ? to : "?");
        else
                tell_failure(s, answer->status == 404 ? -ENOENT : -EREMOTEIO,
                             N_("%s : le BMC répond %ld"), s->link, answer->status);
}

static void on_resource(void *user, const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;

        if (answer->r < 0)
                tell_failure(s, answer->r, "%s", answer->why);
        else if (answer->status == 200)
                take_resource(s, answer);
        else if (answer->status == 304)
                tell(s, &(const struct redfish_answer){ .r = REDFISH_SAME });
        else if (answer->status != 401)
                refuse_status(s, answer);
        else if (s->is_basic || s->is_fresh)
                tell_failure(s, -EACCES, N_("le BMC refuse l'utilisateur %s"), s->user);
        else
                log_in(s);
}

static void send_get(struct redfish_session *s)
{
        _cleanup_free_ char *token = NULL, *etag = NULL;
        const char *headers[4] = { "OData-Version: 4.0" };
        struct vg_err err = { 0 };
        size_t n = 1;

        if (s->token && asprintf(&token, "X-Auth-Token: %s", s->token) >= 0)
                headers[n++] = token;
        if (s->etag && asprintf(&etag, "If-None-Match: %s", s->etag) >= 0)
                headers[n++] = etag;

        const struct vg_http_request request = {
                .method = "GET",
                .path = s->link,
                .headers = headers,
                .basic = s->is_basic,
        };
        s->n_requests++;
        if (vg_http_send(s->http, &request, on_resource, s, &err) < 0)
                tell_failure(s, -EIO, "%s", vg_err_text(&err));
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
                send_get(s);
                return;
        }
        s->wait_s = s->wait_s ? 2 * s->wait_s : WAIT_FIRST_S;
        if (s->wait_s > WAIT_MOST_S)
                s->wait_s = WAIT_MOST_S;
        tell_failure(s, -EAGAIN, N_("le BMC n'a plus de session libre (%ld)"), answer->status);
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
                tell_failure(s, answer->r, "%s", answer->why);
                return;
        }
        if (is_limit(answer)) {
                no_session(s, answer);
                return;
        }
        if (answer->status == 401 || answer->status == 403) {
                tell_failure(s, -EACCES, N_("le BMC refuse l'utilisateur %s"), s->user);
                return;
        }
        token = vg_http_header(answer, "X-Auth-Token");
        token = token ? strdupa(token) : NULL;
        location = vg_http_header(answer, "Location");
        if (answer->status / 100 != 2 || !token) {
                tell_failure(s, -EIO, N_("le BMC n'ouvre pas de session (réponse %ld)"),
                             answer->status);
                return;
        }
        s->token = strdup(token);
        s->location = strdup(path_of(location ? location : ""));
        if (!s->token || !s->location) {
                tell_failure(s, -ENOMEM, N_("mémoire épuisée"));
                return;
        }
        s->wait_s = 0;
        s->is_fresh = true;
        put_down(s);
        send_get(s);
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
        const struct vg_http_request request = { .method = "POST", .path = sessions, .body = body };

        s->n_requests++;
        if (!body || vg_http_send(s->http, &request, on_session, s, &err) < 0)
                tell_failure(s, -EIO, "%s", vg_err_text(&err));
}

/* Where sessions are made stands in the root, which anyone may read. */
static void on_root(void *user, const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;
        _cleanup_(vg_json_decrefp) json_t *tree = answer->r < 0 ? NULL : parse(answer);
        const char *sessions;
        char key[REDFISH_LINK_MAX];

        if (answer->r < 0) {
                tell_failure(s, answer->r, "%s", answer->why);
        } else if (answer->status != 200) {
                refuse_status(s, answer);
        } else if (!tree) {
                tell_failure(s, -EPROTO, N_("%s : la réponse n'est pas du JSON (%s)"), ROOT,
                             vg_http_header(answer, "Content-Type") ?: "?");
        } else if (json_unpack(tree, "{s:{s:{s:s}}}", "Links", "Sessions", "@odata.id", &sessions) <
                           0 ||
                   redfish_link_key(sessions, key) < 0) {
                tell_failure(s, -EPROTO, N_("le BMC n'offre pas de sessions"));
        } else {
                send_login(s, sessions);
        }
}

static void log_in(struct redfish_session *s)
{
        struct vg_err err = { 0 };
        const struct vg_http_request request = { .method = "GET", .path = ROOT };

        forget(s);
        s->n_requests++;
        if (vg_http_send(s->http, &request, on_root, s, &err) < 0)
                tell_failure(s, -EIO, "%s", vg_err_text(&err));
}

int redfish_get(struct redfish_session *s, const char *link, const char *etag,
                redfish_answer_fn *fn, void *user, struct vg_err *err)
{
        char key[REDFISH_LINK_MAX];

        if (s->fn)
                return vg_err_set(err, -EBUSY, "une requête est déjà en route");
        if (redfish_link_key(link, key) < 0)
                return vg_err_set(err, -EINVAL, "lien refusé : %s", link);
        s->link = strdup(link);
        s->etag = etag ? strdup(etag) : NULL;
        if (!s->link || (etag && !s->etag))
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        s->fn = fn;
        s->fn_user = user;
        s->is_fresh = false;
        if (s->token || s->is_basic)
                send_get(s);
        else
                log_in(s);
        return 0;
}

/* ---- life ---- */

static void on_deleted(void *user, _unused_ const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;

        /* Where it could not be deleted the file stays, and the next start uses the session. */
        if (answer->r == 0 &&
            (answer->status / 100 == 2 || answer->status == 404 || answer->status == 401))
                forget(s);
        s->ended(s->ended_user);
}

void redfish_session_end(struct redfish_session *s, void (*fn)(void *user), void *user)
{
        _cleanup_free_ char *token = NULL;
        const char *headers[2] = { NULL };
        const struct vg_http_request request = {
                .method = "DELETE",
                .path = s->location,
                .headers = headers,
        };

        vg_http_cancel(s->http);
        s->fn = NULL;
        s->ended = fn;
        s->ended_user = user;
        if (s->token && asprintf(&token, "X-Auth-Token: %s", s->token) >= 0)
                headers[0] = token;
        if (!headers[0] || !*s->location ||
            vg_http_send(s->http, &request, on_deleted, s, NULL) < 0)
                fn(user);
}

unsigned redfish_session_requests(const struct redfish_session *s)
{
        return s->n_requests;
}

int redfish_session_new(sd_event *event, const struct redfish_options *options,
                        struct redfish_session **ret_session, struct vg_err *err)
{
        struct redfish_session *s = calloc(1, sizeof(*s));

        if (!s)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        s->allow_basic = options->allow_basic;
        s->user = strdup(options->http.user);
        s->password = strdup(options->http.password);
        s->state_file = options->state_file ? strdup(options->state_file) : NULL;

        int r = s->user && s->password && (s->state_file || !options->state_file)
                        ? vg_http_new(event, &options->http, &s->http, err)
                        : vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r < 0) {
                redfish_session_free(s);
                return r;
        }
        take_up(s);
        *ret_session = s;
        return 0;
}

void redfish_session_free(struct redfish_session *s)
{
        if (!s)
                return;
        vg_http_free(s->http);
        free(s->user);
        free(s->password);
        free(s->state_file);
        free(s->token);
        free(s->location);
        free(s->link);
        free(s->etag);
        free(s);
}
