/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/in-force.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/files.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "os/clock.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct reading {
        struct keeper *keeper;
        struct vg_contract *contract;
        struct vg_err *err;
};

static int read_contract(void *ctx, const struct store_contract *row)
{
        struct reading *reading = ctx;
        struct vg_refusals refusals = { 0 };
        int r = store_contract_read(reading->keeper->store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &reading->contract, &refusals, reading->err);

        if (r == VG_CONTRACT_REFUSED)
                vg_log(LOG_ERR,
                       "le contrat %s du registre n'est plus lisible par cette version (%s) : "
                       "la collecte continue sans contrat",
                       row->contract_id, vg_refusal_code(&refusals.list[0]));
        vg_refusals_done(&refusals);
        return r < 0 ? r : 0;
}

int in_force_read(struct keeper *k, int64_t now_s, struct vg_contract **ret_contract,
                  int64_t *ret_until_s, struct vg_err *err)
{
        struct reading reading = { .keeper = k, .err = err };
        const struct store_now query = { k->settings->appliance_id, now_s, vg_file_zone };
        int r = store_contract_now(k->store, &query, read_contract, &reading, ret_until_s, err);

        if (r < 0)
                return r;
        *ret_contract = reading.contract;
        return 0;
}

void in_force_done(struct keeper *k)
{
        for (size_t i = 0; i < k->n_adding; i++)
                vg_contract_free(k->adding[i]);
        for (size_t i = 0; i < k->n_over; i++)
                vg_contract_free(k->over[i]);
        free(k->adding);
        free(k->over);
        vg_contract_free(k->contract);
        k->adding = k->over = NULL;
        k->n_adding = k->n_over = 0;
        k->contract = NULL;
}

static bool is_over(const struct keeper *k, const struct vg_contract *c, int64_t now_s)
{
        const char *reporter = vg_contract_reporting_appliance(c);

        if (!reporter || strcmp(reporter, k->settings->appliance_id) != 0 ||
            strcmp(c->id, k->contract->id) == 0)
                return false;
        return now_s >= vg_contract_end_at(c, now_s)->value ||
               (k->contract->previous_id && strcmp(k->contract->previous_id, c->id) == 0);
}

static int keep(struct vg_contract ***list, size_t *n, struct vg_contract **contract)
{
        struct vg_contract **larger = reallocarray(*list, *n + 1, sizeof(struct vg_contract *));

        if (!larger)
                return -ENOMEM;
        *list = larger;
        larger[(*n)++] = TAKE_PTR(*contract);
        return 0;
}

/* A contract that stands beside the one in force. */
static int take_beside(void *ctx, const struct store_contract *row)
{
        struct reading *reading = ctx;
        struct keeper *k = reading->keeper;
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_refusals refusals = { 0 };

        if (!row->current)
                return 0;
        int r = store_contract_read(k->store, row->text, row->n_text, NULL, 0, vg_file_zone, &c,
                                    &refusals, reading->err);
        vg_refusals_done(&refusals);
        if (r < 0 || !c)
                return r < 0 ? r : 0;
        if (c->improves_id && strcmp(c->improves_id, k->contract->id) == 0)
                return keep(&k->adding, &k->n_adding, &c);
        return is_over(k, c, vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S))
                       ? keep(&k->over, &k->n_over, &c)
                       : 0;
}

int in_force_load(struct keeper *k, struct vg_err *err)
{
        const int64_t now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S);
        struct vg_contract *contract = NULL;
        int r = in_force_read(k, now_s, &contract, &k->in_force_until_s, err);

        if (r < 0)
                return r;
        in_force_done(k);
        k->contract = contract;
        k->closing.interval_s =
                k->contract ? k->contract->interval_s : (int32_t)k->settings->interval_s;
        snprintf(k->closing.contract_id, sizeof(k->closing.contract_id), "%s",
                 k->contract ? k->contract->id : "");
        struct reading reading = { .keeper = k, .err = err };
        return k->contract ? store_contract_each(k->store, take_beside, &reading, err) : 0;
}

int in_force_interval(struct keeper *k, int64_t utc_ns, struct vg_err *err)
{
        _cleanup_(vg_contract_freep) struct vg_contract *contract = NULL;
        const int64_t now_s = vg_floor_div(utc_ns, VG_NS_PER_S);
        int r = in_force_read(k, now_s, &contract, NULL, err);

        if (r < 0)
                return r;
        r = vg_book_set_interval(k->meter.book,
                                 contract ? contract->interval_s : (int32_t)k->settings->interval_s,
                                 now_s, err);
        return r < 0 ? r : meter_snapshot(&k->meter, utc_ns, err);
}

static int turn(struct keeper *k, int64_t utc_ns, struct vg_err *err)
{
        int r = store_begin(k->store, err);

        return r < 0 ? r : keeper_finish(k, in_force_interval(k, utc_ns, err), err);
}

/* The next contract's first day, or what a letter of termination has set. */
void in_force_tick(struct keeper *k)
{
        const int64_t utc_ns = vg_clock_now().at_utc_ns;
        struct vg_err err = { 0 };

        if (vg_floor_div(utc_ns, VG_NS_PER_S) < k->in_force_until_s)
                return;
        int r = turn(k, utc_ns, &err);
        if (r < 0)
                keeper_reload_meter(k);
        if (r == 0)
                r = in_force_load(k, &err);
        if (r < 0)
                keeper_store_failed(k, &err);
        else
                watch_contract(k);
}
