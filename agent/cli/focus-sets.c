/* SPDX-License-Identifier: Apache-2.0 */

/* The smaller datasets of FOCUS: Contract Commitment (1.3) and Billing Period (1.4). */

#include "cli/csv.h"
#include "cli/focus.h"
#include "vigie/civil.h"

static void put_times(struct vg_buf *text, int64_t end_s, int64_t start_s)
{
        char end[32], start[32];

        vg_buf_printf(text, "%s,%s", vg_utc_format(end_s, end), vg_utc_format(start_s, start));
}

static void put_commitment(const struct cli *cli, const struct cli_view *view,
                           const struct vg_commitment *commitment, struct vg_buf *text)
{
        const struct vg_contract *c = view->contract;
        const bool is_quantity = commitment->basis == VG_BASIS_QUANTITY_MONTH;
        const struct vg_price *price = is_quantity ? vg_contract_price(c, commitment->sku) : NULL;
        const int64_t value =
                vg_dated_at(commitment->values, commitment->n_values, view->now_s)->value;
        const int64_t end_s = vg_contract_end_at(c, view->now_s)->value;
        char number[64];

        vg_decimal_format(value, 6, number, sizeof(number));
        vg_buf_printf(text, "CAD,%s,%s,", is_quantity ? "Usage" : "Spend",
                      is_quantity ? "" : number);
        csv_text(text, price         ? cli->french ? price->name_fr : price->name_en
                       : cli->french ? "Engagement minimal sur le montant"
                                     : "Minimum commitment on the amount");
        csv_comma(text);
        csv_text(text, commitment->id);
        csv_comma(text);
        put_times(text, end_s, c->start_s);
        vg_buf_printf(text, ",%s,%s,%s,", is_quantity ? number : "",
                      commitment->basis == VG_BASIS_AMOUNT_CONTRACT ? "Contract minimum"
                                                                    : "Monthly minimum",
                      price ? vg_unit_name(price->unit) : "");
        csv_text(text, c->id);
        csv_comma(text);
        put_times(text, end_s, c->start_s);
        csv_end(text);
}

void focus_commitments(const struct cli *cli, const struct cli_view *view, struct vg_buf *text)
{
        vg_buf_puts(text, "BillingCurrency,ContractCommitmentCategory,ContractCommitmentCost,"
                          "ContractCommitmentDescription,ContractCommitmentId,"
                          "ContractCommitmentPeriodEnd,ContractCommitmentPeriodStart,"
                          "ContractCommitmentQuantity,ContractCommitmentType,"
                          "ContractCommitmentUnit,ContractId,ContractPeriodEnd,"
                          "ContractPeriodStart\r\n");
        for (size_t i = 0; i < view->contract->n_commitments; i++)
                put_commitment(cli, view, &view->contract->commitments[i], text);
}

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
