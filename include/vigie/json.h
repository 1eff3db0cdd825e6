/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* json: reading strictly and writing canonically.
 *
 * Canonical JSON (DESIGN §6): UTF-8; keys sorted by bytes; no spaces; escapes only for '"', '\' and
 * U+0000-001F, as \b \f \n \r \t or \u00xx in lower case; integers of 64 bits and strings, arrays
 * and objects; no reals, no null, no booleans. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/text.h"

struct vg_err;

/* Writer. Keys must come in byte order: a wrong order is our mistake and asserts. */
enum { VG_JSON_DEPTH = 24 };
struct vg_json {
        struct vg_buf buf;
        int depth;
        bool any[VG_JSON_DEPTH];
        char last_key[VG_JSON_DEPTH][64];
};

void vg_json_done(struct vg_json *j);
void vg_json_object(struct vg_json *j, const char *key); /* key NULL inside arrays and at the top */
void vg_json_array(struct vg_json *j, const char *key);
void vg_json_end_object(struct vg_json *j);
void vg_json_end_array(struct vg_json *j);
void vg_json_string(struct vg_json *j, const char *key, const char *value);
void vg_json_string_n(struct vg_json *j, const char *key, const char *value, size_t n);
void vg_json_int(struct vg_json *j, const char *key, int64_t value);
/* Bytes that are canonical JSON already. */
void vg_json_raw(struct vg_json *j, const char *key, const char *bytes, size_t n);

/* A tree as canonical bytes, appended to buf. -EINVAL: holds a real, null or boolean. */
int vg_json_canonical(const json_t *tree, struct vg_buf *buf, struct vg_err *err);

/* Strict reading of hostile bytes: UTF-8, no duplicate keys, no reals (-EDOM), no depth over 64,
 * nothing behind the value. Codes: -EILSEQ not UTF-8, -EEXIST duplicate key, -EDOM a number with a
 * fraction or exponent, -EINVAL otherwise not JSON, -ENOMEM. *ret_line and *ret_column, where
 * given, are filled on failure (from 1). The caller owns *ret_tree. */
int vg_json_parse(const char *bytes, size_t n, json_t **ret_tree, int *ret_line, int *ret_column,
                  struct vg_err *err);

static inline void vg_json_decrefp(json_t **tree)
{
        json_decref(*tree);
}

/* Readers of one member: 0, -ENOENT absent, -EINVAL of another type or out of range. */
int vg_json_get_string(const json_t *object, const char *key, const char **ret_value);
int vg_json_get_int(const json_t *object, const char *key, int64_t *ret_value);
