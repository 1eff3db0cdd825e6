/* SPDX-License-Identifier: Apache-2.0 */

#include "os/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "os/address.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { CONNECT_S = 10 };

struct vg_transfer {
        sd_event *event;
        sd_event_source *timer;
        CURLM *multi;
        CURL *easy;
        vg_address_fn *allows; /* NULL: every address */
        void *allows_user;
        vg_transfer_done_fn *fn;
        void *user;
        bool is_on;                    /* on its way */
        char refused[VG_ADDRESS_SIZE]; /* the last address that was not allowed */
        char why[CURL_ERROR_SIZE];
};

/* ---- libcurl's wishes, granted by the loop ---- */

static void check_done(struct vg_transfer *t)
{
        int n_left;

        for (CURLMsg *m; (m = curl_multi_info_read(t->multi, &n_left));)
                if (m->msg == CURLMSG_DONE && t->is_on) {
                        const CURLcode code = m->data.result;
                        vg_transfer_cancel(t);
                        t->fn(t->user, code);
                        return; /* t may be gone */
                }
}

static int on_socket(sd_event_source *source, int fd, uint32_t events, void *user)
{
        struct vg_transfer *t = user;
        const int what = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
                         (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                         (events & EPOLLERR ? CURL_CSELECT_ERR : 0);
        int n_running;

        sd_event_source_ref(source); /* libcurl may let go of it meanwhile */
        curl_multi_socket_action(t->multi, fd, what, &n_running);
        sd_event_source_unref(source);
        check_done(t);
        return 0;
}

static int want_socket(_unused_ CURL *easy, curl_socket_t fd, int what, void *user, void *own)
{
        struct vg_transfer *t = user;
        sd_event_source *source = own;
        const uint32_t events =
                (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);

        if (what == CURL_POLL_REMOVE) {
                sd_event_source_disable_unref(source);
                curl_multi_assign(t->multi, fd, NULL);
        } else if (source) {
                sd_event_source_set_io_events(source, events);
        } else if (sd_event_add_io(t->event, &source, fd, events, on_socket, t) >= 0) {
                curl_multi_assign(t->multi, fd, source);
        }
        return 0;
}

static int on_timer(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        struct vg_transfer *t = user;
        int n_running;

        curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
        check_done(t);
        return 0;
}

static int want_timer(_unused_ CURLM *multi, long ms, void *user)
{
        struct vg_transfer *t = user;

        if (ms < 0)
                return sd_event_source_set_enabled(t->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
        if (sd_event_source_set_time_relative(t->timer, (uint64_t)ms * 1000) < 0)
                return -1;
        return sd_event_source_set_enabled(t->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

/* After the name was resolved, before the first packet. */
static curl_socket_t open_socket(void *user, _unused_ curlsocktype purpose,
                                 struct curl_sockaddr *peer)
{
        struct vg_transfer *t = user;

        if (t->allows && !t->allows(t->allows_user, &peer->addr)) {
                vg_address_text(&peer->addr, t->refused);
                return CURL_SOCKET_BAD;
        }
        return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

/* ---- one transfer ---- */

CURL *vg_transfer_easy(const struct vg_transfer *t)
{
        return t->easy;
}

int vg_transfer_start(struct vg_transfer *t)
{
        if (t->is_on)
                return -EBUSY;
        t->why[0] = t->refused[0] = '\0';
        if (curl_multi_add_handle(t->multi, t->easy) != CURLM_OK)
                return -ENOMEM;
        t->is_on = true;
        return 0;
}

void vg_transfer_cancel(struct vg_transfer *t)
{
        if (t->is_on)
                curl_multi_remove_handle(t->multi, t->easy);
        t->is_on = false;
}

bool vg_transfer_is_on(const struct vg_transfer *t)
{
        return t->is_on;
}

int vg_transfer_error(const struct vg_transfer *t, CURLcode code)
{
        static const struct {
                CURLcode code;
                int r;
        } rows[] = {
                { CURLE_COULDNT_CONNECT, -ECONNREFUSED },
                { CURLE_COULDNT_RESOLVE_HOST, -ECONNREFUSED },
                { CURLE_GOT_NOTHING, -ECONNRESET },
                { CURLE_LOGIN_DENIED, -EACCES },
                { CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
                { CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
                { CURLE_RECV_ERROR, -ECONNRESET },
                { CURLE_SEND_ERROR, -ECONNRESET },
                { CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
                { CURLE_SSL_CERTPROBLEM, -EKEYREJECTED },
                { CURLE_SSL_CONNECT_ERROR, -EPROTO },
                { CURLE_SSL_PINNEDPUBKEYNOTMATCH, -EKEYREJECTED },
                { CURLE_USE_SSL_FAILED, -EPROTO },
                { CURLE_WRITE_ERROR, -EFBIG }, /* whoever takes the answer had enough */
        };

        if (code == CURLE_OK)
                return 0;
        if (*t->refused)
                return -EPERM;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].code == code)
                        return rows[i].r;
        return -EIO;
}

const char *vg_transfer_why(const struct vg_transfer *t, CURLcode code)
{
        if (*t->refused)
                return t->refused;
        return *t->why ? t->why : curl_easy_strerror(code);
}

/* ---- life ---- */

static bool is_set(const char *text)
{
        return text && *text;
}

static bool set_trust(CURL *easy, const struct vg_trust *trust)
{
        bool ok = true;

        if (is_set(trust->pin)) {
                ok &= curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, trust->pin) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
        } else if (is_set(trust->ca_file)) {
                ok &= curl_easy_setopt(easy, CURLOPT_CAINFO, trust->ca_file) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
        }
        if (is_set(trust->certificate)) {
                ok &= curl_easy_setopt(easy, CURLOPT_SSLCERT, trust->certificate) == CURLE_OK;
                ok &= curl_easy_setopt(easy, CURLOPT_SSLKEY, trust->private_key) == CURLE_OK;
        }
        return ok &&
               curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
}

static bool set_options(struct vg_transfer *t, const char *protocols, unsigned timeout_s)
{
        CURL *easy = t->easy;
        bool ok = true;

        ok &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
        /* A resolver that hangs is left to itself, and does not hold up the loop. */
        ok &= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)timeout_s) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->why) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK;
        ok &= curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK;
        ok &= curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t) == CURLM_OK;
        ok &= curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK;
        ok &= curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t) == CURLM_OK;
        return ok;
}

