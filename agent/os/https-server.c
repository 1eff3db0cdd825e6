/* SPDX-License-Identifier: Apache-2.0 */

#include "os/https-server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "os/https-tls.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { HANDSHAKE_S = 10, BACKLOG = 64 };

/* A connection, as long as its SSL lives: evhttp tells nobody when it lets one go, OpenSSL does. */
struct conn {
        struct vg_https *https;
        struct bufferevent *bev;
        SSL *ssl;
        struct event *deadline;
        bool is_known;   /* its certificate was accepted */
        bool is_leaving; /* it was hung up on */
        TAILQ_ENTRY(conn) entry;
};

struct vg_https {
        struct event_base *base;
        SSL_CTX *ctx;
        struct evhttp *http;
        unsigned deadline_s, connections_max, n_connections;
        TAILQ_HEAD(, conn) connections; /* the oldest first */
        vg_https_fn *fn;
        vg_https_refused_fn *refused;
        void *user;
};

/* ---- connections ---- */

static int conn_index = -1; /* of struct conn in an SSL; found once */

static void set_deadline(struct conn *conn, unsigned seconds)
{
        const struct timeval after = { .tv_sec = seconds };

        evtimer_add(conn->deadline, &after);
}

/* evhttp then sees the end of the stream, and lets go of the connection in its own way. */
static void hang_up(struct conn *conn)
{
        const evutil_socket_t fd = bufferevent_getfd(conn->bev);

        conn->is_leaving = true;
        if (fd >= 0)
                shutdown(fd, SHUT_RDWR);
}

static void on_deadline(_unused_ evutil_socket_t fd, _unused_ short what, void *user)
{
        struct conn *conn = user;

        if (!conn->is_known && SSL_is_init_finished(conn->ssl) &&
            conn->https->deadline_s > HANDSHAKE_S) {
                conn->is_known = true;
                set_deadline(conn, conn->https->deadline_s - HANDSHAKE_S);
                return;
        }
        hang_up(conn);
}

static void on_ssl_freed(_unused_ void *ssl, void *data, _unused_ CRYPTO_EX_DATA *all,
                         _unused_ int index, _unused_ long argl, _unused_ void *argp)
{
        struct conn *conn = data;

        if (!conn)
                return;
        const long verdict = SSL_get_verify_result(conn->ssl);
        if (verdict != X509_V_OK && conn->https->refused)
                conn->https->refused(conn->https->user, X509_verify_cert_error_string(verdict));
        TAILQ_REMOVE(&conn->https->connections, conn, entry);
        conn->https->n_connections--;
        event_free(conn->deadline);
        free(conn);
}

/* Room for one more. false: there is none. */
static bool make_room(struct vg_https *https)
{
        struct conn *conn = TAILQ_FIRST(&https->connections);

        if (https->n_connections < https->connections_max)
                return true;
        while (conn && (conn->is_leaving || SSL_is_init_finished(conn->ssl)))
                conn = TAILQ_NEXT(conn, entry);
        if (conn)
                hang_up(conn);
        return conn;
}

static struct conn *conn_new(struct vg_https *https, SSL *ssl)
{
        struct conn *conn = calloc(1, sizeof(*conn));

        if (!conn)
                return NULL;
        *conn = (struct conn){ .https = https, .ssl = ssl };
        conn->deadline = evtimer_new(https->base, on_deadline, conn);
        if (!conn->deadline || SSL_set_ex_data(ssl, conn_index, conn) != 1) {
                if (conn->deadline)
                        event_free(conn->deadline);
                free(conn);
                return NULL;
        }
        return conn;
}

/* What NULL makes evhttp do is talk plainly: on_request() answers nobody who has no certificate. */
static struct bufferevent *on_accept(struct event_base *base, void *user)
{
        struct vg_https *https = user;
        const bool has_room = make_room(https);
        SSL *ssl = SSL_new(https->ctx);
        struct conn *conn = ssl ? conn_new(https, ssl) : NULL;

