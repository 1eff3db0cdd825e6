/* SPDX-License-Identifier: Apache-2.0 */

/* What another appliance of the contract measured, from its export (vigie/merge.h), into the ledger of
 * the one that reports: rated, stated and watched like its own. A record of the other becomes one of
 * ours, usage-received. It counts once by two keys: what was sent (appliance, seq), and what it means
 * (appliance, start, tenant, part). The same again is known; another value under a key is refused,
 * told (VIG-D-004) and kept apart in the record of the act. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "keeper/usage-shared.h"
#include "os/lang.h"
#include "os/loop.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/num.h"

enum { MICRO_PER_CENT = 10000 };

struct received {
        struct import *import;
        char *text; /* cut into the fields of rows */
        struct vg_merge_row *rows;
        size_t n;
        struct import_starts shared;
        struct vg_err *err;
};

static void received_done(struct received *received)
{
        free(received->text);
        free(received->rows);
        free(received->shared.list);
}

static void refuse(const struct received *received, const struct vg_merge_row *row,
                   const char *reason, int64_t kept_micro)
{
        char at[32], quantity[64];
        const struct import_row as_read = {
                .line = (int64_t)row->line,
                .tenant = row->tenant,
                .resource = row->resource,
                .timestamp = vg_utc_format(row->start_s, at),
                .quantity = vg_decimal_format(row->micro, 6, quantity, sizeof(quantity)),
                .appliance = row->appliance,
        };

        import_refuse(received->import, &as_read, reason, kept_micro);
}

/* ---- the rows ---- */

/* The rows of one record, by what they are of. */
static int by_meaning(const void *a, const void *b)
{
        const struct vg_merge_row *x = a, *y = b;
        int r = strcmp(x->appliance, y->appliance);

        r = r ? r : (x->seq > y->seq) - (x->seq < y->seq);
        r = r ? r : strcmp(x->resource, y->resource);
        r = r ? r : strcmp(x->volume, y->volume);
        return r ? r : (x->line > y->line) - (x->line < y->line);
}

/* What a month comes to there: compared once all of it is recorded here (usage-months.h). */
static int note_month(struct received *received, const struct vg_merge_row *row)
{
        struct import *import = received->import;
        const struct keeper *k = import->act->keeper;

        if (strcmp(row->appliance, k->settings->appliance_id) == 0 ||
            !vg_contract_site_of(k->contract, row->appliance))
                return 0;
        if (!import->months)
                import->months = json_array();
        return json_array_append_new(
                import->months,
                json_pack("[s, I, I, I]", row->appliance, (json_int_t)row->start_s,
                          (json_int_t)(row->micro / MICRO_PER_CENT), (json_int_t)row->seq));
}

static int read_rows(struct received *received, const char *text, size_t n)
{
        struct act *act = received->import->act;
        uint64_t line = 1;

        received->text = strndup(text, n);
        received->rows = calloc(IMPORT_ROWS_MAX, sizeof(*received->rows));
        if (!received->text || !received->rows)
                return vg_err_set(received->err, -ENOMEM, "mémoire épuisée");
        for (char *at = received->text, *next; *at; at = next) {
                size_t length = strcspn(at, "\n");
                next = at + length + (at[length] == '\n');
                at[length] = '\0';
                if (length && at[length - 1] == '\r')
                        at[--length] = '\0';
                line++;
                if (!length)
                        continue;
                if (received->n == IMPORT_ROWS_MAX)
                        return act_refuse(act, received->err, "too-many-rows",
                                          N_("plus de %d lignes : partager le fichier"),
                                          IMPORT_ROWS_MAX);
                struct vg_merge_row *row = &received->rows[received->n];
                if (vg_merge_row_read(at, row)) {
                        row->line = line;
                        if (!vg_merge_is_month(row))
                                received->n++;
                        else if (note_month(received, row) < 0)
                                return vg_err_set(received->err, -ENOMEM, "mémoire épuisée");
                } else {
                        import_refuse(received->import,
                                      &(struct import_row){ (int64_t)line, "", "", "", "", NULL },
                                      "bad_row", 0);
                }
        }
        qsort(received->rows, received->n, sizeof(*received->rows), by_meaning);
        return 0;
}

