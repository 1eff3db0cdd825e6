/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/isolation-record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { FAMILY_SIZE = 16, RESOURCE_MAX = 256 };

/* Cut on a character's boundary, where it is longer than a key has room for. */
static size_t resource_length(const char *resource)
{
        size_t n = strnlen(resource, RESOURCE_MAX + 1);

        if (n <= RESOURCE_MAX)
                return n;
        for (n = RESOURCE_MAX; n > 0 && ((unsigned char)resource[n] & 0xc0) == 0x80;)
                n--;
        return n;
}

char *iso_key(const struct vg_verdict *v, const struct vg_finding *f, char key[ISO_KEY_SIZE])
{
        const bool is_domain = f->n_domains == 1;
        const size_t n = resource_length(f->resource);

        snprintf(key, ISO_KEY_SIZE, "%s/%s%s%.*s%s", f->check->id,
                 is_domain ? v->domains[f->domains[0]].uuid : "", is_domain ? "/" : "", (int)n,
                 f->resource, f->resource[n] ? "…" : "");
        return key;
}

void iso_key_apart(const struct vg_verdict *v, const struct vg_finding *f, char key[ISO_KEY_SIZE])
{
        const size_t n = strlen(key);

        snprintf(key + n, ISO_KEY_SIZE - n, "/%s",
                 f->n_domains ? v->domains[f->domains[0]].uuid : "");
}

static void put_domains(struct vg_json *j, const struct vg_verdict *v, const struct vg_finding *f)
{
        vg_json_array(j, "domains");
        for (size_t i = 0; i < f->n_domains; i++) {
                const struct vg_iso_domain *domain = &v->domains[f->domains[i]];

                vg_json_object(j, NULL);
                vg_json_string(j, "name", domain->name);
                vg_json_string(j, "tenant", domain->tenant);
                vg_json_string(j, "uuid", domain->uuid);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void put_pairs(struct vg_json *j, const struct vg_verdict *v, const struct vg_finding *f)
{
        vg_json_array(j, "pairs");
        for (size_t i = 0; i < f->n_pairs && i < ISO_PAIRS_KEPT; i++) {
                vg_json_array(j, NULL);
                vg_json_string(j, NULL, v->domains[f->pairs[i][0]].uuid);
                vg_json_string(j, NULL, v->domains[f->pairs[i][1]].uuid);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
        vg_json_int(j, "pairs_cut", f->pairs_cut || f->n_pairs > ISO_PAIRS_KEPT);
}

void iso_content(const struct vg_verdict *v, const struct vg_finding *f, struct vg_json *j)
{
        vg_json_object(j, NULL);
        put_domains(j, v, f);
        vg_json_array(j, "evidence");
        for (size_t i = 0; i < f->n_evidence; i++)
                vg_json_string(j, NULL, f->evidence[i]);
        vg_json_end_array(j);
        put_pairs(j, v, f);
        vg_json_string(j, "resource", f->resource);
        vg_json_string(j, "severity", vg_iso_severity_name(f->severity));
        vg_json_end_object(j);
}

/* ---- the matrix ---- */

/* "ISO-NET-01" is of the family NET. */
static const char *family_of(const char *id, char family[FAMILY_SIZE])
{
        const char *from = strchr(id, '-'), *to = from ? strchr(from + 1, '-') : NULL;

        snprintf(family, FAMILY_SIZE, "%.*s", to ? (int)(to - from - 1) : 0, from ? from + 1 : "");
        return family;
}

/* Into an object: the graver of what is there and status. */
static void worsen(json_t *object, const char *key, enum vg_iso_status status)
{
        const json_t *there = json_object_get(object, key);

        if (!there || json_integer_value(there) < (json_int_t)status)
                json_object_set_new(object, key, json_integer(status));
}

static json_t *member(json_t *object, const char *key)
{
        json_t *there = json_object_get(object, key);

        if (!there)
                json_object_set_new(object, key, there = json_object());
        return there;
}

static json_t *tenants_of(const struct vg_verdict *v)
{
        json_t *tenants = json_object();
        char family[FAMILY_SIZE];
        size_t n_checks;
        const struct vg_check *checks = vg_check_rows(&n_checks);

        for (size_t d = 0; d <= v->n_domains; d++) {
                const char *tenant = d == v->n_domains         ? "-"
                                     : v->domains[d].tenant[0] ? v->domains[d].tenant
                                                               : "_unassigned";
                json_t *row = member(tenants, tenant);
                for (size_t c = 0; c < n_checks; c++)
                        worsen(row, family_of(checks[c].id, family), vg_verdict_of(v, c, d));
        }
        return tenants;
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers of statuses as their names, objects of objects too; keys sorted. */
static void put_statuses(struct vg_json *j, const char *name, json_t *object)
{
        _cleanup_free_ const char **keys = calloc(json_object_size(object) + 1, sizeof(*keys));
        const char *key;
        json_t *value;
        size_t n = 0;

        vg_json_object(j, name);
        if (!keys) {
                j->buf.failed = true;
        } else {
                json_object_foreach (object, key, value)
                        keys[n++] = key;
                qsort(keys, n, sizeof(*keys), by_text);
        }
        for (size_t i = 0; i < n; i++) {
                value = json_object_get(object, keys[i]);
                if (json_is_object(value))
                        put_statuses(j, keys[i], value);
                else
                        vg_json_string(
                                j, keys[i],
                                vg_iso_status_name((enum vg_iso_status)json_integer_value(value)));
        }
        vg_json_end_object(j);
}

void iso_matrix(const struct vg_verdict *v, struct vg_json *j)
{
        _cleanup_(vg_json_decrefp) json_t *tenants = tenants_of(v);
        size_t n_checks;
        const struct vg_check *checks = vg_check_rows(&n_checks);

        vg_json_object(j, NULL);
        vg_json_object(j, "checks");
        for (size_t c = 0; c < n_checks; c++)
                vg_json_string(j, checks[c].id, vg_iso_status_name(vg_verdict_check(v, c)));
        vg_json_end_object(j);
        vg_json_int(j, "domains", (int64_t)v->n_domains);
        put_statuses(j, "tenants", tenants);
        vg_json_end_object(j);
}