int vg_transfer_new(sd_event *event, const char *protocols, const struct vg_trust *trust,
                    unsigned timeout_s, vg_transfer_done_fn *fn, void *user,
                    struct vg_transfer **ret_transfer, struct vg_err *err)
{
        _cleanup_(vg_transfer_freep) struct vg_transfer *t = calloc(1, sizeof(*t));

        if (!t)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        t->event = sd_event_ref(event);
        t->allows = trust->allows;
        t->allows_user = trust->allows_user;
        t->fn = fn;
        t->user = user;
        t->multi = curl_multi_init();
        t->easy = curl_easy_init();
        if (!t->multi || !t->easy)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        int r = sd_event_add_time_relative(event, &t->timer, CLOCK_MONOTONIC, 0, 1000, on_timer, t);
        if (r >= 0)
                r = sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
        if (r < 0)
                return vg_err_set(err, r, "minuterie impossible");
        if (!set_options(t, protocols, timeout_s) || !set_trust(t->easy, trust))
                return vg_err_set(err, -EINVAL, "réglages TLS refusés par libcurl");
        *ret_transfer = TAKE_PTR(t);
        return 0;
}

void vg_transfer_free(struct vg_transfer *t)
{
        if (!t)
                return;
        if (t->easy && t->multi)
                vg_transfer_cancel(t);
        curl_easy_cleanup(t->easy);
        curl_multi_cleanup(t->multi);
        sd_event_source_disable_unref(t->timer);
        sd_event_unref(t->event);
        free(t);
}
