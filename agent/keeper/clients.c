/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/log.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { ACCEPT_AT_ONCE = 16, SAY_REFUSAL_EVERY_S = 60 };

struct clients {
        sd_event *event;
        sd_event_source *listening, *turn;
        const struct peers *peers;
        clients_turn_fn *on_turn;
        void *user;
        bool open;

        struct client *first; /* a ring would turn; here the list is turned after each line */
        struct client **last; /* where the next one is linked in */
        size_t n;
        uint64_t said_refusal_boot_ns, n_unsaid;
};

static void link_last(struct clients *s, struct client *c)
{
        c->next = NULL;
        *s->last = c;
        s->last = &c->next;
}

static struct client *unlink_first(struct clients *s)
{
        struct client *c = s->first;

        s->first = c->next;
        if (!s->first)
                s->last = &s->first;
        return c;
}

/* After anything happened to clients: let the gone go, and have a turn if lines wait. */
static void look_after(struct clients *s)
{
        const size_t n = s->n;
        bool ready = false;

        for (size_t i = 0; i < n; i++) {
                struct client *c = unlink_first(s);
                if (client_is_gone(c)) {
                        client_free(c);
                        s->n--;
                        continue;
                }
                link_last(s, c);
                ready |= client_is_ready(c);
        }
        sd_event_source_set_enabled(s->turn, ready && s->open ? SD_EVENT_ON : SD_EVENT_OFF);
        if (!ready || !s->open)
                sd_event_source_set_enabled(s->listening, SD_EVENT_ON);
}

static size_t half_line_bytes(const struct client *c)
{
        return c->newline == SIZE_MAX ? c->in.n - c->taken : 0;
}

/* Half lines of many clients may together take no more than CLIENTS_IN_BYTES. */
static void bound_half_lines(struct clients *s)
{
        struct client *biggest = s->first;
        size_t total = 0;

        for (struct client *c = s->first; c; c = c->next) {
                total += half_line_bytes(c);
                if (half_line_bytes(c) > half_line_bytes(biggest))
                        biggest = c;
        }
        if (total > CLIENTS_IN_BYTES)
                biggest->dropped = true;
}

static int on_client(_unused_ sd_event_source *source, _unused_ int fd, uint32_t events, void *user)
{
        struct clients *s = user;
        const uint64_t now = vg_clock_now().at_boot_ns;
        struct client *c = s->first;

        while (c && c->io != source)
                c = c->next;
        if (!c)
                return 0;
        if (events & EPOLLIN)
                client_read(c, now);
        else if (events & (EPOLLHUP | EPOLLERR))
                c->dropped = true; /* nobody is left to read an answer */
        client_settle(c, now);
        bound_half_lines(s);
        look_after(s);
        return 0;
}

static void say_refusal(struct clients *s, const struct peer *peer, const char *why)
{
        const uint64_t now = vg_clock_now().at_boot_ns;
        char uid[48], pid[48];
        const char *const fields[] = { uid, pid, NULL };

        if (s->said_refusal_boot_ns &&
            now < s->said_refusal_boot_ns + SAY_REFUSAL_EVERY_S * (uint64_t)VG_NS_PER_S) {
                s->n_unsaid++;
                return;
        }
        snprintf(uid, sizeof(uid), "VIGIE_PEER_UID=%u", peer->uid);
        snprintf(pid, sizeof(pid), "VIGIE_PEER_PID=%d", peer->pid);
        vg_log_message(LOG_WARNING, &vg_message_CLIENT_REFUSED, fields,
                       "connexion refusée à l'utilisateur %u (processus %d) : %s; %lu"
                       " autres depuis la dernière fois",
                       peer->uid, peer->pid, why, (unsigned long)s->n_unsaid);
        s->said_refusal_boot_ns = now;
        s->n_unsaid = 0;
}

static size_t count_of(const struct clients *s, uid_t uid)
{
        size_t n = 0;

        for (const struct client *c = s->first; c; c = c->next)
                n += c->peer.uid == uid;
        return n;
}

/* The place of the one that has been silent longest among those of the user who has most, so that
 * one user's crowd cannot put out another user's single connection. */
