/* SPDX-License-Identifier: Apache-2.0 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/rate-offline.h"
#include "vigie/mem.h"
#include "vigie/text.h"

/* ---- memory that is freed together ---- */

enum { ARENA_BLOCK = 1 << 20 };

struct arena_block {
        struct arena_block *next;
        int64_t bytes[];
};

void *arena_take(struct arena *arena, size_t n)
{
        n = (n + 7) & ~(size_t)7;
        if (n > arena->left) {
                const size_t size = n > ARENA_BLOCK ? n : ARENA_BLOCK;
                struct arena_block *block = malloc(sizeof(*block) + size);
                if (!block)
                        return NULL;
                block->next = arena->blocks;
                arena->blocks = block;
                arena->at = (char *)block->bytes;
                arena->left = size;
        }

        void *taken = arena->at;
        arena->at += n;
        arena->left -= n;
        return taken;
}

void arena_done(struct arena *arena)
{
        while (arena->blocks) {
                struct arena_block *next = arena->blocks->next;
                free(arena->blocks);
                arena->blocks = next;
        }
        *arena = (struct arena){ 0 };
}

static const char *keep_clean(struct arena *arena, const char *text, size_t n)
{
        char clean[256];
        const size_t size = strlen(vg_text_clean(text, n, clean, sizeof(clean))) + 1;
        char *kept = arena_take(arena, size);

        return kept ? memcpy(kept, clean, size) : NULL;
}

/* ---- series by name ---- */

static uint64_t mix(uint64_t h)
{
        h ^= h >> 33;
        h *= UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 33;
        return h;
}

static uint64_t hash_bytes(uint64_t h, const char *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
        return h;
}

uint64_t grid_hash(uint64_t seed, const char *bytes, size_t n)
{
        return mix(hash_bytes(seed ^ UINT64_C(0xcbf29ce484222325), bytes, n));
}

static uint64_t hash_name(const char *name, size_t n_name, const char *appliance,
                          size_t n_appliance)
{
        return mix(hash_bytes(hash_bytes(UINT64_C(0xcbf29ce484222325), name, n_name) + n_name,
                              appliance, n_appliance));
}

static int grow_names(struct grid *grid)
{
        const uint32_t size = grid->size_names ? 2 * grid->size_names : 1024;
        uint32_t *names = calloc(size, sizeof(*names));

        if (!names)
                return -ENOMEM;
        for (uint32_t i = 0; i < grid->n_series; i++) {
                const struct series *s = &grid->series[i];
                uint64_t h = hash_name(s->name, s->n_name, s->name + s->n_name, s->n_appliance);
                while (names[h & (size - 1)])
                        h++;
                names[h & (size - 1)] = i + 1;
        }
        free(grid->names);
        grid->names = names;
        grid->size_names = size;
        return 0;
}

static int add_series(struct grid *grid, const char *name, size_t n_name, const char *appliance,
                      size_t n_appliance, bool has_appliance, struct series **ret_series)
{
        const char *comma = memchr(name, ',', n_name);
        const size_t n_tenant = (size_t)(comma - name);

        if (grid->n_series == GRID_SERIES_MAX)
                return -E2BIG;
        if (grid->n_series == grid->size_series) {
                uint32_t size = grid->size_series ? 2 * grid->size_series : 256;
                void *series = reallocarray(grid->series, size, sizeof(*grid->series));
                if (!series)
                        return -ENOMEM;
                grid->series = series;
                grid->size_series = size;
        }

        char *kept = arena_take(&grid->arena, n_name + n_appliance + 1);
        struct series *s = &grid->series[grid->n_series];

        *s = (struct series){
                .name = kept,
                .n_name = (uint32_t)n_name,
                .n_appliance = (uint32_t)n_appliance,
                .tenant = keep_clean(&grid->arena, name, n_tenant),
                .resource = keep_clean(&grid->arena, comma + 1, n_name - n_tenant - 1),
                .chunk = INT64_MIN,
        };
        if (has_appliance)
                s->appliance = keep_clean(&grid->arena, appliance, n_appliance);
        if (!kept || !s->tenant || !s->resource || (has_appliance && !s->appliance))
                return -ENOMEM;
        memcpy(kept, name, n_name);
        memcpy(kept + n_name, appliance, n_appliance);
        for (size_t i = 0; i < FATE_N; i++)
                s->first_s[i] = INT64_MAX;
        s->is_heartbeat =
                strcmp(s->tenant, "_agent") == 0 && strcmp(s->resource, "_heartbeat") == 0;
        grid->n_series++;
        *ret_series = s;
        return 0;
}