/* ---- a record that is known ---- */

struct known {
        const struct vg_merge_row *rows;
        size_t n;
        json_t *body;
};

static int take_known(void *ctx, const struct store_record *record)
{
        struct known *known = ctx;
        struct vg_record split;

        if (!record->bytes)
                return 0; /* let go of since */
        return vg_record_split(record->bytes, record->n, &split) < 0
                       ? -EBADMSG
                       : vg_json_parse(split.body, split.n_body, &known->body, NULL, NULL, NULL);
}

/* What is kept of a row's key. False: nothing. */
static bool find_sent(const json_t *sent, const struct vg_merge_row *row, int64_t *ret_micro)
{
        const json_t *one;
        size_t i;

        json_array_foreach ((json_t *)sent, i, one) {
                const char *resource = "", *seen = "", *volume = "";
                (void)vg_json_get_string(one, "resource", &resource);
                (void)vg_json_get_string(one, "seen", &seen);
                (void)vg_json_get_string(one, "volume", &volume);
                if (strcmp(resource, row->resource) == 0 && strcmp(volume, row->volume) == 0)
                        return vg_json_get_int(one, "micro", ret_micro) == 0 &&
                               strcmp(seen, row->seen) == 0;
        }
        return false;
}

static bool is_same_record(const json_t *body, const struct vg_merge_row *row)
{
        const char *start = "", *tenant = "";
        int64_t start_s = 0, part = -1;

        (void)vg_json_get_string(body, "start", &start);
        (void)vg_json_get_string(body, "tenant", &tenant);
        (void)vg_json_get_int(body, "sent_part", &part);
        return vg_utc_parse(start, &start_s) == 0 && start_s == row->start_s && part == row->part &&
               strcmp(tenant, row->tenant) == 0;
}

static int compare_known(const struct received *received, uint64_t seq,
                         const struct vg_merge_row *rows, size_t n)
{
        const struct store_record_query query = { VG_LOG_CLIENT, seq, seq + 1, NULL };
        struct known known = { rows, n, NULL };
        int r = store_record_each(received->import->act->keeper->store, &query, take_known, &known,
                                  received->err);

        const json_t *sent = json_object_get(known.body, "sent");
        const bool same = is_same_record(known.body, rows);
        for (size_t i = 0; i < n && r == 0; i++) {
                int64_t kept = 0;
                if (!known.body ||
                    (same && find_sent(sent, &rows[i], &kept) && kept == rows[i].micro))
                        received->import->duplicates++;
                else
                        refuse(received, &rows[i], "conflicting_duplicate", kept);
        }
        json_decref(known.body);
        return r;
}

/* ---- a record that is new ---- */

/* The rows of one resource, from rows[0] on; *ret_n: how many those are. */
static int add_up(const struct vg_merge_row *rows, size_t n, size_t *ret_n, int64_t *ret_micro)
{
        int r = 0;

        *ret_micro = 0;
        for (*ret_n = 0;
             *ret_n < n && r == 0 && strcmp(rows[*ret_n].resource, rows[0].resource) == 0; ++*ret_n)
                r = vg_add_i64(*ret_micro, rows[*ret_n].micro, ret_micro);
        return r;
}

