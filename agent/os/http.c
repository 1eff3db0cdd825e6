/* SPDX-License-Identifier: Apache-2.0 */

#include "os/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { CONNECT_S = 10, HEADERS_MAX = 64 << 10 };

struct vg_http {
        sd_event *event;
        sd_event_source *timer;
        CURLM *multi;
        CURL *easy;
        struct curl_slist *headers;
        char *base, *user, *password;
        size_t body_max, n_headers;
        struct vg_buf body;
        char why[CURL_ERROR_SIZE];
        vg_http_answer_fn *fn; /* NULL: nothing is on its way */
        void *fn_user;
};

/* ---- libcurl's wishes, granted by the loop ---- */

static void check_done(struct vg_http *http);

static int on_socket(sd_event_source *source, int fd, uint32_t events, void *user)
{
        struct vg_http *http = user;
        const int what = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
                         (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                         (events & EPOLLERR ? CURL_CSELECT_ERR : 0);
        int n_running;

        sd_event_source_ref(source); /* libcurl may let go of it meanwhile */
        curl_multi_socket_action(http->multi, fd, what, &n_running);
        sd_event_source_unref(source);
        check_done(http);
        return 0;
}

static int want_socket(_unused_ CURL *easy, curl_socket_t fd, int what, void *user, void *own)
{
        struct vg_http *http = user;
        sd_event_source *source = own;
        const uint32_t events =
                (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);

        if (what == CURL_POLL_REMOVE) {
                sd_event_source_disable_unref(source);
                curl_multi_assign(http->multi, fd, NULL);
        } else if (source) {
                sd_event_source_set_io_events(source, events);
        } else if (sd_event_add_io(http->event, &source, fd, events, on_socket, http) >= 0) {
                curl_multi_assign(http->multi, fd, source);
        }
        return 0;
}

static int on_timer(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        struct vg_http *http = user;
        int n_running;

        curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
        check_done(http);
        return 0;
}

static int want_timer(_unused_ CURLM *multi, long ms, void *user)
{
        struct vg_http *http = user;

        if (ms < 0)
                return sd_event_source_set_enabled(http->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
        if (sd_event_source_set_time_relative(http->timer, (uint64_t)ms * 1000) < 0)
                return -1;
        return sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

/* ---- one request ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
        struct vg_http *http = user;

        if (size * n > http->body_max - http->body.n)
                return 0;
        vg_buf_append(&http->body, bytes, size * n);
        return http->body.failed ? 0 : size * n;
}

static size_t on_header(_unused_ char *bytes, size_t size, size_t n, void *user)
{
        struct vg_http *http = user;

        http->n_headers += size * n;
        return http->n_headers > HEADERS_MAX ? 0 : size * n;
}

static int errno_of(CURLcode code)
{
        static const struct {
                CURLcode code;
                int r;
        } rows[] = {
                { CURLE_COULDNT_CONNECT, -ECONNREFUSED },
                { CURLE_COULDNT_RESOLVE_HOST, -ECONNREFUSED },
                { CURLE_GOT_NOTHING, -ECONNRESET },
                { CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
                { CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
                { CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
                { CURLE_RECV_ERROR, -ECONNRESET },
                { CURLE_SEND_ERROR, -ECONNRESET },
                { CURLE_SSL_PINNEDPUBKEYNOTMATCH, -EKEYREJECTED },
                { CURLE_WRITE_ERROR, -EFBIG }, /* on_body() and on_header() had enough */
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].code == code)
                        return rows[i].r;
        return code == CURLE_OK ? 0 : -EIO;
}

void vg_http_cancel(struct vg_http *http)
{
        if (http->fn)
                curl_multi_remove_handle(http->multi, http->easy);
        http->fn = NULL;
}

static void finish(struct vg_http *http, CURLcode code)
{
        vg_http_answer_fn *fn = http->fn;
        const int r = errno_of(code);
        struct vg_http_answer answer = {
                .r = r,
                .why = r == -EFBIG  ? "réponse démesurée"
                       : *http->why ? http->why
                                    : curl_easy_strerror(code),
                .easy = http->easy,
        };
        /* The buffer changes hands: fn may send the next request. */
        struct vg_buf body = http->body;

        http->body = (struct vg_buf){ 0 };
        vg_buf_append(&body, "", 1);
        curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &answer.status);
        answer.body = body.data;
        answer.n = body.n - 1;
        vg_http_cancel(http);
        if (body.failed) {
                answer = (struct vg_http_answer){ .r = -ENOMEM, .why = _("mémoire épuisée") };
        }
        fn(http->fn_user, &answer);
        vg_buf_done(&body);
}

static void check_done(struct vg_http *http)
{
        int n_left;

        for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &n_left));)
                if (m->msg == CURLMSG_DONE && http->fn) {
                        finish(http, m->data.result);
                        return; /* http may be gone */
                }
}

