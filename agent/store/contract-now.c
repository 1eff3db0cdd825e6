/* SPDX-License-Identifier: Apache-2.0 */

/* Which contract is in force on an appliance, where several were loaded: an appliance belongs to one
 * at a time, and the next one may be loaded before it begins. */

#include <errno.h>

#include "store/facts.h"
#include "store/internal.h"
#include "vigie/civil.h"

struct choice {
        struct store *store;
        const struct store_now *query;
        uint64_t covering, last, adding, any; /* seq of the row; 0: none */
        int64_t until_s;
        struct vg_err *err;
};

static void end_at(struct choice *choice, int64_t at_s)
{
        if (at_s > choice->query->now_s && at_s < choice->until_s)
                choice->until_s = at_s;
}

/* One that this release no longer accepts is chosen only where there is no other. */
static int judge(void *ctx, const struct store_contract *row)
{
        struct choice *choice = ctx;
        const struct store_now *query = choice->query;
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_refusals refusals = { 0 };

        if (!row->current)
                return 0;
        choice->any = row->seq;
        int r = facts_contract(choice->store->db, row->text, row->n_text, query->load_zone, &c,
                               &refusals, choice->err);
        vg_refusals_done(&refusals);
        if (r < 0)
                return r;
        if (!c || !vg_contract_site_of(c, query->appliance))
                return 0;
        if (c->improves_id) { /* holds only where the one that it adds to does not know us */
                choice->adding = row->seq;
                return 0;
        }
        choice->last = row->seq;
        if (vg_contract_covers(c, query->now_s, query->now_s))
                choice->covering = row->seq;
        end_at(choice, c->start_s);
        for (size_t i = 0; i < c->n_ends; i++) {
                end_at(choice, c->ends[i].from_s);
                end_at(choice, c->ends[i].value);
        }
        return 0;
}

struct wanted {
        uint64_t seq;
        store_contract_fn *fn;
        void *ctx;
};

static int tell(void *ctx, const struct store_contract *row)
{
        const struct wanted *wanted = ctx;

        return row->seq == wanted->seq ? wanted->fn(wanted->ctx, row) : 0;
}

int store_contract_now(struct store *store, const struct store_now *query, store_contract_fn *fn,
                       void *ctx, int64_t *ret_until_s, struct vg_err *err)
{
        struct choice choice = { .store = store, .query = query, .until_s = INT64_MAX, .err = err };
        int r = store_contract_each(store, judge, &choice, err);

        if (r < 0)
                return r;
        if (ret_until_s)
                *ret_until_s = choice.until_s;
        const struct wanted wanted = {
                .seq = choice.covering ? choice.covering
                       : choice.last   ? choice.last
                       : choice.adding ? choice.adding
                                       : choice.any,
                .fn = fn,
                .ctx = ctx,
        };
        if (!wanted.seq)
                return STORE_NONE;
        return store_contract_each(store, tell, (void *)&wanted, err);
}
