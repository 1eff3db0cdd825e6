/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/answer.h"
#include "keeper/clients.h"
#include "keeper/envelope.h"
#include "keeper/hearers.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum {
        BATCH_LINES = 128,
        BATCH_BYTES = 8 << 20,
        BATCH_NS = 50 * 1000 * 1000, /* reading a batch may take no longer: others wait */
        WORD_SIZE = 80,
};

enum fate { FATE_REFUSED, FATE_NEW, FATE_DUPLICATE };

/* A line and what becomes of it. */
struct entry {
        struct client *client;
        const char *line; /* the client's */
        size_t n;
        struct envelope envelope;
        struct vg_observation *observation;
        enum fate fate;
        int64_t inbox_id;
        const char *code; /* of a refusal */
        struct vg_err err;
};

struct batch {
        struct keeper *keeper;
        struct entry *entry;
        size_t n, n_bytes;
        int64_t utc_ns;
};

static void refuse(struct entry *e, const char *code)
{
        e->fate = FATE_REFUSED;
        e->code = code;
}

/* No machine was delivered before 2020: a clock that says so was never set. What it says would begin
 * the ledger in a past from which there is no way back to now. */
static bool is_clock_unset(const struct envelope *e)
{
        return e->kind != KIND_ACT && e->has_stamp && e->at_utc_ns < 1577836800 * VG_NS_PER_S;
}

static bool is_of_the_book(enum kind kind)
{
        return kind != KIND_ACT && !hearers_take(kind);
}

/* Reads the line; what is wrong with it is kept for its answer. */
static void read_entry(struct entry *e)
{
        const char *code;

        e->fate = FATE_NEW;
        if (envelope_parse(e->line, e->n, &e->envelope, &code, &e->err) < 0) {
                refuse(e, code);
                /* Not our protocol at all: nothing that follows can be trusted. */
                e->client->closing = !e->envelope.seq;
        } else if (!(e->client->peer.kinds & 1u << e->envelope.kind)) {
                vg_err_set(&e->err, -EACCES, "l'utilisateur %u ne peut pas dire cela",
                           e->client->peer.uid);
                refuse(e, "forbidden");
        } else if (hearers_take(e->envelope.kind) && !e->envelope.has_stamp) {
                vg_err_set(&e->err, -EINVAL,
                           "« boot_id », « at_boot_ns » et « at_utc_ns » sont attendus");
                refuse(e, "bad-envelope");
        } else if (is_clock_unset(&e->envelope)) {
                vg_err_set(&e->err, -EINVAL,
                           "l'horloge est d'avant 2020 : la mettre à l'heure (timedatectl); rien "
                           "n'est mesuré d'ici là");
                refuse(e, "clock-unset");
        } else if (is_of_the_book(e->envelope.kind) &&
                   vg_observation_parse(e->envelope.tree, &e->observation, &e->err) < 0) {
                refuse(e, "bad-body");
        }
}

/* Another user may draw the same instance on purpose: the uid is part of who speaks. */
static void source_word(const struct entry *e, char word[WORD_SIZE])
{
        snprintf(word, WORD_SIZE, "%u/%s", e->client->peer.uid, e->envelope.source);
}

static int keep_entry(struct batch *b, struct entry *e, struct vg_err *err)
{
        struct store *store = b->keeper->store;
        char source[WORD_SIZE];
        int64_t last;

        source_word(e, source);
        int r = store_seen_get(store, source, e->envelope.instance, &last, err);
        if (r < 0)
                return r;
        if ((int64_t)e->envelope.seq <= last) {
                e->fate = FATE_DUPLICATE;
                return 0;
        }
        r = store_inbox_append(store, e->line, e->n, &e->inbox_id, err);
        if (r < 0)
                return r;
        return store_seen_put(store, source, e->envelope.instance, (int64_t)e->envelope.seq,
                              b->utc_ns, err);
}

/* All new observations of the batch in one transaction. */
static int keep_batch(struct batch *b, struct vg_err *err)
{
        struct store *store = b->keeper->store;
        size_t n_new = 0;

        for (size_t i = 0; i < b->n; i++)
                n_new += b->entry[i].fate == FATE_NEW;
        if (!n_new)
                return 0;

        int r = store_begin(store, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < b->n && r == 0; i++)
                if (b->entry[i].fate == FATE_NEW)
                        r = keep_entry(b, &b->entry[i], err);
        return keeper_finish(b->keeper, r, err);
}

static void tell_refusal(struct entry *e, bool retry, const char *code, const struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };

        answer_refusal(&line, e->envelope.seq, retry, code, vg_err_text(err));
        client_answer(e->client, line.data, line.n);
}

