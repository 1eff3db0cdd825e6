/* SPDX-License-Identifier: Apache-2.0 */

#include "os/keeper.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "os/files.h"
#include "os/log.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum {
        RECONNECT_FIRST_MS = 200,
        RECONNECT_MOST_MS = 5000,
        RETRY_MS = 1000, /* after "retry": the keeper could not store, and will */
        ANSWER_MAX = 1 << 20,
};

struct item { /* one line, from the moment it is queued until it is answered for good */
        struct item *next;
        uint64_t seq, at_boot_ns;
        size_t n, sent; /* bytes; sent counts on this connection only */
        char *line;
};

struct vg_keeper {
        sd_event *event;
        sd_event_source *io, *timer;
        struct vg_envelope envelope;
        char *path;
        int fd;
        unsigned backoff_ms;
        bool said_lost;

        struct item *head, *tail; /* oldest first */
        struct item *unsent;      /* first one not wholly sent on this connection */
        size_t n_items, n_bytes, n_in_flight;
        uint64_t next_seq;
        uint64_t n_dropped, dropped_from_boot_ns, dropped_to_boot_ns;

        struct vg_buf in;
        vg_keeper_answer_fn *on_answer;
        void *user;
};

static int on_io(sd_event_source *s, int fd, uint32_t events, void *user);
static void pump(struct vg_keeper *k);

static void item_free(struct item *item)
{
        free(item->line);
        free(item);
}

static void pop_head(struct vg_keeper *k)
{
        struct item *item = k->head;

        k->head = item->next;
        if (!k->head)
                k->tail = NULL;
        if (k->unsent == item)
                k->unsent = item->next;
        k->n_items--;
        k->n_bytes -= item->n;
        item_free(item);
}

static int set_timer(struct vg_keeper *k, unsigned ms)
{
        int r = sd_event_source_set_time_relative(k->timer, ms * UINT64_C(1000));

        return r < 0 ? r : sd_event_source_set_enabled(k->timer, SD_EVENT_ONESHOT);
}

static void disconnect(struct vg_keeper *k, const char *why)
{
        k->io = sd_event_source_disable_unref(k->io);
        if (k->fd >= 0)
                close(k->fd);
        k->fd = -1;
        k->in.n = 0;
        k->n_in_flight = 0;
        k->unsent = k->head; /* all that is unanswered goes again */
        for (struct item *i = k->head; i; i = i->next)
                i->sent = 0;
        if (!k->said_lost) {
                k->said_lost = true;
                vg_log_message(LOG_WARNING, &vg_message_KEEPER_LOST, NULL,
                               "gardien injoignable (%s : %s), nouvel essai sous peu", k->path,
                               why);
        }
        set_timer(k, k->backoff_ms);
        k->backoff_ms =
                k->backoff_ms * 2 < RECONNECT_MOST_MS ? k->backoff_ms * 2 : RECONNECT_MOST_MS;
}

static int try_connect(struct vg_keeper *k)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0)
                return -errno;
        memcpy(address.sun_path, k->path, strlen(k->path));
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;

        int r = sd_event_add_io(k->event, &k->io, fd, EPOLLIN, on_io, k);
        if (r < 0)
                return r;
        k->fd = TAKE_FD(fd);
        return 0;
}

static int on_timer(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        struct vg_keeper *k = user;

        if (k->fd < 0) {
                int r = try_connect(k);
                if (r < 0) {
                        disconnect(k, vg_errno_text(-r));
                        return 0;
                }
        }
        pump(k);
        return 0;
}

/* Tells the keeper what it will never get, once there is a connection to tell it on. */
static void report_dropped(struct vg_keeper *k)
{
        char body[256];
        struct vg_now now = vg_clock_now();

        if (!k->n_dropped)
                return;
        int n = snprintf(body, sizeof(body),
                         "{\"count\":%" PRIu64 ",\"from_boot_ns\":%" PRIu64
                         ",\"state\":\"dropped\",\"subject\":\"buffer\",\"to_boot_ns\":%" PRIu64
                         "}",
                         k->n_dropped, k->dropped_from_boot_ns, k->dropped_to_boot_ns);
        k->n_dropped = 0;
        vg_log_message(LOG_ERR, &vg_message_BUFFER_DROPPED, NULL,
                       "tampon plein : des mesures ont été abandonnées, la période est inscrite");
        vg_keeper_send(k, "condition", &now, body, (size_t)n, NULL);
}

static void drop_oldest(struct vg_keeper *k)
{
        if (!k->n_dropped++)
                k->dropped_from_boot_ns = k->head->at_boot_ns;
        k->dropped_to_boot_ns = k->head->at_boot_ns;
        pop_head(k);
}

static void pump(struct vg_keeper *k)
{
        while (k->fd >= 0 && k->unsent &&
               (k->n_in_flight < VG_KEEPER_IN_FLIGHT || k->unsent->sent)) {
                struct item *item = k->unsent;
                ssize_t n = send(k->fd, item->line + item->sent, item->n - item->sent,
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN) {
                        sd_event_source_set_io_events(k->io, EPOLLIN | EPOLLOUT);
                        return;
                }
                if (n < 0) {
                        disconnect(k, vg_errno_text(errno));
                        return;
                }
                item->sent += (size_t)n;
                if (item->sent == item->n) {
                        k->unsent = item->next;
                        k->n_in_flight++;
                }
        }
        if (k->io)
                sd_event_source_set_io_events(k->io, EPOLLIN);
}

static void log_refusal(const json_t *answer)
{
        const char *message = json_string_value(json_object_get(answer, "message"));

        vg_log(LOG_ERR, "le gardien refuse une observation : %s", message ? message : "?");
}

