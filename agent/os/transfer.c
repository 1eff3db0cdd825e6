/* SPDX-License-Identifier: Apache-2.0 */

#include "os/transfer.h"

#include <errno.h>
#include <stdlib.h>

#include "vigie/err.h"
#include "vigie/mem.h"

struct vg_transfer {
        sd_event *event;
        sd_event_source *timer;
        CURLM *multi;
        struct vg_easy easy;
        vg_transfer_done_fn *fn;
        void *user;
        bool is_on; /* on its way */
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

/* ---- one transfer ---- */

const struct vg_easy *vg_transfer_easy(const struct vg_transfer *t)
{
        return &t->easy;
}

int vg_transfer_start(struct vg_transfer *t)
{
        if (t->is_on)
                return -EBUSY;
        vg_easy_forget(&t->easy);
        if (curl_multi_add_handle(t->multi, t->easy.curl) != CURLM_OK)
                return -ENOMEM;
        t->is_on = true;
        return 0;
}

void vg_transfer_cancel(struct vg_transfer *t)
{
        if (t->is_on)
                curl_multi_remove_handle(t->multi, t->easy.curl);
        t->is_on = false;
}

bool vg_transfer_is_on(const struct vg_transfer *t)
{
        return t->is_on;
}

/* ---- life ---- */

static bool set_callbacks(struct vg_transfer *t)
{
        bool ok = true;

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
        t->fn = fn;
        t->user = user;
        t->multi = curl_multi_init();
        if (!t->multi)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        int r = sd_event_add_time_relative(event, &t->timer, CLOCK_MONOTONIC, 0, 1000, on_timer, t);
        if (r >= 0)
                r = sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
        if (r < 0)
                return vg_err_set(err, r, "minuterie impossible");
        if (!set_callbacks(t))
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        r = vg_easy_init(&t->easy, protocols, trust, timeout_s, err);
        if (r < 0)
                return r;
        *ret_transfer = TAKE_PTR(t);
        return 0;
}

void vg_transfer_free(struct vg_transfer *t)
{
        if (!t)
                return;
        vg_transfer_cancel(t);
        vg_easy_done(&t->easy);
        curl_multi_cleanup(t->multi);
        sd_event_source_disable_unref(t->timer);
        sd_event_unref(t->event);
        free(t);
}
