/* SPDX-License-Identifier: Apache-2.0 */

/* What a source saw in one look, gathered under limits. */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/mem.h"

enum { CHUNK = 16384 };

struct round_chunk {
        struct round_chunk *next;
        size_t used;
        char bytes[CHUNK];
};

const char *round_text(struct vg_round *round, const char *text)
{
        char clean[VG_SIGHT_TEXT_MAX];
        struct round_chunk *chunk = round->chunks;

        if (!text || !*text)
                return "";
        vg_text_clean(text, strnlen(text, (size_t)4 * VG_SIGHT_TEXT_MAX), clean, sizeof(clean));

        const size_t n = strlen(clean) + 1;
        if (!chunk || CHUNK - chunk->used < n) {
                chunk = malloc(sizeof(*chunk));
                if (!chunk)
                        return NULL;
                chunk->next = round->chunks;
                chunk->used = 0;
                round->chunks = chunk;
        }

        char *copy = chunk->bytes + chunk->used;
        memcpy(copy, clean, n);
        chunk->used += n;
        return copy;
}

int vg_round_new(const char *source, struct vg_round **ret_round)
{
        _cleanup_(vg_round_freep) struct vg_round *round = calloc(1, sizeof(*round));

        if (!round)
                return -ENOMEM;
        round->cause = round->silence = "";
        round->source = round_text(round, source);
        if (!round->source)
                return -ENOMEM;
        *ret_round = TAKE_PTR(round);
        return 0;
}

void vg_round_free(struct vg_round *round)
{
        if (!round)
                return;
        for (struct round_chunk *chunk = round->chunks, *next; chunk; chunk = next) {
                next = chunk->next;
                free(chunk);
        }
        free(round->sightings);
        free(round->notes);
        free(round->unreads);
        free(round);
}

/* Room for one more; the list as it is now, or NULL. */
static void *room_for(void *list, size_t n, size_t *size, size_t element)
{
        if (n < *size)
                return list;

        const size_t wanted = *size ? 2 * *size : 16;
        void *bigger = reallocarray(list, wanted, element);
        if (bigger)
                *size = wanted;
        return bigger;
}

static bool copy_component(struct vg_round *round, const struct vg_component *from,
                           struct vg_component *to)
{
        const struct {
                const char *from, **to;
        } texts[] = {
                { from->location, &to->location }, { from->manufacturer, &to->manufacturer },
                { from->model, &to->model },       { from->part, &to->part },
                { from->serial, &to->serial },     { from->firmware, &to->firmware },
                { from->odata, &to->odata },       { from->device, &to->device },
        };
        const struct vg_class *row = vg_class_find(from->component_class);

        assert(row); /* the classes are ours */
        to->component_class = row->id;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (!(*texts[i].to = round_text(round, texts[i].from)))
                        return false;
        return true;
}

static bool copy_sighting(struct vg_round *round, const struct vg_sighting *from,
                          struct vg_sighting *to)
{
        *to = *from;
        return copy_component(round, &from->component, &to->component) &&
               (to->code = round_text(round, from->code)) &&
               (to->text = round_text(round, from->text)) &&
               (to->path = round_text(round, from->path)) &&
               (to->value = round_text(round, from->value)) &&
               (to->threshold = round_text(round, from->threshold)) &&
               (to->threshold_from = round_text(round, from->threshold_from)) &&
               (to->key = round_text(round, from->key)) &&
               (to->entry = round_text(round, from->entry));
}

int vg_round_add(struct vg_round *round, const struct vg_sighting *sighting)
{
        void *list;

        assert(!sighting->code || !*sighting->code || vg_fault_code_find(sighting->code));
        if (round->n_sightings >= VG_ROUND_SIGHTINGS_MAX) {
                if (round->is_cut)
                        return 0;
                round->is_cut = true;
                vg_round_set_partial(round);
                return vg_round_note(round, "%s: more than %d observations, the rest is left out",
                                     round->source, VG_ROUND_SIGHTINGS_MAX);
        }
        list = room_for(round->sightings, round->n_sightings, &round->size_sightings,
                        sizeof(*round->sightings));
        if (!list)
                return -ENOMEM;
        round->sightings = list;
        if (!copy_sighting(round, sighting, &round->sightings[round->n_sightings]))
                return -ENOMEM;
        round->n_sightings++;
        return 0;
}

int vg_round_note(struct vg_round *round, const char *format, ...)
{
        char text[VG_SIGHT_TEXT_MAX];
        va_list args;
        void *list;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (round->n_notes >= VG_ROUND_NOTES_MAX)
                return 0;
        list = room_for(round->notes, round->n_notes, &round->size_notes, sizeof(*round->notes));
        if (!list)
                return -ENOMEM;
        round->notes = list;
        round->notes[round->n_notes] = round_text(round, text);
        return round->notes[round->n_notes++] ? 0 : -ENOMEM;
}

int vg_round_unread(struct vg_round *round, const char *what, const char *cause)
{
        struct vg_unread unread;
        void *list;

        vg_round_set_partial(round);
        if (round->n_unreads >= VG_ROUND_NOTES_MAX)
                return 0;
        list = room_for(round->unreads, round->n_unreads, &round->size_unreads,
                        sizeof(*round->unreads));
        if (!list)
                return -ENOMEM;
        round->unreads = list;
        unread.what = round_text(round, what);
        unread.cause = round_text(round, cause);
        if (!unread.what || !unread.cause)
                return -ENOMEM;
        round->unreads[round->n_unreads++] = unread;
        return 0;
}

void vg_round_fail(struct vg_round *round, const char *cause)
{
        const char *text = round_text(round, cause);

        round->status = VG_ROUND_FAILED;
        round->cause = text && *text ? text : "?";
}

void vg_round_set_partial(struct vg_round *round)
{
        if (round->status == VG_ROUND_COMPLETE)
                round->status = VG_ROUND_PARTIAL;
}

void vg_round_set_time(struct vg_round *round, int64_t at_s)
{
        round->at_s = at_s;
}

int vg_round_set_silence(struct vg_round *round, const struct vg_component *component,
                         const char *code)
{
        assert(vg_fault_code_find(code));
        if (!copy_component(round, component, &round->silent))
                return -ENOMEM;
        round->silence = vg_fault_code_find(code)->id;
        return 0;
}

const char *vg_round_source(const struct vg_round *round)
{
        return round->source;
}

enum vg_round_status vg_round_status(const struct vg_round *round)
{
        return round->status;
}

int64_t vg_round_time(const struct vg_round *round)
{
        return round->at_s;
}

const struct vg_sighting *vg_round_sightings(const struct vg_round *round, size_t *ret_n)
{
        *ret_n = round->n_sightings;
        return round->sightings;
}

const char *const *vg_round_notes(const struct vg_round *round, size_t *ret_n)
{
        *ret_n = round->n_notes;
        return round->notes;
}

const struct vg_unread *vg_round_unreads(const struct vg_round *round, size_t *ret_n)
{
        *ret_n = round->n_unreads;
        return round->unreads;
}
