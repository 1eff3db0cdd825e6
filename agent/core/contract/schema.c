/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/schema-words.h"

#include <assert.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/text.h"

static bool check(struct checker *c, const json_t *schema, const json_t *value);

bool schema_tells(const struct checker *c, enum vg_refusal_reason reason)
{
        return !c->quiet && report_keeps(c->report, reason);
}

bool schema_fail(struct checker *c, enum vg_refusal_reason reason, const char *a, const char *b)
{
        report_at(c->report, reason, &c->path, a, b, NULL);
        return false;
}

static bool fail_at_key(struct checker *c, enum vg_refusal_reason reason, const char *key,
                        const char *a)
{
        if (c->path.n == WHERE_DEPTH || !schema_tells(c, reason))
                return false;
        c->path.step[c->path.n++] = (struct where_step){ .key = key, .n_key = strlen(key) };
        schema_fail(c, reason, a, NULL);
        c->path.n--;
        return false;
}

static bool obeys_quietly(struct checker *c, const json_t *schema, const json_t *value)
{
        const bool was_quiet = c->quiet;

        c->quiet = true;
        const bool ok = check(c, schema, value);
        c->quiet = was_quiet;
        return ok;
}

static bool descend(struct checker *c, struct where_step step, const json_t *schema,
                    const json_t *value)
{
        const char *was = c->def;

        if (c->path.n == WHERE_DEPTH)
                return false;
        c->path.step[c->path.n++] = step;
        c->def = NULL;
        const bool ok = check(c, schema, value);
        c->def = was;
        c->path.n--;
        return ok;
}

static bool word_items(struct checker *c, const json_t *schema _unused_, const json_t *word,
                       const json_t *value)
{
        bool ok = true;

        for (size_t i = 0; i < json_array_size(value); i++)
                ok &= descend(c, (struct where_step){ .index = i }, word, json_array_get(value, i));
        return ok;
}

static bool word_properties(struct checker *c, const json_t *schema _unused_, const json_t *word,
                            const json_t *value)
{
        bool ok = true;
        const char *key;
        json_t *member;

        json_object_foreach ((json_t *)value, key, member) {
                const struct where_step step = { .key = key, .n_key = strlen(key) };
                const json_t *rule = json_object_get(word, key);
                if (rule)
                        ok &= descend(c, step, rule, member);
        }
        return ok;
}

static bool unknown_key(struct checker *c, const json_t *known, const char *key)
{
        _cleanup_(vg_buf_done) struct vg_buf allowed = { 0 };
        const char *name;
        json_t *rule;

        if (!schema_tells(c, VG_REFUSAL_UNKNOWN_KEY))
                return false;
        json_object_foreach ((json_t *)known, name, rule)
                vg_buf_printf(&allowed, "%s%s", allowed.n ? ", " : "", name);
        return fail_at_key(c, VG_REFUSAL_UNKNOWN_KEY, key, allowed.data);
}

static bool word_additional(struct checker *c, const json_t *schema, const json_t *word,
                            const json_t *value)
{
        const json_t *known = json_object_get(schema, "properties");
        const char *key;
        json_t *member;
        bool ok = true;

        assert(json_is_false(word));
        json_object_foreach ((json_t *)value, key, member)
                if (!json_object_get(known, key))
                        ok = unknown_key(c, known, key);
        return ok;
}

static bool word_required(struct checker *c, const json_t *schema _unused_, const json_t *word,
                          const json_t *value)
{
        bool ok = true;

        for (size_t i = 0; json_is_object(value) && i < json_array_size(word); i++) {
                const char *key = json_string_value(json_array_get(word, i));
                if (!json_object_get(value, key))
                        ok = fail_at_key(c, VG_REFUSAL_MISSING_KEY, key, key);
        }
        return ok;
}

static bool word_ref(struct checker *c, const json_t *schema _unused_, const json_t *word,
                     const json_t *value)
{
        static const char prefix[] = "#/$defs/";
        const char *was = c->def, *name = json_string_value(word) + strlen(prefix);
        const json_t *target = json_object_get(json_object_get(c->root, "$defs"), name);

        assert(target && strncmp(json_string_value(word), prefix, strlen(prefix)) == 0);
        c->def = name;
        bool ok = check(c, target, value);
        ok = ok && schema_meaning(c, name, value);
        c->def = was;
        return ok;
}

/* Exactly one. Where none holds, the first says why: the schema names the usual case first. */
static bool word_one_of(struct checker *c, const json_t *schema _unused_, const json_t *word,
                        const json_t *value)
{
        size_t n_held = 0;

        for (size_t i = 0; i < json_array_size(word); i++)
                n_held += obeys_quietly(c, json_array_get(word, i), value);
        assert(n_held <= 1); /* the schema's alternatives exclude each other */
        return n_held == 1 || check(c, json_array_get(word, 0), value);
}

static bool word_all_of(struct checker *c, const json_t *schema _unused_, const json_t *word,
                        const json_t *value)
{
        bool ok = true;

        for (size_t i = 0; i < json_array_size(word); i++)
                ok &= check(c, json_array_get(word, i), value);
        return ok;
}

static bool word_if(struct checker *c, const json_t *schema, const json_t *word,
                    const json_t *value)
{
        const json_t *rule =
                json_object_get(schema, obeys_quietly(c, word, value) ? "then" : "else");

        return !rule || check(c, rule, value);
}

static bool word_not(struct checker *c, const json_t *schema _unused_, const json_t *word,
                     const json_t *value)
{
        const char *key = json_string_value(json_array_get(json_object_get(word, "required"), 0));

        assert(key); /* the one use that the schema makes of it */
        return !obeys_quietly(c, word, value) || fail_at_key(c, VG_REFUSAL_FORBIDDEN_KEY, key, key);
}

static const struct {
        const char *word;
        keyword_fn *obeys;
} keywords[] = {
        { "$ref", word_ref },
        { "additionalProperties", word_additional },
        { "allOf", word_all_of },
        { "const", schema_const },
        { "enum", schema_enum },
        { "if", word_if },
        { "items", word_items },
        { "maxItems", schema_max_items },
        { "maxLength", schema_max_length },
        { "maximum", schema_maximum },
        { "minItems", schema_min_items },
        { "minLength", schema_min_length },
        { "minProperties", schema_min_properties },
        { "minimum", schema_minimum },
        { "not", word_not },
        { "oneOf", word_one_of },
        { "pattern", schema_pattern },
        { "properties", word_properties },
        { "required", word_required },
        { "type", schema_type },
        { "uniqueItems", schema_unique },
};

static keyword_fn *keyword(const char *word)
{
        for (size_t i = 0; i < ELEMENTSOF(keywords); i++)
                if (strcmp(keywords[i].word, word) == 0)
                        return keywords[i].obeys;
        return NULL;
}

static bool check(struct checker *c, const json_t *schema, const json_t *value)
{
        const char *name;
        json_t *word;
        bool ok = true;

        json_object_foreach ((json_t *)schema, name, word) {
                keyword_fn *obeys = keyword(name);
                if (obeys)
                        ok &= obeys(c, schema, word, value);
        }
        return ok;
}

void schema_check(const json_t *schema, const json_t *tree, struct report *report)
{
        struct checker c = { .root = schema, .report = report };

        check(&c, schema, tree);
}

bool schema_understands(const char *word)
{
        static const char *const silent[] = { "$defs", "$id",  "$schema", "description",
                                              "else",  "then", "title" };

        for (size_t i = 0; i < ELEMENTSOF(silent); i++)
                if (strcmp(silent[i], word) == 0)
                        return true;
        return keyword(word);
}
