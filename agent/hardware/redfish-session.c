/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/redfish-links.h"
#include "hardware/redfish-login.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

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

void redfish_session_fail(struct redfish_session *s, int r, const char *format, ...)
{
        char text[400];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        va_end(ap);
        tell(s, &(const struct redfish_answer){ .r = r, .why = text, .wait_s = s->wait_s });
}

json_t *redfish_session_parse(const struct vg_http_answer *answer)
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
        _cleanup_(vg_json_decrefp) json_t *tree = redfish_session_parse(answer);

        if (!tree) {
                const char *type = vg_http_header(answer, "Content-Type");
                redfish_session_fail(s, -EPROTO, N_("%s : la réponse n'est pas du JSON (%s)"),
                                     s->link, type ? type : "?");
                return;
        }
        tell(s, &(const struct redfish_answer){
                        .tree = tree,
                        .etag = vg_http_header(answer, "ETag"),
                        .n = answer->n,
                });
}

void redfish_session_refuse(struct redfish_session *s, const struct vg_http_answer *answer)
{
        const char *to = vg_http_header(answer, "Location");

        if (answer->status >= 300 && answer->status < 400)
                redfish_session_fail(s, -EPROTO, N_("%s : le BMC renvoie ailleurs (%s), refusé"),
                                     s->link, to ? to : "?");
        else
                redfish_session_fail(s, answer->status == 404 ? -ENOENT : -EREMOTEIO,
                                     N_("%s : le BMC répond %ld"), s->link, answer->status);
}

static void on_resource(void *user, const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;

        if (answer->r < 0)
                redfish_session_fail(s, answer->r, "%s", answer->why);
        else if (answer->status == 200)
                take_resource(s, answer);
        else if (answer->status == 304)
                tell(s, &(const struct redfish_answer){ .r = REDFISH_SAME });
        else if (answer->status != 401)
                redfish_session_refuse(s, answer);
        else if (s->is_basic || s->is_fresh)
                redfish_session_fail(s, -EACCES, N_("le BMC refuse l'utilisateur %s"), s->user);
        else
                redfish_login(s);
}

void redfish_session_send(struct redfish_session *s)
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
                .timeout_s = s->patience_s,
        };
        s->n_requests++;
        if (vg_http_send(s->http, &request, on_resource, s, &err) < 0)
                redfish_session_fail(s, -EIO, "%s", vg_err_text(&err));
}

/* ---- asking ---- */

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
                redfish_session_send(s);
        else
                redfish_login(s);
        return 0;
}

/* ---- life ---- */

static void on_deleted(void *user, _unused_ const struct vg_http_answer *answer)
{
        struct redfish_session *s = user;

        /* Where it could not be deleted the file stays, and the next start uses the session. */
        if (answer->r == 0 &&
            (answer->status / 100 == 2 || answer->status == 404 || answer->status == 401))
                redfish_login_forget(s);
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

void redfish_session_set_patience(struct redfish_session *s, unsigned patience_s)
{
        s->patience_s = patience_s;
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
        redfish_login_take_up(s);
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
