/* SPDX-License-Identifier: Apache-2.0 */

#include "store/facts.h"

#include <errno.h>

#include "store/internal.h"
#include "vigie/civil.h"
#include "vigie/fact.h"
#include "vigie/json.h"
#include "vigie/num.h"

struct facts { /* with the trees that they point into */
        struct vg_fact *list;
        json_t *trees;
        size_t n, size;
};

static void facts_done(struct facts *facts)
{
        free(facts->list);
        json_decref(facts->trees);
}

/* A fact of a later release, which we cannot read, changes nothing. Takes the tree. */
static int add(struct facts *facts, json_t *tree, int64_t known_s)
{
        struct vg_err err = { 0 };

        if (!tree || json_array_append_new(facts->trees, tree) < 0)
                return -ENOMEM;
        if (facts->n == facts->size) {
                const size_t size = facts->size ? 2 * facts->size : 16;
                struct vg_fact *list = reallocarray(facts->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                facts->list = list;
                facts->size = size;
        }
        if (vg_fact_parse(tree, known_s, &facts->list[facts->n], &err) == 0)
                facts->n++;
        return 0;
}

struct loading {
        struct facts *facts;
        struct vg_err *err;
};

static int load_row(void *ctx, const struct sql_rows *rows, size_t i)
{
        const struct loading *loading = ctx;
        json_t *tree = NULL;
        int r = vg_json_parse(sql_cell_text(rows, i, 1), sql_cell(rows, i, 1)->n, &tree, NULL, NULL,
                              loading->err);

        if (r == 0 &&
            add(loading->facts, tree, vg_floor_div(sql_cell_int(rows, i, 0), VG_NS_PER_S)) < 0)
                r = vg_err_set(loading->err, -ENOMEM, "mémoire épuisée");
        return r;
}

static int load(sqlite3 *db, struct facts *facts, struct vg_err *err)
{
        struct loading loading = { facts, err };

        facts->trees = json_array();
        return sql_each(db, "SELECT utc_ns, detail FROM contract_fact ORDER BY seq", NULL, 0,
                        load_row, &loading, err);
}

static int read_with(sqlite3 *db, const char *text, size_t n, const json_t *more, int64_t more_s,
                     store_zone_fn *load_zone, struct vg_contract **ret_contract,
                     struct vg_refusals *refusals, struct vg_err *err)
{
        _cleanup_(facts_done) struct facts facts = { 0 };
        int r = load(db, &facts, err);

        if (r == 0 && more && add(&facts, json_deep_copy(more), more_s) < 0)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return r < 0 ? r
                     : vg_contract_parse_with(text, n, facts.list, facts.n, load_zone, ret_contract,
                                              refusals, err);
}

int facts_contract(sqlite3 *db, const char *text, size_t n, store_zone_fn *load_zone,
                   struct vg_contract **ret_contract, struct vg_refusals *refusals,
                   struct vg_err *err)
{
        return read_with(db, text, n, NULL, 0, load_zone, ret_contract, refusals, err);
}

int store_contract_read(struct store *store, const char *text, size_t n, const json_t *more,
                        int64_t more_s, store_zone_fn *load_zone, struct vg_contract **ret_contract,
                        struct vg_refusals *refusals, struct vg_err *err)
{
        return read_with(store->db, text, n, more, more_s, load_zone, ret_contract, refusals, err);
}

struct fact_caller {
        store_fact_fn *fn;
        void *ctx;
};

static int fact_row(void *ctx, const struct sql_rows *rows, size_t i)
{
        const struct fact_caller *caller = ctx;
        const struct store_fact fact = {
                .seq = (uint64_t)sql_cell_int(rows, i, 0),
                .utc_ns = sql_cell_int(rows, i, 1),
                .uid = sql_cell_int(rows, i, 2),
                .contract_id = sql_cell_text(rows, i, 3),
                .fact = sql_cell_text(rows, i, 4),
                .target = sql_cell_text(rows, i, 5),
                .day = sql_cell_text(rows, i, 6),
                .user = sql_cell_text(rows, i, 7),
                .role = sql_cell_text(rows, i, 8),
                .detail = sql_cell_text(rows, i, 9),
        };

        return caller->fn(caller->ctx, &fact);
}

int store_fact_each(struct store *store, const char *contract_id, store_fact_fn *fn, void *ctx,
                    struct vg_err *err)
{
        struct fact_caller caller = { fn, ctx };

        return sql_each(
                store->db,
                "SELECT seq, utc_ns, uid, contract_id, fact, target, day, user, role, detail"
                " FROM contract_fact WHERE ?1 IS NULL OR contract_id = ?1 ORDER BY seq",
                (const struct sql_value[]){ V_TEXT(contract_id) }, 1, fact_row, &caller, err);
}
