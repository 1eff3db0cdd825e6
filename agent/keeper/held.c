/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/held.h"

#include <stdio.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/files.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct looking {
        struct keeper *keeper;
        const struct vg_contract *ours;
        const char *digest;
        struct held *held;
        struct vg_err *err;
};

void held_done(struct held *held)
{
        vg_contract_free(held->before);
}

static int read_plain(const struct store_contract *row, struct vg_contract **ret_contract,
                      struct vg_err *err)
{
        struct vg_refusals refusals = { 0 };
        int r = vg_contract_parse(row->text, row->n_text, vg_file_zone, ret_contract, &refusals,
                                  err);

        vg_refusals_done(&refusals);
        return r < 0 ? r : 0;
}

static bool improves(const struct vg_contract *a, const struct vg_contract *b)
{
        return a->improves_id && strcmp(a->improves_id, b->id) == 0;
}

/* Whoever names the contract in force as the one before takes the appliance over from it. */
static bool follows(const struct vg_contract *a, const struct vg_contract *b)
{
        return a->previous_id && strcmp(a->previous_id, b->id) == 0;
}

static int64_t last_end(const struct vg_contract *c)
{
        return vg_contract_end_at(c, INT64_MAX)->value;
}

static int look_at_other(struct looking *looking, const struct store_contract *row)
{
        const char *appliance = looking->keeper->settings->appliance_id;
        const struct vg_contract *ours = looking->ours;
        struct held *held = looking->held;
        _cleanup_(vg_contract_freep) struct vg_contract *other = NULL;
        struct vg_refusals refusals = { 0 };
        int r = store_contract_read(looking->keeper->store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &other, &refusals, looking->err);

        vg_refusals_done(&refusals);
        if (r < 0 || !other || !vg_contract_site_of(other, appliance))
                return r < 0 ? r : 0;
        held->improved_is_ours |= improves(ours, other);
        if (strcmp(other->id, looking->keeper->closing.contract_id) == 0 &&
            !improves(ours, other) && !improves(other, ours) && !follows(ours, other) &&
            vg_contract_site_of(ours, appliance) && ours->start_s < last_end(other) &&
            other->start_s < last_end(ours))
                snprintf(held->rival, sizeof(held->rival), "%s", other->id);
        return 0;
}

static int look_at_held(void *ctx, const struct store_contract *row)
{
        struct looking *looking = ctx;
        struct held *held = looking->held;

        if (strcmp(row->contract_id, looking->ours->id) != 0)
                return row->current ? look_at_other(looking, row) : 0;
        if (row->revision > held->revision)
                held->revision = row->revision;
        if (!row->current)
                return 0;
        snprintf(held->digest, sizeof(held->digest), "%s", row->digest);
        held->same_text = strcmp(row->digest, looking->digest) == 0;
        return read_plain(row, &held->before, looking->err);
}

int held_look(struct keeper *k, const struct vg_contract *ours, const char *digest,
              struct held *held, struct vg_err *err)
{
        struct looking looking = { k, ours, digest, held, err };

        return store_contract_each(k->store, look_at_held, &looking, err);
}
