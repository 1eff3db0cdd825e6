/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/focus-columns.h"

#include <string.h>

#include "cli/csv.h"
#include "vigie/civil.h"
#include "vigie/rating.h"
#include "vigie/statement.h"

/* ---- cells ---- */

static void put_decimal(const struct charge *c, vg_i128 value, unsigned decimals)
{
        char number[64];

        vg_buf_puts(c->text, vg_decimal_format(value, decimals, number, sizeof(number)));
}

static void put_utc(const struct charge *c, int64_t utc_s)
{
        char text[32];

        vg_buf_puts(c->text, vg_utc_format(utc_s, text));
}

static const char *name_of(const struct charge *c, const char *fr, const char *en)
{
        return c->cli->french ? fr : en;
}

/* Decimals of price / per: per is a power of ten, so this is exact. */
static unsigned price_decimals(const struct charge *c)
{
        unsigned decimals = 6;

        for (int64_t per = c->line->per; per > 1; per /= 10)
                decimals++;
        return decimals;
}

/* ---- columns ---- */

void focus_put_BilledCost(const struct charge *c)
{
        put_decimal(c, c->line->cents, 2);
}

void focus_put_EffectiveCost(const struct charge *c)
{
        focus_put_BilledCost(c);
}

void focus_put_BillingAccountId(const struct charge *c)
{
        csv_text(c->text, c->contract->id);
}

void focus_put_BillingAccountName(const struct charge *c)
{
        csv_text(c->text, name_of(c, c->contract->client.name_fr, c->contract->client.name_en));
}

void focus_put_BillingCurrency(const struct charge *c)
{
        vg_buf_puts(c->text, "CAD");
}

void focus_put_BillingPeriodStart(const struct charge *c)
{
        put_utc(c, vg_zone_month_start(c->contract->zone, c->month->month));
}

void focus_put_BillingPeriodEnd(const struct charge *c)
{
        put_utc(c, vg_zone_month_start(c->contract->zone, c->month->month + 1));
}

static bool is_purchase(const struct charge *c)
{
        const int kind = vg_line_kind_find(c->line->kind);

        return kind == VG_LINE_PURCHASE || kind == VG_LINE_RECURRING;
}

void focus_put_ChargeCategory(const struct charge *c)
{
        const int kind = vg_line_kind_find(c->line->kind);

        vg_buf_puts(c->text, kind == VG_LINE_USAGE ? "Usage"
                             : is_purchase(c)      ? "Purchase"
                                                   : "Adjustment");
}

void focus_put_ChargeClass(const struct charge *c)
{
        vg_buf_puts(c->text, c->line->is_correction ? "Correction" : "");
}

void focus_put_ChargeDescription(const struct charge *c)
{
        char text[512];

        snprintf(text, sizeof(text), "%s%s%s",
                 *c->line->sku ? month_sku(c->cli, c->month, c->line->sku)
                               : name_of(c, "Engagement minimal", "Minimum commitment"),
                 *c->line->ref ? ", " : "", c->line->ref);
        csv_text(c->text, text);
}

void focus_put_ChargeFrequency(const struct charge *c)
{
        static const char *const words[] = {
                [VG_LINE_USAGE] = "Usage-Based",
                [VG_LINE_PURCHASE] = "One-Time",
                [VG_LINE_RECURRING] = "Recurring",
                [VG_LINE_SHORTFALL] = "One-Time",
        };
        const int kind = vg_line_kind_find(c->line->kind);

        vg_buf_puts(c->text, kind < 0 ? "" : words[kind]);
}

static int32_t period_of(const struct charge *c)
{
        int32_t period = c->month->month;

        (void)vg_statement_month(c->line->period, &period);
        return period;
}

/* The month of use, cut to the term; a price that began within it begins the charge. */
void focus_put_ChargePeriodStart(const struct charge *c)
{
        int64_t from_s = vg_zone_month_start(c->contract->zone, period_of(c));

        if (from_s < c->contract->start_s)
                from_s = c->contract->start_s;
        if (c->line->has_price && c->line->price_from_s > from_s)
                from_s = c->line->price_from_s;
        put_utc(c, from_s);
}

