/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/client.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper/answer.h"
#include "os/keeper.h"
#include "os/lang.h"
#include "vigie/civil.h"
#include "vigie/mem.h"

enum { BITE = 1 << 16, KEEP_BUFFER = 1 << 16 };

static void look_for_newline(struct client *c)
{
        if (c->newline != SIZE_MAX || c->searched >= c->in.n)
                return;

        const char *at = memchr(c->in.data + c->searched, '\n', c->in.n - c->searched);
        c->searched = c->in.n;
        if (at)
                c->newline = (size_t)(at - c->in.data);
}

static bool has_half_line(const struct client *c)
{
        return c->newline == SIZE_MAX && c->in.n > c->taken;
}

/* What has come can no longer become a line. */
static void refuse_what_cannot_be(struct client *c)
{
        if (c->in.failed) {
                c->dropped = true;
                return;
        }
        size_t line_bytes = (c->newline == SIZE_MAX ? c->in.n : c->newline) - c->taken;

        if (line_bytes > VG_KEEPER_LINE_MAX)
                client_refuse(c, "line-too-long", _("une ligne a 4 Mio au plus"));
        else if (c->at_end && has_half_line(c))
                client_refuse(c, "half-line", _("la connexion finit au milieu d'une ligne"));
}

void client_read(struct client *c, uint64_t now_boot_ns)
{
        char bite[BITE];
        ssize_t n = recv(c->fd, bite, sizeof(bite), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n < 0) {
                c->dropped = true;
                return;
        }
        if (n == 0)
                c->at_end = true;
        if (!has_half_line(c))
                c->half_line_boot_ns = now_boot_ns;
        c->heard_boot_ns = now_boot_ns;
        vg_buf_append(&c->in, bite, (size_t)n);
        look_for_newline(c);
}

static size_t unsent(const struct client *c)
{
        return c->out.n - c->sent;
}

bool client_is_ready(const struct client *c)
{
        return c->newline != SIZE_MAX && !c->closing && !c->dropped &&
               c->n_taken < CLIENT_TURN_LINES && unsent(c) <= CLIENT_ANSWER_BYTES;
}

const char *client_take(struct client *c, size_t *ret_n)
{
        assert(client_is_ready(c));

        const char *line = c->in.data + c->taken;
        *ret_n = c->newline - c->taken;
        c->taken = c->newline + 1;
        c->searched = c->taken;
        c->newline = SIZE_MAX;
        c->n_taken++;
        c->half_line_boot_ns = c->heard_boot_ns; /* what follows is another line */
        look_for_newline(c);
        return line;
}

void client_answer(struct client *c, const char *line, size_t n)
{
        vg_buf_append(&c->out, line, n);
        if (c->out.failed)
                c->dropped = true;
}

void client_refuse(struct client *c, const char *code, const char *message)
{
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };

        answer_refusal(&line, 0, false, code, message);
        client_answer(c, line.data, line.n);
        c->closing = true;
        vg_buf_done(&c->in);
        c->taken = c->searched = 0;
        c->newline = SIZE_MAX;
}

static void send_answers(struct client *c, uint64_t now_boot_ns)
{
        while (unsent(c) && !c->dropped) {
                ssize_t n =
                        send(c->fd, c->out.data + c->sent, unsent(c), MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != EAGAIN)
                        c->dropped = true;
                if (n < 0)
                        break;
                c->sent += (size_t)n;
                c->stalled_boot_ns = 0;
        }
        if (!unsent(c)) {
                c->out.n = c->sent = 0;
                c->stalled_boot_ns = 0;
        } else if (!c->stalled_boot_ns) {
                c->stalled_boot_ns = now_boot_ns;
        }
        if (c->out.size > KEEP_BUFFER && !c->out.n)
                vg_buf_done(&c->out);
}

static void forget_taken(struct client *c)
{
        size_t rest = c->in.n - c->taken;

        if (c->taken) {
                memmove(c->in.data, c->in.data + c->taken, rest);
                c->in.n = rest;
                c->searched -= c->taken;
                if (c->newline != SIZE_MAX)
                        c->newline -= c->taken;
                c->taken = 0;
        }
        if (c->in.size > KEEP_BUFFER && !rest) {
                vg_buf_done(&c->in);
                c->searched = 0;
        }
        c->n_taken = 0;
}

void client_settle(struct client *c, uint64_t now_boot_ns)
{
        uint32_t events = 0;

        forget_taken(c);
        if (!c->closing)
                refuse_what_cannot_be(c);
        send_answers(c, now_boot_ns);
        if (c->dropped)
                return;
        if (!c->closing && !c->at_end && unsent(c) <= CLIENT_ANSWER_BYTES &&
            (c->newline == SIZE_MAX || c->in.n - c->newline <= CLIENT_READ_AHEAD))
                events |= EPOLLIN;
        if (unsent(c))
                events |= EPOLLOUT;
        /* Nothing to wait for means not even the hang-up, which would be told again and again. */
        if (sd_event_source_set_io_events(c->io, events) < 0 ||
            sd_event_source_set_enabled(c->io, events ? SD_EVENT_ON : SD_EVENT_OFF) < 0)
                c->dropped = true;
}

static bool is_over(uint64_t since_boot_ns, uint64_t now_boot_ns)
{
        return now_boot_ns > since_boot_ns + CLIENT_PATIENCE_S * (uint64_t)VG_NS_PER_S;
}

void client_check_patience(struct client *c, uint64_t now_boot_ns)
{
        if (c->stalled_boot_ns && is_over(c->stalled_boot_ns, now_boot_ns))
                c->dropped = true;
        else if (has_half_line(c) && !c->closing && is_over(c->half_line_boot_ns, now_boot_ns))
                client_refuse(c, "half-line", _("la suite de la ligne ne vient pas"));
}

bool client_is_gone(const struct client *c)
{
        if (c->dropped)
                return true;
        return !unsent(c) && (c->closing || (c->at_end && c->newline == SIZE_MAX));
}

void client_free(struct client *c)
{
        if (!c)
                return;
        sd_event_source_disable_unref(c->io);
        if (c->fd >= 0)
                close(c->fd);
        vg_buf_done(&c->in);
        vg_buf_done(&c->out);
        free(c);
}
