/* SPDX-License-Identifier: Apache-2.0 */

/* The alerts of an import, once it is durable. */

#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "os/loop.h"
#include "vigie/alert.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static void tell_reason(struct vg_signal *s, const char *reason)
{
        static const struct {
                const char *id, *fr, *en;
        } reasons[] = {
                { "bad_quantity", "quantité illisible", "unreadable quantity" },
                { "bad_record", "lignes d'inscriptions différentes", "rows of several records" },
                { "bad_resource", "ressource illisible", "unreadable resource" },
                { "bad_row", "ligne illisible", "unreadable row" },
                { "bad_tenant", "abonné illisible", "unreadable tenant" },
                { "bad_timestamp", "instant illisible", "unreadable instant" },
                { "future", "intervalle à venir", "interval still to come" },
                { "measured_resource", "ressource déjà mesurée", "resource is measured already" },
        };

        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (strcmp(reasons[i].id, reason) == 0)
                        vg_signal_both(s, "reason", reasons[i].fr, reasons[i].en);
}

/* VIG-D-004 and VIG-D-005. */
static void tell_refused(struct act *act, const json_t *answer)
{
        struct vg_signals signals = { 0 };
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(answer, "refused"), i, one) {
                const char *key = "", *reason = "", *kept = "", *quantity = "";
                (void)vg_json_get_string(one, "key", &key);
                (void)vg_json_get_string(one, "reason", &reason);
                (void)vg_json_get_string(one, "kept", &kept);
                (void)vg_json_get_string(one, "quantity", &quantity);
                const bool conflict = strcmp(reason, "conflicting_duplicate") == 0;
                struct vg_signal *s =
                        i < IMPORT_TOLD_MAX
                                ? vg_signal_add(&signals, conflict ? "VIG-D-004" : "VIG-D-005", key,
                                                true, VG_SEVERITY_MAJOR, NULL)
                                : NULL;
                if (!s)
                        break;
                vg_signal_text(s, "key", key);
                if (conflict) {
                        vg_signal_text(s, "kept", kept);
                        vg_signal_text(s, "refused", quantity);
                } else {
                        tell_reason(s, reason);
                }
        }
        if (signals.n)
                (void)watch_tell(act->keeper, &signals, vg_clock_now().at_utc_ns);
        vg_signals_done(&signals);
}

/* As of what is measured, interval by interval. */
static void tell_intervals(struct keeper *k, const int64_t *starts)
{
        for (const int64_t *at = starts; *at != INT64_MAX; at++) {
                if (at != starts && at[-1] == *at)
                        continue;
                vg_loop_notify("WATCHDOG=1");
                watch_imported(k, *at);
        }
}

void import_tell(struct act *act)
{
        _cleanup_(vg_json_decrefp) json_t *answer =
                json_loads(act->result.data ? act->result.data : "", 0, NULL);

        tell_refused(act, answer);
        tell_intervals(act->keeper, act->about);
        watch_look(act->keeper);
}
