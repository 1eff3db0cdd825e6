/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* build: from a tree that the schema has let through to a contract, and the rules that the schema
 * cannot say. Days come first; instants are filled in when the zone is known. */

#include <jansson.h>
#include <stddef.h>

#include "core/contract/refusal.h"
#include "vigie/contract.h"

struct id_entry {
        const char *id;
        size_t at;
};

struct id_index { /* ids in order, to find rows of a list by */
        struct id_entry *list;
        size_t n;
};

struct block { /* of the contract's memory; all is let go at once */
        struct block *next;
};

struct id_place { /* an id of a list within a list; ids lie first */
        const char *id;
        size_t outer, inner;
};

struct vg_contract_index {
        json_t *tree; /* its texts are the contract's */
        struct block *blocks;
        struct id_index tenants, skus, components, quotas, commitments;
        struct id_index resources;         /* rows of rated_resources */
        struct id_place *rated_resources;  /* outer: price */
        struct id_index services;          /* rows of service_places */
        struct id_place *service_places;   /* outer: 0 recurring, 1 orders */
        struct id_index appliances;        /* rows of appliance_places */
        struct id_place *appliance_places; /* outer: site */
};

/* Where a price or a component stands in the file. */
struct price_place {
        size_t amendment; /* SIZE_MAX: price_list, qualified_components */
        size_t item;
};

struct build {
        struct report *report;
        const json_t *tree;
        struct vg_contract *contract;
        struct price_place *places; /* of contract->prices */
        struct price_place *component_places;
        bool term_is_sound; /* it ends after it starts: later rules may lean on it */
};

/* Zeroed memory of the contract. NULL: none left. */
void *build_alloc(struct build *b, size_t n, size_t size);
/* Room for one more behind n items of a list; the list may move. NULL: none left. */
void *build_grow(struct build *b, void *list, size_t n, size_t size);

/* ids lie first in each item. 0 or -ENOMEM. */
int build_index(struct build *b, struct id_index *index, const void *items, size_t n,
                size_t stride);
size_t build_find(const struct id_index *index, const char *id); /* SIZE_MAX: not there */

/* Members of objects. A text that is absent or null is NULL. */
const char *build_text(const json_t *object, const char *key);
bool build_date(const json_t *object, const char *key, struct vg_date *ret_date);
int64_t build_decimal(const json_t *object, const char *key, unsigned decimals);
int build_int(const json_t *object, const char *key, int otherwise);

/* 0 or -ENOMEM; what is wrong goes to the report. In this order. */
int build_parts(struct build *b);      /* all but amendments, and dated lists with one item */
int build_indexes(struct build *b);    /* C040, C041 */
void check_term(struct build *b);      /* C021 to C027 of the contract as first signed */
int build_amendments(struct build *b); /* C050 to C055, and what else an amendment may break */
void check_money(struct build *b, size_t amendment); /* C030, C031; SIZE_MAX: as first signed */
void check_prices(struct build *b); /* C042 to C047, and C055 of those who name a price */
void check_people(struct build *b); /* C056 to C065 */
/* C070 to C092: orders, termination, service levels, appliances. After the amendments. */
void check_life(struct build *b);

/* The last day that three years from the start allow. */
struct vg_date check_last_day(const struct vg_contract *contract);

/* Fills in every instant, by the contract's zone. */
void build_instants(struct vg_contract *contract);

/* "price_list[3].unit" or "amendments[1].changes.add_prices[0].unit" */
char *build_price_path(const struct build *b, size_t price, const char *member, char buf[128]);
/* "qualified_components[3].ref" or "amendments[1].changes.add_components[0].ref" */
char *build_component_path(const struct build *b, size_t component, const char *member,
                           char buf[128]);
/* The latest end that the file gives: amendments and exercised renewals. */
struct vg_date check_latest_end(const struct build *b);
