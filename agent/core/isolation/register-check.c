/* SPDX-License-Identifier: Apache-2.0 */

#include "register-check.h"

#include <errno.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"
#include "vigie/text.h"

#define ONE_TENANT "tenants.*"

struct field {
        const char *section, *key;
        bool (*fits)(const struct field *field, const json_t *value);
        const char *wanted; /* a French text, or the words, with '|' between them */
        bool is_word;
};

static bool is_one_of(const char *words, const char *word)
{
        for (size_t n; *words; words += n + (words[n] == '|')) {
                n = strcspn(words, "|");
                if (strlen(word) == n && strncmp(words, word, n) == 0)
                        return true;
        }
        return false;
}

static bool is_word(const struct field *field, const json_t *value)
{
        return json_is_string(value) && is_one_of(field->wanted, json_string_value(value));
}

static bool is_flag(_unused_ const struct field *field, const json_t *value)
{
        return json_is_boolean(value) ||
               (json_is_integer(value) && json_integer_value(value) >> 1 == 0);
}

static bool is_object(_unused_ const struct field *field, const json_t *value)
{
        return json_is_object(value);
}

static bool is_map(_unused_ const struct field *field, const json_t *value)
{
        const char *key;
        json_t *item;

        json_object_foreach ((json_t *)value, key, item)
                if (!json_is_string(item))
                        return false;
        return json_is_object(value);
}

static bool is_list(_unused_ const struct field *field, const json_t *value)
{
        for (size_t i = 0; i < json_array_size(value); i++)
                if (!json_is_string(json_array_get(value, i)))
                        return false;
        return json_is_array(value);
}

static bool is_list_of_pairs(const struct field *field, const json_t *value)
{
        for (size_t i = 0; i < json_array_size(value); i++) {
                const json_t *pair = json_array_get(value, i);
                if (json_array_size(pair) != 2 || !is_list(field, pair))
                        return false;
        }
        return json_is_array(value);
}

/* By section, then key. */
static const struct field fields[] = {
        { "", "attribution", is_object, N_("un objet"), false },
        { "", "policy", is_object, N_("un objet"), false },
        { "", "public", is_object, N_("un objet"), false },
        { "", "tenants", is_object, N_("un objet {abonné: {…}}"), false },
        { "attribution", "aliases", is_map, N_("un objet {« plateforme:projet »: abonné}"), false },
        { "attribution", "map", is_map, N_("un objet {uuid: abonné}"), false },
        { "attribution", "patterns", is_list_of_pairs, N_("une liste de [motif, abonné]"), false },
        { "attribution", "precedence", is_list, N_("une liste de textes"), false },
        { "policy", "allow_tcg", is_flag, "true|false|0|1", true },
        { "policy", "management_networks", is_list, N_("une liste de textes"), false },
        { "policy", "nested", is_list, N_("une liste de textes"), false },
        { "public", "images", is_list, N_("une liste de textes"), false },
        { "public", "networks", is_list, N_("une liste de textes"), false },
        { ONE_TENANT, "anti_spoof", is_word, "required|optional", true },
        { ONE_TENANT, "compute", is_word, "shared|dedicated", true },
        { ONE_TENANT, "disk_encryption", is_word, "required|optional", true },
        { ONE_TENANT, "memory_encryption", is_word, "required|optional", true },
        { ONE_TENANT, "role", is_word, "customer|provider", true },
};

static const struct field *find(const char *section, const char *key)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strcmp(fields[i].section, section) == 0 && strcmp(fields[i].key, key) == 0)
                        return &fields[i];
        return NULL;
}

bool register_word_fits(const char *section, const char *key, const json_t *value)
{
        const struct field *field = find(section, key);

        return !value || json_is_null(value) || field->fits(field, value);
}

static int refuse_key(const char *path, const char *section, const char *key, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf known = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strcmp(fields[i].section, section) == 0)
                        vg_buf_printf(&known, "%s%s", known.n ? ", " : "", fields[i].key);
        return vg_err_set(err, -EINVAL, "registre des abonnés : %s%s : clé inconnue; attendu : %s",
                          path, key, known.failed ? "" : known.data);
}