static void put_sent(struct vg_json *j, const struct vg_merge_row *rows, size_t n)
{
        vg_json_array(j, "sent");
        for (size_t i = 0; i < n; i++) {
                vg_json_object(j, NULL);
                vg_json_int(j, "micro", rows[i].micro);
                vg_json_string(j, "resource", rows[i].resource);
                if (*rows[i].seen)
                        vg_json_string(j, "seen", rows[i].seen);
                vg_json_string(j, "volume", rows[i].volume);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static int put_resources(struct received *received, struct vg_json *j,
                         const struct vg_merge_row *rows, size_t n)
{
        struct import *import = received->import;
        int64_t micro;

        vg_json_object(j, "resources");
        for (size_t i = 0, some; i < n; i += some) {
                int r = add_up(&rows[i], n - i, &some, &micro);
                if (r < 0)
                        return vg_err_set(received->err, r, "usage reçu : somme impossible");
                vg_json_object(j, rows[i].resource);
                vg_json_int(j, "micro", micro);
                vg_json_string(j, "quality", vg_quality_name(VG_QUALITY_WHOLE));
                vg_json_end_object(j);
                r = import_note(import, rows[i].start_s, rows[i].tenant, rows[i].resource, micro,
                                received->err);
                if (r < 0)
                        return r;
        }
        vg_json_end_object(j);
        return 0;
}

/* What of volumes is told twice, once all of it was recorded. */
static int share_volumes(struct received *received)
{
        struct records *records = &received->import->act->records;
        struct import_starts *shared = &received->shared;
        int r = 0;

        import_sort_starts(shared);
        for (size_t i = 0; i < shared->n && r == 0; i++) {
                vg_loop_notify("WATCHDOG=1");
                if (i == 0 || shared->list[i] != shared->list[i - 1])
                        r = usage_share(records, shared->list[i], received->err);
        }
        return r;
}

static int put_record(struct received *received, const struct vg_merge_row *rows, size_t n)
{
        struct import *import = received->import;
        const struct keeper *k = import->act->keeper;
        const bool is_heartbeat = vg_merge_is_heartbeat(rows);
        struct vg_json j = { 0 };
        int64_t part = 0;
        char start[32];
        int r = is_heartbeat
                        ? 0
                        : store_next_part(k->store, rows->start_s, rows->tenant,
                                          IMPORT_RECEIVED_PART, INT64_MAX, &part, received->err);

        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", rows->appliance);
        vg_json_string(&j, "contract", k->closing.contract_id);
        vg_json_string(&j, "digest", import->digest);
        vg_json_int(&j, "interval_s", k->closing.interval_s);
        vg_json_int(&j, "part", part);
        r = put_resources(received, &j, rows, is_heartbeat ? 0 : n);
        put_sent(&j, rows, n);
        vg_json_int(&j, "sent_part", rows->part);
        vg_json_int(&j, "sent_seq", rows->seq);
        vg_json_string(&j, "start", vg_utc_format(rows->start_s, start));
        vg_json_string(&j, "tenant", rows->tenant);
        vg_json_end_object(&j);
        if (r < 0) {
                vg_json_done(&j);
                return r;
        }
        import->imported += (int64_t)n;
        for (size_t i = 0; i < n && r == 0; i++)
                if (*rows[i].volume)
                        r = import_add_start(&received->shared, rows->start_s);
        if (r < 0) {
                vg_json_done(&j);
                return vg_err_set(received->err, r, "mémoire épuisée");
        }
        return records_append(&import->act->records, VG_LOG_CLIENT, "usage-received", &j,
                              received->err);
}

/* ---- a record ---- */

/* Until when our own intervals are closed; where nothing was ever observed, would be. */
static int64_t closed_until(const struct keeper *k)
{
        const int64_t until_s = vg_book_closed_until(k->meter.book);
        const int64_t now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S);
        const int64_t step_s = k->closing.interval_s;

        return until_s != INT64_MIN
                       ? until_s
                       : vg_floor_div(now_s - k->settings->close_grace_s, step_s) * step_s;
}

/* NULL: all rows may be of one record. */
static const char *wrong_with(const struct keeper *k, const struct vg_merge_row *rows, size_t n)
{
        if (rows->start_s % k->closing.interval_s != 0)
                return "bad_timestamp";
        for (size_t i = 1; i < n; i++)
                if (rows[i].start_s != rows->start_s || rows[i].part != rows->part ||
                    strcmp(rows[i].tenant, rows->tenant) != 0)
                        return "bad_record";
        return NULL;
}

/* One row twice in a file: known already, or a conflict. Returns how many are left. */
static size_t drop_repeated(const struct received *received, struct vg_merge_row *rows, size_t n)
{
        size_t kept = 1;

        for (size_t i = 1; i < n; i++) {
                const struct vg_merge_row *last = &rows[kept - 1];
                if (strcmp(rows[i].resource, last->resource) != 0 ||
                    strcmp(rows[i].volume, last->volume) != 0)
                        rows[kept++] = rows[i];
                else if (rows[i].micro == last->micro && strcmp(rows[i].seen, last->seen) == 0)
                        received->import->duplicates++;
                else
                        refuse(received, &rows[i], "conflicting_duplicate", last->micro);
        }
        return kept;
}

static int take_record(struct received *received, struct vg_merge_row *rows, size_t n)
{
        struct import *import = received->import;
        const struct keeper *k = import->act->keeper;
        const char *wrong = wrong_with(k, rows, n);
        uint64_t seq;

        if (strcmp(rows->appliance, k->settings->appliance_id) == 0) {
                import->duplicates += (int64_t)n; /* of our own, which this ledger holds */
                return 0;
        }
        if (!vg_contract_site_of(k->contract, rows->appliance))
                return act_refuse(import->act, received->err, "unlisted-appliance",
                                  N_("l'appareil %s n'est pas au contrat %s"), rows->appliance,
                                  k->contract->id);
        for (size_t i = 0; i < n && wrong; i++)
                refuse(received, &rows[i], wrong, 0);
        if (wrong)
                return 0;
        /* What two hosts see of a volume is compared once both have told of the interval. */
        if (rows->start_s + k->closing.interval_s > closed_until(k)) {
                import->waiting += (int64_t)n;
                return 0;
        }
        n = drop_repeated(received, rows, n);
        const struct store_received key = {
                .appliance = rows->appliance,
                .sent_seq = rows->seq,
                .start_s = rows->start_s,
                .tenant = rows->tenant,
                .part = rows->part,
        };
        int r = store_received_find(k->store, &key, &seq, received->err);
        return r < 0             ? r
               : r == STORE_NONE ? put_record(received, rows, n)
                                 : compare_known(received, seq, rows, n);
}

/* Only the appliance that rates the contract takes in what the others measured. */
static int check_reporting(const struct received *received)
{
        struct act *act = received->import->act;
        const struct vg_contract *contract = act->keeper->contract;
        const char *reports = contract ? vg_contract_reporting_appliance(contract) : NULL;

        if (!contract)
                return act_refuse(act, received->err, "no-contract",
                                  N_("aucun contrat n'est chargé"));
        if (!reports || strcmp(reports, act->keeper->settings->appliance_id) != 0)
                return act_refuse(act, received->err, "not-reporting",
                                  N_("cet appareil ne tarife pas le contrat %s : c'est %s"),
                                  contract->id, reports ? reports : "—");
        return 0;
}

int import_received(struct import *import, const char *text, size_t n, struct vg_err *err)
{
        _cleanup_(received_done) struct received received = { .import = import, .err = err };
        int r = check_reporting(&received);

        if (r == 0)
                r = read_rows(&received, text, n);
        for (size_t i = 0, next; i < received.n && r == 0; i = next) {
                for (next = i + 1;
                     next < received.n && received.rows[next].seq == received.rows[i].seq &&
                     strcmp(received.rows[next].appliance, received.rows[i].appliance) == 0;
                     next++)
                        ;
                vg_loop_notify("WATCHDOG=1");
                r = take_record(&received, &received.rows[i], next - i);
        }
        return r == 0 ? share_volumes(&received) : r;
}
