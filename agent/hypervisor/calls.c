/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/calls.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hypervisor/connection.h"
#include "hypervisor/thread.h"
#include "os/clock.h"
#include "os/files.h"
#include "vigie/mem.h"

enum { N_SLOTS = 2, CAREFUL_TIMES = 3 };

struct slot {
        struct calls *calls;
        pthread_cond_t wake;
        struct connection connection;    /* the worker's, while it works */
        struct call *given, *taken_back; /* under the lock: to the worker, from the worker */
        atomic_bool opening;             /* it is the opening that takes time */
        struct call *under_way;          /* the loop's own notes */
        bool stuck;
};

struct calls {
        pthread_mutex_t lock;
        struct slot slots[N_SLOTS];
        size_t preferred; /* the slot that served last */
        struct call *first, **last;
        sd_event_source *io, *timer;
        uint64_t deadline_ns;
        int fd;
        calls_expired_fn *on_expired;
        void *user;
};

void call_step(struct call *call)
{
        atomic_store(&call->step_boot_ns, vg_clock_now().at_boot_ns);
}

static void work(struct slot *slot, struct call *call)
{
        call_step(call);
        atomic_store(&slot->opening, !connection_is_alive(&slot->connection));
        call->r = connection_ensure(&slot->connection, &call->err);
        atomic_store(&slot->opening, false);
        if (call->r < 0)
                return;
        call->source = slot->connection.source;
        call_step(call);

        const uint64_t begun = vg_clock_now().at_boot_ns;
        call->r = call->kind->work(call, &slot->connection, &call->err);
        call->took_ns = vg_clock_now().at_boot_ns - begun;
}

static void *run_slot(void *arg)
{
        static const uint64_t one = 1;
        struct slot *slot = arg;
        struct calls *calls = slot->calls;

        pthread_mutex_lock(&calls->lock);
        for (;;) {
                while (!slot->given)
                        pthread_cond_wait(&slot->wake, &calls->lock);
                struct call *call = TAKE_PTR(slot->given);
                pthread_mutex_unlock(&calls->lock);

                work(slot, call);

                pthread_mutex_lock(&calls->lock);
                slot->taken_back = call;
                if (write(calls->fd, &one, sizeof(one)) < 0)
                        continue; /* only when 2^64 wake-ups wait already */
        }
        return NULL;
}

/* Whether a slot could serve, were nothing under way. While one hangs in opening a connection
 * libvirt itself is silent: the other may use a connection that it has, but not get stuck in
 * opening one too. */
static bool may_serve(struct calls *calls, size_t i)
{
        const struct slot *slot = &calls->slots[i], *other = &calls->slots[(i + 1) % N_SLOTS];

        if (slot->stuck)
                return false;
        return slot->under_way || !other->stuck || !atomic_load(&other->opening) ||
               connection_is_alive(&slot->connection);
}

bool calls_is_blocked(struct calls *calls)
{
        bool blocked = true;

        for (size_t i = 0; i < N_SLOTS; i++)
                blocked = blocked && !may_serve(calls, i);
        return blocked;
}

/* Which slot takes the next call; NULL: none now. */
static struct slot *free_slot(struct calls *calls)
{
        struct slot *chosen = NULL;

        for (size_t n = 0; n < N_SLOTS; n++) {
                size_t i = (calls->preferred + n) % N_SLOTS;
                if (calls->slots[i].under_way && !calls->slots[i].stuck)
                        return NULL;
                if (!chosen && may_serve(calls, i))
                        chosen = &calls->slots[i];
        }
        return chosen;
}

/* With the second call goes all hope of an answer, and allocation with it: a host that is merely
 * slow gets more time before it is taken for a frozen one. */
static uint64_t due_boot_ns(const struct calls *calls, struct call *call)
{
        const uint64_t usual_ns = calls->deadline_ns * (call->careful ? CAREFUL_TIMES : 1);

        return atomic_load(&call->step_boot_ns) +
               (call->patience_ns > usual_ns ? call->patience_ns : usual_ns);
}

static void dispatch(struct calls *calls)
{
        struct slot *slot = calls->first ? free_slot(calls) : NULL;
        if (!slot)
                return;

        struct call *call = calls->first;
        calls->first = call->next;
        if (!calls->first)
                calls->last = &calls->first;
        call->next = NULL;
        calls->preferred = (size_t)(slot - calls->slots);
        slot->under_way = call;
        call_step(call);

        pthread_mutex_lock(&calls->lock);
        slot->given = call;
        pthread_cond_signal(&slot->wake);
        pthread_mutex_unlock(&calls->lock);
        sd_event_source_set_time(calls->timer, due_boot_ns(calls, call) / 1000);
        sd_event_source_set_enabled(calls->timer, SD_EVENT_ONESHOT);
}

static void finish(struct calls *calls, struct slot *slot, struct call *call)
{
        const bool late = slot->stuck;

        slot->under_way = NULL;
        slot->stuck = false;
        if (!late)
                call->kind->done(call, calls->user);
        else if (call->kind->late)
                call->kind->late(call, calls->user);
        call->kind->free(call);
}

