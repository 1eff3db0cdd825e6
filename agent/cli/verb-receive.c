/* SPDX-License-Identifier: Apache-2.0 */

/* receive: the supplier's end (cli/receive.h has what is said over the wire and kept on the disk). */

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "cli/receive.h"
#include "os/https-server.h"

/* Two heartbeats of 15 minutes, and what a network may take. */
enum { SILENT_AFTER_S = 31 * 60, DEADLINE_S = 60, HEADERS_MAX = 16 << 10, CONNECTIONS_MAX = 32 };

int receive_refuse(struct receive_refusal *refusal, int status, const char *code,
                   const char *format, ...)
{
        char text[400];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        va_end(ap);
        refusal->status = status;
        refusal->code = code;
        return vg_err_set(&refusal->err, -EINVAL, "%s", text);
}

/* ---- what is asked ---- */

typedef int route_fn(struct receive *receive, const struct vg_https_request *request,
                     struct vg_buf *answer, struct receive_refusal *refusal);

static int take_batch(struct receive *receive, const struct vg_https_request *request,
                      struct vg_buf *answer, struct receive_refusal *refusal)
{
        return receive_batch(receive, request->peer, request->body, request->n, answer, refusal);
}

static int take_heartbeat(struct receive *receive, const struct vg_https_request *request,
                          struct vg_buf *answer, struct receive_refusal *refusal)
{
        int r = receive_heartbeat(receive, request->peer, request->body, request->n, refusal);

        if (r == 0)
                vg_buf_puts(answer, "{}");
        return r;
}

static const struct route {
        const char *path;
        route_fn *fn;
} routes[] = {
        { "/v1/batch", take_batch },
        { "/v1/heartbeat", take_heartbeat },
};

static void write_refusal(const struct receive_refusal *refusal, struct vg_buf *answer)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_object(&j, "error");
        cli_json_text(&j, "code", refusal->code);
        cli_json_text(&j, "message", vg_err_text(&refusal->err));
        vg_json_end_object(&j);
        if (refusal->log) {
                vg_json_int(&j, "next", (int64_t)refusal->log->tree.n);
                vg_json_int(&j, "size", (int64_t)refusal->log->head.size);
        }
        vg_json_end_object(&j);
        vg_buf_append(answer, j.buf.data, j.buf.n);
        vg_json_done(&j);
}

static int obey(struct receive *receive, const struct vg_https_request *request,
                struct vg_buf *answer, struct receive_refusal *refusal)
{
        for (size_t i = 0; i < ELEMENTSOF(routes); i++) {
                if (strcmp(routes[i].path, request->path) != 0)
                        continue;
                if (strcmp(request->method, "POST") != 0)
                        return receive_refuse(refusal, 405, "method", "POST attendu");
                return routes[i].fn(receive, request, answer, refusal);
        }
        return receive_refuse(refusal, 404, "path", "rien à cette adresse");
}

static void on_request(void *user, const struct vg_https_request *request,
                       struct vg_https_answer *answer)
{
        struct receive *receive = user;
        struct receive_refusal refusal = { 0 };

        if (obey(receive, request, &answer->body, &refusal) == 0) {
                answer->status = 200;
                return;
        }
        answer->status = refusal.status;
        vg_buf_done(&answer->body);
        answer->body = (struct vg_buf){ 0 };
        write_refusal(&refusal, &answer->body);
        receive_tell_refused(receive, request->peer, vg_err_text(&refusal.err));
}

static void on_refused(void *user, const char *why)
{
        receive_tell_refused(user, "TLS", why);
}

/* ---- the loop ---- */

static void on_stop(_unused_ evutil_socket_t fd, _unused_ short what, void *user)
{
        event_base_loopbreak(user);
}

static void on_tick(_unused_ evutil_socket_t fd, _unused_ short what, void *user)
{
        receive_tell_silence(user);
}

/* SIGTERM and SIGINT end it; a look at who is silent every second. */
struct loop {
        struct event_base *base;
        struct event *term, *interrupt, *tick;
};

static void loop_done(struct loop *loop)
{
        struct event *const events[] = { loop->term, loop->interrupt, loop->tick };

        for (size_t i = 0; i < ELEMENTSOF(events); i++)
                if (events[i])
                        event_free(events[i]);
        if (loop->base)
                event_base_free(loop->base);
}

static int loop_init(struct loop *loop, struct receive *receive, struct vg_err *err)
{
        const struct timeval second = { .tv_sec = 1 };

        signal(SIGPIPE, SIG_IGN);
        loop->base = event_base_new();
        if (!loop->base)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        loop->term = evsignal_new(loop->base, SIGTERM, on_stop, loop->base);
        loop->interrupt = evsignal_new(loop->base, SIGINT, on_stop, loop->base);
        loop->tick = event_new(loop->base, -1, EV_PERSIST, on_tick, receive);
        if (!loop->term || !loop->interrupt || !loop->tick || evsignal_add(loop->term, NULL) < 0 ||
            evsignal_add(loop->interrupt, NULL) < 0 || event_add(loop->tick, &second) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return 0;
}

static int serve(struct receive *receive, const struct vg_https_options *options,
                 struct vg_err *err)
{
        _cleanup_(loop_done) struct loop loop = { 0 };
        _cleanup_(vg_https_freep) struct vg_https *https = NULL;
        int r = loop_init(&loop, receive, err);

        if (r == 0)
                r = vg_https_new(loop.base, options, on_request, on_refused, receive, &https, err);
        if (r < 0)
                return r;
        receive_tell_ready(receive, options->listen);
        return event_base_dispatch(loop.base) < 0 ? vg_err_set(err, -EIO, "boucle d'événements")
                                                  : 0;
}

/* ---- the command line ---- */

static int want(struct cli *cli, const char *name, const char **ret_value)
{
        *ret_value = cli_option(cli, name);
        return *ret_value ? CLI_FINE : cli_failf(cli, CLI_USAGE, "usage", "--%s est requis", name);
}

static int read_silence(struct cli *cli, int64_t *ret_s)
{
        const char *text = cli_option(cli, "silent-after");
        uint64_t seconds = SILENT_AFTER_S;

        if (text && (vg_u64_parse(text, &seconds) < 0 || seconds < 1 || seconds > 366 * 86400))
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--silent-after : « %s » n'est pas un nombre de secondes", text);
        *ret_s = (int64_t)seconds;
        return CLI_FINE;
}

int verb_receive(struct cli *cli)
{
        struct receive receive = { .cli = cli, .lock_fd = -1, .key = cli_option(cli, "key") };
        struct vg_https_options options = {
                .deadline_s = DEADLINE_S,
                .headers_max = HEADERS_MAX,
                .body_max = RECEIVE_BODY_MAX,
                .connections_max = CONNECTIONS_MAX,
        };
        struct vg_err err = { 0 };
        int r = want(cli, "listen", &options.listen);

        if (r == CLI_FINE)
                r = want(cli, "dir", &receive.dir);
        if (r == CLI_FINE)
                r = want(cli, "certificate", &options.certificate);
        if (r == CLI_FINE)
                r = want(cli, "private-key", &options.private_key);
        if (r == CLI_FINE)
                r = want(cli, "client-ca", &options.client_ca);
        if (r == CLI_FINE)
                r = read_silence(cli, &receive.silent_after_s);
        if (r != CLI_FINE)
                return r;
        if (receive_open(&receive, cli_option(cli, "cosign-key"), &err) < 0 ||
            serve(&receive, &options, &err) < 0)
                r = cli_fail(cli, CLI_REFUSED, "receive", &err);
        receive_close(&receive);
        return r;
}
