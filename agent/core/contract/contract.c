/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/contract.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/build.h"
#include "core/contract/fact-merge.h"
#include "core/contract/read.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static int out_of_memory(struct vg_err *err)
{
        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

/* Takes the tree. */
static struct vg_contract *new_contract(json_t *tree)
{
        _cleanup_free_ struct vg_contract *c = calloc(1, sizeof(*c));
        _cleanup_free_ struct vg_contract_index *index = calloc(1, sizeof(*index));

        if (!c || !index) {
                json_decref(tree);
                return NULL;
        }
        index->tree = tree;
        c->index = TAKE_PTR(index);
        return TAKE_PTR(c);
}

void vg_contract_free(struct vg_contract *contract)
{
        if (!contract)
                return;
        for (struct block *block = contract->index->blocks, *next; block; block = next) {
                next = block->next;
                free(block);
        }
        json_decref(contract->index->tree);
        free(contract->index);
        vg_zone_free(contract->zone);
        free(contract);
}

static int build(struct vg_contract *contract, struct report *report)
{
        struct build b = { .report = report, .tree = contract->index->tree, .contract = contract };
        int r = build_parts(&b);

        if (r == 0)
                r = build_indexes(&b);
        if (r < 0)
                return r;
        check_term(&b);
        check_money(&b, SIZE_MAX);
        check_prices(&b);
        check_people(&b);
        r = build_amendments(&b);
        if (r == 0)
                check_life(&b); /* leans on what amendments have dated */
        return r;
}

int vg_contract_parse(const char *bytes, size_t n, vg_zone_source_fn *zone_source,
                      struct vg_contract **ret_contract, struct vg_refusals *refusals,
                      struct vg_err *err)
{
        return vg_contract_parse_with(bytes, n, NULL, 0, zone_source, ret_contract, refusals, err);
}

int vg_contract_parse_with(const char *bytes, size_t n, const struct vg_fact *facts, size_t n_facts,
                           vg_zone_source_fn *zone_source, struct vg_contract **ret_contract,
                           struct vg_refusals *refusals, struct vg_err *err)
{
        _cleanup_(vg_contract_freep) struct vg_contract *contract = NULL;
        struct report report = { .bytes = bytes, .n = n, .refusals = refusals };
        json_t *tree = NULL;

        assert(refusals->n == 0 && !zone_source == !ret_contract);
        int r = read_tree(&report, &tree, err);
        if (r < 0)
                return r;
        if (tree) {
                contract = new_contract(tree);
                if (!contract || fact_merge(tree, facts, n_facts, &report) < 0 ||
                    build(contract, &report) < 0)
                        return out_of_memory(err);
        }
        if (report.no_memory)
                return out_of_memory(err);
        if (refusals->n > 0) {
                report_sort(refusals);
                return VG_CONTRACT_REFUSED;
        }
        if (!ret_contract)
                return 0;
        r = zone_source(contract->zone_name, &contract->zone, err);
        if (r < 0)
                return r;
        build_instants(contract);
        *ret_contract = TAKE_PTR(contract);
        return 0;
}

/* ---- instants ---- */

static void date_list(const struct vg_contract *c, struct vg_dated *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                list[i].from_s = vg_zone_midnight(c->zone, list[i].from);
}

void build_instants(struct vg_contract *c)
{
        c->start_s = vg_zone_midnight(c->zone, c->start);
        date_list(c, c->ends, c->n_ends);
        for (size_t i = 0; i < c->n_ends; i++) /* until now: the number of the last day */
                c->ends[i].value =
                        vg_zone_midnight(c->zone, vg_civil_from_days(c->ends[i].value + 1));
        c->end_s = c->ends[0].value;
        date_list(c, c->amounts, c->n_amounts);
        for (size_t i = 0; i < c->n_quotas; i++)
                date_list(c, c->quotas[i].limits, c->quotas[i].n_limits);
        for (size_t i = 0; i < c->n_commitments; i++)
                date_list(c, c->commitments[i].values, c->commitments[i].n_values);
        for (size_t i = 0; i < c->n_prices; i++)
                for (size_t k = 0; k < c->prices[i].n_segments; k++)
                        c->prices[i].segments[k].from_s =
                                vg_zone_midnight(c->zone, c->prices[i].segments[k].from);
        for (size_t i = 0; i < c->n_amendments; i++)
                c->amendments[i].effective_s =
                        vg_zone_midnight(c->zone, c->amendments[i].effective_on);
}

/* ---- what is in force ---- */

const struct vg_dated *vg_dated_at(const struct vg_dated *list, size_t n, int64_t utc_s)
{
        size_t i = n - 1;

        assert(n > 0);
        while (i > 0 && list[i].from_s > utc_s)
                i--;
        return &list[i];
}

const struct vg_dated *vg_contract_end_at(const struct vg_contract *contract, int64_t utc_s)
{
        return vg_dated_at(contract->ends, contract->n_ends, utc_s);
}

struct vg_date vg_contract_last_day_at(const struct vg_contract *contract, int64_t utc_s)
{
        return vg_zone_date(contract->zone, vg_contract_end_at(contract, utc_s)->value - 1);
}

int64_t vg_contract_amount_at(const struct vg_contract *contract, int64_t utc_s)
{
        return vg_dated_at(contract->amounts, contract->n_amounts, utc_s)->value;
}

int64_t vg_contract_kept_until(const struct vg_contract *contract, int64_t as_of_s)
{
        const struct vg_date end = vg_date_add_days(vg_contract_last_day_at(contract, as_of_s), 1);

        return vg_zone_midnight(contract->zone, vg_date_add_years(end, contract->retention_years));
}

bool vg_contract_covers(const struct vg_contract *contract, int64_t utc_s, int64_t as_of_s)
{
        return utc_s >= contract->start_s && utc_s < vg_contract_end_at(contract, as_of_s)->value;
}

int64_t vg_contract_access_until(const struct vg_contract *contract, enum vg_role role,
                                 int64_t until_s, int64_t as_of_s)
{
        if (role != VG_ROLE_SUPPLIER_MAINTENANCE)
                return until_s;

        const int64_t end_s = contract ? vg_contract_end_at(contract, as_of_s)->value : as_of_s;
        return until_s < end_s ? until_s : end_s;
}

const struct vg_price_segment *vg_price_at(const struct vg_price *price, int64_t utc_s)
{
        for (size_t i = price->n_segments; i > 0; i--)
                if (price->segments[i - 1].from_s <= utc_s)
                        return &price->segments[i - 1];
        return NULL;
}

/* ---- who is called what ---- */

const struct vg_tenant *vg_contract_tenant(const struct vg_contract *contract, const char *id)
{
        const size_t at = build_find(&contract->index->tenants, id);

        return at == SIZE_MAX ? NULL : &contract->tenants[at];
}

const struct vg_price *vg_contract_price(const struct vg_contract *contract, const char *sku)
{
        const size_t at = build_find(&contract->index->skus, sku);

        return at == SIZE_MAX ? NULL : &contract->prices[at];
}

const struct vg_price *vg_contract_price_of(const struct vg_contract *contract,
                                            const char *resource)
{
        const size_t at = build_find(&contract->index->resources, resource);

        return at == SIZE_MAX ? NULL
                              : &contract->prices[contract->index->rated_resources[at].outer];
}

const struct vg_qualified *vg_contract_component(const struct vg_contract *contract,
                                                 const char *ref)
{
        const size_t at = build_find(&contract->index->components, ref);

        return at == SIZE_MAX ? NULL : &contract->components[at];
}

const struct vg_site *vg_contract_site_of(const struct vg_contract *contract, const char *appliance)
{
        const size_t at = build_find(&contract->index->appliances, appliance);

        return at == SIZE_MAX ? NULL
                              : &contract->sites[contract->index->appliance_places[at].outer];
}

const char *vg_contract_reporting_appliance(const struct vg_contract *contract)
{
        if (contract->reporting_appliance)
                return contract->reporting_appliance;
        for (size_t i = 0; i < contract->n_sites; i++)
                if (contract->sites[i].n_appliances)
                        return contract->sites[i].appliances[0];
        return NULL;
}

size_t vg_contract_n_appliances(const struct vg_contract *contract)
{
        return contract->index->appliances.n;
}

const struct vg_service_level *vg_contract_service_level(const struct vg_contract *contract,
                                                         enum vg_severity severity)
{
        for (size_t i = 0; i < contract->n_service_levels; i++)
                if (contract->service_levels[i].severity == severity)
                        return &contract->service_levels[i];
        return NULL;
}
