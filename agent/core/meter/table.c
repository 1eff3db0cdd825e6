/* SPDX-License-Identifier: Apache-2.0 */

/* table: sorted pointers to structs that begin with their key. */

#include <string.h>

#include "room.h"
#include "vigie/search.h"

static const char *key_of(const void *item)
{
        return *(char *const *)item;
}

static int order(const void *items, size_t i, const void *key)
{
        return strcmp(key_of(((void *const *)items)[i]), key);
}

/* Where the key is, or would be. */
static size_t position(const struct table *table, const char *key, bool *ret_found)
{
        return vg_search(table->at, table->n, order, key, ret_found);
}

void *table_find(const struct table *table, const char *key)
{
        bool found;
        size_t at = position(table, key, &found);

        return found ? table->at[at] : NULL;
}

bool table_insert(struct table *table, void *item)
{
        bool found;

        if (table->n == table->size) {
                size_t size = table->size ? 2 * table->size : 16;
                void **at = realloc(table->at, size * sizeof(*at));
                if (!at)
                        return false;
                table->at = at;
                table->size = size;
        }

        size_t at = position(table, key_of(item), &found);
        memmove(table->at + at + 1, table->at + at, (table->n - at) * sizeof(*table->at));
        table->at[at] = item;
        table->n++;
        return true;
}

void table_remove(struct table *table, const char *key)
{
        bool found;
        size_t at = position(table, key, &found);

        if (!found)
                return;
        memmove(table->at + at, table->at + at + 1, (table->n - at - 1) * sizeof(*table->at));
        table->n--;
}

void table_done(struct table *table)
{
        free(table->at);
        *table = (struct table){ 0 };
}
