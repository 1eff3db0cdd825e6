/* SPDX-License-Identifier: Apache-2.0 */

#include "os/smtp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/transfer.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* libcurl waits for the word on a whole message, and for the answer to its QUIT after that, without
 * letting the loop go on: the time that a relay which hangs can hold up everybody else, each. */
enum { ANSWER_S = 20 };

struct vg_smtp {
        struct vg_transfer *transfer;
        CURL *easy; /* the transfer's */
        struct curl_slist *to;
        const char *bytes; /* of the message, and how much of it has gone */
        size_t n, n_gone;
        vg_smtp_answer_fn *fn;
        void *fn_user;
};

static size_t on_read(char *buffer, size_t size, size_t n, void *user)
{
        struct vg_smtp *smtp = user;
        const size_t left = smtp->n - smtp->n_gone, most = size * n < left ? size * n : left;

        memcpy(buffer, smtp->bytes + smtp->n_gone, most);
        smtp->n_gone += most;
        return most;
}

/* What the relay says outside the protocol's answers is nothing to us. */
static size_t on_write(_unused_ char *bytes, size_t size, size_t n, _unused_ void *user)
{
        return size * n;
}

/* After all of the message has gone, a 5xx is about the message; before, it is about who writes to
 * whom (libcurl says so by other codes). A 4xx is about now. */
static int judge(const struct vg_smtp *smtp, CURLcode code, long answered)
{
        const int r = vg_transfer_error(smtp->transfer, code);

        if (r == 0 || r == -EACCES || r == -EPERM || r == -EKEYREJECTED || r == -EPROTO)
                return r;
        if (answered >= 400 && answered < 500)
                return -EAGAIN;
        if (answered >= 500 && answered < 600)
                return code == CURLE_WEIRD_SERVER_REPLY && smtp->n_gone == smtp->n ? -EBADMSG
                                                                                   : -EREMOTEIO;
        return r;
}

static void on_done(void *user, CURLcode code)
{
        struct vg_smtp *smtp = user;
        struct vg_smtp_answer answer = { .why = vg_transfer_why(smtp->transfer, code) };

        curl_easy_getinfo(smtp->easy, CURLINFO_RESPONSE_CODE, &answer.code);
        answer.r = judge(smtp, code, answer.code);
        smtp->fn(smtp->fn_user, &answer);
}

/* ---- one message ---- */

/* Nothing that ends a command or an address. */
static bool is_address(const char *address)
{
        for (const char *s = address; *s; s++)
                if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f || *s == '<' ||
                    *s == '>')
                        return false;
        return strchr(address, '@') != NULL;
}

static int set_message(struct vg_smtp *smtp, const struct vg_smtp_message *message)
{
        CURL *easy = smtp->easy;
        bool ok = true;

        curl_slist_free_all(smtp->to);
        smtp->to = curl_slist_append(NULL, message->to);
        smtp->bytes = message->bytes;
        smtp->n = message->n;
        smtp->n_gone = 0;
        ok &= curl_easy_setopt(easy, CURLOPT_MAIL_FROM, message->from) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, smtp->to) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message->n) == CURLE_OK;
        return ok && smtp->to ? 0 : -ENOMEM;
}

int vg_smtp_send(struct vg_smtp *smtp, const struct vg_smtp_message *message, vg_smtp_answer_fn *fn,
                 void *user, struct vg_err *err)
{
        if (vg_transfer_is_on(smtp->transfer))
                return vg_err_set(err, -EBUSY, "un message est déjà en route");
        if (!is_address(message->from) || !is_address(message->to))
                return vg_err_set(err, -EINVAL, "adresse de courriel inattendue : %s",
                                  is_address(message->from) ? message->to : message->from);

        int r = set_message(smtp, message);
        smtp->fn = fn;
        smtp->fn_user = user;
        if (r == 0)
                r = vg_transfer_start(smtp->transfer);
        return r < 0 ? vg_err_set(err, r, "envoi impossible : %s", message->to) : 0;
}

/* ---- life ---- */

static bool set_options(struct vg_smtp *smtp, const struct vg_smtp_options *options)
{
        const bool has_user = options->user && *options->user;
        CURL *easy = smtp->easy;
        bool ok = true;

        ok &= curl_easy_setopt(easy, CURLOPT_URL, options->relay) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)ANSWER_S) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_READDATA, smtp) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write) == CURLE_OK;
        if (has_user) {
                ok &= curl_easy_setopt(easy, CURLOPT_USERNAME, options->user) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_PASSWORD,
                                       options->password ? options->password : "") == CURLE_OK;
        }
        return ok;
}

int vg_smtp_new(sd_event *event, const struct vg_smtp_options *options, struct vg_smtp **ret_smtp,
                struct vg_err *err)
{
        _cleanup_(vg_smtp_freep) struct vg_smtp *smtp = calloc(1, sizeof(*smtp));

        if (!smtp)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (strncmp(options->relay, "smtp://", 7) != 0 &&
            strncmp(options->relay, "smtps://", 8) != 0)
                return vg_err_set(err, -EINVAL, "%s : adresse smtp:// ou smtps:// attendue",
                                  options->relay);
        int r = vg_transfer_new(event, "smtp,smtps", &options->trust, options->timeout_s, on_done,
                                smtp, &smtp->transfer, err);
        if (r < 0)
                return vg_err_wrap(err, r, "%s", options->relay);
        smtp->easy = vg_transfer_easy(smtp->transfer);
        if (!set_options(smtp, options))
                return vg_err_set(err, -EINVAL, "%s : réglages refusés par libcurl",
                                  options->relay);
        *ret_smtp = TAKE_PTR(smtp);
        return 0;
}

void vg_smtp_free(struct vg_smtp *smtp)
{
        if (!smtp)
                return;
        vg_transfer_free(smtp->transfer);
        curl_slist_free_all(smtp->to);
        free(smtp);
}
