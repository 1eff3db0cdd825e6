/* SPDX-License-Identifier: Apache-2.0 */

/* FOCUS Contract Commitment (1.3, wider in 1.4): one row a minimum commitment of the contract. */

#include <string.h>

#include "cli/csv.h"
#include "cli/focus-columns.h"
#include "vigie/civil.h"

static void put_value(const struct focus_row *row)
{
        const int64_t value =
                vg_dated_at(row->commitment->values, row->commitment->n_values, row->now_s)->value;

        focus_put_decimal(row, value, 6);
}

static bool is_of_contract(const struct focus_row *row)
{
        return row->commitment->basis == VG_BASIS_AMOUNT_CONTRACT;
}

/* ---- columns ---- */

/* A quantity is of its SKU; a monthly amount is held against all but purchases; the amount of the
 * whole contract, against everything. */
static void put_ContractCommitmentApplicability(const struct focus_row *row)
{
        _cleanup_(vg_buf_done) struct vg_buf rule = { 0 };

        if (row->price)
                vg_buf_printf(&rule,
                              "{\"InclusionOperator\":\"And\",\"Inclusions\":[{\"Dimension\":"
                              "\"SkuId\",\"Operator\":\"In\",\"Values\":[\"%s\"]}]}",
                              row->commitment->sku);
        else
                vg_buf_puts(&rule,
                            is_of_contract(row)
                                    ? "{\"IsGlobalScope\":true}"
                                    : "{\"ExclusionOperator\":\"And\",\"Exclusions\":["
                                      "{\"Dimension\":\"ChargeCategory\",\"Operator\":\"In\","
                                      "\"Values\":[\"Purchase\"]},"
                                      "{\"Dimension\":\"ChargeFrequency\",\"Operator\":\"In\","
                                      "\"Values\":[\"One-Time\"]}],\"IsGlobalScope\":true}");
        if (!rule.failed)
                csv_text(row->text, rule.data);
}

static void put_ContractCommitmentBenefitCategory(const struct focus_row *row)
{
        vg_buf_puts(row->text, "Other"); /* the supplier's condition, and no discount */
}

static void put_ContractCommitmentCategory(const struct focus_row *row)
{
        vg_buf_puts(row->text, row->price ? "Usage" : "Spend");
}

static void put_ContractCommitmentCost(const struct focus_row *row)
{
        if (!row->price)
                put_value(row);
}

static void put_ContractCommitmentCreated(const struct focus_row *row)
{
        focus_put_utc(row, row->created_s);
}

static void put_ContractCommitmentDescription(const struct focus_row *row)
{
        csv_text(row->text, row->price ? focus_pick(row, row->price->name_fr, row->price->name_en)
                                       : focus_pick(row, "Engagement minimal sur le montant",
                                                    "Minimum commitment on the amount"));
}

static void put_ContractCommitmentDiscountPercentage(_unused_ const struct focus_row *row)
{
}

/* The longest unit that the contract is whole numbers of. */
static void put_ContractCommitmentDurationType(const struct focus_row *row)
{
        const struct vg_date start = row->contract->start;
        const struct vg_date end =
                vg_date_add_days(vg_contract_last_day_at(row->contract, row->now_s), 1);
        const int months = 12 * (end.year - start.year) + end.month - start.month;
        int n = months;
        const char *unit = "Month";

        if (start.day != end.day) {
                n = (int)(vg_days_from_civil(end) - vg_days_from_civil(start));
                unit = "Day";
        } else if (months % 12 == 0) {
                n = months / 12;
                unit = "Year";
        }
        vg_buf_printf(row->text, "%d %s%s", n, unit, n == 1 ? "" : "s");
}

static void put_ContractCommitmentFulfillmentInterval(const struct focus_row *row)
{
        vg_buf_puts(row->text, is_of_contract(row) ? "Full Period" : "Monthly");
}

static void put_ContractCommitmentId(const struct focus_row *row)
{
        focus_put_commitment_id(row->contract, row->commitment->id, row->text);
}

static void put_ContractCommitmentLastUpdated(const struct focus_row *row)
{
        focus_put_utc(row, row->updated_s);
}

static void put_ContractCommitmentLifecycleStatus(const struct focus_row *row)
{
        vg_buf_puts(row->text, row->now_s < row->contract->start_s ? "Pending"
                               : row->now_s < row->end_s           ? "Active"
                               : row->contract->termination        ? "Canceled"
                                                                   : "Expired");
}

static void put_ContractCommitmentModel(const struct focus_row *row)
{
        vg_buf_puts(row->text, "Discontinuous");
}

static void put_ContractCommitmentOfferCategory(const struct focus_row *row)
{
        vg_buf_puts(row->text, "Negotiated");
}