/* path: "" or what leads to the section, with its point. */
static int check_section(const char *path, const char *section, const json_t *json, bool strict,
                         struct vg_err *err)
{
        const char *key;
        json_t *value;

        json_object_foreach ((json_t *)json, key, value) {
                const struct field *field = find(section, key);
                if (!field && strict)
                        return refuse_key(path, section, key, err);
                if (!field || (!strict && (field->is_word || json_is_null(value))))
                        continue;
                if (!field->fits(field, value))
                        return vg_err_set(err, -EINVAL,
                                          "registre des abonnés : %s%s : attendu : %s", path, key,
                                          vg_translate(field->wanted));
        }
        return 0;
}

static int check_tenants(const json_t *tenants, bool strict, struct vg_err *err)
{
        const char *id;
        json_t *is;
        int r = 0;

        if (strict && !json_object_size(tenants))
                return vg_err_set(
                        err, -EINVAL,
                        "registre des abonnés : tenants : au moins un abonné est attendu");
        json_object_foreach ((json_t *)tenants, id, is) {
                char path[256];
                snprintf(path, sizeof(path), "tenants.%s.", id);
                if (!json_is_object(is) && (strict || !json_is_null(is)))
                        return vg_err_set(err, -EINVAL,
                                          "registre des abonnés : tenants.%s : attendu : %s", id,
                                          vg_translate(N_("un objet")));
                r = check_section(path, ONE_TENANT, is, strict, err);
                if (r < 0)
                        break;
        }
        return r;
}

/* ---- whoever is named is a tenant ---- */

static int check_named(const json_t *tenants, const char *path, const json_t *id,
                       struct vg_err *err)
{
        const char *name = json_string_value(id);

        if (json_object_get(tenants, name))
                return 0;
        return vg_err_set(err, -EINVAL,
                          "registre des abonnés : %s : « %s » n'est pas un abonné de « tenants »",
                          path, name);
}

static int check_names(const json_t *json, struct vg_err *err)
{
        static const char *const maps[] = { "aliases", "map" };
        const json_t *tenants = json_object_get(json, "tenants");
        const json_t *attribution = json_object_get(json, "attribution");
        const json_t *patterns = json_object_get(attribution, "patterns");
        const json_t *nested = json_object_get(json_object_get(json, "policy"), "nested");
        const char *key;
        json_t *id;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(maps); i++)
                json_object_foreach (json_object_get(attribution, maps[i]), key, id) {
                        char path[256];
                        snprintf(path, sizeof(path), "attribution.%s.%s", maps[i], key);
                        if (r == 0)
                                r = check_named(tenants, path, id, err);
                }
        for (size_t i = 0; r == 0 && i < json_array_size(patterns); i++)
                r = check_named(tenants, "attribution.patterns",
                                json_array_get(json_array_get(patterns, i), 1), err);
        for (size_t i = 0; r == 0 && i < json_array_size(nested); i++)
                r = check_named(tenants, "policy.nested", json_array_get(nested, i), err);
        return r;
}

int register_check(const json_t *json, bool strict, struct vg_err *err)
{
        static const char *const sections[] = { "attribution", "policy", "public" };

        if (!json_is_object(json))
                return vg_err_set(err, -EINVAL, "registre des abonnés : un objet JSON est attendu");
        int r = check_section("", "", json, strict, err);
        if (r == 0)
                r = check_tenants(json_object_get(json, "tenants"), strict, err);
        for (size_t i = 0; r == 0 && i < ELEMENTSOF(sections); i++) {
                char path[32];
                snprintf(path, sizeof(path), "%s.", sections[i]);
                r = check_section(path, sections[i], json_object_get(json, sections[i]), strict,
                                  err);
        }
        return r == 0 && strict ? check_names(json, err) : r;
}

int vg_register_check(const json_t *json, struct vg_err *err)
{
        return register_check(json, true, err);
}
