/* SPDX-License-Identifier: Apache-2.0 */

/* From quantities to cents a day, and what is certain of the days to come. */

#include <errno.h>

#include "vigie/civil.h"
#include "vigie/forecast.h"
#include "vigie/mem.h"
#include "vigie/rating.h"

double vg_spending(const struct vg_contract *contract, int64_t day_s, const char *resource,
                   int64_t micro)
{
        const struct vg_price *price = vg_contract_price_of(contract, resource);
        const struct vg_price_segment *segment = price ? vg_price_at(price, day_s) : NULL;

        if (!segment || price->charge != VG_CHARGE_USAGE)
                return 0;

        const double dollars =
                (double)micro / 1e6 * (double)segment->price_cad_micro / 1e6 / (double)segment->per;
        if (price->unit != VG_UNIT_TB_MONTH)
                return dollars * 100;
        return dollars * 100 /
               vg_month_hours(contract, vg_month_of(vg_zone_date(contract->zone, day_s)));
}

/* What needs no measuring, of one month's statement, by the last second of a local day: its own
 * midnight is past by then. */
static int certain(const struct vg_contract *contract, struct vg_date date, int64_t *ret_cents,
                   struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        const struct vg_bill_options options = {
                .contract = contract,
                .as_of_s = vg_zone_midnight(contract->zone, vg_date_add_days(date, 1)) - 1,
                .from_month = vg_month_of(date),
        };
        int r = vg_bill_new(&options, NULL, 0, &bill, err);

        if (r < 0)
                return r;
        *ret_cents = 0;
        for (size_t i = 0; i < bill->n_lines; i++)
                if (bill->lines[i].kind == VG_LINE_RECURRING ||
                    bill->lines[i].kind == VG_LINE_PURCHASE)
                        *ret_cents += bill->lines[i].cents;
        return 0;
}

int vg_spending_known(const struct vg_contract *contract, int64_t day, size_t n, double *ret_cents,
                      struct vg_err *err)
{
        struct vg_date date = vg_civil_from_days(day);
        int64_t before, after;
        int r = certain(contract, date, &before, err);

        for (size_t i = 0; i < n && r == 0; i++) {
                date = vg_date_add_days(date, 1);
                if (date.day == 1)
                        before = 0;
                r = certain(contract, date, &after, err);
                ret_cents[i] = (double)(after - before);
                before = after;
        }
        return r;
}