void focus_put_ChargePeriodEnd(const struct charge *c)
{
        int64_t to_s = vg_zone_month_start(c->contract->zone, period_of(c) + 1);

        if (!c->line->is_correction && c->month->to_s < to_s && c->month->to_s > c->month->from_s)
                to_s = c->month->to_s;
        put_utc(c, to_s);
}

/* Of usage that is no correction alone; TB-months were measured as TB-hours. */
static bool is_consumed(const struct charge *c)
{
        return vg_line_kind_find(c->line->kind) == VG_LINE_USAGE && !c->line->is_correction;
}

static bool in_tb_hours(const struct charge *c)
{
        return strcmp(c->line->unit, "tb_month") == 0;
}

const char *focus_unit(const char *id)
{
        static const struct {
                const char *id, *focus;
        } units[] = {
                { "vcpu_hour", "vCPU-Hours" },
                { "vm_hour", "VM-Hours" },
                { "gib_hour", "GiB-Hours" },
                { "tb_month", "TB-Months" },
                { "gb", "GB" },
                { "server_month", "Server-Months" },
                { "license_month", "License-Months" },
                { "each", "Units" },
        };

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strcmp(units[i].id, id) == 0)
                        return units[i].focus;
        return "";
}

static const char *unit_of(const struct charge *c)
{
        return focus_unit(c->line->unit);
}

void focus_put_ConsumedQuantity(const struct charge *c)
{
        if (is_consumed(c))
                put_decimal(c, in_tb_hours(c) ? c->line->measured_micro : c->line->quantity_micro,
                            6);
}

void focus_put_ConsumedUnit(const struct charge *c)
{
        if (is_consumed(c))
                vg_buf_puts(c->text, in_tb_hours(c) ? "TB-Hours" : unit_of(c));
}

static char *commitment_id(const struct vg_contract *contract, const char *id, char buf[CLI_TEXT])
{
        snprintf(buf, CLI_TEXT, "%s/%s", contract->id, id);
        return buf;
}

void focus_put_commitment_id(const struct vg_contract *contract, const char *id,
                             struct vg_buf *text)
{
        char buf[CLI_TEXT];

        csv_text(text, commitment_id(contract, id, buf));
}

static void put_number(struct vg_json *j, const char *key, vg_i128 value, unsigned decimals)
{
        char number[64];

        vg_decimal_format(value, decimals, number, sizeof(number));
        vg_json_raw(j, key, number, strlen(number));
}

/* Of a top-up: what the commitment took of it, in what it is held against: money, or a quantity with
 * its unit. FOCUS 1.4 wants one of the two alone. */
void focus_put_ContractApplied(const struct charge *c)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char id[CLI_TEXT];

        if (vg_line_kind_find(c->line->kind) != VG_LINE_SHORTFALL)
                return;
        vg_json_object(&j, NULL);
        vg_json_array(&j, "Elements");
        vg_json_object(&j, NULL);
        if (!c->line->has_price) {
                put_number(&j, "ContractCommitmentAppliedCost", c->line->cents, 2);
        } else {
                put_number(&j, "ContractCommitmentAppliedQuantity", c->line->quantity_micro, 6);
                vg_json_string(&j, "ContractCommitmentAppliedUnit", unit_of(c));
        }
        cli_json_text(&j, "ContractCommitmentId", commitment_id(c->contract, c->line->ref, id));
        cli_json_text(&j, "ContractId", c->contract->id);
        vg_json_end_object(&j);
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        if (!j.buf.failed)
                csv_text(c->text, j.buf.data);
}

/* Exactly PricingQuantity x ContractedUnitPrice as they are written; the cents where neither is. */
void focus_put_ContractedCost(const struct charge *c)
{
        if (c->line->has_price)
                put_decimal(c, (vg_i128)c->line->quantity_micro * c->line->price_cad_micro,
                            6 + price_decimals(c));
        else
                focus_put_BilledCost(c);
}

void focus_put_ContractedUnitPrice(const struct charge *c)
{
        if (c->line->has_price)
                put_decimal(c, c->line->price_cad_micro, price_decimals(c));
}

