/* SPDX-License-Identifier: Apache-2.0 */

/* Who is found by which id, and that no id stands for two. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/build.h"
#include "vigie/mem.h"

enum { PATH_SIZE = 128 };

typedef void path_fn(const struct build *b, const void *context, size_t at, char buf[PATH_SIZE]);

static void report_twice(struct build *b, enum vg_refusal_reason reason,
                         const struct id_index *index, path_fn *path, const void *context)
{
        char here[PATH_SIZE], there[PATH_SIZE];
        size_t first = 0;

        for (size_t i = 1; i < index->n; i++) {
                if (strcmp(index->list[i].id, index->list[first].id) != 0) {
                        first = i;
                        continue;
                }
                path(b, context, index->list[i].at, here);
                path(b, context, index->list[first].at, there);
                report_member(b->report, reason, index->list[i].id, there, NULL, "%s", here);
        }
}

struct plain_list { /* a list at the top of the file */
        const char *name, *member;
        const void *items;
        size_t n, stride;
        struct id_index *index; /* NULL: nobody is looked up in it */
};

static void plain_path(const struct build *b _unused_, const void *context, size_t at,
                       char buf[PATH_SIZE])
{
        const struct plain_list *list = context;

        snprintf(buf, PATH_SIZE, "%s[%zu].%s", list->name, at, list->member);
}

static int index_plain(struct build *b)
{
        struct vg_contract *c = b->contract;
        struct vg_contract_index *x = c->index;
        const struct plain_list lists[] = {
                { "amendments", "id", c->amendments, c->n_amendments, sizeof(*c->amendments),
                  NULL },
                { "minimum_commitments", "id", c->commitments, c->n_commitments,
                  sizeof(*c->commitments), &x->commitments },
                { "quotas", "id", c->quotas, c->n_quotas, sizeof(*c->quotas), &x->quotas },
                { "recipients", "id", c->recipients, c->n_recipients, sizeof(*c->recipients),
                  NULL },
                { "solution.sites", "id", c->sites, c->n_sites, sizeof(*c->sites), NULL },
                { "tenants", "id", c->tenants, c->n_tenants, sizeof(*c->tenants), &x->tenants },
                { "term.renewals", "id", c->renewals, c->n_renewals, sizeof(*c->renewals), NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                const struct plain_list *list = &lists[i];
                struct id_index own, *index = list->index ? list->index : &own;
                if (build_index(b, index, list->items, list->n, list->stride) < 0)
                        return -ENOMEM;
                report_twice(b, VG_REFUSAL_DUPLICATE_ID, index, plain_path, list);
        }
        return 0;
}

static void sku_path(const struct build *b, const void *context _unused_, size_t at,
                     char buf[PATH_SIZE])
{
        build_price_path(b, at, "sku", buf);
}

static void resource_path(const struct build *b, const void *context _unused_, size_t at,
                          char buf[PATH_SIZE])
{
        build_price_path(b, b->contract->index->rated_resources[at].outer, "resource", buf);
}

/* Quantities come in by resource and are rated by usage and purchase prices: one for each. */
static int index_prices(struct build *b)
{
        struct vg_contract *c = b->contract;
        struct vg_contract_index *x = c->index;
        size_t n = 0;

        x->rated_resources = build_alloc(b, c->n_prices, sizeof(*x->rated_resources));
        if (!x->rated_resources)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_prices; i++)
                if (c->prices[i].charge != VG_CHARGE_RECURRING)
                        x->rated_resources[n++] =
                                (struct id_place){ .id = c->prices[i].resource, .outer = i };
        if (build_index(b, &x->skus, c->prices, c->n_prices, sizeof(*c->prices)) < 0 ||
            build_index(b, &x->resources, x->rated_resources, n, sizeof(*x->rated_resources)) < 0)
                return -ENOMEM;
        report_twice(b, VG_REFUSAL_DUPLICATE_ID, &x->skus, sku_path, NULL);
        report_twice(b, VG_REFUSAL_RESOURCE_TWICE, &x->resources, resource_path, NULL);
        return 0;
}

