/* SPDX-License-Identifier: Apache-2.0 */

/* FOCUS Billing Period (1.4): the months of the contract, open or closed. */

#include "cli/focus-columns.h"

static void put_BillingPeriodLastUpdated(const struct focus_row *row)
{
        focus_put_utc(row, row->month->is_closed ? row->month->closed_s : row->now_s);
}

static void put_BillingPeriodStatus(const struct focus_row *row)
{
        vg_buf_puts(row->text, row->month->is_closed ? "Closed" : "Open");
}

static const struct focus_column columns[] = {
        { "BillingPeriodCreated", FOCUS_1_4, FOCUS_1_4, focus_put_BillingPeriodStart },
        { "BillingPeriodEnd", FOCUS_1_4, FOCUS_1_4, focus_put_BillingPeriodEnd },
        { "BillingPeriodLastUpdated", FOCUS_1_4, FOCUS_1_4, put_BillingPeriodLastUpdated },
        { "BillingPeriodStart", FOCUS_1_4, FOCUS_1_4, focus_put_BillingPeriodStart },
        { "BillingPeriodStatus", FOCUS_1_4, FOCUS_1_4, put_BillingPeriodStatus },
        { "InvoiceIssuerName", FOCUS_1_4, FOCUS_1_4, focus_put_InvoiceIssuerName },
};

void focus_periods(const struct cli *cli, const struct cli_view *view,
                   const struct months_read *months, struct vg_buf *text)
{
        struct focus_row row = {
                .cli = cli, .version = FOCUS_1_4, .text = text, .now_s = view->now_s
        };

        focus_write_names(&row, columns, ELEMENTSOF(columns));
        for (size_t i = 0; i < months->n; i++) {
                row.month = &months->list[i];
                row.contract = row.month->contract;
                focus_write_cells(&row, columns, ELEMENTSOF(columns));
        }
}
