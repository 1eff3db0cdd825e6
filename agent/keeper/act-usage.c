/* SPDX-License-Identifier: Apache-2.0 */

/* Importing usage that this appliance did not measure: a CSV, of one of two forms by its heading. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "os/lang.h"
#include "os/loop.h"
#include "store/statements.h"
#include "store/store.h"
#include "vigie/alert.h"
#include "vigie/contract.h"
#include "vigie/civil.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/rating.h"

enum { NAME_BYTES_MAX = 160 };

#define SERVICES_HEADER "timestamp,tenant,resource,quantity"

/* ---- rows ---- */

void import_refuse(struct import *import, const struct import_row *row, const char *reason,
                   int64_t kept_micro)
{
        struct vg_json *j = &import->answer;
        char kept[64], key[400];

        if (import->refused++ >= IMPORT_REFUSED_MAX)
                return;
        snprintf(key, sizeof(key), "%s/%s/%s%s%s", row->tenant, row->resource, row->timestamp,
                 row->appliance ? "/" : "", row->appliance ? row->appliance : "");
        vg_json_object(j, NULL);
        vg_json_string(j, "kept", vg_decimal_format(kept_micro, 6, kept, sizeof(kept)));
        vg_json_string(j, "key", key);
        vg_json_int(j, "line", row->line);
        vg_json_string(j, "quantity", row->quantity);
        vg_json_string(j, "reason", reason);
        vg_json_end_object(j);
}

/* True: for the first time. */
static bool note(struct import_tolds *tolds, const char *name, int64_t start_s)
{
        for (size_t i = 0; i < tolds->n; i++)
                if (strcmp(tolds->list[i].name, name) == 0)
                        return false;
        if (tolds->n == IMPORT_TOLD_MAX)
                return false;
        struct import_told *told = &tolds->list[tolds->n++];
        snprintf(told->name, sizeof(told->name), "%s", name);
        told->start_s = start_s;
        return true;
}

int import_add_start(struct import_starts *starts, int64_t start_s)
{
        if (starts->n && starts->list[starts->n - 1] == start_s)
                return 0;
        if (starts->n == starts->size) {
                const size_t size = starts->size ? 2 * starts->size : 64;
                int64_t *list = reallocarray(starts->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                starts->list = list;
                starts->size = size;
        }
        starts->list[starts->n++] = start_s;
        return 0;
}

static int compare_starts(const void *a, const void *b)
{
        const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return (x > y) - (x < y);
}

void import_sort_starts(struct import_starts *starts)
{
        if (starts->n)
                qsort(starts->list, starts->n, sizeof(*starts->list), compare_starts);
}

int import_note(struct import *import, int64_t start_s, const char *tenant, const char *resource,
                int64_t micro, struct vg_err *err)
{
        const struct vg_contract *contract = import->act->keeper->contract;
        const int64_t now_s = vg_floor_div(import->act->request->utc_ns, VG_NS_PER_S);
        struct vg_line line;

        if (!contract)
                return 0;
        const int r = vg_rate_place(contract, start_s, tenant, resource, now_s, &line);
        import->outside += r == VG_RATE_OUT_OF_CONTRACT;
        if (micro == 0)
                return 0;
        bool look = vg_watch_has_interval_quota(contract, tenant, resource);
        if (r == VG_RATE_OUT_OF_CONTRACT)
                look = note(&import->outsiders, contract->id, start_s);
        else if (r == VG_RATE_UNPRICED)
                look |= note(&import->unpriced, resource, start_s);
        else if (!vg_rate_knows_tenant(contract, tenant))
                look |= note(&import->strangers, tenant, start_s);
        return look && import_add_start(&import->starts, start_s) < 0
                       ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                       : 0;
}

/* ---- the file ---- */

static int import_services(struct import *import, const char *text, size_t n_text,
                           struct vg_err *err)
{
        const char *end = text + n_text;
        int64_t line = 1;

        for (const char *at = text; at < end;) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                const char *to = newline ? newline : end;
                size_t n = (size_t)(to - at);
                n -= n && at[n - 1] == '\r';
                if (++line > IMPORT_ROWS_MAX)
                        return act_refuse(import->act, err, "too-many-rows",
                                          N_("plus de %d lignes : partager le fichier"),
                                          IMPORT_ROWS_MAX);
                if (line % 1000 == 0)
                        vg_loop_notify("WATCHDOG=1");
                int r = n ? import_service(import, line, at, n, err) : 0;
                if (r < 0)
                        return r;
                at = to + 1;
        }
        return 0;
}

