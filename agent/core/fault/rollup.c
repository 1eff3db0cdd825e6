/* SPDX-License-Identifier: Apache-2.0 */

/* Summaries: folded into what explains them, else faults of their own. */

#include <string.h>

#include "core/fault/room.h"

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
void hear_rollups(const struct judging *judging, const struct vg_round *round, bool of_system)
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
