/* SPDX-License-Identifier: Apache-2.0 */

/* From claims to states: rows that read as sentences, one slot at a time. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/mem.h"

enum signal {
        BAD,      /* a claim stands */
        WORSE,    /* the same, graver than before */
        EASED,    /* what stands has one good reading, or its bucket is under the limit */
        SOUND,    /* nothing stands */
        FOLDED,   /* another code of the family explains it */
        UNIT_NEW, /* another unit is in the slot */
        BLIND,    /* none of the sources of what stands can be read */
        SEEING,   /* one can be read again */
};

enum { ITS_STATE = -1, AS_BEFORE = -2 }; /* the code's own state; what it was when it was hidden */

static const struct {
        enum vg_fault_state from;
        enum signal signal;
        int to;    /* enum vg_fault_state, or one of the two above */
        int event; /* enum vg_fault_event */
} rows[] = {
        { VG_FAULT_UNKNOWN, BAD, ITS_STATE, VG_FAULT_EVENT_OPENED },
        { VG_FAULT_CLEARED, BAD, ITS_STATE, VG_FAULT_EVENT_OPENED },
        { VG_FAULT_REPLACED, BAD, ITS_STATE, VG_FAULT_EVENT_OPENED },
        { VG_FAULT_RECOVERING, BAD, ITS_STATE, VG_FAULT_EVENT_RAISED },
        { VG_FAULT_RECOVERING, WORSE, ITS_STATE, VG_FAULT_EVENT_RAISED },
        { VG_FAULT_SUSPECT, WORSE, ITS_STATE, VG_FAULT_EVENT_RAISED },
        { VG_FAULT_DEGRADED, WORSE, ITS_STATE, VG_FAULT_EVENT_RAISED },
        { VG_FAULT_FAILED, WORSE, ITS_STATE, VG_FAULT_EVENT_RAISED },
        { VG_FAULT_SUSPECT, EASED, VG_FAULT_RECOVERING, VG_FAULT_EVENT_RECOVERING },
        { VG_FAULT_DEGRADED, EASED, VG_FAULT_RECOVERING, VG_FAULT_EVENT_RECOVERING },
        { VG_FAULT_FAILED, EASED, VG_FAULT_RECOVERING, VG_FAULT_EVENT_RECOVERING },
        { VG_FAULT_SUSPECT, SOUND, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_DEGRADED, SOUND, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_FAILED, SOUND, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_RECOVERING, SOUND, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_SUSPECT, FOLDED, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_DEGRADED, FOLDED, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_FAILED, FOLDED, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_RECOVERING, FOLDED, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_SUSPECT, UNIT_NEW, VG_FAULT_REPLACED, VG_FAULT_EVENT_REPLACED },
        { VG_FAULT_DEGRADED, UNIT_NEW, VG_FAULT_REPLACED, VG_FAULT_EVENT_REPLACED },
        { VG_FAULT_FAILED, UNIT_NEW, VG_FAULT_REPLACED, VG_FAULT_EVENT_REPLACED },
        { VG_FAULT_RECOVERING, UNIT_NEW, VG_FAULT_REPLACED, VG_FAULT_EVENT_REPLACED },
        { VG_FAULT_UNOBSERVABLE, UNIT_NEW, VG_FAULT_REPLACED, VG_FAULT_EVENT_REPLACED },
        { VG_FAULT_SUSPECT, BLIND, VG_FAULT_UNOBSERVABLE, VG_FAULT_EVENT_UNOBSERVABLE },
        { VG_FAULT_DEGRADED, BLIND, VG_FAULT_UNOBSERVABLE, VG_FAULT_EVENT_UNOBSERVABLE },
        { VG_FAULT_FAILED, BLIND, VG_FAULT_UNOBSERVABLE, VG_FAULT_EVENT_UNOBSERVABLE },
        { VG_FAULT_RECOVERING, BLIND, VG_FAULT_UNOBSERVABLE, VG_FAULT_EVENT_UNOBSERVABLE },
        { VG_FAULT_UNOBSERVABLE, SEEING, AS_BEFORE, VG_FAULT_EVENT_OBSERVABLE },
        { VG_FAULT_UNOBSERVABLE, SOUND, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
        { VG_FAULT_UNOBSERVABLE, FOLDED, VG_FAULT_CLEARED, VG_FAULT_EVENT_CLEARED },
};

/* ---- what the claims of an entry say together ---- */

struct verdict {
        bool stands, eased, is_blind;
        enum vg_fault_severity severity;
        int64_t first_s, last_s, count, n_sources;
};

static void add_claim(const struct vg_fault_book *book, const struct claim *claim,
                      struct verdict *v)
{
        if (!v->stands || claim->first_s < v->first_s)
                v->first_s = claim->first_s;
        if (claim->last_s > v->last_s)
                v->last_s = claim->last_s;
        if (!v->stands || claim->severity > v->severity)
                v->severity = claim->severity;
        v->eased = (!v->stands || v->eased) && claim->good > 0;
        v->is_blind = (!v->stands || v->is_blind) && source_is_failing(book, claim->source);
        v->count = claim->count > v->count ? claim->count : v->count;
        v->n_sources++;
        v->stands = true;
}

static struct verdict verdict_of(const struct vg_fault_book *book, const struct entry *entry)
{
        struct verdict v = { .severity = entry->code->severity };

        for (size_t i = 0; i < entry->n_claims; i++)
                if (entry->claims[i].stands)
                        add_claim(book, &entry->claims[i], &v);
        return v;
}

static bool stands(const struct entry *entry)
{
        for (size_t i = 0; i < entry->n_claims; i++)
                if (entry->claims[i].stands)
                        return true;
        return false;
}

static bool is_lesser(const struct entry *entry, const struct entry *other)
{
        return strcmp(entry->code->family, other->code->family) == 0 &&
               entry->code->rank < other->code->rank;
}

static bool is_folded(const struct slot *slot, const struct entry *entry)
{
        for (size_t i = 0; i < slot->n_entries; i++)
                if (is_lesser(entry, slot->entries[i]) && stands(slot->entries[i]))
                        return true;
        return false;
}

/* ---- the step ---- */

/* The graver fault is as old as the lesser ones that it takes over. */
static int64_t oldest(const struct slot *slot, const struct entry *entry, int64_t first_s)
{
        for (size_t i = 0; i < slot->n_entries; i++) {
                const struct entry *other = slot->entries[i];

                if (is_lesser(other, entry) && entry_is_active(other) && other->first_s < first_s)
                        first_s = other->first_s;
        }
        return first_s;
}

static void open_episode(struct vg_fault_book *book, const struct slot *slot, struct entry *entry,
                         const struct verdict *v)
{
        entry->episode++;
        entry->first_s = oldest(slot, entry, v->first_s);
        entry->ended_s = entry->acknowledged_s = entry->on_site_s = 0;
        entry->severity = v->severity;
        entry->n_sources = v->n_sources;
        book_set(book, &entry->how, "");
        book_set(book, &entry->manufacturer, slot->manufacturer);
        book_set(book, &entry->model, slot->model);
        book_set(book, &entry->part, slot->part);
        book_set(book, &entry->serial, slot->serial);
}

int tell(const struct judging *judging, enum vg_fault_event event, struct slot *slot,
         struct entry *entry, int64_t at_s)
{
        _cleanup_free_ struct vg_evidence *evidence = NULL;
        struct vg_fault fault;
        int r;

        if (!judging->sink || !judging->sink->fault)
                return 0;
        r = entry_show(judging->book, slot, entry, &fault, &evidence);
        return r < 0 ? r
                     : judging->sink->fault(judging->sink->user, event, &fault, at_s, judging->err);
}

static int step(const struct judging *judging, struct slot *slot, struct entry *entry,
                enum signal signal, const struct verdict *v, int64_t at_s, const char *how)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (rows[i].from != entry->state || rows[i].signal != signal)
                        continue;

                const int to = rows[i].to;
                const enum vg_fault_state before = entry->state;
                entry->state = to == ITS_STATE   ? entry->code->state
                               : to == AS_BEFORE ? entry->before
                                                 : (enum vg_fault_state)to;
                entry->before = before;
                if (rows[i].event == VG_FAULT_EVENT_OPENED)
                        open_episode(judging->book, slot, entry, v);
                if (rows[i].event == VG_FAULT_EVENT_RAISED)
                        entry->severity = v->severity;
                if (!entry_is_active(entry)) {
                        entry->ended_s = at_s > entry->first_s ? at_s : entry->first_s;
                        book_set(judging->book, &entry->how, how);
                }
                return tell(judging, (enum vg_fault_event)rows[i].event, slot, entry, at_s);
        }
        return 0;
}

