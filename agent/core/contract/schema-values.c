/* SPDX-License-Identifier: Apache-2.0 */

/* Keywords about single values: their type, form and size. */

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/pattern.h"
#include "core/contract/schema-words.h"
#include "vigie/civil.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

enum { UNIQUE_MAX = 64 };

static bool fail_size(struct checker *c, enum vg_refusal_reason reason, int64_t found,
                      const json_t *limit)
{
        char a[24], b[24];

        if (!schema_tells(c, reason))
                return false;
        snprintf(a, sizeof(a), "%" PRId64, found);
        snprintf(b, sizeof(b), "%" JSON_INTEGER_FORMAT, json_integer_value(limit));
        return schema_fail(c, reason, a, b);
}

/* ---- what is shown of a value; the same in every language ---- */

static const char *describe(const json_t *value, char *buf, size_t size)
{
        if (json_is_string(value))
                snprintf(buf, size, "\"%s\"", json_string_value(value));
        else if (json_is_integer(value))
                snprintf(buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else
                snprintf(buf, size, "%s",
                         json_is_object(value)  ? "{…}"
                         : json_is_array(value) ? "[…]"
                         : json_is_true(value)  ? "true"
                         : json_is_false(value) ? "false"
                                                : "null");
        return buf;
}

static const struct {
        const char *name, *shown;
} types[] = {
        { "array", "[…]" }, { "boolean", "true, false" }, { "integer", "123" },
        { "null", "null" }, { "object", "{…}" },          { "string", "\"…\"" },
};

static bool is_of_type(const json_t *value, const char *type)
{
        static const char *const names[] = {
                [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
                [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
                [JSON_FALSE] = "boolean",   [JSON_NULL] = "null",
        };

        return strcmp(names[json_typeof(value)], type) == 0;
}

static const char *one_type(const json_t *word, size_t i)
{
        return json_string_value(json_is_array(word) ? json_array_get(word, i) : word);
}

static void list_types(struct vg_buf *out, const char *type)
{
        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(types[i].name, type) == 0)
                        vg_buf_printf(out, "%s%s", out->n ? ", " : "", types[i].shown);
}

/* ---- keywords ---- */

bool schema_type(struct checker *c, const json_t *schema _unused_, const json_t *word,
                 const json_t *value)
{
        _cleanup_(vg_buf_done) struct vg_buf wanted = { 0 };
        const size_t n = json_is_array(word) ? json_array_size(word) : 1;
        char found[300];

        for (size_t i = 0; i < n; i++)
                if (is_of_type(value, one_type(word, i)))
                        return true;
        if (!schema_tells(c, VG_REFUSAL_WRONG_TYPE))
                return false;
        for (size_t i = 0; i < n; i++)
                list_types(&wanted, one_type(word, i));
        return schema_fail(c, VG_REFUSAL_WRONG_TYPE, describe(value, found, sizeof(found)),
                           wanted.data);
}

bool schema_enum(struct checker *c, const json_t *schema _unused_, const json_t *word,
                 const json_t *value)
{
        _cleanup_(vg_buf_done) struct vg_buf allowed = { 0 };
        char text[300];

        for (size_t i = 0; i < json_array_size(word); i++)
                if (json_equal(json_array_get(word, i), value))
                        return true;
        if (!schema_tells(c, VG_REFUSAL_NOT_ALLOWED))
                return false;
        for (size_t i = 0; i < json_array_size(word); i++)
                vg_buf_printf(&allowed, "%s%s", i ? ", " : "",
                              describe(json_array_get(word, i), text, sizeof(text)));
        return schema_fail(c, VG_REFUSAL_NOT_ALLOWED, describe(value, text, sizeof(text)),
                           allowed.data);
}

bool schema_const(struct checker *c, const json_t *schema _unused_, const json_t *word,
                  const json_t *value)
{
        char found[300], wanted[300];

        return json_equal(word, value) ||
               (schema_tells(c, VG_REFUSAL_NOT_ALLOWED) &&
                schema_fail(c, VG_REFUSAL_NOT_ALLOWED, describe(value, found, sizeof(found)),
                            describe(word, wanted, sizeof(wanted))));
}

/* What a text should have been, by the definition or the member that asks it. */
static const struct {
        const char *name;
        enum vg_refusal_reason reason;
} forms[] = {
        { "cents", VG_REFUSAL_NOT_CENTS },    { "date", VG_REFUSAL_NOT_DATE },
        { "email", VG_REFUSAL_NOT_EMAIL },    { "id", VG_REFUSAL_NOT_ID },
        { "neq", VG_REFUSAL_NOT_NEQ },        { "pct", VG_REFUSAL_NOT_PERCENT },
        { "price6", VG_REFUSAL_NOT_PRICE },   { "qty", VG_REFUSAL_NOT_QUANTITY },
        { "serial", VG_REFUSAL_NOT_SERIAL },  { "time", VG_REFUSAL_NOT_TIME },
        { "verify_key", VG_REFUSAL_NOT_KEY }, { "webhook", VG_REFUSAL_NOT_HTTPS },
};

static enum vg_refusal_reason form_reason(const struct checker *c)
{
        const struct where_step *last = &c->path.step[c->path.n ? c->path.n - 1 : 0];

        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
                const size_t n = strlen(forms[i].name);
                if (c->def ? strcmp(c->def, forms[i].name) == 0
                           : last->key && last->n_key == n &&
                                     memcmp(last->key, forms[i].name, n) == 0)
                        return forms[i].reason;
        }
        assert(false); /* a pattern of the schema without its sentence */
        return VG_REFUSAL_NOT_ID;
}

bool schema_pattern(struct checker *c, const json_t *schema _unused_, const json_t *word,
                    const json_t *value)
{
        return !json_is_string(value) ||
               pattern_matches(json_string_value(word), json_string_value(value)) ||
               (schema_tells(c, form_reason(c)) &&
                schema_fail(c, form_reason(c), json_string_value(value), NULL));
}

static int64_t characters(const json_t *value)
{
        int64_t n = 0;

        for (const char *s = json_string_value(value); *s; s++)
                n += ((unsigned char)*s & 0xc0) != 0x80;
        return n;
}

bool schema_min_length(struct checker *c, const json_t *schema _unused_, const json_t *word,
                       const json_t *value)
{
        return !json_is_string(value) || characters(value) >= json_integer_value(word) ||
               fail_size(c, VG_REFUSAL_TOO_SHORT, characters(value), word);
}

bool schema_max_length(struct checker *c, const json_t *schema _unused_, const json_t *word,
                       const json_t *value)
{
        return !json_is_string(value) || characters(value) <= json_integer_value(word) ||
               fail_size(c, VG_REFUSAL_TOO_LONG, characters(value), word);
}

bool schema_minimum(struct checker *c, const json_t *schema _unused_, const json_t *word,
                    const json_t *value)
{
        return !json_is_integer(value) || json_integer_value(value) >= json_integer_value(word) ||
               fail_size(c, VG_REFUSAL_TOO_SMALL, json_integer_value(value), word);
}

bool schema_maximum(struct checker *c, const json_t *schema _unused_, const json_t *word,
                    const json_t *value)
{
        return !json_is_integer(value) || json_integer_value(value) <= json_integer_value(word) ||
               fail_size(c, VG_REFUSAL_TOO_GREAT, json_integer_value(value), word);
}

bool schema_min_items(struct checker *c, const json_t *schema _unused_, const json_t *word,
                      const json_t *value)
{
        const int64_t n = (int64_t)json_array_size(value);

        return !json_is_array(value) || n >= json_integer_value(word) ||
               fail_size(c, VG_REFUSAL_TOO_FEW, n, word);
}

bool schema_max_items(struct checker *c, const json_t *schema _unused_, const json_t *word,
                      const json_t *value)
{
        const int64_t n = (int64_t)json_array_size(value);

        return !json_is_array(value) || n <= json_integer_value(word) ||
               fail_size(c, VG_REFUSAL_TOO_MANY, n, word);
}

/* Lists of distinct items in the schema either have few values to choose from, so that a repetition
 * comes early, or a maxItems that is lower than this. */
bool schema_unique(struct checker *c, const json_t *schema _unused_, const json_t *word,
                   const json_t *value)
{
        const size_t n = json_array_size(value) < UNIQUE_MAX ? json_array_size(value) : UNIQUE_MAX;
        char found[300];

        if (!json_is_true(word))
                return true;
        for (size_t i = 1; i < n; i++)
                for (size_t k = 0; k < i; k++)
                        if (json_equal(json_array_get(value, i), json_array_get(value, k)))
                                return schema_fail(
                                        c, VG_REFUSAL_REPEATED,
                                        describe(json_array_get(value, i), found, sizeof(found)),
                                        NULL);
        return true;
}

bool schema_min_properties(struct checker *c, const json_t *schema _unused_, const json_t *word,
                           const json_t *value)
{
        return !json_is_object(value) ||
               (json_int_t)json_object_size(value) >= json_integer_value(word) ||
               (schema_tells(c, VG_REFUSAL_EMPTY_OBJECT) &&
                schema_fail(c, VG_REFUSAL_EMPTY_OBJECT, NULL, NULL));
}

bool schema_meaning(struct checker *c, const char *name, const json_t *value)
{
        const char *text = json_string_value(value);
        struct vg_date date;
        int64_t micro;

        if (strcmp(name, "date") == 0 && vg_date_parse(text, &date) < 0)
                return schema_tells(c, VG_REFUSAL_NO_SUCH_DATE) &&
                       schema_fail(c, VG_REFUSAL_NO_SUCH_DATE, text, NULL);
        if (strcmp(name, "time") == 0 && strcmp(text, "24:00") > 0)
                return schema_tells(c, VG_REFUSAL_NOT_TIME) &&
                       schema_fail(c, VG_REFUSAL_NOT_TIME, text, NULL);
        if (strcmp(name, "qty") == 0 && vg_decimal_parse(text, 6, &micro) < 0)
                return schema_tells(c, VG_REFUSAL_TOO_GREAT) &&
                       schema_fail(c, VG_REFUSAL_TOO_GREAT, text, "9223372036854.775807");
        return true;
}
