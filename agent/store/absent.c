/* SPDX-License-Identifier: Apache-2.0 */

#include "store/absent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "vigie/contract.h"

struct walk { /* over the intervals that one appliance told of */
        struct store_absent *absent;
        const char *appliance;
        int64_t interval_s, at_s, to_s; /* all before at_s is told, or listed */
};

void store_absent_done(struct store_absent *absent)
{
        free(absent->list);
        *absent = (struct store_absent){ 0 };
}

/* Nothing is told of [at_s, until_s). */
static int pass(struct walk *walk, int64_t until_s)
{
        struct store_absent *absent = walk->absent;

        if (until_s <= walk->at_s)
                return 0;
        if (absent->n == absent->size) {
                const size_t size = absent->size ? 2 * absent->size : 16;
                struct vg_statement_absent *list = reallocarray(absent->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                absent->list = list;
                absent->size = size;
        }
        absent->list[absent->n++] =
                (struct vg_statement_absent){ walk->appliance, walk->at_s, until_s };
        return 0;
}

static int take_interval(void *ctx, int64_t start_s)
{
        struct walk *walk = ctx;
        int r = pass(walk, start_s);

        if (start_s + walk->interval_s > walk->at_s)
                walk->at_s = start_s + walk->interval_s;
        return r;
}

static int read_one(struct store *store, struct walk *walk, struct vg_err *err)
{
        int r = store_received_each(store, walk->appliance, walk->at_s, walk->to_s, take_interval,
                                    walk, err);

        if (r == 0)
                r = pass(walk, walk->to_s);
        return r == -ENOMEM ? vg_err_set(err, r, "mémoire épuisée") : r;
}

int store_absent_read(struct store *store, const struct vg_contract *contract, const char *own,
                      int64_t from_s, int64_t to_s, struct store_absent *ret_absent,
                      struct vg_err *err)
{
        int r = 0;

        for (size_t i = 0; i < contract->n_sites; i++)
                for (size_t k = 0; k < contract->sites[i].n_appliances && r == 0; k++) {
                        struct walk walk = { ret_absent, contract->sites[i].appliances[k],
                                             contract->interval_s, from_s, to_s };
                        if (strcmp(walk.appliance, own) != 0)
                                r = read_one(store, &walk, err);
                }
        return r;
}
