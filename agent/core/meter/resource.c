/* SPDX-License-Identifier: Apache-2.0 */

/* resource: the table of what is metered, and the one rounding from base units to micro-units. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/meter.h"

static const struct vg_resource_row rows[VG_N_RESOURCES] = {
#define VG_RESOURCE(NAME, id, unit, base, tick_ns, numerator, denominator, from, fr, en) \
        [VG_RESOURCE_##NAME] = { id,          unit,           base, tick_ns, numerator,  \
                                 denominator, VG_FROM_##from, fr,   en },
#include "vigie/resources.def"
};

const struct vg_resource_row *vg_resource_row(enum vg_resource resource)
{
        assert(resource < VG_N_RESOURCES);
        return &rows[resource];
}

int vg_resource_find(const char *id)
{
        for (int i = 0; i < VG_N_RESOURCES; i++)
                if (strcmp(rows[i].id, id) == 0)
                        return i;
        return -ENOENT;
}

int64_t vg_resource_micro(enum vg_resource resource, vg_i128 base, vg_i128 *carry)
{
        const vg_i128 denominator = vg_resource_row(resource)->denominator;
        /* Amounts are below 2^100 and numerators below 2^4: this cannot overflow. */
        const vg_i128 exact = base * vg_resource_row(resource)->numerator + *carry;
        const vg_i128 raised = exact + denominator / 2;

        /* Half up, towards plus infinity also below zero, so that what is left lies in [-1/2, 1/2)
         * and a later interval never owes more than it has. All denominators are even or the half
         * is never met. */
        vg_i128 micro = raised / denominator - (raised % denominator < 0);
        if (micro > INT64_MAX)
                micro = INT64_MAX;
        if (micro < INT64_MIN)
                micro = INT64_MIN;
        *carry = exact - micro * denominator;
        return (int64_t)micro;
}
