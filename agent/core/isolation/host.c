/* SPDX-License-Identifier: Apache-2.0 */

/* host: a sorted table a scope. What replaces a piece is read first, so that a wrong one changes
 * nothing. */

#include "host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "read-piece.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/search.h"

enum { ITEMS_MAX = 1 << 20, KEY_MAX = 4096 };

static const struct {
        const char *name;
        int (*read)(struct item *item, const json_t *piece, struct vg_err *err);
} scopes[SCOPE_N] = {
        [SCOPE_COMPLETE] = { "complete", piece_read_nothing },
        [SCOPE_DOCUMENT] = { "document", piece_read_document },
        [SCOPE_FILTERS] = { "filters", piece_read_filters },
        [SCOPE_MIRRORS] = { "mirrors", piece_read_mirrors },
        [SCOPE_PATH] = { "path", piece_read_path },
        [SCOPE_PROCESS] = { "process", piece_read_process },
        [SCOPE_PROCESSES] = { "processes", piece_read_orphans },
        [SCOPE_TENANTS] = { "tenants", piece_read_tenants },
        [SCOPE_TEXTS] = { "texts", piece_read_texts },
};

static int order_of_item(const void *items, size_t i, const void *key)
{
        return strcmp(((struct item *const *)items)[i]->key, key);
}

/* Where the key is, or would be. */
static size_t position(const struct table *table, const char *key, bool *ret_found)
{
        return vg_search(table->at, table->n, order_of_item, key, ret_found);
}

/* ---- by hash: one look at an item, where a search would look at a dozen ---- */

/* The slot of the key, or the free one where it would be. */
static size_t slot_of(const struct table *table, uint64_t hash, const char *key)
{
        size_t i = hash & (table->n_slots - 1);

        while (table->slots[i] &&
               (table->slots[i]->hash != hash || strcmp(table->slots[i]->key, key) != 0))
                i = (i + 1) & (table->n_slots - 1);
        return i;
}

static int grow_slots(struct table *table)
{
        const size_t n_slots = table->n_slots ? 2 * table->n_slots : 64;

        if (2 * (table->n + 1) <= table->n_slots)
                return 0;

        struct item **slots = calloc(n_slots, sizeof(struct item *));
        if (!slots)
                return -ENOMEM;
        free(table->slots);
        table->slots = slots;
        table->n_slots = n_slots;
        for (size_t i = 0; i < table->n; i++)
                slots[slot_of(table, table->at[i]->hash, table->at[i]->key)] = table->at[i];
        return 0;
}

/* Those behind move up, so that no search ends before them. */
static void empty_slot(struct table *table, size_t free_slot)
{
        const size_t mask = table->n_slots - 1;

        for (size_t i = (free_slot + 1) & mask; table->slots[i]; i = (i + 1) & mask) {
                const size_t home = table->slots[i]->hash & mask;
                if (((i - home) & mask) < ((i - free_slot) & mask))
                        continue;
                table->slots[free_slot] = table->slots[i];
                free_slot = i;
        }
        table->slots[free_slot] = NULL;
}

static void item_free(struct item *item)
{
        if (!item)
                return;
        arena_drop(&item->arena);
        free(item);
}

static void item_freep(struct item **item)
{
        item_free(*item);
}

