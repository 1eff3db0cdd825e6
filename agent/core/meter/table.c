/* SPDX-License-Identifier: Apache-2.0 */

/* table: sorted pointers to structs that begin with their key. */

#include <string.h>

#include "room.h"

static const char *key_of(const void *item)
{
        return *(char *const *)item;
}

/* Where the key is, or would be. */
static size_t position(const struct table *table, const char *key, bool *ret_found)
{
        size_t low = 0, high = table->n;

        *ret_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(key_of(table->at[middle]), key);
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
