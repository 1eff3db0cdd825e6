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

enum { SILENT_ROUNDS = 3 };

static bool is_live(enum vg_sight_kind kind)
{
        return kind != VG_SIGHT_EVENT && kind != VG_SIGHT_LOG && kind != VG_SIGHT_ROLLUP;
}

/* ---- units ---- */

static int tell_slot(const struct judging *judging, enum vg_slot_event event,
                     const struct vg_component *before, const struct slot *slot)
{
        const struct vg_component now = slot_component(slot);

        if (!judging->sink || !judging->sink->slot)
                return 0;
        return judging->sink->slot(judging->sink->user, event, before, &now, judging->now_s,
                                   judging->err);
}

/* A class whose units are worth an inventory: not sensors. */
static bool has_units(const struct slot *slot)
{
        return *vg_class_find(slot->component_class)->missing ||
               strcmp(slot->component_class, "bmc") == 0 ||
               strcmp(slot->component_class, "system") == 0;
}

struct owned_unit {
        char *texts[8];
};

static void owned_unit_done(struct owned_unit *unit)
{
        for (size_t i = 0; i < ELEMENTSOF(unit->texts); i++)
                free(unit->texts[i]);
}

/* The unit as it was, kept while the slot takes another. */
static bool keep_unit(struct vg_component *unit, struct owned_unit *owned)
{
        const char **const texts[] = { &unit->location, &unit->manufacturer, &unit->model,
                                       &unit->part,     &unit->serial,       &unit->firmware,
                                       &unit->odata,    &unit->device };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                owned->texts[i] = strdup(*texts[i]);
                if (!owned->texts[i])
                        return false;
                *texts[i] = owned->texts[i];
        }
        return true;
}

static void fill_blank(struct vg_fault_book *book, char **where, const char *text, bool overwrite)
{
        if (*text && (overwrite || !**where))
                book_set(book, where, text);
}

static void take_unit(struct vg_fault_book *book, struct slot *slot, const char *source,
                      const struct vg_component *c, bool is_new)
{
        const bool owns = is_new || strcmp(slot->unit_source, source) == 0;

        if (is_new) {
                book_set(book, &slot->manufacturer, "");
                book_set(book, &slot->model, "");
                book_set(book, &slot->part, "");
                book_set(book, &slot->firmware, "");
        }
        if (*c->serial && (is_new || !*slot->serial)) {
                book_set(book, &slot->serial, c->serial);
                book_set(book, &slot->unit_source, source);
        }
        fill_blank(book, &slot->manufacturer, c->manufacturer, owns);
        fill_blank(book, &slot->model, c->model, owns);
        fill_blank(book, &slot->part, c->part, owns);
        fill_blank(book, &slot->firmware, c->firmware, owns);
        fill_blank(book, &slot->odata, c->odata, owns);
        fill_blank(book, &slot->device, c->device, true);
}

static int see_unit(const struct judging *judging, struct slot *slot, const char *source,
                    const struct vg_component *c)
{
        const bool is_first = !*slot->unit_source;
        const bool is_other = *slot->serial && *c->serial && strcmp(slot->serial, c->serial) != 0 &&
                              strcmp(slot->unit_source, source) == 0;
        const bool has_news = *slot->firmware && *c->firmware &&
                              strcmp(slot->firmware, c->firmware) != 0 &&
                              strcmp(slot->unit_source, source) == 0;
        _cleanup_(owned_unit_done) struct owned_unit owned = { 0 };
        struct vg_component before = slot_component(slot);
        const bool was_missing = slot->missing;
        int r = 0;

        if (!keep_unit(&before, &owned))
                return -ENOMEM;
        slot->missing = false;
        if (is_other)
                r = settle_replaced(judging, slot, judging->now_s);
        take_unit(judging->book, slot, source, c, is_other);
        if (is_first)
                book_set(judging->book, &slot->unit_source, source);
        if (r < 0 || !has_units(slot))
                return r;
        if (is_first)
                return tell_slot(judging, VG_SLOT_FOUND, NULL, slot);
        if (is_other)
                return tell_slot(judging, VG_SLOT_REPLACED, &before, slot);
        if (was_missing)
                return tell_slot(judging, VG_SLOT_RETURNED, &before, slot);
        return has_news ? tell_slot(judging, VG_SLOT_FIRMWARE, &before, slot) : 0;
}

