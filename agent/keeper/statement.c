/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/statement.h"

#include <errno.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/records.h"
#include "os/files.h"
#include "os/settings.h"
#include "store/statements.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/rating.h"

static const struct vg_statement *find_month(const struct vg_bill *bill, int32_t month)
{
        for (size_t i = 0; i < bill->n_statements; i++)
                if (bill->statements[i].month == month)
                        return &bill->statements[i];
        return NULL;
}

int statement_close(struct keeper *k, const struct statement_closing *closing, struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        struct records records = { .keeper = k, .utc_ns = closing->utc_ns };
        struct vg_json body = { 0 };
        const struct store_bill query = {
                .contract = closing->contract,
                .as_of_s = vg_month_close_s(closing->contract, closing->month),
                .to_month = closing->month,
        };
        int r = store_bill_read(k->store, &query, &bill, err);

        if (r < 0)
                return r;
        const struct vg_statement *statement = find_month(bill, closing->month);
        if (!statement)
                return vg_err_set(err, -EINVAL, "contrat %s : mois sans relevé",
                                  closing->contract->id);
        char tzdata[32];
        const struct store_statement_write write = {
                .bill = bill,
                .statement = statement,
                .appliance = k->settings->appliance_id,
                .contract_digest = closing->contract_digest,
                .tzdata = vg_file_tzdata(tzdata),
                .due_s = INT64_MAX,
                .is_closed = true,
        };
        r = store_statement_write(k->store, &write, &body, err);
        if (r < 0) {
                vg_json_done(&body);
                return r;
        }
        return records_append(&records, VG_LOG_CLIENT, "statement", &body, err);
}
