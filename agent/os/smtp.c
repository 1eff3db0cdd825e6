/* SPDX-License-Identifier: Apache-2.0 */

#include "os/smtp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/easy.h"
#include "os/files.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* libcurl waits for the word on a whole message, and for the answer to its QUIT after that, without
 * letting a loop go on. So each message has a process of its own, which ends with it or with us, and
 * a relay that hangs holds up nobody else. */
enum { ANSWER_S = 60 };

/* What that process tells, once. */
struct told {
        int r;
        long code;
        char why[CURL_ERROR_SIZE];
};

struct vg_smtp {
        sd_event *event;
        sd_event_source *hears; /* the process that sends; NULL: none */
        pid_t sender;
        struct vg_easy easy;
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
        const int r = vg_easy_error(&smtp->easy, code);

        if (r == 0 || r == -EACCES || r == -EPERM || r == -EKEYREJECTED || r == -EPROTO)
                return r;
        if (answered >= 400 && answered < 500)
                return -EAGAIN;
        if (answered >= 500 && answered < 600)
                return code == CURLE_WEIRD_SERVER_REPLY && smtp->n_gone == smtp->n ? -EBADMSG
                                                                                   : -EREMOTEIO;
        return r;
}

/* ---- the process that sends ---- */

static _Noreturn void send_and_tell(struct vg_smtp *smtp, pid_t parent, int to)
{
        struct told told = { 0 };

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                _exit(EXIT_FAILURE);
        /* A connection that we close is to end, whoever is still sending. */
        close_range(STDERR_FILENO + 1, (unsigned)to - 1, 0);
        close_range((unsigned)to + 1, UINT_MAX, 0);
        const CURLcode code = curl_easy_perform(smtp->easy.curl);
        curl_easy_getinfo(smtp->easy.curl, CURLINFO_RESPONSE_CODE, &told.code);
        told.r = judge(smtp, code, told.code);
        snprintf(told.why, sizeof(told.why), "%s", vg_easy_why(&smtp->easy, code));
        _exit(write(to, &told, sizeof(told)) == sizeof(told) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void end_sender(struct vg_smtp *smtp)
{
        if (!smtp->hears)
                return;
        smtp->hears = sd_event_source_disable_unref(smtp->hears);
        kill(smtp->sender, SIGKILL);
        waitpid(smtp->sender, NULL, 0);
}

static int on_told(_unused_ sd_event_source *source, int fd, _unused_ uint32_t events, void *user)
{
        struct vg_smtp *smtp = user;
        struct told told;

        if (read(fd, &told, sizeof(told)) != sizeof(told))
                told = (struct told){ .r = -ECONNRESET, .why = "" };
        end_sender(smtp);

        const struct vg_smtp_answer answer = { told.r,
                                               *told.why ? told.why : _("l'envoi a été interrompu"),
                                               told.code };
        smtp->fn(smtp->fn_user, &answer);
        return 0;
}

static int start_sender(struct vg_smtp *smtp)
{
        const pid_t parent = getpid();
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        _cleanup_close_ int from = ends[0], to = ends[1];
        int r = sd_event_add_io(smtp->event, &smtp->hears, from, EPOLLIN, on_told, smtp);
        if (r < 0)
                return r;
        smtp->sender = fork();
        if (smtp->sender == 0)
                send_and_tell(smtp, parent, to);
        if (smtp->sender < 0) {
                r = -errno;
                smtp->hears = sd_event_source_disable_unref(smtp->hears);
                return r;
        }
        sd_event_source_set_io_fd_own(smtp->hears, true);
        TAKE_FD(from);
        return 0;
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
        CURL *easy = smtp->easy.curl;
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
        if (smtp->hears)
                return vg_err_set(err, -EBUSY, "un message est déjà en route");
        if (!is_address(message->from) || !is_address(message->to))
                return vg_err_set(err, -EINVAL, "adresse de courriel inattendue : %s",
                                  is_address(message->from) ? message->to : message->from);

        int r = set_message(smtp, message);
        smtp->fn = fn;
        smtp->fn_user = user;
        if (r == 0)
                r = start_sender(smtp);
        return r < 0 ? vg_err_set(err, r, "envoi impossible : %s", message->to) : 0;
}

/* ---- life ---- */

static bool set_options(struct vg_smtp *smtp, const struct vg_smtp_options *options)
{
        const bool has_user = options->user && *options->user;
        CURL *easy = smtp->easy.curl;
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
        smtp->event = sd_event_ref(event);
        int r = vg_easy_init(&smtp->easy, "smtp,smtps", &options->trust, options->timeout_s, err);
        if (r < 0)
                return vg_err_wrap(err, r, "%s", options->relay);
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
        end_sender(smtp);
        vg_easy_done(&smtp->easy);
        curl_slist_free_all(smtp->to);
        sd_event_unref(smtp->event);
        free(smtp);
}
