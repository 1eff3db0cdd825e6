/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/alert-record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* ---- alerts of the ledger ---- */

struct loading {
        struct alert_rows rows;
        alert_fits_fn *fits;
        const void *ctx;
};

static int load_row(void *ctx, const struct store_alert *alert)
{
        struct loading *loading = ctx;
        struct alert_rows *rows = &loading->rows;

        if (loading->fits && !loading->fits(loading->ctx, alert->code, alert->key))
                return 0;
        if (rows->n == rows->size) {
                size_t size = rows->size ? 2 * rows->size : 8;
                struct alert_row *list = reallocarray(rows->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                rows->list = list;
                rows->size = size;
        }
        struct alert_row *row = &rows->list[rows->n++];
        *row = (struct alert_row){
                .code = strdup(alert->code),
                .key = strdup(alert->key),
                .severity = strdup(alert->severity),
                .text_fr = strdup(alert->text_fr),
                .text_en = strdup(alert->text_en),
                .params = strdup(alert->params),
                .change = alert->change,
                .notified_s = alert->notified_s,
                .acknowledged = alert->acknowledged,
        };
        return row->code && row->key && row->severity && row->text_fr && row->text_en && row->params
                       ? 0
                       : -ENOMEM;
}

int alert_rows_load(struct store *store, alert_fits_fn *fits, const void *ctx,
                    struct alert_rows *ret_rows, struct vg_err *err)
{
        struct loading loading = { .fits = fits, .ctx = ctx };
        int r = store_alert_each(store, true, load_row, &loading, err);

        if (r < 0) {
                alert_rows_done(&loading.rows);
                return r;
        }
        *ret_rows = loading.rows;
        return 0;
}

void alert_rows_done(struct alert_rows *rows)
{
        for (size_t i = 0; i < rows->n; i++) {
                struct alert_row *row = &rows->list[i];
                free(row->code);
                free(row->key);
                free(row->severity);
                free(row->text_fr);
                free(row->text_en);
                free(row->params);
        }
        free(rows->list);
        *rows = (struct alert_rows){ 0 };
}

bool alert_has_key(const void *key, _unused_ const char *code, const char *row_key)
{
        return strcmp(key, row_key) == 0;
}

struct telling alert_row_again(const struct alert_row *row, enum vg_alert_event event)
{
        return (struct telling){
                .alert = vg_alert_find(row->code),
                .code = row->code,
                .key = row->key,
                .severity = row->severity,
                .text_fr = row->text_fr,
                .text_en = row->text_en,
                .event = event,
                .change = row->change + 1,
                .params = row->params,
        };
}

/* ---- the record ---- */

/* "VIG-Q-002/CS-1" of "VIG-Q-002/CS-1/serial". */
static void put_group(struct vg_json *j, const char *key)
{
        const char *slash = strchr(key, '/');
        char group[ALERT_KEY_SIZE];

        if (slash)
                slash = strchr(slash + 1, '/');
        snprintf(group, sizeof(group), "%.*s", slash ? (int)(slash - key) : (int)strlen(key), key);
        vg_json_string(j, "group", group);
}

static void put_audience(struct vg_json *j, const struct vg_alert *alert)
{
        vg_json_array(j, "audience");
        for (int role = 0; alert && role < VG_ROLE_N; role++)
                if (alert->audience & 1u << role)
                        vg_json_string(j, NULL, vg_role_name((enum vg_role)role));
        vg_json_end_array(j);
}

/* Whose owner may hear of it: the parameter, or what the key begins with ("t-a/NET-01"). */
static void put_tenant(struct vg_json *j, const struct telling *t)
{
        _cleanup_(vg_json_decrefp) json_t *params = NULL;
        const char *tenant = NULL, *key = t->key;
        char first[ALERT_KEY_SIZE];

        if (!t->alert || !(t->alert->audience & 1u << VG_ROLE_TENANT_OWNER))
                return;
        params = json_loads(t->params, 0, NULL);
        if (!params || vg_json_get_string(params, "tenant", &tenant) < 0) {
                for (int i = 0; i < 2 && key; i++)
                        key = strchr(key, '/') ? strchr(key, '/') + 1 : NULL;
                if (!key)
                        return;
                snprintf(first, sizeof(first), "%.*s", (int)strcspn(key, "/"), key);
                tenant = first;
        }
        if (strcmp(tenant, "*") != 0)
                vg_json_string(j, "tenant", tenant);
}

int alert_record(struct records *records, const struct telling *t, struct vg_err *err)
{
        const bool shared = t->alert && vg_alert_is_shared(t->alert);
        struct vg_json j = { 0 };
        char at[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(vg_floor_div(records->utc_ns, VG_NS_PER_S), at));
        put_audience(&j, t->alert);
        vg_json_int(&j, "change", t->change);
        vg_json_string(&j, "code", t->code);
        vg_json_string(&j, "event", vg_alert_event_name(t->event));
        put_group(&j, t->key);
        if (t->head)
                vg_json_string(&j, "head", t->head);
        vg_json_string(&j, "key", t->key);
        vg_json_string(&j, "notify", vg_notify_name(t->notify));
        vg_json_raw(&j, "params", t->params, strlen(t->params));
        vg_json_string(&j, "severity", t->severity);
        put_tenant(&j, t);
        vg_json_string(&j, "text_en", t->text_en);
        vg_json_string(&j, "text_fr", t->text_fr);
        vg_json_end_object(&j);
        return records_append(records, shared ? VG_LOG_SHARED : VG_LOG_CLIENT, "alert", &j, err);
}

/* ---- the journal ---- */

struct alert_line {
        struct alert_line *next;
        int priority;
        const char *message_id;
        char code[64], key[ALERT_KEY_SIZE + 16], event[64], severity[64], contract[128], notify[64];
        char text[VG_ALERT_TEXT_SIZE + 96];
};

static int priority_of(const struct telling *t)
{
        static const struct {
                const char *severity;
                int priority;
        } rows[] = {
                { "critical", LOG_CRIT },
                { "info", LOG_INFO },
                { "major", LOG_ERR },
                { "warning", LOG_WARNING },
        };

        if (t->event == VG_EVENT_CLEARED || t->event == VG_EVENT_ACKNOWLEDGED)
                return LOG_NOTICE;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].severity, t->severity) == 0)
                        return rows[i].priority;
        return LOG_WARNING;
}

