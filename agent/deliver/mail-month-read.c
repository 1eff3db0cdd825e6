/* SPDX-License-Identifier: Apache-2.0 */

/* What the monthly page tells, from the ledger. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/mail-month.h"
#include "deliver/mail.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/rating.h"

struct reading {
        struct mail_month *month;
        const struct mail_to *to;
        int64_t from_s, to_s; /* the month */
};

static int note_statement(void *ctx, const struct store_statement *statement)
{
        struct mail_month *month = ctx;

        month->is_closed |= statement->month == month->month;
        return 0;
}

static int read_amounts(struct store *store, const struct reading *reading, struct vg_err *err)
{
        struct mail_month *month = reading->month;
        const struct vg_contract *contract = reading->to->contract;
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        const struct store_bill query = {
                .contract = contract,
                .as_of_s = month->now_s,
                .to_month = INT32_MAX,
        };
        const char *reports = vg_contract_reporting_appliance(contract);

        if (reports && strcmp(reports, reading->to->appliance) != 0)
                return 0;
        int r = store_bill_read(store, &query, &bill, err);
        if (r == 0)
                r = store_statement_each(store, contract->id, note_statement, month, err);
        if (r < 0)
                return r;
        month->has_amounts = true;
        month->month_cents = vg_bill_cents(bill, NULL, month->month, month->month);
        month->consumed_cents = bill->consumed_cents;
        month->authorised_cents = bill->authorised_cents;
        month->remaining_cents = bill->remaining_cents;
        month->permyriad = bill->has_pct && bill->pct_micro < (vg_i128)1000 * 1000000
                                   ? (int)(bill->pct_micro / 10000)
                           : bill->has_pct ? 100000
                                           : 0;
        return 0;
}

static int note_interval(void *ctx, const struct store_interval *interval)
{
        struct mail_month *month = ctx;

        month->measured_s += interval->covered_s;
        return 0;
}

/* ---- alerts ---- */

static int gravity_of(const char *severity)
{
        for (int s = 0; s < VG_SEVERITY_N; s++)
                if (strcmp(vg_severity_name((enum vg_severity)s), severity) == 0)
                        return s;
        return VG_SEVERITY_WARNING;
}

static int take_alert(void *ctx, const struct store_alert *row)
{
        const struct reading *reading = ctx;
        struct mail_month *month = reading->month;
        const struct vg_alert *alert = vg_alert_find(row->code);
        const int severity = gravity_of(row->severity);

        if (!alert || !(alert->audience & 1u << reading->to->recipient->role))
                return 0;
        struct mail_month_alert *list =
                reallocarray(month->alerts, month->n_alerts + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        month->alerts = list;

        size_t at = month->n_alerts++;
        for (; at > 0 && (int)list[at - 1].severity < severity; at--)
                list[at] = list[at - 1];
        list[at] = (struct mail_month_alert){ (enum vg_severity)severity,
                                              alert,
                                              { strdup(row->text_fr), strdup(row->text_en) } };
        return list[at].text[0] && list[at].text[1] ? 0 : -ENOMEM;
}

/* ---- failures, deliveries ---- */

static int count_fault(void *ctx, const struct store_fault *fault)
{
        const struct reading *reading = ctx;

        reading->month->n_faults_open += fault->ended_s == 0;
        reading->month->n_faults_new +=
                fault->first_s >= reading->from_s && fault->first_s < reading->to_s;
        return 0;
}

static int take_delivery(void *ctx, const struct store_delivery *row)
{
        struct mail_month *month = ctx;

        if (strcmp(row->state, "gone") == 0)
                return 0;
        struct mail_month_delivery *list =
                reallocarray(month->deliveries, month->n_deliveries + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        month->deliveries = list;
        list[month->n_deliveries] =
                (struct mail_month_delivery){ strdup(row->name), strdup(row->state) };
        month->n_deliveries++;
        return list[month->n_deliveries - 1].name && list[month->n_deliveries - 1].state ? 0
                                                                                         : -ENOMEM;
}

int mail_month_read(struct store *store, const struct mail_to *to, int64_t now_s,
                    struct mail_month *month, struct vg_err *err)
{
        const struct vg_zone *zone = to->contract->zone;
        struct reading reading = { month, to, vg_zone_month_start(zone, month->month),
                                   vg_zone_month_start(zone, month->month + 1) };

        month->now_s = now_s;
        month->end_s = vg_contract_end_at(to->contract, now_s)->value;
        if (reading.from_s < to->contract->start_s)
                reading.from_s = to->contract->start_s;
        if (reading.to_s > now_s)
                reading.to_s = now_s;
        month->due_s = reading.to_s > reading.from_s ? reading.to_s - reading.from_s : 0;
        int r = read_amounts(store, &reading, err);
        if (r == 0 && month->due_s)
                r = store_interval_each(store, reading.from_s, reading.to_s, note_interval, month,
                                        err);
        if (r == 0)
                r = store_alert_each(store, true, take_alert, &reading, err);
        if (r == 0)
                r = store_fault_each(store, NULL, false, count_fault, &reading, err);
        if (r == 0)
                r = store_delivery_each(store, take_delivery, month, err);
        return r;
}

void mail_month_done(struct mail_month *month)
{
        for (size_t i = 0; i < month->n_alerts; i++) {
                free(month->alerts[i].text[0]);
                free(month->alerts[i].text[1]);
        }
        for (size_t i = 0; i < month->n_deliveries; i++) {
                free(month->deliveries[i].name);
                free(month->deliveries[i].state);
        }
        free(month->alerts);
        free(month->deliveries);
        *month = (struct mail_month){ 0 };
}