int grid_series(struct grid *grid, const char *name, size_t n_name, const char *appliance,
                size_t n_appliance, bool has_appliance, struct series **ret_series)
{
        assert(memchr(name, ',', n_name));

        if (2 * grid->n_series >= grid->size_names && grow_names(grid) < 0)
                return -ENOMEM;

        uint64_t h = hash_name(name, n_name, appliance, n_appliance);
        uint32_t *place;

        for (; *(place = &grid->names[h & (grid->size_names - 1)]); h++) {
                struct series *s = &grid->series[*place - 1];
                if (s->n_name == n_name && s->n_appliance == n_appliance &&
                    memcmp(s->name, name, n_name) == 0 &&
                    memcmp(s->name + n_name, appliance, n_appliance) == 0) {
                        *ret_series = s;
                        return 0;
                }
        }
        int r = add_series(grid, name, n_name, appliance, n_appliance, has_appliance, ret_series);
        if (r == 0)
                *place = grid->n_series;
        return r;
}

/* ---- slots by series and chunk ---- */

static struct grid_entry *find_entry(const struct grid *grid, uint32_t series, int64_t chunk)
{
        uint64_t h = mix((uint64_t)chunk * GRID_SERIES_MAX + series);

        for (;; h++) {
                struct grid_entry *e = &grid->entries[h & (grid->size_entries - 1)];
                if (!e->slots || (e->series == series && e->chunk == chunk))
                        return e;
        }
}

static int grow_entries(struct grid *grid)
{
        struct grid old = *grid;

        grid->size_entries = old.size_entries ? 2 * old.size_entries : 1024;
        grid->entries = calloc(grid->size_entries, sizeof(*grid->entries));
        if (!grid->entries) {
                *grid = old;
                return -ENOMEM;
        }
        for (uint32_t i = 0; i < old.size_entries; i++)
                if (old.entries[i].slots)
                        *find_entry(grid, old.entries[i].series, old.entries[i].chunk) =
                                old.entries[i];
        free(old.entries);
        return 0;
}

static int64_t *make_chunk(struct grid *grid, uint32_t series, int64_t chunk)
{
        if (4 * (uint64_t)grid->n_entries >= 3 * (uint64_t)grid->size_entries &&
            grow_entries(grid) < 0)
                return NULL;

        struct grid_entry *e = find_entry(grid, series, chunk);
        if (!e->slots) {
                int64_t *slots = arena_take(&grid->arena, GRID_SLOTS * sizeof(*slots));
                if (!slots)
                        return NULL;
                for (size_t i = 0; i < GRID_SLOTS; i++)
                        slots[i] = GRID_EMPTY;
                *e = (struct grid_entry){ series, chunk, slots };
                grid->n_entries++;
        }
        return e->slots;
}

int64_t *grid_slot(struct grid *grid, struct series *series, int64_t interval)
{
        const int64_t chunk = vg_floor_div(interval, GRID_SLOTS);

        if (chunk != series->chunk || !series->slots) {
                series->slots = make_chunk(grid, (uint32_t)(series - grid->series), chunk);
                series->chunk = chunk;
                if (!series->slots)
                        return NULL;
        }
        return &series->slots[interval - chunk * GRID_SLOTS];
}

const int64_t *grid_chunk(const struct grid *grid, struct series *series, int64_t chunk)
{
        if (chunk != series->chunk && grid->size_entries) {
                series->slots = find_entry(grid, (uint32_t)(series - grid->series), chunk)->slots;
                series->chunk = chunk;
        }
        return series->slots;
}

int64_t grid_get(const struct grid *grid, struct series *series, int64_t interval)
{
        const int64_t chunk = vg_floor_div(interval, GRID_SLOTS);
        const int64_t *slots = grid_chunk(grid, series, chunk);

        return slots ? slots[interval - chunk * GRID_SLOTS] : GRID_EMPTY;
}

static int compare_chunks(const void *a, const void *b)
{
        const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return (x > y) - (x < y);
}

int grid_sort(struct grid *grid)
{
        size_t n = 0;

        grid->chunks = calloc(grid->n_entries + 1, sizeof(*grid->chunks));
        if (!grid->chunks)
                return -ENOMEM;
        for (uint32_t i = 0; i < grid->size_entries; i++)
                if (grid->entries[i].slots)
                        grid->chunks[n++] = grid->entries[i].chunk;
        qsort(grid->chunks, n, sizeof(*grid->chunks), compare_chunks);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || grid->chunks[i] != grid->chunks[i - 1])
                        grid->chunks[grid->n_chunks++] = grid->chunks[i];
        return 0;
}

int64_t grid_next(const struct grid *grid, int64_t from)
{
        const int64_t chunk = vg_floor_div(from, GRID_SLOTS);
        size_t low = 0, high = grid->n_chunks;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (grid->chunks[middle] < chunk)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == grid->n_chunks)
                return INT64_MAX;
        return grid->chunks[low] == chunk ? from : grid->chunks[low] * GRID_SLOTS;
}

void grid_done(struct grid *grid)
{
        arena_done(&grid->arena);
        free(grid->series);
        free(grid->names);
        free(grid->entries);
        free(grid->chunks);
        *grid = (struct grid){ 0 };
}
