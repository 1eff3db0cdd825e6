/* SPDX-License-Identifier: Apache-2.0 */

/* Importing usage of services that the hypervisor does not show (licences, replication, …): a CSV
 * `timestamp,tenant,resource,quantity`, as `vigie contract rate` reads it. The natural key of a row
 * never expires: sent again with the same value it is ignored, with another it is refused, and the
 * first stays (RATING R2, R5). Rows become records of the type usage-import. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "os/loop.h"
#include "os/settings.h"
#include "store/statements.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/rating.h"
#include "vigie/tenant.h"

enum { NAME_BYTES_MAX = 160, ROWS_MAX = 50000, REFUSED_MAX = 1000, TOLD_MAX = 50 };

struct row {
        char timestamp[32], tenant[80], resource[80], quantity[40];
        int64_t start_s, micro;
};

struct import {
        struct act *act;
        const char *name;
        char digest[65];
        int64_t imported, duplicates, refused, outside;
        struct {
                char resource[80];
                int64_t start_s; /* of the first row */
        } unpriced[TOLD_MAX];
        size_t n_unpriced;
        struct vg_json answer; /* the list of what was refused, as it grows */
};

/* ---- a row ---- */

/* One field up to a comma or the end; false: there is none, or it is too long. */
static bool take_field(const char **at, const char *end, char *buf, size_t size)
{
        const char *from = *at;
        const char *comma = from <= end ? memchr(from, ',', (size_t)(end - from)) : NULL;
        const char *to = comma ? comma : end;

        if (from > end || (size_t)(to - from) >= size || to == from)
                return false;
        memcpy(buf, from, (size_t)(to - from));
        buf[to - from] = '\0';
        *at = to + 1;
        return true;
}

/* NULL: lawful. Else the word for what is wrong (RATE-IO). */
static const char *read_row(const struct keeper *k, const char *line, size_t n, int64_t now_s,
                            struct row *row)
{
        const char *at = line, *end = line + n;

        *row = (struct row){ 0 };
        if (!take_field(&at, end, row->timestamp, sizeof(row->timestamp)) ||
            !take_field(&at, end, row->tenant, sizeof(row->tenant)) ||
            !take_field(&at, end, row->resource, sizeof(row->resource)) ||
            !take_field(&at, end, row->quantity, sizeof(row->quantity)) || at <= end)
                return "bad_row";
        if (vg_utc_parse(row->timestamp, &row->start_s) < 0 ||
            row->start_s % k->closing.interval_s != 0)
                return "bad_timestamp";
        if (row->start_s > now_s) /* its end lies more than an interval ahead */
                return "future";
        if (!vg_tenant_may_hold(row->tenant))
                return "bad_tenant";
        if (!vg_tenant_id_valid(row->resource))
                return "bad_resource";
        if (vg_resource_find(row->resource) >= 0)
                return "measured_resource";
        return vg_decimal_parse(row->quantity, 6, &row->micro) < 0 ? "bad_quantity" : NULL;
}

/* ---- what the ledger holds of its key ---- */

struct held {
        const char *resource;
        bool found;
        int64_t micro, next_part;
};

static int look_at(void *ctx, const struct store_usage *usage)
{
        struct held *held = ctx;

        if (usage->part >= held->next_part)
                held->next_part = usage->part + 1;
        if (strcmp(usage->resource, held->resource) == 0) {
                held->found = true;
                held->micro += usage->micro;
        }
        return 0;
}

static int put_record(struct import *import, const struct row *row, int64_t part,
                      struct vg_err *err)
{
        const struct keeper *k = import->act->keeper;
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", k->settings->appliance_id);
        vg_json_string(&j, "contract", k->closing.contract_id);
        vg_json_string(&j, "digest", import->digest);
        vg_json_int(&j, "interval_s", k->closing.interval_s);
        vg_json_int(&j, "part", part);
        vg_json_object(&j, "resources");
        vg_json_object(&j, row->resource);
        vg_json_int(&j, "micro", row->micro);
        vg_json_string(&j, "quality", vg_quality_name(VG_QUALITY_WHOLE));
        vg_json_end_object(&j);
        vg_json_end_object(&j);
        vg_json_string(&j, "start", row->timestamp);
        vg_json_string(&j, "tenant", row->tenant);
        vg_json_end_object(&j);
        return records_append(&import->act->records, VG_LOG_CLIENT, "usage-import", &j, err);
}