int vg_host_new(struct vg_host **ret_host, struct vg_err *err)
{
        *ret_host = calloc(1, sizeof(**ret_host));
        return *ret_host ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

void vg_host_free(struct vg_host *host)
{
        for (int i = 0; host && i < SCOPE_N; i++) {
                for (size_t k = 0; k < host->tables[i].n; k++)
                        item_free(host->tables[i].at[k]);
                free(host->tables[i].at);
                free(host->tables[i].slots);
        }
        free(host);
}

static int insert(struct table *table, struct item *item)
{
        bool found;
        const size_t at = position(table, item->key, &found);

        if (found) {
                table->slots[slot_of(table, item->hash, item->key)] = item;
                item_free(table->at[at]);
                table->at[at] = item;
                return 0;
        }
        if (table->n == ITEMS_MAX)
                return -E2BIG;
        if (grow_slots(table) < 0)
                return -ENOMEM;
        if (table->n == table->size) {
                const size_t size = table->size ? table->size * 2 : 64;
                struct item **more = reallocarray(table->at, size, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                table->at = more;
                table->size = size;
        }
        memmove(table->at + at + 1, table->at + at, (table->n - at) * sizeof(struct item *));
        table->at[at] = item;
        table->n++;
        table->slots[slot_of(table, item->hash, item->key)] = item;
        return 0;
}

static int scope_of(const char *name)
{
        for (int i = 0; i < SCOPE_N; i++)
                if (strcmp(scopes[i].name, name) == 0)
                        return i;
        return -ENOENT;
}

int vg_host_put(struct vg_host *host, const json_t *piece, struct vg_err *err)
{
        _cleanup_(item_freep) struct item *item = NULL;
        const char *name, *key;

        if (vg_json_get_string(piece, "scope", &name) < 0 ||
            vg_json_get_string(piece, "key", &key) < 0 || strlen(key) > KEY_MAX)
                return vg_err_set(err, -EINVAL, "constat sans « scope » ni « key »");
        if (strcmp(name, "gone") == 0) {
                vg_host_drop(host, "document", key);
                return 0;
        }

        int scope = scope_of(name);
        if (scope < 0)
                return vg_err_set(err, -EINVAL, "« scope » inconnu : %s", name);
        item = calloc(1, sizeof(*item));
        if (!item)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        item->key = arena_text(&item->arena, key);
        item->hash = text_hash(item->key);
        int r = scopes[scope].read(item, piece, err);
        if (r == 0 && item->arena.failed)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r < 0)
                return r;
        r = insert(&host->tables[scope], item);
        if (r < 0)
                return vg_err_set(err, r, "constat de trop, ou mémoire épuisée");
        (void)TAKE_PTR(item);
        return 0;
}

void vg_host_drop(struct vg_host *host, const char *scope, const char *key)
{
        int s = scope_of(scope);
        bool found;

        if (s < 0)
                return;

        struct table *table = &host->tables[s];
        size_t at = position(table, key, &found);
        if (!found)
                return;
        empty_slot(table, slot_of(table, table->at[at]->hash, key));
        item_free(table->at[at]);
        table->n--;
        memmove(table->at + at, table->at + at + 1, (table->n - at) * sizeof(struct item *));
}

const struct item *host_find(const struct vg_host *host, enum scope scope, const char *key)
{
        const struct table *table = &host->tables[scope];

        return table->n ? table->slots[slot_of(table, text_hash(key), key)] : NULL;
}

const struct node *host_document(const struct vg_host *host, const char *kind, const char *parent,
                                 const char *name)
{
        char key[KEY_MAX + 1];
        int n = snprintf(key, sizeof(key), "%s/%s%s%s", kind, parent, *parent ? "/" : "", name);
        const struct item *item =
                n < (int)sizeof(key) ? host_find(host, SCOPE_DOCUMENT, key) : NULL;

        return item ? &item->tree : NULL;
}

void host_documents(const struct vg_host *host, const char *kind, size_t *ret_from, size_t *ret_to)
{
        char key[64];
        bool found;

        assert(strlen(kind) < sizeof(key) - 2);
        snprintf(key, sizeof(key), "%s/", kind);
        *ret_from = position(&host->tables[SCOPE_DOCUMENT], key, &found);
        snprintf(key, sizeof(key), "%s0", kind); /* '0' follows '/' */
        *ret_to = position(&host->tables[SCOPE_DOCUMENT], key, &found);
}

bool host_is_complete(const struct vg_host *host, const char *kind)
{
        return host_find(host, SCOPE_COMPLETE, kind) != NULL;
}

static int order_of_text(const void *texts, size_t i, const void *path)
{
        return strcmp(((char *const *)texts)[2 * i], path);
}

/* First text of the group whose path is not before this one. */
static size_t text_position(const struct words *words, const char *path)
{
        return vg_search(words->at, words->n / 2, order_of_text, path, NULL);
}

const char *host_text(const struct vg_host *host, const char *path)
{
        const struct table *groups = &host->tables[SCOPE_TEXTS];

        for (size_t i = 0; i < groups->n; i++) {
                const struct words *words = &groups->at[i]->words;
                size_t at = text_position(words, path);
                if (at < words->n / 2 && strcmp(words->at[2 * at], path) == 0)
                        return words->at[2 * at + 1];
        }
        return NULL;
}

void host_texts_under(const struct vg_host *host, const char *prefix, host_text_fn *fn, void *user)
{
        const struct table *groups = &host->tables[SCOPE_TEXTS];
        const size_t n = strlen(prefix);

        for (size_t i = 0; i < groups->n; i++) {
                const struct words *words = &groups->at[i]->words;
                for (size_t at = text_position(words, prefix);
                     at < words->n / 2 && strncmp(words->at[2 * at], prefix, n) == 0; at++)
                        fn(user, words->at[2 * at], words->at[2 * at + 1]);
        }
}
