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
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct reading {
        struct vg_contract *contract;
        struct vg_err *err;
};

static int read_contract(void *ctx, const struct store_contract *row)
{
        struct reading *reading = ctx;
        struct vg_refusals refusals = { 0 };
        int r = vg_contract_parse(row->text, row->n_text, vg_file_zone, &reading->contract,
                                  &refusals, reading->err);

        if (r == VG_CONTRACT_REFUSED)
                vg_log(LOG_ERR,
                       "le contrat %s du registre n'est plus lisible par cette version (%s) : "
                       "la collecte continue sans contrat",
                       row->contract_id, vg_refusal_code(&refusals.list[0]));
        vg_refusals_done(&refusals);
        return r < 0 ? r : 0;
}

int in_force_load(struct keeper *k, struct vg_err *err)
{
        struct reading reading = { .err = err };
        int r = store_contract_in_force(k->store, read_contract, &reading, err);

        if (r < 0)
                return r;
        vg_contract_free(k->contract);
        k->contract = reading.contract;
        k->closing.interval_s =
                k->contract ? k->contract->interval_s : (int32_t)k->settings->interval_s;
        snprintf(k->closing.contract_id, sizeof(k->closing.contract_id), "%s",
                 k->contract ? k->contract->id : "");
        return 0;
}