static void refuse_row(struct import *import, int64_t line, const struct row *row,
                       const char *reason, int64_t kept_micro)
{
        struct vg_json *j = &import->answer;
        char kept[64], key[240];

        if (import->refused++ >= REFUSED_MAX)
                return;
        snprintf(key, sizeof(key), "%s/%s/%s", row->tenant, row->resource, row->timestamp);
        vg_json_object(j, NULL);
        vg_json_string(j, "kept", vg_decimal_format(kept_micro, 6, kept, sizeof(kept)));
        vg_json_string(j, "key", key);
        vg_json_int(j, "line", line);
        vg_json_string(j, "quantity", row->quantity);
        vg_json_string(j, "reason", reason);
        vg_json_end_object(j);
}

/* It is kept all the same, and told once a resource. */
static void note_unpriced(struct import *import, const struct row *row)
{
        const struct vg_contract *contract = import->act->keeper->contract;
        const int64_t now_s = vg_floor_div(import->act->request->utc_ns, VG_NS_PER_S);
        struct vg_line line;

        for (size_t i = 0; i < import->n_unpriced; i++)
                if (strcmp(import->unpriced[i].resource, row->resource) == 0)
                        return;
        if (!contract || row->micro == 0 || import->n_unpriced == TOLD_MAX ||
            vg_rate_place(contract, row->start_s, row->tenant, row->resource, now_s, &line) !=
                    VG_RATE_UNPRICED)
                return;
        snprintf(import->unpriced[import->n_unpriced].resource,
                 sizeof(import->unpriced[0].resource), "%s", row->resource);
        import->unpriced[import->n_unpriced++].start_s = row->start_s;
}

/* Kept, and never charged (RATING R4). */
static void note_outside(struct import *import, const struct row *row, int64_t now_s)
{
        const struct vg_contract *contract = import->act->keeper->contract;

        import->outside += contract && (row->start_s < contract->start_s ||
                                        row->start_s >= vg_contract_end_at(contract, now_s)->value);
}

static int import_row(struct import *import, int64_t line, const char *text, size_t n,
                      struct vg_err *err)
{
        struct keeper *k = import->act->keeper;
        const int64_t now_s = vg_floor_div(import->act->request->utc_ns, VG_NS_PER_S);
        struct row row;
        const char *reason =
                vg_utf8_valid(text, n, NULL) ? read_row(k, text, n, now_s, &row) : NULL;

        if (!vg_utf8_valid(text, n, NULL)) {
                row = (struct row){ 0 };
                reason = "bad_row";
        }
        if (reason) {
                refuse_row(import, line, &row, reason, 0);
                return 0;
        }
        const struct store_usage_query query = {
                .from_s = row.start_s,
                .to_s = row.start_s + 1,
                .tenant = row.tenant,
        };
        struct held held = { .resource = row.resource };
        int r = store_usage_each(k->store, &query, look_at, &held, err);
        if (r < 0)
                return r;
        if (held.found && held.micro == row.micro)
                import->duplicates++;
        else if (held.found)
                refuse_row(import, line, &row, "conflicting_duplicate", held.micro);
        else {
                /* Part 0 is the meter's own, which may still come for this interval. */
                r = put_record(import, &row, held.next_part ? held.next_part : 1, err);
                import->imported++;
                note_unpriced(import, &row);
                note_outside(import, &row, now_s);
        }
        return r;
}

/* ---- the file ---- */

static int import_rows(struct import *import, const char *text, size_t n_text, struct vg_err *err)
{
        static const char heading[] = "timestamp,tenant,resource,quantity";
        const char *end = text + n_text;
        int64_t line = 0;

        for (const char *at = text; at < end;) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                const char *to = newline ? newline : end;
                size_t n = (size_t)(to - at);
                n -= n && at[n - 1] == '\r';
                line++;
                if (line == 1 && (n != strlen(heading) || memcmp(at, heading, n) != 0))
                        return act_refuse(import->act, err, "bad-heading",
                                          N_("la première ligne doit être « %s »"), heading);
                if (line > ROWS_MAX)
                        return act_refuse(import->act, err, "too-many-rows",
                                          N_("plus de %d lignes : partager le fichier"), ROWS_MAX);
                if (line % 1000 == 0)
                        vg_loop_notify("WATCHDOG=1");
                int r = line > 1 && n ? import_row(import, line, at, n, err) : 0;
                if (r < 0)
                        return r;
                at = to + 1;
        }
        return 0;
}