/* ---- passes over the rounds ---- */

static int64_t time_of(const struct judging *judging, const struct vg_round *round)
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
                if (slot && s->kind != VG_SIGHT_ABSENT)
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

/* ---- what was not said again ---- */

static bool was_heard(const struct vg_round *const *rounds, size_t n, const char *source,
                      bool only_complete)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(rounds[i]->source, source) == 0 &&
                    (rounds[i]->status == VG_ROUND_COMPLETE ||
                     (!only_complete && rounds[i]->status == VG_ROUND_PARTIAL)))
                        return true;
        return false;
}

static void ease(struct claim *claim)
{
        claim->good++;
        if (claim->kind != VG_SIGHT_LEVEL || claim->good >= 2) {
                claim->stands = false;
                claim->good = 0;
        }
}

static void let_go(struct slot *slot, const struct seen *seen)
{
        for (size_t i = 0; i < slot->n_entries; i++) {
                for (size_t c = 0; c < slot->entries[i]->n_claims; c++) {
                        struct claim *claim = &slot->entries[i]->claims[c];
                        const bool is_state =
                                claim->kind == VG_SIGHT_STATE || claim->kind == VG_SIGHT_LEVEL;

                        if (!claim->stands || claim->fresh ||
                            strcmp(claim->source, seen->source) != 0)
                                continue;
                        if (is_state ? seen->told : claim->kind == VG_SIGHT_ABSENT && seen->present)
                                ease(claim);
                }
        }
}

static int miss(const struct judging *judging, struct slot *slot, struct seen *seen)
{
        const char *id = vg_class_find(slot->component_class)->missing;
        const struct vg_component before = slot_component(slot);
        const struct vg_sighting absent = {
                .kind = VG_SIGHT_ABSENT,
                .health = VG_HEALTH_CRITICAL,
                .code = id,
                .text = "not seen any more",
                .path = seen->odata,
                .value = "",
                .threshold = "",
                .threshold_from = "",
                .key = "",
        };

        if (!*id)
                return 0;
        claim_live(judging->book, slot, seen->source, &absent, judging->now_s);
        slot->missing = true;
        return tell_slot(judging, VG_SLOT_MISSING, &before, slot);
}

static int hear_silence(const struct judging *judging, const struct vg_round *const *rounds,
                        size_t n)
{
        int r = 0;

        for (size_t i = 0; i < judging->book->n_slots; i++) {
                struct slot *slot = judging->book->slots[i];

                for (size_t k = 0; k < slot->n_seen && r == 0; k++) {
                        struct seen *seen = &slot->seen[k];

                        if (seen->present && !seen->fresh &&
                            was_heard(rounds, n, seen->source, true))
                                r = miss(judging, slot, seen);
                        else if (seen->fresh)
                                let_go(slot, seen);
                        if (seen->told)
                                seen->health = seen->now;
                        else if (!seen->present)
                                seen->health = VG_HEALTH_UNKNOWN;
                }
        }
        return r;
}

/* ---- summaries ---- */

