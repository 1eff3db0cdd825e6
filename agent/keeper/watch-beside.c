/* SPDX-License-Identifier: Apache-2.0 */

/* Contracts beside the one in force: one that only adds to it has an amount, a term and deadlines of
 * its own; of one that is over there are copies for the broker, an evaluation and a hand-over to
 * come. Their states are read from the ledger at each look: it is a look a minute. */

#include <errno.h>
#include <stdlib.h>

#include "keeper/alerting.h"
#include "keeper/keeper.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/rating.h"

struct beside {
        struct vg_watch_view view;
        struct vg_bill *bill; /* shortfalls point into it */
        struct vg_watch_quota *quotas;
        struct vg_watch_shortfall *shortfalls;
        struct vg_signals signals;
};

static void beside_done(struct beside *beside)
{
        vg_bill_free(beside->bill);
        free(beside->quotas);
        free(beside->shortfalls);
        vg_signals_done(&beside->signals);
}

/* By closed intervals; quotas on one interval are the contract's in force. */
static int look_at_amounts(struct keeper *k, struct beside *beside, struct vg_err *err)
{
        struct vg_watch_view *view = &beside->view;
        const struct store_bill query = {
                .contract = view->contract,
                .as_of_s = view->now_s,
                .to_month = INT32_MAX,
        };
        int r = store_bill_read(k->store, &query, &beside->bill, err);

        if (r < 0)
                return r;
        beside->quotas = calloc(view->contract->n_quotas + 1, sizeof(*beside->quotas));
        if (!beside->quotas || vg_watch_bill(view, beside->bill, NULL, 0, true, beside->quotas,
                                             &beside->shortfalls) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return 0;
}

static void look_at(struct keeper *k, const struct vg_contract *contract, bool adds,
                    const struct vg_now *now)
{
        _cleanup_(beside_done) struct beside beside = {
                .view = {
                        .contract = contract,
                        .appliance = k->settings->appliance_id,
                        .now_s = vg_floor_div(now->at_utc_ns, VG_NS_PER_S),
                        .interval_s = contract->interval_s,
                        .has_term = adds,
                        .has_increase = adds,
                        .has_deadlines = true,
                        .is_partial = adds && watch_is_partial(k),
                },
        };
        struct vg_err err = { 0 };

        if (adds && look_at_amounts(k, &beside, &err) < 0)
                vg_log(LOG_WARNING, "montants du contrat impossibles à établir : %s",
                       vg_err_text(&err));
        if (vg_watch(&beside.view, &beside.signals) < 0 ||
            alerting_apply_of(k, contract, &beside.signals, now->at_utc_ns, &err) < 0)
                keeper_store_failed(k, &err);
}

void watch_beside(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();

        k->watch.beside_boot_ns = now.at_boot_ns;
        for (size_t i = 0; i < k->n_adding; i++)
                look_at(k, k->adding[i], true, &now);
        for (size_t i = 0; i < k->n_over; i++)
                look_at(k, k->over[i], false, &now);
}
