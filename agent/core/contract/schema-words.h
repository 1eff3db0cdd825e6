/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* schema-words: the keywords of a schema, one function each; which is which is told in schema.c. */

#include <stdbool.h>

#include "core/contract/schema.h"

struct checker {
        const json_t *root; /* the schema */
        struct report *report;
        struct where_path path;
        const char *def; /* the name by which a definition was reached; NULL: none */
        bool quiet;      /* only asking */
};

/* One keyword: whether value obeys it, having said why not. */
typedef bool keyword_fn(struct checker *c, const json_t *schema, const json_t *word,
                        const json_t *value);

/* Whether there is any use in finding words for a failure. */
bool schema_tells(const struct checker *c, enum vg_refusal_reason reason);
/* Says so; always false. */
bool schema_fail(struct checker *c, enum vg_refusal_reason reason, const char *a, const char *b);

/* Of single values and their sizes (schema-values.c). */
keyword_fn schema_const, schema_enum, schema_max_items, schema_max_length, schema_maximum,
        schema_min_items, schema_min_length, schema_min_properties, schema_minimum, schema_pattern,
        schema_type, schema_unique;
/* What a pattern cannot say of a definition's values: that the day exists, that the quantity fits
 * its integer. */
bool schema_meaning(struct checker *c, const char *name, const json_t *value);
