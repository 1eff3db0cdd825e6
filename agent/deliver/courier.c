/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/courier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/deliver.h"
#include "deliver/schedule.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum {
        POISONS = 3, /* so many times an event is tried that can never go */
        KEEP_AFTER =
                1000, /* records passed over before the cursor is put to memory for them alone */
};

const char *courier_state_name(enum courier_state state)
{
        static const char *const names[] = { "ok", "waiting", "refused", "off" };

        return names[state];
}

uint64_t courier_waiting(const struct courier *c)
{
        uint64_t n = 0;

        for (size_t i = 0; i < c->n_lanes; i++)
                n += lane_waiting(&c->lanes[i]);
        return n;
}

/* ---- what came of it ---- */

static void say_why(struct courier *c, enum courier_state state, const char *why)
{
        c->state = state;
        vg_text_clean(why, strlen(why), c->why, sizeof(c->why));
}

void courier_shut(struct courier *c, enum courier_state state, const char *why)
{
        c->is_shut = true;
        say_why(c, state, why);
        if (state == COURIER_REFUSED)
                vg_log(LOG_WARNING, "%s : destination fermée (%s)", c->name, c->why);
}

static void set_state(struct courier *c, enum courier_state state, const char *why)
{
        const enum courier_state before = c->state;
        char field[160];
        const char *const fields[] = { field, NULL };

        say_why(c, state, why);
        snprintf(field, sizeof(field), "VIGIE_DESTINATION=%s", c->name);
        if (state == before)
                return;
        if (state == COURIER_OK)
                vg_log_message(LOG_NOTICE, &vg_message_DELIVERY_BACK, fields,
                               "%s : les livraisons reprennent", c->name);
        else
                vg_log_message(LOG_WARNING, &vg_message_DELIVERY_FAILED, fields,
                               "%s : livraison impossible (%s), nouvel essai plus tard", c->name,
                               c->why);
}

/* The cursor of the lane, if any, and how the destination stands; durable together. */
static void keep(struct courier *c, struct lane *lane, const char *receipt)
{
        struct memory *memory = c->deliver->memory;
        struct vg_err err = { 0 };
        int r = memory_begin(memory, &err);

        if (r == 0) {
                if (lane)
                        r = memory_stream_put(memory, c->name, lane->stream->name, &lane->at, &err);
                if (r == 0)
                        r = memory_destination_put(memory, c->name, &c->at, &err);
                if (r == 0 && receipt)
                        r = memory_receipt_put(memory, c->name, receipt, &err);
                r = memory_end(memory, r, &err);
        }
        if (r == 0 && lane)
                lane->kept = lane->at;
        if (r < 0)
                vg_log(LOG_ERR, "%s : livraison non retenue (%s), elle pourrait être répétée",
                       c->name, vg_err_text(&err));
}

static uint32_t chance(void)
{
        uint32_t number = 0;

        (void)store_random(&number, sizeof(number), NULL);
        return number;
}

static void fail(struct courier *c, enum courier_state state, const char *why, int64_t asked_s)
{
        const int64_t now_s = c->deliver->now_s;
        const int64_t most_s = c->deliver->settings->deliver_retry_longest_s;

        c->at.failures++;
        c->at.next_s = schedule_next_s(now_s, c->at.failures, most_s, asked_s, chance());
        set_state(c, state, why ? why : "?");
        keep(c, NULL, NULL);
}

static void succeed(struct courier *c, struct lane *lane, const char *receipt)
{
        const int64_t now_s = c->deliver->now_s;

        lane_advance(lane, &c->load);
        if (lane_waiting(lane) == 0)
                lane->at.sent_s = now_s;
        c->at.failures = 0;
        c->at.next_s = 0;
        c->at.success_s = now_s;
        set_state(c, COURIER_OK, "");
        keep(c, lane, receipt);
}