static void component_path(const struct build *b, const void *context _unused_, size_t at,
                           char buf[PATH_SIZE])
{
        build_component_path(b, at, "ref", buf);
}

static int index_components(struct build *b)
{
        struct vg_contract *c = b->contract;
        struct id_index *index = &c->index->components;

        if (build_index(b, index, c->components, c->n_components, sizeof(*c->components)) < 0)
                return -ENOMEM;
        report_twice(b, VG_REFUSAL_DUPLICATE_ID, index, component_path, NULL);
        return 0;
}

static void service_path(const struct build *b, const void *context _unused_, size_t at,
                         char buf[PATH_SIZE])
{
        const struct id_place *place = &b->contract->index->service_places[at];

        snprintf(buf, PATH_SIZE, "%s[%zu].id", place->outer ? "orders" : "recurring", place->inner);
}

/* A statement names a recurring service and an order alike, by id. */
static int index_services(struct build *b)
{
        struct vg_contract *c = b->contract;
        struct vg_contract_index *x = c->index;
        size_t n = 0;

        x->service_places =
                build_alloc(b, c->n_recurring + c->n_orders, sizeof(*x->service_places));
        if (!x->service_places)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_recurring; i++)
                x->service_places[n++] = (struct id_place){ c->recurring[i].id, 0, i };
        for (size_t i = 0; i < c->n_orders; i++)
                x->service_places[n++] = (struct id_place){ c->orders[i].id, 1, i };
        if (build_index(b, &x->services, x->service_places, n, sizeof(*x->service_places)) < 0)
                return -ENOMEM;
        report_twice(b, VG_REFUSAL_DUPLICATE_ID, &x->services, service_path, NULL);
        return 0;
}

static void appliance_path(const struct build *b, const void *context _unused_, size_t at,
                           char buf[PATH_SIZE])
{
        const struct id_place *place = &b->contract->index->appliance_places[at];

        snprintf(buf, PATH_SIZE, "solution.sites[%zu].appliances[%zu]", place->outer, place->inner);
}

static int index_appliances(struct build *b)
{
        struct vg_contract *c = b->contract;
        struct vg_contract_index *x = c->index;
        size_t n = 0;

        for (size_t i = 0; i < c->n_sites; i++)
                n += c->sites[i].n_appliances;
        x->appliance_places = build_alloc(b, n, sizeof(*x->appliance_places));
        if (!x->appliance_places)
                return -ENOMEM;
        n = 0;
        for (size_t i = 0; i < c->n_sites; i++)
                for (size_t k = 0; k < c->sites[i].n_appliances; k++)
                        x->appliance_places[n++] =
                                (struct id_place){ c->sites[i].appliances[k], i, k };
        if (build_index(b, &x->appliances, x->appliance_places, n, sizeof(*x->appliance_places)) <
            0)
                return -ENOMEM;
        report_twice(b, VG_REFUSAL_DUPLICATE_ID, &x->appliances, appliance_path, NULL);
        return 0;
}

int build_indexes(struct build *b)
{
        static int (*const lists[])(struct build * b) = {
                index_plain, index_components, index_services, index_prices, index_appliances,
        };
        int r = 0;

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(lists); i++)
                r = lists[i](b);
        return r;
}

static char *place_path(const struct price_place *place, const char *list, const char *added,
                        const char *member, char buf[PATH_SIZE])
{
        if (place->amendment == SIZE_MAX)
                snprintf(buf, PATH_SIZE, "%s[%zu].%s", list, place->item, member);
        else
                snprintf(buf, PATH_SIZE, "amendments[%zu].changes.%s[%zu].%s", place->amendment,
                         added, place->item, member);
        return buf;
}

char *build_price_path(const struct build *b, size_t price, const char *member, char buf[128])
{
        return place_path(&b->places[price], "price_list", "add_prices", member, buf);
}

char *build_component_path(const struct build *b, size_t component, const char *member,
                           char buf[128])
{
        return place_path(&b->component_places[component], "qualified_components", "add_components",
                          member, buf);
}