static enum signal signal_of(const struct slot *slot, const struct entry *entry,
                             const struct verdict *v)
{
        if (is_folded(slot, entry))
                return FOLDED;
        if (!v->stands)
                return SOUND;
        if (v->eased)
                return EASED;
        return entry_is_active(entry) && v->severity > entry->severity ? WORSE : BAD;
}

/* Why an entry on which nothing stands any more is over, where the caller does not say. */
static const char *how_of(const struct entry *entry)
{
        for (size_t i = 0; i < entry->n_claims; i++) {
                if (entry->claims[i].kind == VG_SIGHT_LEVEL)
                        return "readings";
                if (entry->claims[i].kind == VG_SIGHT_EVENT)
                        return "quiet";
                if (entry->claims[i].kind == VG_SIGHT_ABSENT)
                        return "returned";
        }
        return "state";
}

static int settle_entry(const struct judging *judging, struct slot *slot, struct entry *entry,
                        int64_t at_s, const char *how)
{
        const struct verdict v = verdict_of(judging->book, entry);
        const enum signal signal = signal_of(slot, entry, &v);
        const bool was_active = entry_is_active(entry);
        const char *why = signal == FOLDED ? "absorbed" : *how ? how : how_of(entry);
        int r;

        if (v.stands) {
                entry->last_s = v.last_s > entry->last_s ? v.last_s : entry->last_s;
                entry->count = v.count;
        }
        if (v.stands && v.is_blind)
                return step(judging, slot, entry, BLIND, &v, at_s, "");
        r = v.stands && signal != FOLDED ? step(judging, slot, entry, SEEING, &v, at_s, "") : 0;
        if (r == 0)
                r = step(judging, slot, entry, signal, &v, at_s, why);
        if (r < 0)
                return r;
        if (was_active && entry_is_active(entry) && v.n_sources > entry->n_sources) {
                entry->n_sources = v.n_sources;
                return tell(judging, VG_FAULT_EVENT_EVIDENCE, slot, entry, at_s);
        }
        return 0;
}