static void tell_ok(struct entry *e, const char *result)
{
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };

        answer_ok(&line, e->envelope.seq, result, strlen(result));
        client_answer(e->client, line.data, line.n);
}

/* The observation is durable: now the book may hear of it. */
static void hear_entry(struct batch *b, struct entry *e)
{
        struct keeper *k = b->keeper;
        struct vg_err err = { 0 };
        int r = meter_hear(&k->meter, e->inbox_id, e->n, e->observation, &err);

        if (r < 0) {
                keeper_reload_meter(k); /* from the inbox, where it is */
                tell_ok(e, "{}");
        } else if (r == VG_BOOK_INCOMPLETE) {
                vg_err_set(&err, -EAGAIN, "le passage est incomplet, il faut le refaire");
                tell_refusal(e, false, "incomplete", &err);
        } else if (r == VG_BOOK_REFUSED) {
                tell_refusal(e, false, "refused", &err);
        } else {
                watch_hear(k, e->observation, e->envelope.body);
                tell_ok(e, r == VG_BOOK_SEEN ? "{\"duplicate\":1}" : "{}");
        }
}

static void tell_entry(struct batch *b, struct entry *e, const struct vg_err *failure)
{
        if (e->fate == FATE_REFUSED) {
                tell_refusal(e, false, e->code, &e->err);
        } else if (failure) {
                tell_refusal(e, true, "store-failed", failure);
        } else if (e->fate == FATE_DUPLICATE) {
                tell_ok(e, "{\"duplicate\":1}");
        } else {
                hear_entry(b, e);
        }
}

static void settle(struct batch *b)
{
        struct vg_err err = { 0 };
        int r = keep_batch(b, &err);

        if (r < 0)
                keeper_store_failed(b->keeper, &err);
        else if (b->n)
                keeper_store_works(b->keeper);
        for (size_t i = 0; i < b->n; i++) {
                struct entry *e = &b->entry[i];
                tell_entry(b, e, r < 0 ? &err : NULL);
                free(e->observation);
                envelope_done(&e->envelope);
        }
        b->n = b->n_bytes = 0;
}

/* Acts, and what hearers judge, answer for themselves; what was said before them is durable by then. */
static void act(struct batch *b, struct entry *e, const char *source, struct vg_buf *answer)
{
        const struct act_request request = {
                .peer = &e->client->peer,
                .seq = e->envelope.seq,
                .source = source,
                .instance = e->envelope.instance,
                .body = e->envelope.body,
                .utc_ns = b->utc_ns,
        };

        acts_perform(b->keeper, &request, answer);
}

static void hear(struct batch *b, struct entry *e, const char *source, struct vg_buf *answer)
{
        struct hearing hearing = {
                .peer = &e->client->peer,
                .kind = e->envelope.kind,
                .source = source,
                .instance = e->envelope.instance,
                .seq = e->envelope.seq,
                .at_boot_ns = e->envelope.at_boot_ns,
                .at_utc_ns = e->envelope.at_utc_ns,
                .boot_id = e->envelope.boot_id,
                .body = e->envelope.body,
                .records = { .keeper = b->keeper, .utc_ns = b->utc_ns },
        };

        hearers_hear(&hearing, answer);
}

static void answer_alone(struct batch *b, struct entry *e)
{
        _cleanup_(vg_buf_done) struct vg_buf answer = { 0 };
        char source[WORD_SIZE];

        source_word(e, source);
        settle(b);
        if (e->envelope.kind == KIND_ACT)
                act(b, e, source, &answer);
        else
                hear(b, e, source, &answer);
        client_answer(e->client, answer.data, answer.n);
        envelope_done(&e->envelope);
}

static bool is_full(const struct batch *b, uint64_t since_boot_ns)
{
        return b->n == BATCH_LINES || b->n_bytes > BATCH_BYTES ||
               vg_clock_now().at_boot_ns > since_boot_ns + BATCH_NS;
}

void intake_turn(void *user)
{
        const struct vg_now now = vg_clock_now();
        struct batch b = { .keeper = user, .utc_ns = now.at_utc_ns };
        _cleanup_free_ struct entry *room = calloc(BATCH_LINES, sizeof(*room));
        struct entry next = { 0 };

        if (!room)
                return; /* the lines wait */
        b.entry = room;
        while (!is_full(&b, now.at_boot_ns) &&
               clients_next(b.keeper->clients, &next.client, &next.line, &next.n)) {
                read_entry(&next);
                b.n_bytes += next.n;
                if (next.fate == FATE_NEW && !is_of_the_book(next.envelope.kind))
                        answer_alone(&b, &next);
                else
                        b.entry[b.n++] = next;
                next = (struct entry){ 0 };
        }
        settle(&b);
}