static bool explains(const char *classes, const char *component_class)
{
        const size_t n = strlen(component_class);

        if (!*classes)
                return true;
        for (const char *at = strstr(classes, component_class); at;
             at = strstr(at + 1, component_class))
                if ((at == classes || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
                        return true;
        return false;
}

/* A summary of the whole system is explained by anything else that stands, one of a kind of thing by
 * what a component of that kind says itself. */
static bool has_standing(const struct slot *slot, const struct vg_fault_code *whole)
{
        for (size_t i = 0; i < slot->n_entries; i++)
                for (size_t c = 0; c < slot->entries[i]->n_claims; c++) {
                        const struct claim *claim = &slot->entries[i]->claims[c];

                        if (claim->stands && (whole ? slot->entries[i]->code != whole
                                                    : claim->kind != VG_SIGHT_ROLLUP))
                                return true;
                }
        return false;
}

static bool is_explained(const struct vg_fault_book *book, const struct vg_sighting *rollup,
                         const struct vg_fault_code *code)
{
        const bool of_system = strcmp(code->id, "system.health") == 0;

        for (size_t i = 0; i < book->n_slots; i++)
                if (explains(rollup->key, book->slots[i]->component_class) &&
                    has_standing(book->slots[i], of_system ? code : NULL))
                        return true;
        return false;
}

static void hear_rollup(const struct judging *judging, const struct vg_round *round,
                        const struct vg_sighting *s, const struct vg_fault_code *code)
{
        struct vg_fault_book *book = judging->book;
        struct slot *slot = slot_of(book, round->source, &s->component);
        struct entry *entry = slot ? entry_of(book, slot, code) : NULL;
        struct claim *claim =
                entry ? claim_of(book, entry, round->source, VG_SIGHT_ROLLUP, s->path) : NULL;

        if (!claim)
                return;
        if (s->health == VG_HEALTH_OK || is_explained(book, s, code)) {
                claim->stands = false;
                return;
        }
        if (!claim->stands)
                claim->first_s = time_of(judging, round);
        claim->count = claim->stands ? claim->count + 1 : 1;
        claim->stands = true;
        claim->last_s = time_of(judging, round);
        claim->severity = s->health == VG_HEALTH_CRITICAL ? VG_FAULT_CRITICAL : code->severity;
        book_set(book, &claim->path, s->path);
        book_set(book, &claim->text, s->text);
        book_set(book, &claim->value, s->value);
}

/* Summaries of one kind of thing before those of the whole system, which they may explain. */
static void hear_rollups(const struct judging *judging, const struct vg_round *round,
                         bool of_system)
{
        const struct vg_fault_code *whole = vg_fault_code_find("system.health");

        for (size_t i = 0; i < round->n_sightings; i++) {
                const struct vg_sighting *s = &round->sightings[i];
                const struct vg_fault_code *code = *s->code ? vg_fault_code_find(s->code) : whole;

                if (s->kind == VG_SIGHT_ROLLUP && s->health != VG_HEALTH_UNKNOWN && code &&
                    (code == whole) == of_system)
                        hear_rollup(judging, round, s, code);
        }
}

/* ---- sources ---- */

static int hear_source(const struct judging *judging, const struct vg_round *round)
{
        struct source *source = source_of(judging->book, round->source);
        const int64_t at_s = time_of(judging, round);

        if (!source)
                return -ENOMEM;
        source->last_s = at_s;
        if (round->status == VG_ROUND_FAILED) {
                source->failures++;
                if (!source->since_s)
                        source->since_s = at_s;
                book_set(judging->book, &source->cause, round->cause);
        } else {
                source->failures = source->since_s = 0;
                source->last_good_s = at_s;
                book_set(judging->book, &source->cause, "");
        }
        return judging->book->failed ? -ENOMEM : 0;
}

/* Its silence is told by the watcher, not by the source: the claim is of another name. */
static void hear_reach(const struct judging *judging, const struct vg_round *round)
{
        const struct vg_fault_code *code = vg_fault_code_find(round->silence);
        const struct source *source = source_of(judging->book, round->source);
        struct slot *slot;
        struct entry *entry;
        struct claim *claim;

        if (!code || !source)
                return;
        slot = slot_of(judging->book, round->source, &round->silent);
        entry = slot ? entry_of(judging->book, slot, code) : NULL;
        claim = entry ? claim_of(judging->book, entry, "vigie", VG_SIGHT_STATE, round->source)
                      : NULL;
        if (!claim)
                return;
        if (source->failures <= SILENT_ROUNDS) {
                if (!source->failures)
                        claim->stands = false;
                return;
        }
        if (!claim->stands)
                claim->first_s = source->since_s;
        claim->stands = true;
        claim->count = source->failures;
        claim->last_s = source->last_s;
        claim->severity = code->severity;
        book_set(judging->book, &claim->text, round->cause);
        book_set(judging->book, &claim->path, round->source);
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
