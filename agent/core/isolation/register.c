/* SPDX-License-Identifier: Apache-2.0 */

#include "register.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "regex.h"
#include "register-check.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static const char *const source_names[SOURCE_N] = {
        [SOURCE_MAP] = "map",
        [SOURCE_VIGIE] = "vigie",
        [SOURCE_PLATFORM] = "platform",
        [SOURCE_PATTERN] = "pattern",
};

static bool says(const json_t *object, const char *key, const char *word)
{
        const char *is = json_string_value(json_object_get(object, key));

        return is && strcmp(is, word) == 0;
}

static bool is_set(const json_t *object, const char *key)
{
        const json_t *value = json_object_get(object, key);

        return json_is_true(value) || (json_is_integer(value) && json_integer_value(value) != 0);
}

/* What is not known asks for less, and its checks cannot pass (doubt.c). */
static bool has_doubt(struct arena *arena, struct register_ *reg, enum doubt doubt,
                      const char *section, const char *path, const char *key, const json_t *object)
{
        const json_t *value = json_object_get(object, key);
        const char *word = json_string_value(value);

        if (register_word_fits(section, key, value))
                return false;
        if (!reg->doubts[doubt])
                reg->doubts[doubt] = arena_printf(arena, "%s%s: %s", path, key, word ? word : "?");
        return true;
}

static void find_doubts(struct arena *arena, struct register_ *reg, struct tenant *tenant,
                        const json_t *is)
{
        static const char *const keys[] = {
                [DOUBT_COMPUTE] = "compute",
                [DOUBT_DISK] = "disk_encryption",
                [DOUBT_MEMORY] = "memory_encryption",
                [DOUBT_ROLE] = "role",
        };
        const char *path = arena_printf(arena, "tenants.%s.", tenant->id);

        for (enum doubt d = 0; d < ELEMENTSOF(keys); d++)
                tenant->doubts[d] = has_doubt(arena, reg, d, "tenants.*", path, keys[d], is);
        tenant->is_provider |= tenant->doubts[DOUBT_ROLE];
}

static bool lists(const json_t *array, const char *word)
{
        for (size_t i = 0; i < json_array_size(array); i++) {
                const char *is = json_string_value(json_array_get(array, i));
                if (is && strcmp(is, word) == 0)
                        return true;
        }
        return false;
}

