/* SPDX-License-Identifier: Apache-2.0 */

/* Acts upon the ledger: sign it now, read it over now. */

#include <errno.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/json.h"

static int record_plain(struct act *act, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}

static void start_audit(struct act *act)
{
        audit_start(act->keeper);
        vg_buf_puts(&act->result, "{\"started\":1}");
}

int act_ledger_audit(struct act *act, struct vg_err *err)
{
        act->after = start_audit;
        return record_plain(act, err);
}

static void sign_heads(struct act *act)
{
        struct vg_err err = { 0 };
        unsigned n = 0;
        int r = store_checkpoint(act->keeper->store, act->request->utc_ns, &n, &err);

        if (r < 0) /* the act stands; the heads are signed with the next ones */
                keeper_store_failed(act->keeper, &err);
        vg_buf_printf(&act->result, "{\"signed\":%u}", n);
}

int act_ledger_checkpoint(struct act *act, struct vg_err *err)
{
        act->after = sign_heads;
        return record_plain(act, err);
}
