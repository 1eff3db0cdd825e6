/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* register: tenants.json, who the tenants are, what their contracts ask for, and whose a domain is.
 *
 *   tenants      {id: {compute: shared|dedicated, role: customer|provider, and anti_spoof,
 *                disk_encryption, memory_encryption: required|optional}}
 *   attribution  {precedence: ["map","vigie","platform","pattern"], map: {uuid: id},
 *                aliases: {"nova:<project>": id}, patterns: [[regex on the name, id]]}
 *   public       {images: [prefixes], networks: [names]}
 *   policy       {allow_tcg: true|false|0|1, management_networks: [names], nested: [ids]}
 *
 * All of it may be missing from a capture, and a word there that is not known makes unknown what
 * depends on it. What an act loads is held to every key and word (vg_register_check()). */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "host.h"

enum doubt { DOUBT_COMPUTE, DOUBT_DISK, DOUBT_MEMORY, DOUBT_ROLE, DOUBT_TCG, DOUBT_N };

struct tenant {
        const char *id;
        bool dedicated, encrypts_disk, encrypts_memory, is_provider, may_nest;
        bool doubts[DOUBT_N]; /* the word is not known: read as the one that asks for less */
};

enum source { SOURCE_MAP, SOURCE_VIGIE, SOURCE_PLATFORM, SOURCE_PATTERN, SOURCE_N };

struct register_ {
        const struct tenant *tenants; /* sorted by id */
        size_t n_tenants;
        struct words map, aliases; /* name, id, name, id ... sorted by name */
        struct words patterns;     /* regex, id ... in the order of the file */
        enum source precedence[SOURCE_N];
        size_t n_precedence;
        struct words images, networks, management;
        bool allows_tcg;
        const char *doubts[DOUBT_N]; /* where the first such word stands, and it; NULL: none */
};

int register_read(struct arena *arena, const json_t *json, struct register_ **ret_register,
                  struct vg_err *err);
const struct tenant *register_tenant(const struct register_ *reg, const char *id);

/* The tenant that each source names; NULL where it names none that is known. */
struct claims {
        const struct tenant *by[SOURCE_N];
        bool disagree; /* two sources, or two platforms, name two */
};
void register_claims(const struct register_ *reg, const struct node *domain,
                     struct claims *ret_claims);
/* By precedence; NULL: nobody's. */
const struct tenant *register_choose(const struct register_ *reg, const struct claims *claims);