/* Answers come in the order of the lines. Returns -EPROTO where one fits nothing that was sent. */
static int take_answer(struct vg_keeper *k, const char *line, size_t n)
{
        json_t *tree = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
        const json_t *seq = json_object_get(tree, "seq"), *ok = json_object_get(tree, "ok");
        int r = -EPROTO;

        if (json_is_integer(seq) && json_is_boolean(ok) && k->head && k->head != k->unsent &&
            (uint64_t)json_integer_value(seq) == k->head->seq) {
                const bool again =
                        json_is_false(ok) && json_is_true(json_object_get(tree, "retry"));
                const uint64_t number = k->head->seq;

                k->said_lost = false;
                k->backoff_ms = RECONNECT_FIRST_MS;
                if (again) {
                        r = -EAGAIN;
                } else {
                        k->n_in_flight--;
                        pop_head(k);
                        if (json_is_false(ok))
                                log_refusal(tree);
                        if (k->on_answer)
                                k->on_answer(k->user, number, json_is_true(ok), tree);
                        r = 0;
                }
        }
        json_decref(tree);
        return r;
}

static int take_answers(struct vg_keeper *k)
{
        size_t from = 0;
        int r = 0;

        while (r == 0 && from < k->in.n) {
                const char *line = k->in.data + from;
                const char *stop = memchr(line, '\n', k->in.n - from);
                if (!stop)
                        break;
                r = take_answer(k, line, (size_t)(stop - line));
                from += (size_t)(stop - line) + 1;
        }
        if (k->in.n && k->in.data) {
                memmove(k->in.data, k->in.data + from, k->in.n - from);
                k->in.n -= from;
        }
        return r;
}

static int on_io(_unused_ sd_event_source *s, _unused_ int fd, uint32_t events, void *user)
{
        struct vg_keeper *k = user;
        char chunk[16384];

        if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                ssize_t n = recv(k->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        return 0;
                if (n <= 0) {
                        disconnect(k, n < 0 ? vg_errno_text(errno) : "fermé");
                        return 0;
                }
                vg_buf_append(&k->in, chunk, (size_t)n);

                int r = take_answers(k);
                if (r == -EAGAIN) { /* not stored: the same lines again on a fresh connection */
                        k->backoff_ms = RETRY_MS;
                        disconnect(k, "réessayer");
                        return 0;
                }
                if (r < 0 || k->in.failed || k->in.n > ANSWER_MAX) {
                        disconnect(k, "réponse incompréhensible");
                        return 0;
                }
                report_dropped(k);
        }
        pump(k);
        return 0;
}

int vg_keeper_new(sd_event *event, const char *socket_path, const char *source,
                  vg_keeper_answer_fn *on_answer, void *user, struct vg_keeper **ret_keeper,
                  struct vg_err *err)
{
        _cleanup_(vg_keeper_freep) struct vg_keeper *k = calloc(1, sizeof(*k));
        struct sockaddr_un address;

        if (!k)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        k->fd = -1;
        k->next_seq = 1;
        k->backoff_ms = RECONNECT_FIRST_MS;
        k->on_answer = on_answer;
        k->user = user;
        k->event = sd_event_ref(event);
        k->path = strdup(socket_path);
        if (!k->path || strlen(socket_path) >= sizeof(address.sun_path))
                return vg_err_set(err, -ENAMETOOLONG, "chemin de prise trop long : %s",
                                  socket_path);

        int r = vg_envelope_init(&k->envelope, source, err);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(event, &k->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, k);
        if (r < 0)
                return vg_err_set(err, r, "minuterie impossible");
        *ret_keeper = TAKE_PTR(k);
        return 0;
}

void vg_keeper_free(struct vg_keeper *k)
{
        if (!k)
                return;
        while (k->head)
                pop_head(k);
        sd_event_source_disable_unref(k->io);
        sd_event_source_disable_unref(k->timer);
        sd_event_unref(k->event);
        if (k->fd >= 0)
                close(k->fd);
        vg_buf_done(&k->in);
        free(k->path);
        free(k);
}

static bool is_overfull(const struct vg_keeper *k, uint64_t now_boot_ns)
{
        return k->n_bytes > VG_KEEPER_BUFFER_BYTES ||
               now_boot_ns > k->head->at_boot_ns + VG_KEEPER_BUFFER_S * UINT64_C(1000000000);
}

int vg_keeper_send(struct vg_keeper *k, const char *kind, const struct vg_now *at, const char *body,
                   size_t n_body, uint64_t *ret_seq)
{
        struct item *item = calloc(1, sizeof(*item));

        if (!item)
                return -ENOMEM;
        int r = vg_envelope_line(&k->envelope, k->next_seq, kind, at, body, n_body, &item->line,
                                 &item->n);
        if (r < 0) {
                item_free(item);
                return r;
        }
        item->seq = k->next_seq++;
        item->at_boot_ns = at->at_boot_ns;
        if (ret_seq)
                *ret_seq = item->seq;

        *(k->tail ? &k->tail->next : &k->head) = item;
        k->tail = item;
        if (!k->unsent)
                k->unsent = item;
        k->n_items++;
        k->n_bytes += item->n;

        /* A keeper that holds a connection and does not answer is as good as none: what is in
         * flight may only be dropped once the connection is. */
        while (k->head != k->tail && is_overfull(k, at->at_boot_ns)) {
                if (k->fd >= 0)
                        disconnect(k, "sans réponse");
                drop_oldest(k);
        }
        pump(k);
        return 0;
}

size_t vg_keeper_pending(const struct vg_keeper *k)
{
        return k->n_items;
}

bool vg_keeper_connected(const struct vg_keeper *k)
{
        return k->fd >= 0;
}
