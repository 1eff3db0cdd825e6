/* SPDX-License-Identifier: Apache-2.0 */

/* Rounds into the book: first what is live, then logs and events, then what vanished, then what
 * only summarises; slots are settled when all has been heard. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static bool is_live(enum vg_sight_kind kind)
{
        return kind != VG_SIGHT_EVENT && kind != VG_SIGHT_LOG && kind != VG_SIGHT_ROLLUP;
}

/* ---- passes over the rounds ---- */

int64_t time_of(const struct judging *judging, const struct vg_round *round)
{
        return round->at_s ? round->at_s : judging->now_s;
}

static int hear_live(const struct judging *judging, const struct vg_round *round)
{
        for (size_t i = 0; i < round->n_sightings; i++) {
                const struct vg_sighting *s = &round->sightings[i];
                struct slot *slot;
                int r = 0;

                if (!is_live(s->kind))
                        continue;
                slot = slot_of(judging->book, round->source, &s->component);
                if (slot)
                        r = join_slots(judging, round->source, &s->component, &slot);
                if (slot && r == 0 && s->kind != VG_SIGHT_ABSENT && s->kind != VG_SIGHT_MENTION)
                        r = see_unit(judging, slot, round->source, &s->component);
                if (slot && r == 0)
                        claim_live(judging->book, slot, round->source, s, time_of(judging, round));
                if (r < 0 || judging->book->failed)
                        return r < 0 ? r : -ENOMEM;
        }
        return 0;
}

static int compare_logs(const void *a, const void *b)
{
        const struct vg_sighting *x = *(const struct vg_sighting *const *)a;
        const struct vg_sighting *y = *(const struct vg_sighting *const *)b;

        if (x->at_s != y->at_s)
                return x->at_s < y->at_s ? -1 : 1;
        return x < y ? -1 : x > y;
}

/* Rates are taken over the window that ends with the last line heard. */
static void weigh_events(struct vg_fault_book *book, const struct vg_round *round)
{
        for (size_t i = 0; i < book->n_slots; i++) {
                struct slot *slot = book->slots[i];

                for (size_t e = 0; e < slot->n_entries; e++)
                        for (size_t c = 0; c < slot->entries[e]->n_claims; c++) {
                                struct claim *claim = &slot->entries[e]->claims[c];

                                if (claim->kind == VG_SIGHT_EVENT &&
                                    strcmp(claim->source, round->source) == 0)
                                        claim_weigh(claim, slot->entries[e]->code, round->at_s);
                        }
        }
}

/* Log entries and events, oldest first. */
static int hear_past(const struct judging *judging, const struct vg_round *round)
{
        _cleanup_free_ const struct vg_sighting **past =
                calloc(round->n_sightings + 1, sizeof(*past));
        size_t n = 0;
        int r = 0;

        if (!past)
                return -ENOMEM;
        for (size_t i = 0; i < round->n_sightings; i++) {
                const struct vg_sighting *s = &round->sightings[i];

                if ((s->kind == VG_SIGHT_LOG || s->kind == VG_SIGHT_EVENT) && *s->code)
                        past[n++] = s;
        }
        qsort(past, n, sizeof(*past), compare_logs);
        for (size_t i = 0; i < n && r == 0; i++) {
                const struct vg_sighting *s = past[i];
                struct slot *slot = slot_of(judging->book, round->source, &s->component);

                if (slot && s->kind == VG_SIGHT_EVENT)
                        claim_event(judging->book, slot, round->source, s,
                                    s->at_s ? s->at_s : time_of(judging, round));
                else if (slot)
                        r = claim_log(judging, slot, round->source, s,
                                      s->at_s > 0 ? s->at_s : LOG_UNDATED);
                if (judging->book->failed)
                        r = -ENOMEM;
        }
        weigh_events(judging->book, round);
        return r;
}

/* ---- log entries against live states ---- */

enum live { NOT_SEEN, WELL, ILL };

static enum live live_of(const struct slot *slot)
{
        enum live live = NOT_SEEN;

        for (size_t i = 0; i < slot->n_seen; i++) {
                if (slot->seen[i].health >= VG_HEALTH_WARNING)
                        return ILL;
                if (slot->seen[i].health == VG_HEALTH_OK)
                        live = WELL;
        }
        return live;
}

/* A log names places in its own way. Where its slot has no live state, the whole class speaks: all
 * of it well, none of it can be what the log complains of. */