        if (!conn) {
                SSL_free(ssl);
                return NULL;
        }
        TAILQ_INSERT_TAIL(&https->connections, conn, entry);
        https->n_connections++;
        conn->bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                                   BEV_OPT_CLOSE_ON_FREE);
        if (!conn->bev) {
                SSL_free(ssl);
                return NULL;
        }
        bufferevent_openssl_set_allow_dirty_shutdown(conn->bev, 1);
        set_deadline(conn, !has_room                         ? 0
                           : https->deadline_s < HANDSHAKE_S ? https->deadline_s
                                                             : HANDSHAKE_S);
        return conn->bev;
}

static struct conn *conn_of(struct evhttp_request *request)
{
        struct bufferevent *bev =
                evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
        const SSL *ssl = bufferevent_openssl_get_ssl(bev);

        return ssl ? SSL_get_ex_data(ssl, conn_index) : NULL;
}

/* ---- requests ---- */

static const char *method_of(const struct evhttp_request *request)
{
        switch (evhttp_request_get_command(request)) {
        case EVHTTP_REQ_GET:
                return "GET";
        case EVHTTP_REQ_HEAD:
                return "HEAD";
        case EVHTTP_REQ_POST:
                return "POST";
        case EVHTTP_REQ_PUT:
                return "PUT";
        case EVHTTP_REQ_DELETE:
                return "DELETE";
        default:
                return NULL;
        }
}

static bool is_token(const char *name)
{
        static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

        return *name && strspn(name, token) == strlen(name);
}

/* One length, one host, and no second way to say where the body ends: two servers in a row that
 * read one request differently is how requests are smuggled. */
static bool headers_are_strict(struct evkeyvalq *headers)
{
        unsigned n_lengths = 0, n_hosts = 0;

        for (const struct evkeyval *header = TAILQ_FIRST(headers); header;
             header = TAILQ_NEXT(header, next)) {
                if (!is_token(header->key) || strpbrk(header->value, "\r\n"))
                        return false;
                n_lengths += evutil_ascii_strcasecmp(header->key, "Content-Length") == 0;
                n_hosts += evutil_ascii_strcasecmp(header->key, "Host") == 0;
                if (evutil_ascii_strcasecmp(header->key, "Transfer-Encoding") == 0)
                        return false;
        }
        return n_lengths <= 1 && n_hosts == 1;
}

static const char *path_of(const struct evhttp_request *request)
{
        const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
        const char *path = uri ? evhttp_uri_get_path(uri) : NULL;

        return path && path[0] == '/' && !evhttp_uri_get_scheme(uri) && !evhttp_uri_get_host(uri) &&
                               !evhttp_uri_get_fragment(uri)
                       ? path
                       : NULL;
}

/* 200, or the status that says what is wrong with it. */
static int read_request(struct evhttp_request *request, struct vg_https_request *ret)
{
        struct evbuffer *input = evhttp_request_get_input_buffer(request);

        ret->method = method_of(request);
        ret->path = path_of(request);
        if (!headers_are_strict(evhttp_request_get_input_headers(request)) || !ret->path)
                return HTTP_BADREQUEST;
        if (!ret->method)
                return HTTP_BADMETHOD;
        ret->n = evbuffer_get_length(input);
        if (evbuffer_add(input, "", 1) < 0)
                return HTTP_INTERNAL;
        ret->body = (const char *)evbuffer_pullup(input, -1);
        return ret->body ? HTTP_OK : HTTP_INTERNAL;
}

static void send_answer(struct evhttp_request *request, const struct vg_https_answer *answer)
{
        struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
        struct evbuffer *body = evbuffer_new();

        evhttp_add_header(headers, "Content-Type",
                          answer->type ? answer->type : "application/json");
        evhttp_add_header(headers, "Cache-Control", "no-store");
        if (!body || answer->body.failed ||
            (answer->body.n && evbuffer_add(body, answer->body.data, answer->body.n) < 0))
                evhttp_send_reply(request, HTTP_INTERNAL, NULL, NULL);
        else
                evhttp_send_reply(request, answer->status, NULL, body);
        if (body)
                evbuffer_free(body);
}

