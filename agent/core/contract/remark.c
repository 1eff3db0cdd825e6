/* SPDX-License-Identifier: Apache-2.0 */

/* What is lawful in a contract, and still worth a second look: two of its parts that do not go
 * together, or one that has no effect. */

#include <errno.h>

#include "core/contract/build.h"

static const char *day(struct vg_date date, char buf[16])
{
        return vg_date_format(date, buf);
}

/* The end was brought forward since the exit was planned. */
static void remark_exit(const struct vg_contract *c, struct report *report)
{
        const struct vg_date last = vg_contract_last_day_at(c, INT64_MAX);
        const char *by = vg_contract_end_at(c, INT64_MAX)->source;
        char planned[16], end[16];

        if (!c->exit.has_completed && vg_date_compare(c->exit.complete_by, last) > 0)
                report_member(report, VG_REFUSAL_REMARK_EXIT_AFTER_END,
                              day(c->exit.complete_by, planned), day(last, end), by ? by : c->id,
                              "term.exit_transition.complete_by");
}

static void remark_exit_days(const struct vg_contract *c, struct report *report)
{
        const struct vg_exit *e = &c->exit;
        char done[16], started[16];

        if (e->has_started && e->has_completed &&
            vg_date_compare(e->completed_on, e->planning_started_on) < 0)
                report_member(report, VG_REFUSAL_REMARK_EXIT_DAYS, day(e->completed_on, done),
                              day(e->planning_started_on, started), NULL,
                              "term.exit_transition.completed_on");
}

/* By the end that was in force on its eve. */
static void remark_renewals(const struct vg_contract *c, struct report *report)
{
        char on[16], last[16];

        for (size_t i = 0; i < c->n_renewals; i++) {
                if (!c->renewals[i].is_exercised)
                        continue;
                const int64_t at_s = vg_zone_midnight(c->zone, c->renewals[i].exercised_on);
                if (at_s >= vg_contract_end_at(c, at_s - 1)->value)
                        report_member(report, VG_REFUSAL_REMARK_RENEWED_AFTER_END,
                                      c->renewals[i].id, day(c->renewals[i].exercised_on, on),
                                      day(vg_contract_last_day_at(c, at_s - 1), last),
                                      "term.renewals[%zu].exercised_on", i);
        }
}

/* Amendments stand by their day of effect, and each sets its values on its own. */
static void remark_overtaking(const struct vg_contract *c, struct report *report)
{
        char from[16];

        for (size_t i = 1; i < c->n_amendments; i++)
                if (vg_date_compare(c->amendments[i].signed_on, c->amendments[i - 1].signed_on) < 0)
                        report_member(report, VG_REFUSAL_REMARK_OVERTAKEN, c->amendments[i - 1].id,
                                      c->amendments[i].id, day(c->amendments[i].effective_on, from),
                                      "amendments[%zu].signed_on", i - 1);
}

/* Of a month, only what is charged by its use is added up. */
static void remark_quotas(const struct vg_contract *c, struct report *report)
{
        for (size_t i = 0; i < c->n_quotas; i++) {
                const struct vg_quota *quota = &c->quotas[i];
                const struct vg_price *price = vg_contract_price_of(c, quota->resource);
                if (quota->metric != VG_METRIC_INTERVAL_QUANTITY &&
                    (!price || price->charge == VG_CHARGE_RECURRING))
                        report_member(report, VG_REFUSAL_REMARK_QUOTA, quota->id, quota->resource,
                                      NULL, "quotas[%zu].metric", i);
        }
}

/* Faults are warning or critical (vigie/fault.h). */
static void remark_levels(const struct vg_contract *c, struct report *report)
{
        for (size_t i = 0; i < c->n_service_levels; i++) {
                const enum vg_severity severity = c->service_levels[i].severity;
                if (severity != VG_SEVERITY_WARNING && severity != VG_SEVERITY_CRITICAL)
                        report_member(report, VG_REFUSAL_REMARK_LEVEL, vg_severity_name(severity),
                                      NULL, NULL, "service_levels.levels[%zu].severity", i);
        }
}

int vg_contract_remarks(const struct vg_contract *contract, const char *bytes, size_t n,
                        struct vg_refusals *remarks)
{
        struct report report = { .bytes = bytes, .n = n, .refusals = remarks };

        remark_renewals(contract, &report);
        remark_exit(contract, &report);
        remark_exit_days(contract, &report);
        remark_overtaking(contract, &report);
        remark_quotas(contract, &report);
        remark_levels(contract, &report);
        if (report.no_memory)
                return -ENOMEM;
        report_sort(remarks);
        return 0;
}