static int compare_entries(const void *a, const void *b)
{
        const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

        if (x->code->rank != y->code->rank)
                return y->code->rank - x->code->rank; /* the graver first: it inherits */
        return strcmp(x->code->id, y->code->id);
}

int settle_slot(const struct judging *judging, struct slot *slot, int64_t at_s, const char *how)
{
        int r = 0;

        if (slot->n_entries)
                qsort(slot->entries, slot->n_entries, sizeof(struct entry *), compare_entries);
        for (size_t i = 0; i < slot->n_entries && r == 0; i++)
                r = settle_entry(judging, slot, slot->entries[i], at_s, how);
        return judging->book->failed ? -ENOMEM : r;
}

int settle_absorbed(const struct judging *judging, struct slot *slot, int64_t at_s)
{
        int r = 0;

        for (size_t i = 0; i < slot->n_entries && r == 0; i++)
                r = step(judging, slot, slot->entries[i], FOLDED, &(struct verdict){ 0 }, at_s,
                         "absorbed");
        return r;
}

int settle_replaced(const struct judging *judging, struct slot *slot, int64_t at_s)
{
        int r = 0;

        for (size_t i = 0; i < slot->n_entries && r == 0; i++) {
                struct entry *entry = slot->entries[i];

                for (size_t c = 0; c < entry->n_claims; c++) {
                        struct claim *claim = &entry->claims[c];

                        claim->stands = false;
                        claim->good = 0;
                        claim->level = 0;
                        claim->n_moments = 0;
                        if (claim->kind == VG_SIGHT_COUNTER)
                                claim->last_s = 0; /* the new unit counts from its own first look */
                        if (claim->kind == VG_SIGHT_LOG || claim->kind == VG_SIGHT_EVENT)
                                claim->after_s = at_s;
                }
                r = step(judging, slot, entry, UNIT_NEW, &(struct verdict){ 0 }, at_s, "replaced");
        }
        return r;
}
