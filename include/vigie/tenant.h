/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tenant: whose is this domain? DESIGN §4: register map > metadata > platform > name pattern;
 * nobody: "_unassigned". Pure functions. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VG_TENANT_NOBODY "_unassigned"
enum { VG_TENANT_ID_MAX = 64 };

/* How an identity was recognised, strongest first within the map; also the "by" of a map row. */
enum vg_tenant_by {
        VG_BY_UUID,
        VG_BY_VOLUME, /* "pool/name" of a volume that no domain uses */
        VG_BY_METADATA,
        VG_BY_NOVA,
        VG_BY_OPENNEBULA,
        VG_BY_KUBEVIRT,
        VG_BY_NAME, /* map: a name, or a pattern with '*'; hints: the settings' name pattern */
        VG_BY_NOBODY,
};
const char *vg_tenant_by_name(enum vg_tenant_by by); /* "uuid" ... "name", "nobody" */
int vg_tenant_by_find(const char *name);             /* enum vg_tenant_by, or -ENOENT */

/* What platforms say of a domain: raw text from strangers, NULL where absent. */
struct vg_hints {
        const char *metadata, *nova, *opennebula, *kubevirt;
};

struct vg_identity {
        const char *uuid; /* "" for a volume */
        const char *name; /* of the domain, or "pool/name" of the volume */
        struct vg_hints hints;
};

/* One row of the register map: an act of the operator. Later rows win over earlier ones. */
struct vg_tenant_row { /* tenant: vg_tenant_may_hold() */
        enum vg_tenant_by by;
        const char *value, *tenant;
        int64_t from_utc_s; /* holds from this instant */
};

struct vg_tenant_rules {
        const struct vg_tenant_row *rows; /* in the order in which they were recorded */
        size_t n_rows;
        const char *name_pattern; /* NULL, or text with one "{tenant}" and any '*' */
};

struct vg_attribution {
        char tenant[VG_TENANT_ID_MAX + 1];
        enum vg_tenant_by by;
        const struct vg_tenant_row *row; /* the map row that decided, or NULL */
        bool hostile;                    /* the hint that would have decided is not a lawful id */
};

/* The contract's id pattern: [A-Za-z0-9][A-Za-z0-9._:/-]{0,63}. */
bool vg_tenant_id_valid(const char *text);
/* A lawful id, or VG_TENANT_NOBODY: what a row may name (nobody: a mapping taken back). */
bool vg_tenant_may_hold(const char *text);

/* Whose at that instant. A hint that is no lawful id leaves the domain to nobody: what stands
 * behind it in rank may be as wrong, and the operator's map decides. */
void vg_tenant_attribute(const struct vg_identity *who, const struct vg_tenant_rules *rules,
                         int64_t at_utc_s, struct vg_attribution *ret_attribution);

/* Whether an act on the map (its row) moves what `tenant` has of this domain in [from, until): the row
 * must decide at the start, and no row that begins within must have put it there. */
bool vg_tenant_moves(const struct vg_identity *who, const struct vg_tenant_rules *rules,
                     const struct vg_tenant_row *row, int64_t from_utc_s, int64_t until_utc_s,
                     const char *tenant);

/* For `vigie tenants propose`: a guess at the tenant of a domain that is nobody's. First a lawful
 * hint of lower rank, then a known tenant whose id (a leading "t-" aside) is a whole word of the
 * domain's name, the longest one. Returns by what it was guessed; VG_BY_NOBODY: no guess. */
enum vg_tenant_by vg_tenant_guess(const struct vg_identity *who, const char *const *known,
                                  size_t n_known, char ret_tenant[VG_TENANT_ID_MAX + 1]);

/* First instant after `after_utc_s` at which some row begins to hold; INT64_MAX: none. */
int64_t vg_tenant_next_change(const struct vg_tenant_rules *rules, int64_t after_utc_s);