static int import_text(struct import *import, const char *text, size_t n, struct vg_err *err)
{
        size_t n_heading = strcspn(text, "\n");
        const size_t skip = n_heading < n ? n_heading + 1 : n;

        n_heading -= n_heading && text[n_heading - 1] == '\r';
        if (n_heading == strlen(SERVICES_HEADER) && memcmp(text, SERVICES_HEADER, n_heading) == 0)
                return import_services(import, text + skip, n - skip, err);
        if (vg_merge_is_header(text, n_heading))
                return import_received(import, text + skip, n - skip, err);
        return n ? act_refuse(import->act, err, "bad-heading",
                              N_("la première ligne doit être « %s », ou celle d'un relevé de "
                                 "« vigie usage export »"),
                              SERVICES_HEADER)
                 : 0;
}

/* What was refused stands in the record of the act: kept apart, and never counted. */
static int record_import(struct import *import, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "digest", import->digest);
        vg_json_int(&detail, "duplicates", import->duplicates);
        vg_json_int(&detail, "imported", import->imported);
        vg_json_string(&detail, "name", import->name);
        vg_json_int(&detail, "refused", import->refused);
        if (import->refused)
                vg_json_raw(&detail, "refused_rows", import->answer.buf.data, import->answer.buf.n);
        vg_json_end_object(&detail);
        return act_record(import->act, &detail, err);
}

/* name: the member that holds the name; sorted before "since". */
static void put_tolds(struct vg_json *j, const char *key, const char *name,
                      const struct import_tolds *tolds)
{
        char since[32];

        vg_json_array(j, key);
        for (size_t i = 0; i < tolds->n; i++) {
                vg_json_object(j, NULL);
                vg_json_string(j, name, tolds->list[i].name);
                vg_json_string(j, "since", vg_utc_format(tolds->list[i].start_s, since));
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

/* {"digest","duplicates":N,"imported":N,"outside":[{"name","since":"…Z"}…],"outside_n":N,
 * "refused":[{"kept","key","line":N,"quantity","reason"}…],"refused_n":N,
 * "strangers":[{"name","since":"…Z"}…],"unpriced":[{"resource","since":"…Z"}…],"waiting_n":N} */
static int answer(struct import *import, struct vg_err *err)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "digest", import->digest);
        vg_json_int(&j, "duplicates", import->duplicates);
        vg_json_int(&j, "imported", import->imported);
        put_tolds(&j, "outside", "name", &import->outsiders);
        vg_json_int(&j, "outside_n", import->outside);
        vg_json_raw(&j, "refused", import->answer.buf.data, import->answer.buf.n);
        vg_json_int(&j, "refused_n", import->refused);
        put_tolds(&j, "strangers", "name", &import->strangers);
        put_tolds(&j, "unpriced", "resource", &import->unpriced);
        vg_json_int(&j, "waiting_n", import->waiting);
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
                r = import_text(&import, json_string_value(text), json_string_length(text), err);
        vg_json_end_array(&import.answer);
        if (r == 0)
                r = record_import(&import, err);
        if (r == 0)
                r = answer(&import, err);
        if (r == 0)
                r = import_owe(&import, err);
        act->after = import_tell;
        vg_json_done(&import.answer);
        free(import.starts.list);
        json_decref(import.months);
        return r;
}