static int record_import(struct import *import, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "digest", import->digest);
        vg_json_int(&detail, "duplicates", import->duplicates);
        vg_json_int(&detail, "imported", import->imported);
        vg_json_string(&detail, "name", import->name);
        vg_json_int(&detail, "refused", import->refused);
        vg_json_end_object(&detail);
        return act_record(import->act, &detail, err);
}

static void tell_reason(struct vg_signal *s, const char *reason)
{
        static const struct {
                const char *id, *fr, *en;
        } reasons[] = {
                { "bad_quantity", "quantité illisible", "unreadable quantity" },
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
                        i < TOLD_MAX ? vg_signal_add(&signals, conflict ? "VIG-D-004" : "VIG-D-005",
                                                     key, true, VG_SEVERITY_MAJOR, NULL)
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

/* VIG-Q-001, as of what is measured. */
static void tell_unpriced(struct act *act, const json_t *answer)
{
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(answer, "unpriced"), i, one) {
                const char *since = "";
                int64_t start_s;
                (void)vg_json_get_string(one, "since", &since);
                if (vg_utc_parse(since, &start_s) == 0)
                        watch_imported(act->keeper, start_s);
        }
}

/* Once the file is durable. */
static void tell(struct act *act)
{
        _cleanup_(vg_json_decrefp) json_t *answer =
                json_loads(act->result.data ? act->result.data : "", 0, NULL);

        tell_refused(act, answer);
        tell_unpriced(act, answer);
        watch_look(act->keeper);
}

static void put_unpriced(const struct import *import, struct vg_json *j)
{
        char since[32];

        vg_json_array(j, "unpriced");
        for (size_t i = 0; i < import->n_unpriced; i++) {
                vg_json_object(j, NULL);
                vg_json_string(j, "resource", import->unpriced[i].resource);
                vg_json_string(j, "since", vg_utc_format(import->unpriced[i].start_s, since));
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

/* {"digest","duplicates":N,"imported":N,"outside_n":N,
 * "refused":[{"kept","key","line":N,"quantity","reason"}…],"refused_n":N,"unpriced":[{"resource","since":"…Z"}…]} */
static int answer(struct import *import, struct vg_err *err)
{
        struct vg_json j = { 0 };

        vg_json_end_array(&import->answer);
        vg_json_object(&j, NULL);
        vg_json_string(&j, "digest", import->digest);
        vg_json_int(&j, "duplicates", import->duplicates);
        vg_json_int(&j, "imported", import->imported);
        vg_json_int(&j, "outside_n", import->outside);
        vg_json_raw(&j, "refused", import->answer.buf.data, import->answer.buf.n);
        vg_json_int(&j, "refused_n", import->refused);
        put_unpriced(import, &j);
        vg_json_end_object(&j);
        import->act->result = j.buf;
        return j.buf.failed || import->answer.buf.failed
                       ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                       : 0;
}

int act_usage_import(struct act *act, struct vg_err *err)
{
        struct import import = { .act = act };
        const json_t *text = json_object_get(act->request->body, "text");
        int r = act_text(act, "name", NAME_BYTES_MAX, &import.name, err);

        if (r == 0 && !json_is_string(text))
                r = act_refuse(act, err, "bad-body", N_("« text » : le fichier est attendu"));
        if (r != 0)
                return r;
        r = store_digest(json_string_value(text), json_string_length(text), import.digest, err);
        vg_json_array(&import.answer, NULL);
        if (r == 0)
                r = import_rows(&import, json_string_value(text), json_string_length(text), err);
        if (r == 0)
                r = record_import(&import, err);
        if (r == 0)
                r = answer(&import, err);
        if (r == 0)
                act->after = tell;
        vg_json_done(&import.answer);
        return r;
}
