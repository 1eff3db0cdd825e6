/* SPDX-License-Identifier: Apache-2.0 */

/* Units: which one is in a slot, and that two slots were one drive all along. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/mem.h"

int tell_slot(const struct judging *judging, enum vg_slot_event event,
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

/* Who bore the host's name before bears it no more. */
static void take_device(struct vg_fault_book *book, struct slot *slot, const char *device)
{
        if (!*device || strcmp(slot->device, device) == 0)
                return;
        for (size_t i = 0; i < book->n_slots; i++)
                if (strcmp(book->slots[i]->device, device) == 0 &&
                    strcmp(book->slots[i]->component_class, slot->component_class) == 0)
                        book_set(book, &book->slots[i]->device, "");
        book_set(book, &slot->device, device);
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
        take_device(book, slot, c->device);
}

int see_unit(const struct judging *judging, struct slot *slot, const char *source,
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
        const bool is_renamed = !is_first && slot_has_better_place(slot, c);
        int r = 0;

        if (!keep_unit(&before, &owned))
                return -ENOMEM;
        slot->missing = false;
        if (is_other)
                r = settle_replaced(judging, slot, judging->now_s);
        if (is_renamed)
                slot_rename(judging->book, slot, c);
        take_unit(judging->book, slot, source, c, is_other);
        if (is_first)
                book_set(judging->book, &slot->unit_source, source);
        if (r < 0 || !has_units(slot))
                return r;
        if (is_first)
                return tell_slot(judging, VG_SLOT_FOUND, NULL, slot);
        if (is_renamed)
                r = tell_slot(judging, VG_SLOT_CHANGED, &before, slot);
        if (r < 0)
                return r;
        if (is_other)
                return tell_slot(judging, VG_SLOT_REPLACED, &before, slot);
        if (was_missing)
                return tell_slot(judging, VG_SLOT_RETURNED, &before, slot);
        return has_news ? tell_slot(judging, VG_SLOT_FIRMWARE, &before, slot) : 0;
}

/* ---- two slots, one unit ---- */

/* One source that sees both knows better. */
static bool are_told_apart(const struct slot *a, const struct slot *b)
{
        for (size_t i = 0; i < a->n_seen; i++)
                if (slot_seen_by(b, a->seen[i].source))
                        return true;
        return false;
}

static struct slot *double_of(const struct judging *judging, const struct slot *slot,
                              const char *source, const struct vg_component *c)
{
        const struct vg_fault_book *book = judging->book;

        if (!slot_is_serial(c->serial) || strcmp(slot->serial, c->serial) == 0 ||
            slot_is_serial(slot->serial))
                return NULL;
        for (size_t i = 0; i < book->n_slots; i++) {
                struct slot *other = book->slots[i];

                if (other != slot && strcmp(other->serial, c->serial) == 0 &&
                    strcmp(other->component_class, slot->component_class) == 0 &&
                    !slot_seen_by(other, source) && !are_told_apart(slot, other))
                        return other;
        }
        return NULL;
}

static void move_claims(struct vg_fault_book *book, struct slot *from, struct slot *to)
{
        for (size_t i = 0; i < from->n_entries; i++) {
                struct entry *entry = entry_of(book, to, from->entries[i]->code);

                for (size_t c = 0; entry && c < from->entries[i]->n_claims; c++) {
                        struct claim *claim = &from->entries[i]->claims[c];
                        struct claim *there =
                                claim_of(book, entry, claim->source, claim->kind, claim->key);
                        if (!there || there->stands)
                                continue;

                        const struct claim kept = *there; /* freed with the other slot */
                        *there = *claim;
                        *claim = kept;
                }
        }
}

static void move_seen(struct vg_fault_book *book, struct slot *from, struct slot *to)
{
        for (size_t i = 0; i < from->n_seen; i++) {
                struct seen *there = seen_by(book, to, from->seen[i].source);
                const struct seen kept = there ? *there : (struct seen){ 0 };

                if (!there)
                        return;
                *there = from->seen[i];
                from->seen[i] = kept;
        }
        if (*from->device)
                book_set(book, &to->device, from->device);
}

static void drop_slot(struct vg_fault_book *book, struct slot *slot)
{
        size_t at = 0;

        while (book->slots[at] != slot)
                at++;
        memmove(&book->slots[at], &book->slots[at + 1],
                (book->n_slots - at - 1) * sizeof(struct slot *));
        book->n_slots--;
        slot_free(slot);
}

int join_slots(const struct judging *judging, const char *source, const struct vg_component *c,
               struct slot **slot)
{
        struct slot *keep = double_of(judging, *slot, source, c), *gone = *slot;
        int r;

        if (!keep)
                return 0;
        r = settle_absorbed(judging, gone, judging->now_s);
        if (r < 0)
                return r;
        move_claims(judging->book, gone, keep);
        move_seen(judging->book, gone, keep);
        drop_slot(judging->book, gone);
        *slot = keep;
        return judging->book->failed ? -ENOMEM : 0;
}
