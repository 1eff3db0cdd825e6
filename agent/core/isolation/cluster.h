/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cluster: who uses the same thing. The uses of one key are a cluster. Pairs are made only
 * of what conflicts, and no more than the verdict holds. */

#include "judge.h"

enum { ROLES_MAX = 8 };

struct use {
        const char *key, *name; /* name: of the thing, for people */
        uint32_t domain;
        uint8_t role;
        const char *part;  /* for rules of which the parts must differ; else NULL */
        const char *where; /* data: "disk vda = /a.img" */
};

struct uses {
        struct use *list;
        size_t n, size;
};

/* Two uses of one key by two tenants conflict where conflicts[role of one] has the bit of the other's
 * role; with parts_differ, where their parts are not the same. */
struct rule {
        enum vg_iso_status status; /* VG_ISO_FAIL or VG_ISO_UNKNOWN */
        uint8_t conflicts[ROLES_MAX];
        bool parts_differ;
        bool any_owner;  /* also of one tenant */
        const char *why; /* of VG_ISO_UNKNOWN */
};

extern const struct rule rule_any; /* role 0 with role 0 */

void uses_done(struct uses *uses);
void uses_add(struct judge *j, struct uses *uses, const struct use *use);
/* A map from key to part: sorts it, and looks one up. NULL: not there. */
void uses_sort(struct uses *uses);
const char *uses_look(const struct uses *uses, const char *key);
/* Calls fn for each key that two domains use, with its uses by domain and role. The order of the keys
 * is the same for the same host, and says nothing. */
typedef void cluster_fn(struct judge *j, const struct use *cluster, size_t n, void *user);
void uses_clusters(struct judge *j, const struct uses *uses, cluster_fn *fn, void *user);
/* Gives the verdict of one cluster by a rule. */
void cluster_judge(struct judge *j, const struct use *cluster, size_t n, const struct rule *rule,
                   enum vg_iso_severity severity);
/* All of it by one rule, with the row's severity: every user passes, and those that conflict do not. */
void uses_judge(struct judge *j, const struct uses *uses, const struct rule *rule);
