/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/months-tell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/alert-record.h"
#include "keeper/alerting.h"
#include "keeper/keeper.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/rating.h"
#include "vigie/statement.h"

enum { PERIODS_BACK = 48 }; /* longer than any contract */
enum { MONTHS_BACK = 3 };   /* older closings were told, or nobody waits for them any more */

struct telling_months {
        struct keeper *keeper;
        const struct vg_contract *contract; /* in force, or one that adds to it */
        struct vg_signals signals;
        struct store_statement last[MONTHS_BACK]; /* in a ring; texts are not kept */
        char digest[MONTHS_BACK][65];
        size_t n;
        int64_t utc_ns;
        struct vg_err *err;
};

static int note_statement(void *ctx, const struct store_statement *statement)
{
        struct telling_months *t = ctx;
        const size_t at = t->n++ % MONTHS_BACK;

        t->last[at] = *statement;
        snprintf(t->digest[at], sizeof(t->digest[at]), "%s", statement->digest);
        return 0;
}

struct search {
        const char *key;
        bool found;
};

static int look_for(void *ctx, const struct store_alert *alert)
{
        struct search *search = ctx;

        search->found |= strcmp(alert->key, search->key) == 0;
        return 0;
}

/* Once told, told for ever: whether it was acknowledged is nothing to us. */
static int was_told(struct telling_months *t, const char *code, const char *key, bool *ret_told)
{
        char full[ALERT_KEY_SIZE];
        struct search search = { .key = full };

        vg_alert_dedup_key(vg_alert_find(code), t->contract->id, t->keeper->settings->appliance_id,
                           key, full, sizeof(full));
        int r = store_alert_each(t->keeper->store, false, look_for, &search, t->err);
        *ret_told = search.found;
        return r;
}

/* *ret_signal NULL: it was told already. */
static int begin(struct telling_months *t, const char *code, const char *key,
                 enum vg_severity severity, struct vg_signal **ret_signal)
{
        bool told;
        int r = was_told(t, code, key, &told);

        *ret_signal = NULL;
        if (r < 0 || told)
                return r;
        *ret_signal = vg_signal_add(&t->signals, code, key, true, severity, t->contract->zone);
        return *ret_signal ? 0 : vg_err_set(t->err, -ENOMEM, "mémoire épuisée");
}

/* ---- VIG-C-010, VIG-C-011 ---- */

static int tell_correction(struct telling_months *t, int32_t month, int32_t period, int64_t cents)
{
        char key[64], statement_text[16], period_text[16];
        struct vg_signal *s;

        snprintf(key, sizeof(key), "correction-%s-%s", vg_month_format(month, statement_text),
                 vg_month_format(period, period_text));
        int r = begin(t, "VIG-C-011", key, VG_SEVERITY_WARNING, &s);
        if (r < 0 || !s)
                return r;
        vg_signal_number(s, "amount", VG_PARAM_CENTS, cents);
        vg_signal_number(s, "month", VG_PARAM_MONTH, month);
        vg_signal_number(s, "period", VG_PARAM_MONTH, period);
        vg_signal_both(s, "reason", "données connues après la fermeture",
                       "data known after the closing");
        return 0;
}

struct reading {
        struct telling_months *t;
        int32_t month;
};

/* Corrections of one period stand apart, by tenant: they are added up. */
static int add_corrections(const json_t *body, int32_t month, int64_t sums[PERIODS_BACK],
                           bool any[PERIODS_BACK])
{
        const json_t *line;
        size_t i;

        json_array_foreach (json_object_get(body, "lines"), i, line) {
                const char *text = "", *amount = "";
                int32_t period;
                int64_t cents;
                (void)vg_json_get_string(line, "period", &text);
                (void)vg_json_get_string(line, "amount", &amount);
                if (vg_statement_month(text, &period) < 0 ||
                    vg_statement_cents(amount, &cents) < 0 || period >= month ||
                    period <= month - PERIODS_BACK)
                        continue;
                any[month - period] = true;
                if (vg_add_i64(sums[month - period], cents, &sums[month - period]) < 0)
                        return -ERANGE;
        }
        return 0;
}

