/* SPDX-License-Identifier: Apache-2.0 */

/* The alerts of an import, once it is durable; until they are told the ledger remembers that they are
 * owed, {"months":[[appliance,start_s,cents,log size]],"refused":[as in the answer],"starts":[of intervals to be
 * looked at]}, through a crash too. */

#include <errno.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "keeper/usage-months.h"
#include "os/loop.h"
#include "store/store.h"
#include "vigie/alert.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static const char memory_name[] = "untold-import";

static int tell_unread(struct vg_signals *signals, const char *key, const char *reason)
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
                        return vg_tell_refused(signals, key, reasons[i].fr, reasons[i].en);
        return vg_tell_refused(signals, key, reason, reason);
}

/* As it was read, or written by us; below zero where it takes back. */
static int64_t micro_of(const json_t *row, const char *member)
{
        const char *text = "";
        int64_t micro = 0;

        (void)vg_json_get_string(row, member, &text);
        const bool below = *text == '-';
        return vg_decimal_parse(text + below, 6, &micro) < 0 ? 0 : below ? -micro : micro;
}

/* VIG-D-004 and VIG-D-005. */
static void tell_refused(struct keeper *k, const json_t *owed)
{
        struct vg_signals signals = { 0 };
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(owed, "refused"), i, one) {
                const char *key = "", *reason = "";
                (void)vg_json_get_string(one, "key", &key);
                (void)vg_json_get_string(one, "reason", &reason);
                const int r = i >= IMPORT_TOLD_MAX ? -E2BIG
                              : strcmp(reason, "conflicting_duplicate") == 0
                                      ? vg_tell_conflict(&signals, key, micro_of(one, "kept"),
                                                         micro_of(one, "quantity"))
                                      : tell_unread(&signals, key, reason);
                if (r < 0)
                        break;
        }
        if (signals.n)
                (void)watch_tell(k, &signals, vg_clock_now().at_utc_ns);
        vg_signals_done(&signals);
}

/* As of what is measured, interval by interval. */
static void tell_intervals(struct keeper *k, const json_t *owed)
{
        const json_t *start;
        size_t i;

        json_array_foreach (json_object_get(owed, "starts"), i, start) {
                vg_loop_notify("WATCHDOG=1");
                watch_imported(k, json_integer_value(start));
        }
}

static void tell_months(struct keeper *k, const json_t *owed)
{
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(owed, "months"), i, one) {
                const struct usage_month month = {
                        .appliance = json_string_value(json_array_get(one, 0)),
                        .start_s = json_integer_value(json_array_get(one, 1)),
                        .cents = json_integer_value(json_array_get(one, 2)),
                        .log_size = json_integer_value(json_array_get(one, 3)),
                };
                if (month.appliance)
                        (void)usage_month_compare(k, &month);
        }
}

/* *ret_owed: a tree, empty where nothing is owed. */
static int read_owed(struct keeper *k, json_t **ret_owed, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        int r = store_memory_get(k->store, memory_name, &text, &n, err);

        if (r < 0)
                return r;
        *ret_owed = n ? json_loadb(text, n, 0, NULL) : json_object();
        return *ret_owed ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

/* What was owed before and is not told yet stays owed. */
static void add_owed(json_t *owed, const char *key, json_t *list)
{
        json_t *before = json_object_get(owed, key);

        if (before && list)
                json_array_extend(before, list);
        else if (list)
                json_object_set(owed, key, list);
}

int import_owe(struct import *import, struct vg_err *err)
{
        struct keeper *k = import->act->keeper;
        const struct vg_buf *refused = &import->answer.buf;
        _cleanup_(vg_json_decrefp) json_t *owed = NULL;
        _cleanup_(vg_json_decrefp) json_t *rows = json_loadb(refused->data, refused->n, 0, NULL);
        _cleanup_(vg_json_decrefp) json_t *starts = json_array();
        struct vg_buf text = { 0 };
        int r = read_owed(k, &owed, err);

        import_sort_starts(&import->starts);
        for (size_t i = 0; i < import->starts.n; i++)
                if (i == 0 || import->starts.list[i] != import->starts.list[i - 1])
                        json_array_append_new(starts, json_integer(import->starts.list[i]));
        if (r == 0) {
                add_owed(owed, "months", import->months);
                add_owed(owed, "refused", rows);
                add_owed(owed, "starts", starts);
                r = vg_json_canonical(owed, &text, err);
        }
        if (r == 0)
                r = store_memory_put(k->store, memory_name, import->act->request->utc_ns, text.data,
                                     text.n, err);
        vg_buf_done(&text);
        return r;
}

static int forget_owed(struct keeper *k, struct vg_err *err)
{
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        return keeper_finish(
                k, store_memory_put(k->store, memory_name, vg_clock_now().at_utc_ns, "", 0, err),
                err);
}

void import_look(struct keeper *k)
{
        _cleanup_(vg_json_decrefp) json_t *owed = NULL;
        struct vg_err err = { 0 };
        int r = read_owed(k, &owed, &err);

        if (r == 0 && json_object_size(owed)) {
                tell_refused(k, owed);
                tell_intervals(k, owed);
                tell_months(k, owed);
                watch_look(k);
                r = forget_owed(k, &err);
        }
        k->owes_import_look = r < 0;
        if (r < 0)
                keeper_store_failed(k, &err);
}

void import_tell(struct act *act)
{
        import_look(act->keeper);
}
