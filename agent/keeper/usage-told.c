/* SPDX-License-Identifier: Apache-2.0 */

/* The alerts of an import, once it is durable. */

#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "vigie/alert.h"
#include "vigie/civil.h"
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

/* As of what is measured: by the first interval in which each was met. */
static void tell_noted(struct act *act, const json_t *answer)
{
        static const char *const lists[] = { "outside", "strangers", "unpriced" };
        const json_t *one;
        size_t i;

        for (size_t list = 0; list < ELEMENTSOF(lists); list++)
                json_array_foreach (json_object_get(answer, lists[list]), i, one) {
                        const char *since = "";
                        int64_t start_s;
                        (void)vg_json_get_string(one, "since", &since);
                        if (vg_utc_parse(since, &start_s) == 0)
                                watch_imported(act->keeper, start_s);
                }
}

void import_tell(struct act *act)
{
        _cleanup_(vg_json_decrefp) json_t *answer =
                json_loads(act->result.data ? act->result.data : "", 0, NULL);

        tell_refused(act, answer);
        tell_noted(act, answer);
        watch_look(act->keeper);
}