static const char *event_word(enum vg_alert_event event)
{
        static const char *const words[] = {
                [VG_EVENT_NONE] = "",
                [VG_EVENT_FIRED] = N_("alerte"),
                [VG_EVENT_RAISED] = N_("alerte aggravée"),
                [VG_EVENT_CLEARED] = N_("fin d'alerte"),
                [VG_EVENT_ACKNOWLEDGED] = N_("alerte prise en compte"),
                [VG_EVENT_REMINDED] = N_("rappel d'alerte"),
        };

        return _(words[event]);
}

static struct alert_line *line_new(const struct telling *t, const char *contract)
{
        struct alert_line *line = calloc(1, sizeof(*line));

        if (!line)
                return NULL;
        line->priority = priority_of(t);
        line->message_id = t->alert ? t->alert->message_id : NULL;
        snprintf(line->code, sizeof(line->code), "VIGIE_CODE=%s", t->code);
        snprintf(line->key, sizeof(line->key), "VIGIE_KEY=%s", t->key);
        snprintf(line->event, sizeof(line->event), "VIGIE_EVENT=%s", vg_alert_event_name(t->event));
        snprintf(line->severity, sizeof(line->severity), "VIGIE_SEVERITY=%s", t->severity);
        snprintf(line->contract, sizeof(line->contract), "VIGIE_CONTRACT=%s", contract);
        snprintf(line->notify, sizeof(line->notify), "VIGIE_NOTIFY=%s", vg_notify_name(t->notify));
        snprintf(line->text, sizeof(line->text), "%s, %s : %s", t->code, event_word(t->event),
                 vg_lang_is_french() ? t->text_fr : t->text_en);
        return line;
}

static void tell_line(const struct alert_line *line)
{
        const char *const fields[] = { line->code,     line->key,    line->event, line->severity,
                                       line->contract, line->notify, NULL };

        vg_log_text(line->priority, line->message_id, fields, line->text);
}

/* ---- batches ---- */

void alert_batch_init(struct alert_batch *batch, struct keeper *k, int64_t utc_ns)
{
        *batch = (struct alert_batch){ .records = { .keeper = k, .utc_ns = utc_ns } };
        batch->last = &batch->first;
}

int alert_batch_add(struct alert_batch *batch, const struct telling *telling, struct vg_err *err)
{
        struct keeper *k = batch->records.keeper;
        int r = batch->has_begun ? 0 : store_begin(k->store, err);

        if (r < 0)
                return r;
        batch->has_begun = true;
        r = alert_record(&batch->records, telling, err);
        if (r < 0)
                return r;

        struct alert_line *line = line_new(telling, k->closing.contract_id);
        if (!line)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        *batch->last = line;
        batch->last = &line->next;
        return 0;
}

int alert_batch_end(struct alert_batch *batch, int r, struct vg_err *err)
{
        struct store *store = batch->records.keeper->store;

        if (batch->has_begun && r < 0)
                store_rollback(store);
        else if (batch->has_begun)
                r = store_commit(store, err);
        while (batch->first) {
                struct alert_line *line = batch->first;
                batch->first = line->next;
                if (r == 0)
                        tell_line(line);
                free(line);
        }
        return r;
}