static bool is_contradicted(const struct vg_fault_book *book, const struct slot *slot)
{
        enum live live = live_of(slot);

        for (size_t i = 0; i < book->n_slots && live == NOT_SEEN; i++) {
                const struct slot *other = book->slots[i];

                if (strcmp(other->component_class, slot->component_class) != 0)
                        continue;
                if (live_of(other) == ILL)
                        return false;
                if (live_of(other) == WELL) {
                        live = WELL;
                        for (size_t j = i + 1; j < book->n_slots; j++)
                                if (strcmp(book->slots[j]->component_class,
                                           slot->component_class) == 0 &&
                                    live_of(book->slots[j]) == ILL)
                                        return false;
                }
        }
        return live == WELL;
}

static void weigh_logs(const struct vg_fault_book *book, struct slot *slot)
{
        bool is_asked = false, contradicted = false;

        for (size_t i = 0; i < slot->n_entries; i++) {
                for (size_t c = 0; c < slot->entries[i]->n_claims; c++) {
                        struct claim *claim = &slot->entries[i]->claims[c];

                        if (claim->kind != VG_SIGHT_LOG || (!claim->stands && !claim->good))
                                continue;
                        if (!is_asked)
                                contradicted = is_contradicted(book, slot);
                        is_asked = true;
                        claim->stands = !contradicted;
                        claim->good = 0;
                }
        }
}

/* ---- all together ---- */

static void begin(struct vg_fault_book *book)
{
        for (size_t i = 0; i < book->n_slots; i++) {
                struct slot *slot = book->slots[i];

                for (size_t k = 0; k < slot->n_seen; k++) {
                        slot->seen[k].fresh = slot->seen[k].told = false;
                        slot->seen[k].now = VG_HEALTH_UNKNOWN;
                }
                for (size_t e = 0; e < slot->n_entries; e++)
                        for (size_t c = 0; c < slot->entries[e]->n_claims; c++)
                                slot->entries[e]->claims[c].fresh = false;
        }
}

static void drain(struct slot *slot, int64_t now_s)
{
        for (size_t e = 0; e < slot->n_entries; e++)
                for (size_t c = 0; c < slot->entries[e]->n_claims; c++)
                        claim_drain(&slot->entries[e]->claims[c], slot->entries[e]->code, now_s);
}

static int settle_all(const struct judging *judging)
{
        int r = 0;

        for (size_t i = 0; i < judging->book->n_slots && r == 0; i++)
                r = settle_slot(judging, judging->book->slots[i], judging->now_s, "");
        return judging->book->failed ? -ENOMEM : r;
}

int vg_fault_book_apply(struct vg_fault_book *book, const struct vg_round *const *rounds,
                        size_t n_rounds, int64_t now_s, const struct vg_fault_sink *sink,
                        struct vg_err *err)
{
        const struct judging judging = { book, sink, now_s, err };
        int r = 0;

        begin(book);
        for (size_t i = 0; i < n_rounds && r == 0; i++)
                r = hear_source(&judging, rounds[i]);
        for (size_t i = 0; i < n_rounds && r == 0; i++)
                if (rounds[i]->status != VG_ROUND_FAILED)
                        r = hear_live(&judging, rounds[i]);
        if (r == 0)
                r = hear_silence(&judging, rounds, n_rounds);
        for (size_t i = 0; i < n_rounds && r == 0; i++)
                r = hear_past(&judging, rounds[i]);
        for (size_t i = 0; i < book->n_slots && r == 0; i++)
                weigh_logs(book, book->slots[i]);
        for (size_t i = 0; i < n_rounds && r == 0; i++) {
                hear_reach(&judging, rounds[i]);
                hear_rollups(&judging, rounds[i], false);
        }
        for (size_t i = 0; i < n_rounds && r == 0; i++)
                hear_rollups(&judging, rounds[i], true);
        if (r == 0 && book->failed)
                r = -ENOMEM;
        return r < 0 ? r : settle_all(&judging);
}

int vg_fault_book_tick(struct vg_fault_book *book, int64_t now_s, const struct vg_fault_sink *sink,
                       struct vg_err *err)
{
        const struct judging judging = { book, sink, now_s, err };

        for (size_t i = 0; i < book->n_slots; i++)
                drain(book->slots[i], now_s);
        return settle_all(&judging);
}