static void on_request(struct evhttp_request *request, void *user)
{
        struct vg_https *https = user;
        struct conn *conn = conn_of(request);
        struct vg_https_request asked = { .body = "" };
        struct vg_https_answer answer = { .status = HTTP_INTERNAL };

        if (!conn || vg_tls_peer(conn->ssl, asked.peer, sizeof(asked.peer)) < 0) {
                evhttp_add_header(evhttp_request_get_output_headers(request), "Connection",
                                  "close");
                evhttp_send_reply(request, 403, NULL, NULL);
                return;
        }
        const int status = read_request(request, &asked);
        if (status == HTTP_OK)
                https->fn(https->user, &asked, &answer);
        else
                answer.status = status;
        if (status != HTTP_OK) /* where it ends is not known: nothing behind it is a request */
                evhttp_add_header(evhttp_request_get_output_headers(request), "Connection",
                                  "close");
        conn->is_known = true;
        set_deadline(conn, https->deadline_s);
        send_answer(request, &answer);
        vg_buf_done(&answer.body);
}

/* ---- life ---- */

static int listen_on(struct vg_https *https, const char *address, struct vg_err *err)
{
        struct sockaddr_storage to = { 0 };
        int n = sizeof(to);

        if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&to, &n) < 0 ||
            !strrchr(address, ':'))
                return vg_err_set(err, -EINVAL, "%s : ADRESSE:PORT attendu", address);
        struct evconnlistener *listener = evconnlistener_new_bind(
                https->base, NULL, NULL,
                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
                (struct sockaddr *)&to, n);
        if (!listener)
                return vg_err_set(err, -errno, "%s : %s", address, vg_errno_text(errno));
        if (!evhttp_bind_listener(https->http, listener)) {
                evconnlistener_free(listener);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        return 0;
}

static void set_limits(struct vg_https *https, const struct vg_https_options *options)
{
        https->deadline_s = options->deadline_s;
        https->connections_max = options->connections_max;
        evhttp_set_max_headers_size(https->http, (ev_ssize_t)options->headers_max);
        evhttp_set_max_body_size(https->http, (ev_ssize_t)options->body_max);
        evhttp_set_timeout(https->http, (int)options->deadline_s);
        evhttp_set_allowed_methods(https->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                                        EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
        evhttp_set_bevcb(https->http, on_accept, https);
        evhttp_set_gencb(https->http, on_request, https);
}

int vg_https_new(struct event_base *base, const struct vg_https_options *options, vg_https_fn *fn,
                 vg_https_refused_fn *refused, void *user, struct vg_https **ret_https,
                 struct vg_err *err)
{
        _cleanup_(vg_https_freep) struct vg_https *https = calloc(1, sizeof(*https));

        if (!https)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        *https = (struct vg_https){ .base = base, .fn = fn, .refused = refused, .user = user };
        TAILQ_INIT(&https->connections);
        if (conn_index < 0)
                conn_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_ssl_freed);
        https->http = evhttp_new(base);
        if (!https->http || conn_index < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int r = vg_tls_server_new(options, &https->ctx, err);
        if (r < 0)
                return r;
        set_limits(https, options);
        r = listen_on(https, options->listen, err);
        if (r == 0)
                *ret_https = TAKE_PTR(https);
        return r;
}

void vg_https_free(struct vg_https *https)
{
        if (!https)
                return;
        https->refused = NULL;
        if (https->http)
                evhttp_free(https->http);
        /* Bufferevents end in the loop, and their SSL with them. */
        for (unsigned i = 0; i < 8 && https->n_connections; i++)
                event_base_loop(https->base, EVLOOP_NONBLOCK);
        SSL_CTX_free(https->ctx);
        free(https);
}
