/* SPDX-License-Identifier: Apache-2.0 */

/* FOCUS Billing Period (1.4): the months of the contract, open or closed. */

#include "cli/csv.h"
#include "cli/focus.h"
#include "vigie/civil.h"

void focus_periods(const struct cli *cli, const struct cli_view *view,
                   const struct months_read *months, struct vg_buf *text)
{
        char created[32], updated[32], from[32], to[32];

        vg_buf_puts(text, "BillingPeriodCreated,BillingPeriodEnd,BillingPeriodLastUpdated,"
                          "BillingPeriodStart,BillingPeriodStatus,InvoiceIssuerName\r\n");
        for (size_t i = 0; i < months->n; i++) {
                const struct month *m = &months->list[i];
                const struct vg_zone *zone = m->contract->zone;
                const int64_t from_s = vg_zone_month_start(zone, m->month);
                vg_utc_format(from_s, created);
                vg_utc_format(m->is_closed ? m->closed_s : view->now_s, updated);
                vg_buf_printf(text, "%s,%s,%s,%s,%s,", created,
                              vg_utc_format(vg_zone_month_start(zone, m->month + 1), to), updated,
                              vg_utc_format(from_s, from), m->is_closed ? "Closed" : "Open");
                csv_text(text, cli->french ? m->contract->supplier.name_fr
                                           : m->contract->supplier.name_en);
                csv_end(text);
        }
}
