/* SPDX-License-Identifier: Apache-2.0 */

/* What was not said again, or not said at all: states that ended, components that vanished, sources
 * that are silent. */

#include <errno.h>
#include <string.h>

#include "core/fault/room.h"

enum { SILENT_ROUNDS = 3 };

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

static bool is_over(const struct claim *claim, const struct seen *seen)
{
        switch (claim->kind) {
        case VG_SIGHT_STATE:
        case VG_SIGHT_LEVEL:
                return seen->told;
        case VG_SIGHT_MENTION:
                return true;
        case VG_SIGHT_ABSENT:
                return seen->present;
        default:
                return false;
        }
}

static void let_go(struct slot *slot, const struct seen *seen)
{
        for (size_t i = 0; i < slot->n_entries; i++) {
                for (size_t c = 0; c < slot->entries[i]->n_claims; c++) {
                        struct claim *claim = &slot->entries[i]->claims[c];

                        if (claim->stands && !claim->fresh && is_over(claim, seen) &&
                            strcmp(claim->source, seen->source) == 0)
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

int hear_silence(const struct judging *judging, const struct vg_round *const *rounds, size_t n)
{
        int r = 0;

        for (size_t i = 0; i < judging->book->n_slots; i++) {
                struct slot *slot = judging->book->slots[i];

                for (size_t k = 0; k < slot->n_seen && r == 0; k++) {
                        struct seen *seen = &slot->seen[k];
                        const bool all = was_heard(rounds, n, seen->source, true);

                        if (seen->present && !seen->fresh && all)
                                r = miss(judging, slot, seen);
                        else if (seen->fresh || all)
                                let_go(slot, seen);
                        if (seen->told)
                                seen->health = seen->now;
                        else if (!seen->present)
                                seen->health = VG_HEALTH_UNKNOWN;
                }
        }
        return r;
}

/* ---- sources ---- */

int hear_source(const struct judging *judging, const struct vg_round *round)
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
void hear_reach(const struct judging *judging, const struct vg_round *round)
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