static void make_room(struct clients *s)
{
        struct client *victim = s->first;
        size_t most = 0;

        for (struct client *c = s->first; c; c = c->next) {
                const size_t n = count_of(s, c->peer.uid);
                if (n > most || (n == most && c->heard_boot_ns < victim->heard_boot_ns)) {
                        most = n;
                        victim = c;
                }
        }
        say_refusal(s, &victim->peer, _("trop de connexions, la plus silencieuse est fermée"));
        victim->dropped = true;
        look_after(s);
}

static int admit(struct clients *s, int fd)
{
        struct client *c = calloc(1, sizeof(*c));

        if (!c) {
                close(fd);
                return -ENOMEM;
        }
        c->fd = fd;
        c->newline = SIZE_MAX;
        c->heard_boot_ns = vg_clock_now().at_boot_ns;

        int r = peers_of_socket(s->peers, fd, &c->peer);
        if (r >= 0 && s->n >= CLIENTS_MAX)
                make_room(s);
        if (r >= 0)
                r = sd_event_add_io(s->event, &c->io, fd, EPOLLIN, on_client, s);
        if (r < 0) {
                client_free(c);
                return r;
        }
        if (!c->peer.kinds) {
                say_refusal(s, &c->peer, _("aucun droit"));
                client_refuse(c, "forbidden", _("cet utilisateur n'a rien à dire au gardien"));
        }
        link_last(s, c);
        s->n++;
        client_settle(c, c->heard_boot_ns);
        look_after(s);
        return 0;
}

static int on_connection(_unused_ sd_event_source *source, int fd, _unused_ uint32_t events,
                         void *user)
{
        struct clients *s = user;

        for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
                int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (one >= 0)
                        admit(s, one);
                else if ((errno == EMFILE || errno == ENFILE) && s->n)
                        make_room(s); /* descriptors ended before places did */
                else
                        break;
        }
        /* Those who come without end would keep a turn, which waits, from ever coming. */
        if (sd_event_source_get_enabled(s->turn, NULL) > 0)
                sd_event_source_set_enabled(s->listening, SD_EVENT_OFF);
        return 0;
}

bool clients_next(struct clients *s, struct client **ret_client, const char **ret_line,
                  size_t *ret_n)
{
        for (size_t i = 0; s->open && i < s->n; i++) {
                struct client *c = unlink_first(s);
                link_last(s, c);
                if (client_is_ready(c)) {
                        *ret_client = c;
                        *ret_line = client_take(c, ret_n);
                        return true;
                }
        }
        return false;
}

static int on_turn(_unused_ sd_event_source *source, void *user)
{
        struct clients *s = user;

        s->on_turn(s->user);
        sd_event_source_set_enabled(s->listening, SD_EVENT_ON);

        const uint64_t now = vg_clock_now().at_boot_ns;
        for (struct client *c = s->first; c; c = c->next)
                client_settle(c, now);
        look_after(s);
        return 0;
}

void clients_set_open(struct clients *s, bool open)
{
        s->open = open;
        look_after(s);
}

void clients_check_patience(struct clients *s)
{
        const uint64_t now = vg_clock_now().at_boot_ns;

        for (struct client *c = s->first; c; c = c->next) {
                client_check_patience(c, now);
                client_settle(c, now);
        }
        look_after(s);
}

int clients_new(sd_event *event, int listen_fd, const struct peers *peers,
                clients_turn_fn *on_turn_, void *user, struct clients **ret_clients,
                struct vg_err *err)
{
        _cleanup_(clients_freep) struct clients *s = calloc(1, sizeof(*s));

        if (!s)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        s->event = sd_event_ref(event);
        s->peers = peers;
        s->on_turn = on_turn_;
        s->user = user;
        s->last = &s->first;

        int r = sd_event_add_io(event, &s->listening, listen_fd, EPOLLIN, on_connection, s);
        if (r >= 0)
                r = sd_event_add_defer(event, &s->turn, on_turn, s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->turn, SD_EVENT_OFF);
        /* Whatever can be read is read first: a bigger turn costs the same one commit. */
        if (r >= 0)
                r = sd_event_source_set_priority(s->turn, SD_EVENT_PRIORITY_NORMAL + 10);
        if (r < 0)
                return vg_err_set(err, r, "boucle d'événements impossible");
        *ret_clients = TAKE_PTR(s);
        return 0;
}

void clients_free(struct clients *s)
{
        if (!s)
                return;
        while (s->first)
                client_free(unlink_first(s));
        sd_event_source_disable_unref(s->listening);
        sd_event_source_disable_unref(s->turn);
        sd_event_unref(s->event);
        free(s);
}
