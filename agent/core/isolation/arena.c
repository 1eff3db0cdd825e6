/* SPDX-License-Identifier: Apache-2.0 */

#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 2048, BLOCK_MAX = 1 << 20, ALIGN = 8 };

struct arena_block {
        struct arena_block *before;
        _Alignas(ALIGN) char bytes[];
};

void arena_drop(struct arena *arena)
{
        while (arena->block) {
                struct arena_block *block = arena->block;
                arena->block = block->before;
                free(block);
        }
        *arena = (struct arena){ 0 };
}

/* Blocks double, so that a large verdict takes few and a small document one. */
static bool grow(struct arena *arena, size_t n)
{
        size_t size = arena->size ? arena->size * 2 : BLOCK_SIZE;

        if (size > BLOCK_MAX)
                size = BLOCK_MAX;
        if (size < n)
                size = n;

        struct arena_block *block = calloc(1, sizeof(*block) + size);
        if (!block) {
                arena->failed = true;
                return false;
        }
        block->before = arena->block;
        arena->block = block;
        arena->size = size;
        arena->at = 0;
        return true;
}

void *arena_alloc(struct arena *arena, size_t n)
{
        n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
        if (arena->failed || ((!arena->block || arena->size - arena->at < n) && !grow(arena, n)))
                return NULL;

        void *room = arena->block->bytes + arena->at;
        arena->at += n;
        return room;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
        size_t bytes;

        if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 4) {
                arena->failed = true;
                return NULL;
        }
        return arena_alloc(arena, bytes ? bytes : 1);
}

const char *arena_text_n(struct arena *arena, const char *text, size_t n)
{
        char *copy = n ? arena_alloc(arena, n + 1) : NULL;

        if (!copy)
                return "";
        memcpy(copy, text, n);
        return copy;
}

const char *arena_text(struct arena *arena, const char *text)
{
        return text ? arena_text_n(arena, text, strlen(text)) : "";
}

const char *arena_lower(struct arena *arena, const char *text)
{
        char *copy = (char *)arena_text(arena, text);

        for (char *at = copy; *at; at++)
                if (*at >= 'A' && *at <= 'Z')
                        *at |= 0x20;
        return copy;
}

/* Into what is left of the block; what does not fit is printed again, where there is room. */
const char *arena_printf(struct arena *arena, const char *format, ...)
{
        const size_t left = arena->block && !arena->failed ? arena->size - arena->at : 0;
        char *at = left ? arena->block->bytes + arena->at : NULL;
        va_list args, again;

        va_start(args, format);
        va_copy(again, args);
        const int n = vsnprintf(at, left, format, args);
        va_end(args);

        char *text = n > 0 ? arena_alloc(arena, (size_t)n + 1) : NULL;
        if (text && text != at)
                vsnprintf(text, (size_t)n + 1, format, again);
        va_end(again);
        return text ? text : "";
}