/* A call is under way whose deadline has not passed. */
static bool is_waiting(const struct calls *calls)
{
        for (size_t i = 0; i < N_SLOTS; i++)
                if (calls->slots[i].under_way && !calls->slots[i].stuck)
                        return true;
        return false;
}

static int on_ready(_unused_ sd_event_source *s, int fd, _unused_ uint32_t events, void *user)
{
        struct calls *calls = user;
        struct call *back[N_SLOTS];
        uint64_t n;

        if (read(fd, &n, sizeof(n)) < 0)
                return 0;
        pthread_mutex_lock(&calls->lock);
        for (size_t i = 0; i < N_SLOTS; i++)
                back[i] = TAKE_PTR(calls->slots[i].taken_back);
        pthread_mutex_unlock(&calls->lock);
        for (size_t i = 0; i < N_SLOTS; i++)
                if (back[i])
                        finish(calls, &calls->slots[i], back[i]);
        dispatch(calls);
        if (!is_waiting(calls)) /* nobody wakes for a deadline that was met */
                sd_event_source_set_enabled(calls->timer, SD_EVENT_OFF);
        return 0;
}

static void push_front(struct calls *calls, struct call *call)
{
        call->next = calls->first;
        if (!calls->first)
                calls->last = &call->next;
        calls->first = call;
}

void calls_flush(struct calls *calls)
{
        struct call *call = calls->first;

        calls->first = NULL;
        calls->last = &calls->first;
        while (call) {
                struct call *next = call->next;
                call->kind->free(call);
                call = next;
        }
}

static void expire(struct calls *calls, struct slot *slot)
{
        const struct call *call = slot->under_way;

        slot->stuck = true;
        if (calls_is_blocked(calls)) {
                calls_flush(calls);
        } else {
                struct call *again = call->kind->again ? call->kind->again(call) : NULL;
                if (again)
                        push_front(calls, again);
                dispatch(calls);
        }
        calls->on_expired(calls->user, call);
}

/* A call moves in steps, and each may take as long as the deadline. */
static int on_deadline(sd_event_source *timer, _unused_ uint64_t usec, void *user)
{
        struct calls *calls = user;
        uint64_t now = vg_clock_now().at_boot_ns;

        for (size_t i = 0; i < N_SLOTS; i++) {
                struct slot *slot = &calls->slots[i];
                if (!slot->under_way || slot->stuck)
                        continue;
                uint64_t due = due_boot_ns(calls, slot->under_way);
                if (now < due) {
                        sd_event_source_set_time(timer, due / 1000 + 1);
                        sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
                } else {
                        expire(calls, slot);
                }
                break;
        }
        return 0;
}

void calls_submit(struct calls *calls, struct call *call)
{
        if (calls_is_blocked(calls)) {
                call->kind->free(call);
                return;
        }
        *calls->last = call;
        calls->last = &call->next;
        dispatch(calls);
}

bool calls_is_stuck(const struct calls *calls)
{
        bool stuck = true;

        for (size_t i = 0; i < N_SLOTS; i++)
                stuck = stuck && calls->slots[i].stuck;
        return stuck;
}

bool calls_has_stuck(const struct calls *calls, const struct call_kind *kind)
{
        for (size_t i = 0; i < N_SLOTS; i++)
                if (calls->slots[i].stuck && calls->slots[i].under_way->kind == kind)
                        return true;
        return false;
}

static int start_slot(struct calls *calls, size_t i, const char *uri, struct events *events)
{
        struct slot *slot = &calls->slots[i];

        slot->calls = calls;
        slot->connection = (struct connection){ .uri = uri, .events = events };
        pthread_cond_init(&slot->wake, NULL);
        return thread_start(run_slot, slot);
}

int calls_new(sd_event *event, const char *uri, struct events *events, uint32_t deadline_s,
              calls_expired_fn *on_expired, void *user, struct calls **ret_calls,
              struct vg_err *err)
{
        /* Never freed once a worker runs: a stuck one may come back at any time. */
        struct calls *calls = calloc(1, sizeof(*calls));
        int r = 0;

        if (!calls)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        pthread_mutex_init(&calls->lock, NULL);
        calls->last = &calls->first;
        calls->deadline_ns = deadline_s * UINT64_C(1000000000);
        calls->on_expired = on_expired;
        calls->user = user;
        calls->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (calls->fd < 0)
                r = -errno;
        if (r == 0)
                r = sd_event_add_io(event, &calls->io, calls->fd, EPOLLIN, on_ready, calls);
        if (r >= 0)
                r = sd_event_add_time(event, &calls->timer, CLOCK_BOOTTIME, 0, 1000, on_deadline,
                                      calls);
        if (r >= 0)
                r = sd_event_source_set_enabled(calls->timer, SD_EVENT_OFF);
        for (size_t i = 0; r >= 0 && i < N_SLOTS; i++)
                r = start_slot(calls, i, uri, events);
        if (r < 0)
                return vg_err_set(err, r, "fils d'exécution impossibles");
        *ret_calls = calls;
        return 0;
}
