/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* where: places in a JSON text. jansson keeps no positions, so that the text is walked again, and
 * only when there is something to tell. Walks what is JSON as far as it is; never beyond n. */

#include <stdbool.h>
#include <stddef.h>

enum { WHERE_DEPTH = 64 };

/* One step down: a member (key) or, key NULL, an element (index). */
struct where_step {
        const char *key;
        size_t n_key, index;
};

struct where_path {
        struct where_step step[WHERE_DEPTH];
        size_t n;
};

/* Byte at which the value of that path begins (its key, for a member); where the path leads nowhere,
 * the deepest part of it that is there. */
size_t where_offset(const char *bytes, size_t n, const struct where_path *path);

/* Path of the value that holds that byte. Keys point into bytes, escapes as written. */
void where_path_at(const char *bytes, size_t n, size_t offset, struct where_path *ret_path);

/* Line of a byte, from 1. */
int where_line(const char *bytes, size_t n, size_t offset);

/* Byte at a line and column (counted in characters), both from 1. */
size_t where_byte(const char *bytes, size_t n, int line, int column);

/* "price_list[2].sku" into steps; keys point into text. */
void where_parse(const char *text, struct where_path *ret_path);

/* Steps into text, keys cleaned. Returns buf. */
char *where_format(const struct where_path *path, char *buf, size_t size);
