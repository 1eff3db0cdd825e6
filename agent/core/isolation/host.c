/* SPDX-License-Identifier: Apache-2.0 */

/* host: a sorted table a scope. What replaces a piece is read first, so that a wrong one changes
 * nothing. */

#include "host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "read-piece.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

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

/* Where the key is, or would be. */
static size_t position(const struct table *table, const char *key, bool *ret_found)
{
        size_t low = 0, high = table->n;

        *ret_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(table->at[middle]->key, key);
                if (order == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
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
        }
        free(host);
}

static int insert(struct table *table, struct item *item)
{
        bool found;
        const size_t at = position(table, item->key, &found);

        if (found) {
                item_free(table->at[at]);
                table->at[at] = item;
                return 0;
        }
        if (table->n == ITEMS_MAX)
                return -E2BIG;
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
        item_free(table->at[at]);
        table->n--;
        memmove(table->at + at, table->at + at + 1, (table->n - at) * sizeof(struct item *));
}

const struct item *host_find(const struct vg_host *host, enum scope scope, const char *key)
{
        bool found;
        size_t at = position(&host->tables[scope], key, &found);

        return found ? host->tables[scope].at[at] : NULL;
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

/* First text of the group whose path is not before this one. */
static size_t text_position(const struct words *words, const char *path)
{
        size_t low = 0, high = words->n / 2;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strcmp(words->at[2 * middle], path) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
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
