/* SPDX-License-Identifier: Apache-2.0 */

/* Rules about what came with version 2: orders within the contract, its end before the term, what
 * the supplier has promised, and which appliance speaks for all. */

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/build.h"
#include "core/contract/words.h"
#include "vigie/mem.h"

/* The days of the term as first signed, or with all that moved its end. */
static char *term_text(struct vg_date first, struct vg_date last, char buf[40])
{
        char from[16], to[16];

        snprintf(buf, 40, "%s – %s", vg_date_format(first, from), vg_date_format(last, to));
        return buf;
}

/* ---- orders ---- */

/* One day of an order that should not lie before another. */
static void check_sequence(struct build *b, size_t at, const char *member, struct vg_date day,
                           struct vg_date before)
{
        char found[16], other[16];

        if (vg_date_compare(day, before) < 0)
                report_member(b->report, VG_REFUSAL_ORDER_DATES, b->contract->orders[at].id,
                              vg_date_format(day, found), vg_date_format(before, other),
                              "orders[%zu].%s", at, member);
}

static void check_order_dates(struct build *b, size_t at)
{
        const struct vg_contract *c = b->contract;
        const struct vg_order *order = &c->orders[at];
        const struct vg_date last = check_latest_end(b);
        char found[16], term[40];

        check_sequence(b, at, "ordered_on", order->ordered_on, c->signed_on);
        check_sequence(b, at, "in_service_on", order->in_service_on, order->ordered_on);
        if (order->has_end)
                check_sequence(b, at, "out_of_service_on", order->out_of_service_on,
                               order->in_service_on);
        if (b->term_is_sound && (vg_date_compare(order->in_service_on, c->start) < 0 ||
                                 vg_date_compare(order->in_service_on, last) > 0))
                report_member(b->report, VG_REFUSAL_ORDER_OUTSIDE_TERM, order->id,
                              vg_date_format(order->in_service_on, found),
                              term_text(c->start, last, term), "orders[%zu].in_service_on", at);
}

static void check_order_sku(struct build *b, size_t at)
{
        const struct vg_contract *c = b->contract;
        const struct vg_order *order = &c->orders[at];
        const size_t found = build_find(&c->index->skus, order->sku);
        const struct vg_price *price = found == SIZE_MAX ? NULL : &c->prices[found];

        if (!price ||
            (price->added_by && vg_date_compare(price->segments[0].from, order->in_service_on) > 0))
                report_member(b->report, VG_REFUSAL_UNKNOWN_TARGET, order->sku, NULL, NULL,
                              "orders[%zu].sku", at);
        else if (price->charge == VG_CHARGE_USAGE)
                report_member(b->report, VG_REFUSAL_ORDER_OF_USAGE, order->id, order->sku, NULL,
                              "orders[%zu].sku", at);
}

static bool is_site(const struct vg_contract *c, const char *id)
{
        for (size_t i = 0; i < c->n_sites; i++)
                if (strcmp(c->sites[i].id, id) == 0)
                        return true;
        return false;
}

static void check_orders(struct build *b)
{
        const struct vg_contract *c = b->contract;

        for (size_t i = 0; i < c->n_orders; i++) {
                check_order_dates(b, i);
                check_order_sku(b, i);
                if (c->orders[i].site && !is_site(c, c->orders[i].site))
                        report_member(b->report, VG_REFUSAL_UNKNOWN_SITE, c->orders[i].site, NULL,
                                      NULL, "orders[%zu].site", i);
                if (strcmp(c->orders[i].tenant, "*") != 0 &&
                    build_find(&c->index->tenants, c->orders[i].tenant) == SIZE_MAX)
                        report_member(b->report, VG_REFUSAL_UNKNOWN_TENANT, c->orders[i].tenant,
                                      NULL, NULL, "orders[%zu].tenant", i);
        }
}

/* ---- termination ---- */

/* Copies for the broker are known by the name of what they are of. */
static void check_letter_id(struct build *b)
{
        const struct vg_contract *c = b->contract;
        char there[64];

        for (size_t i = 0; i < c->n_amendments; i++)
                if (strcmp(c->amendments[i].id, c->termination->id) == 0) {
                        snprintf(there, sizeof(there), "amendments[%zu].id", i);
                        report_member(b->report, VG_REFUSAL_DUPLICATE_ID, c->termination->id, there,
                                      NULL, "termination.id");
                }
        if (strcmp(c->id, c->termination->id) == 0)
                report_member(b->report, VG_REFUSAL_DUPLICATE_ID, c->id, "identifiers.contract_id",
                              NULL, "termination.id");
}