/* The price list of the contract is the only one: there is no public price. */
void focus_put_ListCost(const struct charge *c)
{
        focus_put_ContractedCost(c);
}

void focus_put_ListUnitPrice(const struct charge *c)
{
        focus_put_ContractedUnitPrice(c);
}

static void put_supplier(const struct charge *c)
{
        csv_text(c->text, name_of(c, c->contract->supplier.name_fr, c->contract->supplier.name_en));
}

void focus_put_InvoiceIssuerName(const struct charge *c)
{
        put_supplier(c);
}

void focus_put_ProviderName(const struct charge *c)
{
        put_supplier(c);
}

void focus_put_PublisherName(const struct charge *c)
{
        put_supplier(c);
}

void focus_put_ServiceProviderName(const struct charge *c)
{
        put_supplier(c);
}

/* It stands in the client's own rooms. */
void focus_put_HostProviderName(const struct charge *c)
{
        focus_put_BillingAccountName(c);
}

void focus_put_InvoiceId(const struct charge *c)
{
        if (*c->month->invoice)
                csv_text(c->text, c->month->invoice);
}

/* The supplier's, which no record of ours holds. */
void focus_put_InvoiceDetailId(_unused_ const struct charge *c)
{
}

void focus_put_PricingCategory(const struct charge *c)
{
        if (!c->line->is_correction && vg_line_kind_find(c->line->kind) != VG_LINE_SHORTFALL)
                vg_buf_puts(c->text, "Standard");
}

void focus_put_PricingQuantity(const struct charge *c)
{
        if (c->line->has_price)
                put_decimal(c, c->line->quantity_micro, 6);
}

void focus_put_PricingUnit(const struct charge *c)
{
        if (c->line->has_price)
                vg_buf_puts(c->text, unit_of(c));
}

static const char *category_of(const struct charge *c)
{
        return c->price && c->price->focus_category ? c->price->focus_category : "Other";
}

void focus_put_ServiceCategory(const struct charge *c)
{
        csv_text(c->text, category_of(c));
}

void focus_put_ServiceSubcategory(const struct charge *c)
{
        const char *category = category_of(c);
        char text[96];

        if (strcmp(category, "Compute") == 0)
                snprintf(text, sizeof(text), "Virtual Machines");
        else if (strcmp(category, "Storage") == 0)
                snprintf(text, sizeof(text), "Block Storage");
        else
                snprintf(text, sizeof(text), "Other (%s)", category);
        csv_text(c->text, text);
}

/* A service has one category alone: the parts of the solution are told apart by it. */
void focus_put_ServiceName(const struct charge *c)
{
        char text[512];

        snprintf(text, sizeof(text), "%s (%s)",
                 name_of(c, c->contract->solution_fr, c->contract->solution_en), category_of(c));
        csv_text(c->text, text);
}

void focus_put_SkuId(const struct charge *c)
{
        if (*c->line->sku)
                csv_text(c->text, c->line->sku);
}

void focus_put_SkuMeter(const struct charge *c)
{
        if (c->price)
                csv_text(c->text, c->price->resource);
}

/* The price list says no more of a price than the other columns do. */
void focus_put_SkuPriceDetails(_unused_ const struct charge *c)
{
}

void focus_put_SkuPriceId(const struct charge *c)
{
        char text[128], day[16];

        if (!c->line->has_price)
                return;
        snprintf(text, sizeof(text), "%s@%s", c->line->sku,
                 vg_date_format(vg_zone_date(c->contract->zone, c->line->price_from_s), day));
        csv_text(c->text, text);
}

static bool is_of_tenant(const struct charge *c)
{
        return strcmp(c->line->tenant, "*") != 0;
}

void focus_put_SubAccountId(const struct charge *c)
{
        if (is_of_tenant(c))
                csv_text(c->text, c->line->tenant);
}

void focus_put_SubAccountName(const struct charge *c)
{
        if (is_of_tenant(c))
                csv_text(c->text, month_tenant(c->cli, c->month, c->line->tenant));
}