static int read_statement(void *ctx, const struct store_record *record)
{
        struct reading *reading = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        int64_t sums[PERIODS_BACK] = { 0 };
        bool any[PERIODS_BACK] = { false };

        if (!record->bytes || vg_record_split(record->bytes, record->n, &split) < 0)
                return 0;
        int r = vg_json_parse(split.body, split.n_body, &body, NULL, NULL, reading->t->err);
        if (r == 0)
                r = add_corrections(body, reading->month, sums, any);
        for (int32_t back = 1; back < PERIODS_BACK && r == 0; back++)
                if (any[back])
                        r = tell_correction(reading->t, reading->month, reading->month - back,
                                            sums[back]);
        return r;
}

static int tell_statement(struct telling_months *t, const struct store_statement *statement,
                          const char *digest)
{
        const struct store_record_query query = {
                .log = VG_LOG_CLIENT,
                .from_seq = statement->seq,
                .to_seq = statement->seq + 1,
        };
        struct reading reading = { t, statement->month };
        char key[64], month[16];
        struct vg_signal *s;

        snprintf(key, sizeof(key), "statement-%s", vg_month_format(statement->month, month));
        int r = begin(t, "VIG-C-010", key, VG_SEVERITY_INFO, &s);
        if (r < 0 || !s)
                return r;
        vg_signal_text(s, "hash", digest);
        vg_signal_number(s, "month", VG_PARAM_MONTH, statement->month);
        vg_signal_number(s, "total", VG_PARAM_CENTS, statement->total_cents);
        return store_record_each(t->keeper->store, &query, read_statement, &reading, t->err);
}

/* ---- VIG-D-003 ---- */

static int tell_late(struct telling_months *t, const struct store_statement *statement)
{
        const struct keeper *k = t->keeper;
        const struct vg_zone *zone = k->contract->zone;
        char key[64], month[16];
        struct vg_signal *s;
        int64_t n = 0;
        int r = store_late_count(k->store, vg_zone_month_start(zone, statement->month),
                                 vg_zone_month_start(zone, statement->month + 1),
                                 statement->closes_s, &n, t->err);

        if (r < 0 || n == 0)
                return r;
        snprintf(key, sizeof(key), "late-%s", vg_month_format(statement->month, month));
        r = begin(t, "VIG-D-003", key, VG_SEVERITY_WARNING, &s);
        if (r < 0 || !s)
                return r;
        vg_signal_text(s, "appliance", k->settings->appliance_id);
        vg_signal_number(s, "count", VG_PARAM_COUNT, n);
        vg_signal_number(s, "month", VG_PARAM_MONTH, statement->month);
        return 0;
}

static int tell(struct telling_months *t)
{
        struct keeper *k = t->keeper;

        if (!t->signals.n)
                return 0;
        if (t->contract != k->contract)
                return alerting_apply_of(k, t->contract, &t->signals, t->utc_ns, t->err);
        (void)watch_tell(k, &t->signals, t->utc_ns); /* says itself what failed */
        return 0;
}

static void tell_months(struct keeper *k, const struct vg_contract *contract, int64_t utc_ns)
{
        struct vg_err err = { 0 };
        struct telling_months t = {
                .keeper = k, .contract = contract, .utc_ns = utc_ns, .err = &err
        };
        int r = store_statement_each(k->store, contract->id, note_statement, &t, &err);
        const size_t first = t.n > MONTHS_BACK ? t.n - MONTHS_BACK : 0;

        for (size_t i = first; i < t.n && r == 0; i++) {
                const size_t at = i % MONTHS_BACK;
                r = tell_statement(&t, &t.last[at], t.digest[at]);
                if (r == 0 && contract == k->contract) /* what came late is the appliance's */
                        r = tell_late(&t, &t.last[at]);
        }
        if (r == 0)
                r = tell(&t);
        if (r < 0)
                vg_log(LOG_WARNING, "relevés fermés non annoncés : %s", vg_err_text(&err));
        vg_signals_done(&t.signals);
}

void months_tell(struct keeper *k, int64_t utc_ns)
{
        if (k->contract)
                tell_months(k, k->contract, utc_ns);
        for (size_t i = 0; i < k->n_adding; i++)
                tell_months(k, k->adding[i], utc_ns);
}
