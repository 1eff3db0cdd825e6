/* SPDX-License-Identifier: Apache-2.0 */

#include "store/names.h"

#include <errno.h>

struct names {
        sqlite3_stmt *insert;
        char **text; /* text[id - 1] */
        size_t n, size;
        uint32_t *slot; /* open addressing: id or 0; a power of two, at most half full */
        size_t n_slots;
};

static uint64_t hash_text(const char *text)
{
        uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

        for (; *text; text++)
                hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
        return hash;
}

static size_t find_slot(const struct names *names, const char *name)
{
        size_t at = hash_text(name) & (names->n_slots - 1);

        while (names->slot[at] && strcmp(names->text[names->slot[at] - 1], name) != 0)
                at = (at + 1) & (names->n_slots - 1);
        return at;
}

static int grow(struct names *names)
{
        const size_t size = names->size ? 2 * names->size : 64;
        char **text = reallocarray(names->text, size, sizeof(*text));

        if (!text)
                return -ENOMEM;
        names->text = text;

        uint32_t *slot = calloc(2 * size, sizeof(*slot));
        if (!slot)
                return -ENOMEM;
        free(names->slot);
        names->slot = slot;
        names->n_slots = 2 * size;
        names->size = size;
        for (size_t i = 0; i < names->n; i++)
                slot[find_slot(names, text[i])] = (uint32_t)i + 1;
        return 0;
}

static int add(struct names *names, const char *name)
{
        if (names->n == names->size && grow(names) < 0)
                return -ENOMEM;

        char *copy = strdup(name);
        if (!copy)
                return -ENOMEM;
        names->text[names->n] = copy;
        /* The slot is looked for before the count grows: the new text is not found by itself. */
        names->slot[find_slot(names, name)] = (uint32_t)names->n + 1;
        names->n++;
        return 0;
}

static int read_all(struct names *names, sqlite3_stmt *select, struct vg_err *err)
{
        int r;

        while ((r = sql_step(select, err)) == 1) {
                const char *name = (const char *)sqlite3_column_text(select, 1);
                if (!name || sqlite3_column_int64(select, 0) != (int64_t)names->n + 1)
                        return vg_err_set(err, -EBADMSG, "la table des noms est endommagée");
                if (add(names, name) < 0)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        return r;
}

int names_load(sqlite3 *db, const char *table, struct names **ret_names, struct vg_err *err)
{
        _cleanup_(names_freep) struct names *names = calloc(1, sizeof(*names));
        _cleanup_stmt_ sqlite3_stmt *select = NULL;
        char text[128];
        int r;

        if (!names || grow(names) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        snprintf(text, sizeof(text), "SELECT id, name FROM %s ORDER BY id", table);
        r = sql_prepare(db, text, &select, err);
        if (r == 0)
                r = read_all(names, select, err);
        if (r == 0) {
                snprintf(text, sizeof(text), "INSERT INTO %s (id, name) VALUES (?, ?)", table);
                r = sql_prepare(db, text, &names->insert, err);
        }
        if (r < 0)
                return r;
        *ret_names = TAKE_PTR(names);
        return 0;
}

void names_free(struct names *names)
{
        if (!names)
                return;
        for (size_t i = 0; i < names->n; i++)
                free(names->text[i]);
        free(names->text);
        free(names->slot);
        sqlite3_finalize(names->insert);
        free(names);
}

size_t names_count(const struct names *names)
{
        return names->n;
}

const char *names_text(const struct names *names, int64_t id)
{
        return id >= 1 && (uint64_t)id <= names->n ? names->text[id - 1] : NULL;
}

int64_t names_find(const struct names *names, const char *name)
{
        return names->slot[find_slot(names, name)];
}

int names_intern(struct names *names, const char *name, int64_t *ret_id, struct vg_err *err)
{
        int64_t id = names_find(names, name);

        if (id == 0) {
                id = (int64_t)names->n + 1;
                int r = sql_run(names->insert, err, V_INT(id), V_TEXT(name));
                if (r < 0)
                        return r;
                if (add(names, name) < 0)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        *ret_id = id;
        return 0;
}
