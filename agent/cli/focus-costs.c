/* SPDX-License-Identifier: Apache-2.0 */

/* The cells of what a charge costs: amounts, prices, quantities and their units, as exact decimals. */

#include "cli/focus-columns.h"

#include <string.h>

#include "cli/csv.h"
#include "vigie/rating.h"
#include "vigie/statement.h"

/* Decimals of price / per: per is a power of ten, so this is exact. */
static unsigned price_decimals(const struct focus_row *row)
{
        unsigned decimals = 6;

        for (int64_t per = row->line->per; per > 1; per /= 10)
                decimals++;
        return decimals;
}

void focus_put_BilledCost(const struct focus_row *row)
{
        focus_put_decimal(row, row->line->cents, 2);
}

void focus_put_EffectiveCost(const struct focus_row *row)
{
        focus_put_BilledCost(row);
}

/* Of usage that is no correction alone; TB-months were measured as TB-hours. */
static bool is_consumed(const struct focus_row *row)
{
        return vg_line_kind_find(row->line->kind) == VG_LINE_USAGE && !row->line->is_correction;
}

static bool in_tb_hours(const struct focus_row *row)
{
        return strcmp(row->line->unit, "tb_month") == 0;
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

static const char *unit_of(const struct focus_row *row)
{
        return focus_unit(row->line->unit);
}

void focus_put_ConsumedQuantity(const struct focus_row *row)
{
        if (is_consumed(row))
                focus_put_decimal(row,
                                  in_tb_hours(row) ? row->line->measured_micro
                                                   : row->line->quantity_micro,
                                  6);
}

void focus_put_ConsumedUnit(const struct focus_row *row)
{
        if (is_consumed(row))
                vg_buf_puts(row->text, in_tb_hours(row) ? "TB-Hours" : unit_of(row));
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
void focus_put_ContractApplied(const struct focus_row *row)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char id[CLI_TEXT];

        if (vg_line_kind_find(row->line->kind) != VG_LINE_SHORTFALL)
                return;
        vg_json_object(&j, NULL);
        vg_json_array(&j, "Elements");
        vg_json_object(&j, NULL);
        if (!row->line->has_price) {
                put_number(&j, "ContractCommitmentAppliedCost", row->line->cents, 2);
        } else {
                put_number(&j, "ContractCommitmentAppliedQuantity", row->line->quantity_micro, 6);
                vg_json_string(&j, "ContractCommitmentAppliedUnit", unit_of(row));
        }
        cli_json_text(&j, "ContractCommitmentId", commitment_id(row->contract, row->line->ref, id));
        cli_json_text(&j, "ContractId", row->contract->id);
        vg_json_end_object(&j);
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        if (!j.buf.failed)
                csv_text(row->text, j.buf.data);
}

/* Exactly PricingQuantity x ContractedUnitPrice as they are written; the cents where neither is. */
void focus_put_ContractedCost(const struct focus_row *row)
{
        if (row->line->has_price)
                focus_put_decimal(row,
                                  (vg_i128)row->line->quantity_micro * row->line->price_cad_micro,
                                  6 + price_decimals(row));
        else
                focus_put_BilledCost(row);
}

void focus_put_ContractedUnitPrice(const struct focus_row *row)
{
        if (row->line->has_price)
                focus_put_decimal(row, row->line->price_cad_micro, price_decimals(row));
}

/* The price list of the contract is the only one: there is no public price. */
void focus_put_ListCost(const struct focus_row *row)
{
        focus_put_ContractedCost(row);
}

void focus_put_ListUnitPrice(const struct focus_row *row)
{
        focus_put_ContractedUnitPrice(row);
}

void focus_put_PricingCategory(const struct focus_row *row)
{
        if (!row->line->is_correction && vg_line_kind_find(row->line->kind) != VG_LINE_SHORTFALL)
                vg_buf_puts(row->text, "Standard");
}

void focus_put_PricingQuantity(const struct focus_row *row)
{
        if (row->line->has_price)
                focus_put_decimal(row, row->line->quantity_micro, 6);
}

void focus_put_PricingUnit(const struct focus_row *row)
{
        if (row->line->has_price)
                vg_buf_puts(row->text, unit_of(row));
}