static void check_termination(struct build *b)
{
        const struct vg_contract *c = b->contract;
        const struct vg_termination *end = c->termination;
        char effective[16], other[16], term[40];

        if (!end)
                return;
        check_letter_id(b);
        vg_date_format(end->effective_on, effective);
        if (vg_date_compare(end->effective_on, end->letter_on) < 0)
                report_member(b->report, VG_REFUSAL_TERMINATION_RETROACTIVE, end->id, effective,
                              vg_date_format(end->letter_on, other), "termination.effective_on");
        if (vg_date_compare(end->letter_on, c->signed_on) < 0)
                report_member(b->report, VG_REFUSAL_TERMINATION_BEFORE_CONTRACT, end->id,
                              vg_date_format(end->letter_on, effective),
                              vg_date_format(c->signed_on, other), "termination.letter_on");
        const struct vg_date last = check_latest_end(b);
        if (b->term_is_sound && (vg_date_compare(end->effective_on, c->start) <= 0 ||
                                 vg_date_compare(end->effective_on, last) > 0))
                report_member(b->report, VG_REFUSAL_TERMINATION_OUTSIDE_TERM, end->id,
                              vg_date_format(end->effective_on, effective),
                              term_text(c->start, last, term), "termination.effective_on");
}

/* ---- service levels ---- */

static void report_twice(struct build *b, const char *id, const char *list, size_t first, size_t at,
                         const char *member)
{
        char there[96];

        snprintf(there, sizeof(there), "service_levels.%s[%zu].%s", list, first, member);
        report_member(b->report, VG_REFUSAL_DUPLICATE_ID, id, there, NULL,
                      "service_levels.%s[%zu].%s", list, at, member);
}

static void check_windows(struct build *b, const char *list, const struct vg_window *windows,
                          size_t n)
{
        for (size_t i = 0; i < n; i++) {
                for (size_t k = 0; k < i; k++)
                        if (strcmp(windows[i].id, windows[k].id) == 0)
                                report_twice(b, windows[i].id, list, k, i, "id");
                for (size_t k = 0; k < windows[i].n_periods; k++)
                        if (windows[i].periods[k].from_min == 24 * 60)
                                report_member(b->report, VG_REFUSAL_NOT_TIME, "24:00", NULL, NULL,
                                              "service_levels.%s[%zu].periods[%zu].from", list, i,
                                              k);
        }
}

static void check_levels(struct build *b)
{
        const struct vg_contract *c = b->contract;
        const json_t *rows = json_object_get(json_object_get(b->tree, "service_levels"), "levels");
        char repair[16], respond[16];

        for (size_t i = 0; i < c->n_service_levels; i++) {
                const struct vg_service_level *level = &c->service_levels[i];
                const char *coverage = build_text(json_array_get(rows, i), "coverage");
                for (size_t k = 0; k < i; k++)
                        if (c->service_levels[k].severity == level->severity)
                                report_twice(b, vg_severity_name(level->severity), "levels", k, i,
                                             "severity");
                if (coverage && !level->coverage)
                        report_member(b->report, VG_REFUSAL_UNKNOWN_WINDOW, coverage, NULL, NULL,
                                      "service_levels.levels[%zu].coverage", i);
                snprintf(repair, sizeof(repair), "%d", level->repair_min);
                snprintf(respond, sizeof(respond), "%d", level->respond_min);
                if (level->repair_min && level->repair_min < level->respond_min)
                        report_member(b->report, VG_REFUSAL_REPAIR_BEFORE_RESPONSE, repair, respond,
                                      NULL, "service_levels.levels[%zu].repair_minutes", i);
        }
        check_windows(b, "coverage_windows", c->coverage_windows, c->n_coverage_windows);
        check_windows(b, "maintenance_windows", c->maintenance_windows, c->n_maintenance_windows);
}

/* ---- appliances ---- */

static void check_appliances(struct build *b)
{
        const struct vg_contract *c = b->contract;

        if (c->reporting_appliance &&
            build_find(&c->index->appliances, c->reporting_appliance) == SIZE_MAX)
                report_member(b->report, VG_REFUSAL_REPORTING_NOT_LISTED, c->reporting_appliance,
                              NULL, NULL, "reporting_appliance");
        if (c->index->appliances.n == 0 && !c->improves_id)
                report_member(b->report, VG_REFUSAL_NO_APPLIANCE, NULL, NULL, NULL,
                              "solution.sites");
        if (c->improves_id && strcmp(c->improves_id, c->id) == 0)
                report_member(b->report, VG_REFUSAL_IMPROVES_ITSELF, c->id, NULL, NULL,
                              "identifiers.improves_contract_id");
}

void check_life(struct build *b)
{
        check_orders(b);
        check_termination(b);
        check_levels(b);
        check_appliances(b);
}