static void set_aside(struct courier *c, struct lane *lane, const char *why)
{
        const struct event *event = &c->load.events[0];
        struct vg_err err = { 0 };

        if (memory_aside_put(c->deliver->memory, c->name, event->log, event->seq, c->deliver->now_s,
                             why, &err) < 0) {
                fail(c, COURIER_WAITING, vg_err_text(&err), 0);
                return;
        }
        vg_log_message(LOG_ERR, &vg_message_DELIVERY_ASIDE, NULL,
                       "%s : enregistrement %llu du registre %s mis de côté (%s)", c->name,
                       (unsigned long long)event->seq, vg_log_name(event->log), why);
        c->at.n_aside++;
        c->at.next_s = 0;
        lane_advance(lane, &c->load);
        keep(c, lane, NULL);
}

static void poison(struct courier *c, struct lane *lane, const char *why)
{
        if (c->load.n > 1) {
                lane->n_single = c->load.n; /* which one is it? */
                return;
        }
        if (c->load.n == 0 || ++lane->n_poisons < POISONS)
                fail(c, COURIER_WAITING, why, 0);
        else
                set_aside(c, lane, why ? why : "?");
}

/* The other end tells what it lacks first. More than there is: it holds another history of ours. */
static bool seek(struct courier *c, struct lane *lane, uint64_t next)
{
        const struct store_identity *identity = store_identity(c->deliver->store);

        for (unsigned log = 0; log < VG_LOG_N; log++) {
                if (!(lane->stream->logs & 1u << log) || lane->at.next[log] == next)
                        continue;
                if (next > identity->size[log]) {
                        fail(c, COURIER_REFUSED,
                             _("le destinataire dit tenir plus d'enregistrements que le registre"),
                             0);
                        return false;
                }
                lane_seek(lane, next);
                return true;
        }
        return false;
}

static void on_done(void *user, const struct sink_result *result)
{
        struct courier *c = user;
        struct lane *lane = TAKE_PTR(c->on_way);

        switch (result->outcome) {
        case SINK_DELIVERED:
                succeed(c, lane, result->receipt);
                break;
        case SINK_RETRY:
                fail(c, COURIER_WAITING, result->why, result->not_before_s);
                break;
        case SINK_REFUSED:
                fail(c, COURIER_REFUSED, result->why, result->not_before_s);
                break;
        case SINK_POISON:
                poison(c, lane, result->why);
                break;
        }
        if (result->has_next && seek(c, lane, result->next))
                keep(c, lane, NULL);
        load_done(&c->load);
        deliver_wake(c->deliver);
}

/* ---- what leaves ---- */

static int64_t due_s(const struct courier *c, const struct lane *lane)
{
        const struct deliver *d = c->deliver;
        const struct sink_stream *stream = lane->stream;
        const bool has_something = lane_waiting(lane) || (stream->may_be_empty && stream->due);

        if (!has_something)
                return INT64_MAX;
        const int64_t last_s = stream->due_from_oldest && lane->oldest_s > lane->at.sent_s
                                       ? lane->oldest_s
                                       : lane->at.sent_s;
        return stream->due ? stream->due(&c->to, d->store, last_s, d->now_s) : 0;
}

int64_t courier_oldest_s(const struct courier *c)
{
        int64_t oldest_s = 0;

        for (size_t i = 0; i < c->n_lanes; i++) {
                const struct lane *lane = &c->lanes[i];
                if (!lane->oldest_s || due_s(c, lane) > c->deliver->now_s)
                        continue; /* a digest that waits for its hour is not late */
                if (!oldest_s || lane->oldest_s < oldest_s)
                        oldest_s = lane->oldest_s;
        }
        return oldest_s;
}

static int open_sink(struct courier *c, struct vg_err *err)
{
        const struct sink_context context = {
                .event = c->deliver->event,
                .settings = c->deliver->settings,
                .to = &c->to,
                .trust = c->trust,
        };
        int r = c->is_open ? 0 : c->to.sink->open(&context, &c->sink, err);

        c->is_open = r == 0;
        return r;
}

