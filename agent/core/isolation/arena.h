/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* arena: what lives and dies together. Zero-initialised is empty; arena_drop() frees all of it. */

#include <stdbool.h>
#include <stddef.h>

struct arena {
        struct arena_block *block;
        size_t at, size; /* of the block */
        bool failed;     /* stays true: only the end needs checking */
};

void arena_drop(struct arena *arena);
/* Zeroed. NULL only where failed. */
void *arena_alloc(struct arena *arena, size_t n);
/* For arrays. NULL where failed. */
void *arena_array(struct arena *arena, size_t n, size_t size);
/* A copy. "" where text is NULL or memory has run out. */
const char *arena_text(struct arena *arena, const char *text);
const char *arena_text_n(struct arena *arena, const char *text, size_t n);
/* A copy, with A to Z in lower case. */
const char *arena_lower(struct arena *arena, const char *text);
const char *arena_printf(struct arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
