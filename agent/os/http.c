/* SPDX-License-Identifier: Apache-2.0 */

#include "os/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/lang.h"
#include "os/transfer.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { HEADERS_MAX = 64 << 10 };

struct vg_http {
        struct vg_transfer *transfer;
        CURL *easy; /* the transfer's */
        struct curl_slist *headers;
        char *base, *user, *password;
        size_t body_max, n_headers;
        unsigned timeout_s;
        struct vg_buf body;
        vg_http_answer_fn *fn;
        void *fn_user;
};

/* ---- the answer ---- */

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

static void on_done(void *user, CURLcode code)
{
        struct vg_http *http = user;
        const struct vg_easy *easy = vg_transfer_easy(http->transfer);
        const int r = vg_easy_error(easy, code);
        curl_off_t retry_after_s = 0;
        struct vg_http_answer answer = {
                .r = r,
                .why = r == -EFBIG ? _("réponse démesurée") : vg_easy_why(easy, code),
                .easy = http->easy,
        };
        /* The buffer changes hands: fn may send the next request. */
        _cleanup_(vg_buf_done) struct vg_buf body = http->body;

        http->body = (struct vg_buf){ 0 };
        vg_buf_append(&body, "", 1);
        curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &answer.status);
        curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
        answer.retry_after_s = retry_after_s;
        answer.body = body.data;
        answer.n = body.n - 1;
        if (body.failed)
                answer = (struct vg_http_answer){ .r = -ENOMEM, .why = _("mémoire épuisée") };
        http->fn(http->fn_user, &answer);
}

const char *vg_http_header(const struct vg_http_answer *answer, const char *name)
{
        struct curl_header *header;

        if (!answer->easy ||
            curl_easy_header(answer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
                return NULL;
        return header->value;
}

/* ---- the request ---- */

static bool add_header(struct curl_slist **list, const char *header)
{
        struct curl_slist *longer = header ? curl_slist_append(*list, header) : NULL;

        if (longer)
                *list = longer;
        return longer;
}

static int set_headers(struct vg_http *http, const struct vg_http_request *request)
{
        _cleanup_free_ char *type = NULL;
        bool ok;

        curl_slist_free_all(http->headers);
        http->headers = NULL;
        ok = add_header(&http->headers, "Accept: application/json");
        if (request->body) {
                if (asprintf(&type, "Content-Type: %s", request->type ?: "application/json") < 0)
                        type = NULL;
                /* The body goes at once: whoever does not want it may say so afterwards. */
                ok = ok && add_header(&http->headers, type) &&
                     add_header(&http->headers, "Expect:");
        }
        for (size_t i = 0; ok && request->headers && request->headers[i]; i++)
                ok = add_header(&http->headers, request->headers[i]);
        return ok && curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK
                       ? 0
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
        ok &= curl_easy_setopt(easy, CURLOPT_TIMEOUT,
                               (long)(request->timeout_s ?: http->timeout_s)) == CURLE_OK;
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
        if (vg_transfer_is_on(http->transfer))
                return vg_err_set(err, -EBUSY, "une requête est déjà en route");
        if (request->path[0] != '/')
                return vg_err_set(err, -EINVAL, "chemin inattendu : %s", request->path);

        int r = set_request(http, request);
        if (r < 0)
                return vg_err_set(err, r, "requête impossible : %s", request->path);
        vg_buf_done(&http->body);
        http->body = (struct vg_buf){ 0 };
        http->n_headers = 0;
        http->fn = fn;
        http->fn_user = user;
        r = vg_transfer_start(http->transfer);
        return r < 0 ? vg_err_set(err, r, "requête impossible : %s", request->path) : 0;
}

void vg_http_cancel(struct vg_http *http)
{
        vg_transfer_cancel(http->transfer);
}

/* ---- life ---- */

static bool set_options(struct vg_http *http)
{
        CURL *easy = http->easy;
        bool ok = true;

        /* A server that answers before it has read all may reset an HTTP/2 stream, and a good answer
         * is then lost with it. */
        ok &= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_USERAGENT, "vigie/" VIGIE_VERSION) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, http) == CURLE_OK;
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
        http->body_max = options->body_max;
        http->timeout_s = options->timeout_s;
        if (copy(options->base, &http->base) < 0 || copy(options->user, &http->user) < 0 ||
            copy(options->password, &http->password) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        int r = vg_transfer_new(event, "https", &options->trust, options->timeout_s, on_done, http,
                                &http->transfer, err);
        if (r < 0)
                return vg_err_wrap(err, r, "%s", options->base);
        http->easy = vg_transfer_easy(http->transfer)->curl;
        if (!set_options(http))
                return vg_err_set(err, -EINVAL, "%s : réglages refusés par libcurl", options->base);
        *ret_http = TAKE_PTR(http);
        return 0;
}

void vg_http_free(struct vg_http *http)
{
        if (!http)
                return;
        vg_transfer_free(http->transfer);
        curl_slist_free_all(http->headers);
        vg_buf_done(&http->body);
        free(http->base);
        free(http->user);
        free(http->password);
        free(http);
}