const char *vg_http_header(const struct vg_http_answer *answer, const char *name)
{
        struct curl_header *header;

        if (!answer->easy ||
            curl_easy_header(answer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
                return NULL;
        return header->value;
}

static int set_headers(struct vg_http *http, const struct vg_http_request *request)
{
        struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");

        if (list && request->body)
                list = curl_slist_append(list, "Content-Type: application/json") ?: list;
        for (size_t i = 0; list && request->headers && request->headers[i]; i++)
                list = curl_slist_append(list, request->headers[i]) ?: list;
        curl_slist_free_all(http->headers);
        http->headers = list;
        return list && curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK ? 0
                                                                                          : -ENOMEM;
}

static int set_request(struct vg_http *http, const struct vg_http_request *request)
{
        _cleanup_free_ char *url = NULL;
        CURL *easy = http->easy;
        bool ok = true;

        if (asprintf(&url, "%s%s", http->base, request->path) < 0) {
                url = NULL;
                return -ENOMEM;
        }
        ok &= curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
        if (request->body)
                ok &= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_USERNAME, request->basic ? http->user : NULL) ==
              CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_PASSWORD, request->basic ? http->password : NULL) ==
              CURLE_OK;
        return ok ? set_headers(http, request) : -EINVAL;
}

int vg_http_send(struct vg_http *http, const struct vg_http_request *request, vg_http_answer_fn *fn,
                 void *user, struct vg_err *err)
{
        if (http->fn)
                return vg_err_set(err, -EBUSY, "une requête est déjà en route");
        if (request->path[0] != '/')
                return vg_err_set(err, -EINVAL, "chemin inattendu : %s", request->path);

        int r = set_request(http, request);
        if (r < 0)
                return vg_err_set(err, r, "requête impossible : %s", request->path);
        vg_buf_done(&http->body);
        http->body = (struct vg_buf){ 0 };
        http->n_headers = 0;
        http->why[0] = '\0';
        http->fn = fn;
        http->fn_user = user;
        if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK) {
                http->fn = NULL;
                return vg_err_set(err, -ENOMEM, "requête impossible : %s", request->path);
        }
        return 0;
}

/* ---- life ---- */

static bool set_trust(CURL *easy, const struct vg_http_options *options)
{
        bool ok = true;

        if (options->pin && *options->pin) {
                ok &= curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, options->pin) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
        } else if (options->ca_file && *options->ca_file) {
                ok &= curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
        }
        return ok &&
               curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
}

static bool set_options(struct vg_http *http, const struct vg_http_options *options)
{
        CURL *easy = http->easy;
        bool ok = set_trust(easy, options);

        ok &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)options->timeout_s) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_USERAGENT, "vigie/" VIGIE_VERSION) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->why) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, http) == CURLE_OK;
        ok &= curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK;
        ok &= curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http) == CURLM_OK;
        ok &= curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK;
        ok &= curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http) == CURLM_OK;
        return ok;
}

static int copy(const char *text, char **ret_copy)
{
        *ret_copy = strdup(text ? text : "");
        return *ret_copy ? 0 : -ENOMEM;
}

int vg_http_new(sd_event *event, const struct vg_http_options *options, struct vg_http **ret_http,
                struct vg_err *err)
{
        _cleanup_(vg_http_freep) struct vg_http *http = calloc(1, sizeof(*http));

        if (!http)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (strncmp(options->base, "https://", 8) != 0)
                return vg_err_set(err, -EINVAL, "%s : adresse https:// attendue", options->base);
        http->event = sd_event_ref(event);
        http->body_max = options->body_max;
        http->multi = curl_multi_init();
        http->easy = curl_easy_init();
        if (!http->multi || !http->easy || copy(options->base, &http->base) < 0 ||
            copy(options->user, &http->user) < 0 || copy(options->password, &http->password) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        int r = sd_event_add_time_relative(event, &http->timer, CLOCK_MONOTONIC, 0, 1000, on_timer,
                                           http);
        if (r >= 0)
                r = sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
        if (r < 0)
                return vg_err_set(err, r, "minuterie impossible");
        if (!set_options(http, options))
                return vg_err_set(err, -EINVAL, "%s : réglages TLS refusés par libcurl",
                                  options->base);
        *ret_http = TAKE_PTR(http);
        return 0;
}

void vg_http_free(struct vg_http *http)
{
        if (!http)
                return;
        if (http->easy && http->multi)
                vg_http_cancel(http);
        curl_easy_cleanup(http->easy);
        curl_multi_cleanup(http->multi);
        curl_slist_free_all(http->headers);
        sd_event_source_disable_unref(http->timer);
        sd_event_unref(http->event);
        vg_buf_done(&http->body);
        free(http->base);
        free(http->user);
        free(http->password);
        free(http);
}