static void send(struct courier *c, struct lane *lane)
{
        struct deliver *d = c->deliver;
        struct vg_err err = { 0 };

        if (open_sink(c, &err) < 0) {
                fail(c, COURIER_REFUSED, vg_err_text(&err), 0);
                return;
        }
        int r = lane_load(lane, d->store, &c->load, &err);
        if (r == 0) {
                const struct batch batch = {
                        .stream = lane->stream,
                        .events = c->load.events,
                        .n = c->load.n,
                        .now_s = d->now_s,
                        .last_s = lane->at.sent_s,
                        .store = d->store,
                };
                c->on_way = lane;
                r = c->to.sink->send(c->sink, &batch, on_done, c, &err);
        }
        if (r < 0) {
                c->on_way = NULL;
                load_done(&c->load);
                fail(c, COURIER_WAITING, vg_err_text(&err), 0);
        }
}

static void look(struct courier *c)
{
        for (size_t i = 0; i < c->n_lanes; i++) {
                struct lane *lane = &c->lanes[i];
                struct vg_err err = { 0 };
                int r = lane == c->on_way ? 0 : lane_look(lane, c->deliver->store, &err);
                if (r < 0)
                        vg_log(LOG_WARNING, "%s : registre illisible (%s), nouvel essai plus tard",
                               c->name, vg_err_text(&err));
                if (r == 1)
                        deliver_wake(c->deliver);
                for (unsigned log = 0; log < VG_LOG_N; log++)
                        if (lane->at.next[log] > lane->kept.next[log] + KEEP_AFTER) {
                                keep(c, lane, NULL);
                                break;
                        }
        }
}

int64_t courier_step(struct courier *c)
{
        const int64_t now_s = c->deliver->now_s;
        int64_t wake_s = INT64_MAX;

        if (c->state == COURIER_OFF)
                return INT64_MAX;
        look(c);
        if (c->on_way || c->is_shut)
                return INT64_MAX;
        if (c->at.next_s > now_s + SCHEDULE_ASKED_S)
                c->at.next_s = now_s; /* the clock was set back */
        if (c->at.next_s > now_s)
                return c->at.next_s;
        for (size_t i = 0; i < c->n_lanes; i++) {
                const size_t n = (c->turn + i) % c->n_lanes;
                const int64_t at_s = due_s(c, &c->lanes[n]);
                if (at_s <= now_s) {
                        c->turn = n + 1; /* each stream has its turn */
                        send(c, &c->lanes[n]);
                        return c->on_way ? INT64_MAX : now_s;
                }
                wake_s = at_s < wake_s ? at_s : wake_s;
        }
        return wake_s;
}

/* ---- life ---- */

int courier_new(struct deliver *deliver, const struct destination *to, struct courier **ret_courier,
                struct vg_err *err)
{
        _cleanup_(courier_freep) struct courier *c = calloc(1, sizeof(*c));
        const size_t n_streams = to->sink ? to->sink->n_streams : 0;

        if (!c || !(c->name = strdup(to->name)) ||
            !(c->lanes = calloc(n_streams + 1, sizeof(*c->lanes))))
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        c->deliver = deliver;
        c->to = *to;
        c->to.name = c->name;
        int r = memory_destination_get(deliver->memory, c->name, &c->at, err);
        for (size_t i = 0; r >= 0 && i < n_streams; i++) {
                r = lane_init(&c->lanes[i], &c->to, &to->sink->streams[i], deliver->store,
                              deliver->memory, deliver->now_s, err);
                c->n_lanes++;
        }
        if (r < 0)
                return r;
        c->state = c->at.failures ? COURIER_WAITING : COURIER_OK;
        *ret_courier = TAKE_PTR(c);
        return 0;
}

void courier_free(struct courier *c)
{
        if (!c)
                return;
        if (c->is_open)
                c->to.sink->close(c->sink);
        load_done(&c->load);
        free(c->lanes);
        free(c->certificate);
        free(c->private_key);
        free(c->pins);
        free(c->name);
        free(c);
}
