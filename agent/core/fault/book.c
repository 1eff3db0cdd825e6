/* SPDX-License-Identifier: Apache-2.0 */

/* The book's own things: owned strings, lists, sources, entries and claims. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/mem.h"

void book_set(struct vg_fault_book *book, char **where, const char *text)
{
        if (*where && strcmp(*where, text) == 0)
                return;

        char *copy = strdup(text);
        if (!copy) {
                book->failed = true;
                return;
        }
        free(*where);
        *where = copy;
}

void *book_grow(struct vg_fault_book *book, void *list, size_t *n, size_t size)
{
        void *bigger = reallocarray(list, *n + 1, size);

        if (!bigger) {
                book->failed = true;
                return NULL;
        }
        memset((char *)bigger + *n * size, 0, size);
        (*n)++;
        return bigger;
}

int vg_fault_book_new(const char *host, struct vg_fault_book **ret_book)
{
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = calloc(1, sizeof(*book));

        if (!book)
                return -ENOMEM;
        book_set(book, &book->host, host);
        if (book->failed)
                return -ENOMEM;
        *ret_book = TAKE_PTR(book);
        return 0;
}

void vg_fault_book_free(struct vg_fault_book *book)
{
        if (!book)
                return;
        for (size_t i = 0; i < book->n_slots; i++)
                slot_free(book->slots[i]);
        for (size_t i = 0; i < book->n_sources; i++) {
                free(book->sources[i].name);
                free(book->sources[i].cause);
        }
        free(book->slots);
        free(book->sources);
        free(book->host);
        free(book);
}

static const struct source *find_source(const struct vg_fault_book *book, const char *name)
{
        for (size_t i = 0; i < book->n_sources; i++)
                if (strcmp(book->sources[i].name, name) == 0)
                        return &book->sources[i];
        return NULL;
}

struct source *source_of(struct vg_fault_book *book, const char *name)
{
        struct source *source = (struct source *)find_source(book, name);
        void *list;

        if (source)
                return source;
        list = book_grow(book, book->sources, &book->n_sources, sizeof(*book->sources));
        if (!list)
                return NULL;
        book->sources = list;
        source = &book->sources[book->n_sources - 1];
        book_set(book, &source->name, name);
        book_set(book, &source->cause, "");
        if (book->failed)
                book->n_sources--;
        return book->failed ? NULL : source;
}

bool source_is_failing(const struct vg_fault_book *book, const char *name)
{
        const struct source *source = find_source(book, name);

        return source && source->since_s != 0;
}

/* ---- entries and claims ---- */

static void claim_done(struct claim *claim)
{
        free(claim->source);
        free(claim->key);
        free(claim->path);
        free(claim->text);
        free(claim->value);
        free(claim->threshold);
        free(claim->threshold_from);
        free(claim->moments);
}

void entry_free(struct entry *entry)
{
        if (!entry)
                return;
        for (size_t i = 0; i < entry->n_claims; i++)
                claim_done(&entry->claims[i]);
        free(entry->claims);
        free(entry->how);
        free(entry->manufacturer);
        free(entry->model);
        free(entry->part);
        free(entry->serial);
        free(entry);
}

bool entry_is_active(const struct entry *entry)
{
        return vg_fault_is_active(
                &(struct vg_fault){ .state = entry->state, .before = entry->before });
}

struct entry *entry_of(struct vg_fault_book *book, struct slot *slot,
                       const struct vg_fault_code *code)
{
        struct entry *entry;
        void *list;

        for (size_t i = 0; i < slot->n_entries; i++)
                if (slot->entries[i]->code == code)
                        return slot->entries[i];
        entry = calloc(1, sizeof(*entry));
        list = entry ? book_grow(book, slot->entries, &slot->n_entries, sizeof(*slot->entries))
                     : NULL;
        if (!list) {
                book->failed = true;
                free(entry);
                return NULL;
        }
        slot->entries = list;
        slot->entries[slot->n_entries - 1] = entry;
        entry->code = code;
        entry->severity = code->severity;
        book_set(book, &entry->how, "");
        book_set(book, &entry->manufacturer, "");
        book_set(book, &entry->model, "");
        book_set(book, &entry->part, "");
        book_set(book, &entry->serial, "");
        return book->failed ? NULL : entry;
}

struct claim *claim_of(struct vg_fault_book *book, struct entry *entry, const char *source,
                       enum vg_sight_kind kind, const char *key)
{
        struct claim *claim;
        void *list;

        for (size_t i = 0; i < entry->n_claims; i++) {
                claim = &entry->claims[i];
                if (claim->kind == kind && strcmp(claim->source, source) == 0 &&
                    strcmp(claim->key, key) == 0)
                        return claim;
        }
        if (entry->n_claims >= CLAIMS_MAX)
                return NULL; /* the fault stands by those it has */
        list = book_grow(book, entry->claims, &entry->n_claims, sizeof(*entry->claims));
        if (!list)
                return NULL;
        entry->claims = list;
        claim = &entry->claims[entry->n_claims - 1];
        claim->kind = kind;
        book_set(book, &claim->source, source);
        book_set(book, &claim->key, key);
        book_set(book, &claim->path, "");
        book_set(book, &claim->text, "");
        book_set(book, &claim->value, "");
        book_set(book, &claim->threshold, "");
        book_set(book, &claim->threshold_from, "");
        return book->failed ? NULL : claim;
}

/* FNV-1a of host, class, location and code, each closed by a NUL, with a last mix: the ids of one
 * machine are few, and nobody gains by making two meet. */
void entry_id(const struct vg_fault_book *book, const struct slot *slot, const struct entry *entry,
              char id[17])
{
        const char *parts[] = { book->host, slot->component_class, slot->location,
                                entry->code->id };
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                const unsigned char *at = (const unsigned char *)parts[i];

                do {
                        hash = (hash ^ *at) * UINT64_C(0x100000001b3);
                } while (*at++);
        }
        hash ^= hash >> 33;
        hash *= UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 33;
        snprintf(id, 17, "%016llx", (unsigned long long)hash);
}