static int by_first(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_tenants(struct arena *arena, const json_t *json, struct register_ *reg)
{
        const json_t *tenants = json_object_get(json, "tenants");
        const json_t *nested = json_object_get(json_object_get(json, "policy"), "nested");
        struct tenant *list = arena_array(arena, json_object_size(tenants) + 1, sizeof(*list));
        const char *id;
        json_t *is;

        json_object_foreach ((json_t *)tenants, id, is) {
                if (!list)
                        continue;
                list[reg->n_tenants] = (struct tenant){
                        .id = arena_text(arena, id),
                        .dedicated = says(is, "compute", "dedicated"),
                        .encrypts_disk = says(is, "disk_encryption", "required"),
                        .encrypts_memory = says(is, "memory_encryption", "required"),
                        .is_provider = says(is, "role", "provider"),
                        .may_nest = lists(nested, id),
                };
                find_doubts(arena, reg, &list[reg->n_tenants++], is);
        }
        if (list)
                qsort(list, reg->n_tenants, sizeof(*list), by_first);
        reg->tenants = list;
}

/* {name: id} as name, id, name, id ... sorted. */
static struct words read_map(struct arena *arena, const json_t *object, bool are_uuids)
{
        const char **at = arena_array(arena, json_object_size(object) + 1, 2 * sizeof(*at));
        struct words words = { .at = at, .known = true };
        const char *name;
        json_t *id;

        json_object_foreach ((json_t *)object, name, id)
                if (at && json_is_string(id)) {
                        at[words.n++] =
                                are_uuids ? arena_lower(arena, name) : arena_text(arena, name);
                        at[words.n++] = arena_text(arena, json_string_value(id));
                }
        if (at)
                qsort((void *)at, words.n / 2, 2 * sizeof(*at), by_first);
        return words;
}

static int read_patterns(struct arena *arena, const json_t *array, struct register_ *reg,
                         struct vg_err *err)
{
        _cleanup_free_ struct regex *regex = malloc(sizeof(*regex));
        const char **at = arena_array(arena, json_array_size(array) + 1, 2 * sizeof(*at));

        if (!regex || !at)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        reg->patterns = (struct words){ .at = at, .known = true };
        for (size_t i = 0; i < json_array_size(array); i++) {
                const json_t *pair = json_array_get(array, i);
                const char *pattern = json_string_value(json_array_get(pair, 0));
                const char *id = json_string_value(json_array_get(pair, 1));
                if (!pattern || !id || regex_read(regex, pattern) < 0)
                        return vg_err_set(err, -EINVAL,
                                          "registre des abonnés : motif %zu illisible : %s", i + 1,
                                          pattern ? pattern : "");
                at[reg->patterns.n++] = arena_text(arena, pattern);
                at[reg->patterns.n++] = arena_text(arena, id);
        }
        return 0;
}

static int read_precedence(const json_t *array, struct register_ *reg, struct vg_err *err)
{
        for (size_t i = 0; i < json_array_size(array); i++) {
                const char *name = json_string_value(json_array_get(array, i));
                int source = 0;
                while (source < SOURCE_N && name && strcmp(source_names[source], name) != 0)
                        source++;
                if (!name || source == SOURCE_N || reg->n_precedence == SOURCE_N)
                        return vg_err_set(err, -EINVAL,
                                          "registre des abonnés : « precedence » connaît map, "
                                          "vigie, platform et pattern");
                reg->precedence[reg->n_precedence++] = (enum source)source;
        }
        for (int i = 0; !array && i < SOURCE_N; i++)
                reg->precedence[reg->n_precedence++] = (enum source)i;
        return 0;
}

static struct words read_list(struct arena *arena, const json_t *array)
{
        const char **at = arena_array(arena, json_array_size(array) + 1, sizeof(*at));
        struct words words = { .at = at, .known = true };

        for (size_t i = 0; at && i < json_array_size(array); i++)
                if (json_is_string(json_array_get(array, i)))
                        at[words.n++] =
                                arena_text(arena, json_string_value(json_array_get(array, i)));
        return words;
}

int register_read(struct arena *arena, const json_t *json, struct register_ **ret_register,
                  struct vg_err *err)
{
        const json_t *attribution = json_object_get(json, "attribution");
        const json_t *open = json_object_get(json, "public");
        const json_t *policy = json_object_get(json, "policy");
        struct register_ *reg = arena_alloc(arena, sizeof(*reg));

        if (!reg)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int r = register_check(json, false, err);
        if (r < 0)
                return r;
        read_tenants(arena, json, reg);
        reg->map = read_map(arena, json_object_get(attribution, "map"), true);
        reg->aliases = read_map(arena, json_object_get(attribution, "aliases"), false);
        reg->images = read_list(arena, json_object_get(open, "images"));
        reg->networks = read_list(arena, json_object_get(open, "networks"));
        reg->management = read_list(arena, json_object_get(policy, "management_networks"));
        reg->allows_tcg = is_set(policy, "allow_tcg") || has_doubt(arena, reg, DOUBT_TCG, "policy",
                                                                   "policy.", "allow_tcg", policy);
        r = read_patterns(arena, json_object_get(attribution, "patterns"), reg, err);
        if (r == 0)
                r = read_precedence(json_object_get(attribution, "precedence"), reg, err);
        if (r == 0)
                *ret_register = reg;
        return r;
}

static int by_id(const void *id, const void *tenant)
{
        return strcmp(id, ((const struct tenant *)tenant)->id);
}

const struct tenant *register_tenant(const struct register_ *reg, const char *id)
{
        return id && reg->tenants
                       ? bsearch(id, reg->tenants, reg->n_tenants, sizeof(*reg->tenants), by_id)
                       : NULL;
}

static int by_name(const void *name, const void *pair)
{
        return strcmp(name, *(const char *const *)pair);
}

static const char *look_up(const struct words *map, const char *name)
{
        const char *const *pair =
                bsearch(name, (const void *)map->at, map->n / 2, 2 * sizeof(*map->at), by_name);

        return pair ? pair[1] : NULL;
}

/* ---- what platforms write into a domain ---- */

static const struct node *in_namespace(const struct node *metadata, const char *prefix,
                                       const char *name)
{
        NODE_EACH(node, metadata, name)
        if (strncmp(node->ns, prefix, strlen(prefix)) == 0)
                return node;
        return NULL;
}

static void claim(struct claims *claims, enum source source, const struct tenant *tenant)
{
        if (tenant && claims->by[source] && claims->by[source] != tenant)
                claims->disagree = true;
        else if (tenant)
                claims->by[source] = tenant;
}

static void claim_platform(const struct register_ *reg, struct claims *claims, const char *platform,
                           const char *value, size_t n)
{
        char name[512];

        if (!value || !n || n + strlen(platform) + 2 > sizeof(name))
                return;
        memcpy(name, platform, strlen(platform));
        name[strlen(platform)] = ':';
        memcpy(name + strlen(platform) + 1, value, n);
        name[strlen(platform) + 1 + n] = '\0';

        const char *id = look_up(&reg->aliases, name);
        claim(claims, SOURCE_PLATFORM, register_tenant(reg, id ? id : name + strlen(platform) + 1));
}

static void claim_platforms(const struct register_ *reg, const struct node *domain,
                            struct claims *claims)
{
        const struct node *metadata = node_child(domain, "metadata");
        const struct node *nova =
                in_namespace(metadata, "http://openstack.org/xmlns/libvirt/nova/", "instance");
        const struct node *one =
                in_namespace(metadata, "http://opennebula.org/xmlns/libvirt/", "vm");
        const char *project = node_value(nova, "owner/project", "uuid");
        const char *group = node_text(one, "gid"), *name = node_text(domain, "name");

        if (project)
                claim_platform(reg, claims, "nova", project, strlen(project));
        claim_platform(reg, claims, "one", group, strlen(group));
        claim_platform(reg, claims, "opennebula", group, strlen(group));
        /* KubeVirt names its domains <namespace>_<machine>. */
        if (in_namespace(metadata, "http://kubevirt.io", "kubevirt") && strchr(name, '_'))
                claim_platform(reg, claims, "kubevirt", name, strcspn(name, "_"));
}

static void claim_pattern(const struct register_ *reg, const char *name, struct claims *claims)
{
        struct regex regex;

        for (size_t i = 0; i < reg->patterns.n && !claims->by[SOURCE_PATTERN]; i += 2)
                if (regex_read(&regex, reg->patterns.at[i]) == 0 && regex_finds(&regex, name))
                        claim(claims, SOURCE_PATTERN,
                              register_tenant(reg, reg->patterns.at[i + 1]));
}

/* The map has them in lower case, as libvirt writes them. */
static const struct tenant *mapped(const struct register_ *reg, const char *uuid)
{
        char lower[64];
        size_t n = 0;

        for (; uuid[n] && n < sizeof(lower) - 1; n++)
                lower[n] = (char)(uuid[n] >= 'A' && uuid[n] <= 'F' ? uuid[n] | 0x20 : uuid[n]);
        lower[n] = '\0';
        return register_tenant(reg, look_up(&reg->map, lower));
}

void register_claims(const struct register_ *reg, const struct node *domain,
                     struct claims *ret_claims)
{
        const struct node *ours =
                in_namespace(node_child(domain, "metadata"), "urn:vigie:tenant:1", "tenant");
        struct claims claims = { 0 };
        const struct tenant *first = NULL;

        claim(&claims, SOURCE_MAP, mapped(reg, node_text(domain, "uuid")));
        claim(&claims, SOURCE_VIGIE, register_tenant(reg, node_attr(ours, "id")));
        claim_platforms(reg, domain, &claims);
        claim_pattern(reg, node_text(domain, "name"), &claims);
        for (int i = 0; i < SOURCE_N; i++) {
                claims.disagree |= first && claims.by[i] && claims.by[i] != first;
                first = first ? first : claims.by[i];
        }
        *ret_claims = claims;
}

const struct tenant *register_choose(const struct register_ *reg, const struct claims *claims)
{
        for (size_t i = 0; i < reg->n_precedence; i++)
                if (claims->by[reg->precedence[i]])
                        return claims->by[reg->precedence[i]];
        return NULL;
}
