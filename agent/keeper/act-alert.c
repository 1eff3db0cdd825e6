/* SPDX-License-Identifier: Apache-2.0 */

/* Acknowledging an alert: somebody has seen it and says so. */

#include <errno.h>

#include "keeper/acts.h"
#include "keeper/alert-record.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static void reload_states(struct act *act)
{
        watch_reload(act->keeper);
}

static int record_ack(struct act *act, const char *key, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "key", key);
        vg_json_end_object(&detail);
        act->after = reload_states;
        return act_record(act, &detail, err);
}

/* A mere fact is over once somebody has read it; other alerts stay until their condition ends. */
static enum vg_alert_event step(const struct alert_row *row)
{
        struct vg_alert_state state = {
                .alert = vg_alert_find(row->code),
                .status = row->acknowledged ? VG_ALERT_ACKNOWLEDGED : VG_ALERT_FIRING,
        };

        if (!state.alert) /* of a later version */
                return row->acknowledged ? VG_EVENT_NONE : VG_EVENT_ACKNOWLEDGED;
        return vg_alert_step(&state, VG_INPUT_ACK, VG_SEVERITY_INFO, 0);
}

int act_alert_ack(struct act *act, struct vg_err *err)
{
        _cleanup_(alert_rows_done) struct alert_rows rows = { 0 };
        const char *key;
        int r = act_text(act, "key", ALERT_KEY_SIZE, &key, err);

        if (r != 0)
                return r;
        r = alert_rows_load(act->keeper->store, alert_has_key, key, &rows, err);
        if (r < 0)
                return r;
        if (!rows.n)
                return act_refuse(act, err, "no-such-alert", N_("aucune alerte en cours : %s"),
                                  key);

        const enum vg_alert_event event = step(&rows.list[0]);
        if (event != VG_EVENT_NONE) {
                const struct telling t = alert_row_again(&rows.list[0], event);
                r = alert_record(&act->records, &t, err);
        }
        vg_buf_printf(&act->result, "{\"unchanged\":%d}", event == VG_EVENT_NONE);
        return r < 0 ? r : record_ack(act, key, err);
}
