/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/rating.h"

#include <assert.h>
#include <string.h>

#include "core/contract/bill.h"
#include "vigie/mem.h"
#include "vigie/tenant.h"

static const char *const kind_names[] = {
        [VG_LINE_USAGE] = "usage",
        [VG_LINE_PURCHASE] = "purchase",
        [VG_LINE_RECURRING] = "recurring",
        [VG_LINE_SHORTFALL] = "shortfall",
};

const char *vg_line_kind_name(enum vg_line_kind kind)
{
        return kind_names[kind];
}

int vg_line_kind_find(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(kind_names); i++)
                if (strcmp(kind_names[i], name) == 0)
                        return (int)i;
        return -ENOENT;
}

bool vg_rate_knows_tenant(const struct vg_contract *contract, const char *tenant)
{
        return strcmp(tenant, VG_TENANT_NOBODY) == 0 || vg_contract_tenant(contract, tenant);
}

int64_t vg_month_close_s(const struct vg_contract *contract, int32_t month)
{
        return vg_zone_month_start(contract->zone, month + 1) +
               (int64_t)contract->close_after_hours * VG_HOUR_S;
}

int vg_month_hours(const struct vg_contract *contract, int32_t month)
{
        const int64_t seconds = vg_zone_month_start(contract->zone, month + 1) -
                                vg_zone_month_start(contract->zone, month);

        return (int)(seconds / VG_HOUR_S);
}

/* The first statement not before `month` that is still open at known_s. A month ends at most
 * 30 days before it closes, so few are asked after the one of known_s's own neighbourhood. */
int32_t rate_open_statement(const struct vg_contract *contract, int32_t month, int64_t known_s)
{
        if (known_s < vg_month_close_s(contract, month))
                return month;

        const int32_t near = vg_month_of(vg_zone_date(contract->zone, known_s)) - 2;
        if (month < near)
                month = near;
        while (known_s >= vg_month_close_s(contract, month))
                month++;
        return month;
}

int vg_rate_place(const struct vg_contract *contract, int64_t start_s, const char *tenant,
                  const char *resource, int64_t known_s, struct vg_line *ret_line)
{
        assert(contract && tenant && resource && ret_line);

        if (!vg_contract_covers(contract, start_s, known_s))
                return VG_RATE_OUT_OF_CONTRACT;

        const struct vg_price *price = vg_contract_price_of(contract, resource);
        const struct vg_price_segment *segment = price ? vg_price_at(price, start_s) : NULL;

        if (!segment)
                return VG_RATE_UNPRICED;

        const struct vg_tenant *known = vg_contract_tenant(contract, tenant);
        const int32_t month = vg_month_of(vg_zone_date(contract->zone, start_s));

        *ret_line = (struct vg_line){
                .statement_month = rate_open_statement(contract, month, known_s),
                .period_month = month,
                .kind = price->charge == VG_CHARGE_PURCHASE ? VG_LINE_PURCHASE : VG_LINE_USAGE,
                .tenant = known ? known->id : VG_TENANT_NOBODY,
                .sku = price->sku,
                .price_from_s = segment->from_s,
        };
        return 0;
}
