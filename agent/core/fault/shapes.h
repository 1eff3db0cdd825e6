/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* shapes: what is kept of each struct of the book, in one table a struct, so that saving and loading
 * cannot drift apart. */

#include <stddef.h>
#include <stdint.h>

enum type { TEXT, NUMBER, FLAG, SMALL, CODE, MOMENTS, LIST, POINTERS };

struct shape {
        const struct field *fields; /* sorted by name */
        size_t n, size;             /* size: of the struct */
};

struct field {
        const char *name;
        size_t offset;
        enum type type;
        int64_t max;               /* SMALL: the highest value of the enumeration */
        size_t offset_n;           /* of lists: where their number is */
        const struct shape *shape; /* of lists: that of their elements */
};

extern const struct shape book_shape;