static void put_ContractCommitmentPaymentInterval(const struct focus_row *row)
{
        vg_buf_puts(row->text, is_of_contract(row) ? "One-Time" : "Monthly");
}

static void put_ContractCommitmentPaymentModel(const struct focus_row *row)
{
        vg_buf_puts(row->text, "No Upfront");
}

static void put_ContractPeriodEnd(const struct focus_row *row)
{
        focus_put_utc(row, row->end_s);
}

static void put_ContractPeriodStart(const struct focus_row *row)
{
        focus_put_utc(row, row->contract->start_s);
}

static void put_ContractCommitmentPeriodEnd(const struct focus_row *row)
{
        put_ContractPeriodEnd(row);
}

static void put_ContractCommitmentPeriodStart(const struct focus_row *row)
{
        put_ContractPeriodStart(row);
}

static void put_ContractCommitmentQuantity(const struct focus_row *row)
{
        if (row->price)
                put_value(row);
}

static void put_ContractCommitmentType(const struct focus_row *row)
{
        vg_buf_puts(row->text, is_of_contract(row) ? "Contract minimum" : "Monthly minimum");
}

static void put_ContractCommitmentUnit(const struct focus_row *row)
{
        if (row->price)
                vg_buf_puts(row->text, focus_unit(vg_unit_name(row->price->unit)));
}

static void put_ContractId(const struct focus_row *row)
{
        csv_text(row->text, row->contract->id);
}

static const struct focus_column columns[] = {
#define COLUMN(name, since)                         \
        {                                           \
#name, since, FOCUS_1_4, put_##name \
        }
#define COLUMN_OF_ALL(name, since)                        \
        {                                                 \
#name, since, FOCUS_1_4, focus_put_##name \
        }
        COLUMN_OF_ALL(BillingCurrency, 13),
        COLUMN(ContractCommitmentApplicability, 14),
        COLUMN(ContractCommitmentBenefitCategory, 14),
        COLUMN(ContractCommitmentCategory, 13),
        COLUMN(ContractCommitmentCost, 13),
        COLUMN(ContractCommitmentCreated, 14),
        COLUMN(ContractCommitmentDescription, 13),
        COLUMN(ContractCommitmentDiscountPercentage, 14),
        COLUMN(ContractCommitmentDurationType, 14),
        COLUMN(ContractCommitmentFulfillmentInterval, 14),
        COLUMN(ContractCommitmentId, 13),
        COLUMN(ContractCommitmentLastUpdated, 14),
        COLUMN(ContractCommitmentLifecycleStatus, 14),
        COLUMN(ContractCommitmentModel, 14),
        COLUMN(ContractCommitmentOfferCategory, 14),
        COLUMN(ContractCommitmentPaymentInterval, 14),
        COLUMN(ContractCommitmentPaymentModel, 14),
        COLUMN(ContractCommitmentPeriodEnd, 13),
        COLUMN(ContractCommitmentPeriodStart, 13),
        COLUMN(ContractCommitmentQuantity, 13),
        COLUMN(ContractCommitmentType, 13),
        COLUMN(ContractCommitmentUnit, 13),
        COLUMN(ContractId, 13),
        COLUMN(ContractPeriodEnd, 13),
        COLUMN(ContractPeriodStart, 13),
        COLUMN_OF_ALL(InvoiceIssuerName, 14),
        COLUMN_OF_ALL(ServiceProviderName, 14),
#undef COLUMN
#undef COLUMN_OF_ALL
};

/* ---- rows ---- */

static int take_contract(void *ctx, const struct store_contract *contract)
{
        struct focus_row *row = ctx;
        const int64_t loaded_s = vg_floor_div(contract->loaded_utc_ns, VG_NS_PER_S);

        if (strcmp(contract->contract_id, row->contract->id) != 0)
                return 0;
        if (!row->created_s || loaded_s < row->created_s)
                row->created_s = loaded_s;
        if (loaded_s > row->updated_s)
                row->updated_s = loaded_s;
        return 0;
}

int focus_commitments(const struct cli *cli, const struct cli_view *view,
                      enum focus_version version, struct vg_buf *text, struct vg_err *err)
{
        const struct vg_contract *c = view->contract;
        struct focus_row row = {
                .cli = cli,
                .version = version,
                .text = text,
                .now_s = view->now_s,
                .contract = c,
                .end_s = vg_contract_end_at(c, view->now_s)->value,
        };
        int r = store_contract_each(view->store, take_contract, &row, err);

        if (r < 0)
                return r;
        focus_write_names(&row, columns, ELEMENTSOF(columns));
        for (size_t i = 0; i < c->n_commitments; i++) {
                row.commitment = &c->commitments[i];
                row.price = row.commitment->sku ? vg_contract_price(c, row.commitment->sku) : NULL;
                focus_write_cells(&row, columns, ELEMENTSOF(columns));
        }
        return 0;
}
