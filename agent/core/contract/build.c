/* SPDX-License-Identifier: Apache-2.0 */

/* Memory, indexes and members: what the other files of the build stand on. */

#include "core/contract/build.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *build_alloc(struct build *b, size_t n, size_t size)
{
        size_t bytes;

        if (__builtin_mul_overflow(n ? n : 1, size, &bytes) ||
            __builtin_add_overflow(bytes, sizeof(max_align_t), &bytes))
                return NULL;

        struct block *block = calloc(1, bytes);
        if (!block)
                return NULL;
        block->next = b->contract->index->blocks;
        b->contract->index->blocks = block;
        return (char *)block + sizeof(max_align_t);
}

void *build_grow(struct build *b, void *list, size_t n, size_t size)
{
        /* Full at every power of two; what is outgrown stays until the contract is let go, which
         * is less than the list itself. */
        if (n & (n - 1))
                return list;

        void *larger = build_alloc(b, n ? 2 * n : 1, size);
        if (larger && n)
                memcpy(larger, list, n * size);
        return larger;
}

static int compare_entries(const void *a, const void *b)
{
        const struct id_entry *x = a, *y = b;
        int by_id = strcmp(x->id, y->id);

        return by_id ? by_id : x->at < y->at ? -1 : x->at > y->at;
}

int build_index(struct build *b, struct id_index *index, const void *items, size_t n, size_t stride)
{
        struct id_entry *list = build_alloc(b, n, sizeof(*list));

        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                memcpy(&list[i].id, (const char *)items + i * stride, sizeof(list[i].id));
                list[i].at = i;
        }
        qsort(list, n, sizeof(*list), compare_entries);
        *index = (struct id_index){ list, n };
        return 0;
}

size_t build_find(const struct id_index *index, const char *id)
{
        size_t low = 0, high = index->n;

        while (low < high) { /* the first of those with that id */
                size_t middle = low + (high - low) / 2;
                if (strcmp(index->list[middle].id, id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < index->n && strcmp(index->list[low].id, id) == 0 ? index->list[low].at
                                                                      : SIZE_MAX;
}

const char *build_text(const json_t *object, const char *key)
{
        return json_string_value(json_object_get(object, key));
}

bool build_date(const json_t *object, const char *key, struct vg_date *ret_date)
{
        const char *text = build_text(object, key);

        return text && vg_date_parse(text, ret_date) == 0;
}

int64_t build_decimal(const json_t *object, const char *key, unsigned decimals)
{
        const char *text = build_text(object, key);
        int64_t value = 0;
        int r = text ? vg_decimal_parse(text, decimals, &value) : 0;

        assert(r == 0); /* the schema has let it through */
        return value;
}

int build_int(const json_t *object, const char *key, int otherwise)
{
        const json_t *value = json_object_get(object, key);

        return json_is_integer(value) ? (int)json_integer_value(value) : otherwise;
}
