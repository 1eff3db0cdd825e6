/* SPDX-License-Identifier: Apache-2.0 */

/* The cells of what a charge is, whose, and when. */

#include "cli/focus-columns.h"

#include <string.h>

#include "cli/csv.h"
#include "vigie/civil.h"
#include "vigie/statement.h"

void focus_put_BillingAccountId(const struct focus_row *row)
{
        csv_text(row->text, row->contract->id);
}

void focus_put_BillingAccountName(const struct focus_row *row)
{
        csv_text(row->text,
                 focus_pick(row, row->contract->client.name_fr, row->contract->client.name_en));
}

void focus_put_BillingCurrency(const struct focus_row *row)
{
        vg_buf_puts(row->text, "CAD");
}

void focus_put_BillingPeriodStart(const struct focus_row *row)
{
        focus_put_utc(row, vg_zone_month_start(row->contract->zone, row->month->month));
}

void focus_put_BillingPeriodEnd(const struct focus_row *row)
{
        focus_put_utc(row, vg_zone_month_start(row->contract->zone, row->month->month + 1));
}

static bool is_purchase(const struct focus_row *row)
{
        const int kind = vg_line_kind_find(row->line->kind);

        return kind == VG_LINE_PURCHASE || kind == VG_LINE_RECURRING;
}

void focus_put_ChargeCategory(const struct focus_row *row)
{
        const int kind = vg_line_kind_find(row->line->kind);

        vg_buf_puts(row->text, kind == VG_LINE_USAGE ? "Usage"
                               : is_purchase(row)    ? "Purchase"
                                                     : "Adjustment");
}

void focus_put_ChargeClass(const struct focus_row *row)
{
        vg_buf_puts(row->text, row->line->is_correction ? "Correction" : "");
}

void focus_put_ChargeDescription(const struct focus_row *row)
{
        char text[512];

        snprintf(text, sizeof(text), "%s%s%s",
                 *row->line->sku ? month_sku(row->cli, row->month, row->line->sku)
                                 : focus_pick(row, "Engagement minimal", "Minimum commitment"),
                 *row->line->ref ? ", " : "", row->line->ref);
        csv_text(row->text, text);
}

void focus_put_ChargeFrequency(const struct focus_row *row)
{
        static const char *const words[] = {
                [VG_LINE_USAGE] = "Usage-Based",
                [VG_LINE_PURCHASE] = "One-Time",
                [VG_LINE_RECURRING] = "Recurring",
                [VG_LINE_SHORTFALL] = "One-Time",
        };
        const int kind = vg_line_kind_find(row->line->kind);

        vg_buf_puts(row->text, kind < 0 ? "" : words[kind]);
}

static int32_t period_of(const struct focus_row *row)
{
        int32_t period = row->month->month;

        (void)vg_statement_month(row->line->period, &period);
        return period;
}

/* The month of use, cut to the term; a price that began within it begins the charge. */
void focus_put_ChargePeriodStart(const struct focus_row *row)
{
        int64_t from_s = vg_zone_month_start(row->contract->zone, period_of(row));

        if (from_s < row->contract->start_s)
                from_s = row->contract->start_s;
        if (row->line->has_price && row->line->price_from_s > from_s)
                from_s = row->line->price_from_s;
        focus_put_utc(row, from_s);
}

void focus_put_ChargePeriodEnd(const struct focus_row *row)
{
        int64_t to_s = vg_zone_month_start(row->contract->zone, period_of(row) + 1);

        if (!row->line->is_correction && row->month->to_s < to_s &&
            row->month->to_s > row->month->from_s)
                to_s = row->month->to_s;
        focus_put_utc(row, to_s);
}

static void put_supplier(const struct focus_row *row)
{
        csv_text(row->text,
                 focus_pick(row, row->contract->supplier.name_fr, row->contract->supplier.name_en));
}

void focus_put_InvoiceIssuerName(const struct focus_row *row)
{
        put_supplier(row);
}

void focus_put_ProviderName(const struct focus_row *row)
{
        put_supplier(row);
}

void focus_put_PublisherName(const struct focus_row *row)
{
        put_supplier(row);
}

void focus_put_ServiceProviderName(const struct focus_row *row)
{
        put_supplier(row);
}

/* It stands in the client's own rooms. */
void focus_put_HostProviderName(const struct focus_row *row)
{
        focus_put_BillingAccountName(row);
}

void focus_put_InvoiceId(const struct focus_row *row)
{
        if (*row->month->invoice)
                csv_text(row->text, row->month->invoice);
}

/* The supplier's, which no record of ours holds. */
void focus_put_InvoiceDetailId(_unused_ const struct focus_row *row)
{
}

static const char *category_of(const struct focus_row *row)
{
        return row->price && row->price->focus_category ? row->price->focus_category : "Other";
}

void focus_put_ServiceCategory(const struct focus_row *row)
{
        csv_text(row->text, category_of(row));
}

void focus_put_ServiceSubcategory(const struct focus_row *row)
{
        const char *category = category_of(row);
        char text[96];

        if (strcmp(category, "Compute") == 0)
                snprintf(text, sizeof(text), "Virtual Machines");
        else if (strcmp(category, "Storage") == 0)
                snprintf(text, sizeof(text), "Block Storage");
        else
                snprintf(text, sizeof(text), "Other (%s)", category);
        csv_text(row->text, text);
}

/* A service has one category alone: the parts of the solution are told apart by it. */
void focus_put_ServiceName(const struct focus_row *row)
{
        char text[512];

        snprintf(text, sizeof(text), "%s (%s)",
                 focus_pick(row, row->contract->solution_fr, row->contract->solution_en),
                 category_of(row));
        csv_text(row->text, text);
}

void focus_put_SkuId(const struct focus_row *row)
{
        if (*row->line->sku)
                csv_text(row->text, row->line->sku);
}

void focus_put_SkuMeter(const struct focus_row *row)
{
        if (row->price)
                csv_text(row->text, row->price->resource);
}

/* The price list says no more of a price than the other columns do. */
void focus_put_SkuPriceDetails(_unused_ const struct focus_row *row)
{
}

void focus_put_SkuPriceId(const struct focus_row *row)
{
        char text[128], day[16];

        if (!row->line->has_price)
                return;
        snprintf(text, sizeof(text), "%s@%s", row->line->sku,
                 vg_date_format(vg_zone_date(row->contract->zone, row->line->price_from_s), day));
        csv_text(row->text, text);
}

static bool is_of_tenant(const struct focus_row *row)
{
        return strcmp(row->line->tenant, "*") != 0;
}

void focus_put_SubAccountId(const struct focus_row *row)
{
        if (is_of_tenant(row))
                csv_text(row->text, row->line->tenant);
}

void focus_put_SubAccountName(const struct focus_row *row)
{
        if (is_of_tenant(row))
                csv_text(row->text, month_tenant(row->cli, row->month, row->line->tenant));
}
