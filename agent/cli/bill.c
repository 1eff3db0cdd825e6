/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/bill.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/tenant.h"

struct open {
        const struct cli_view *view;
        struct vg_line *lines;
        size_t n, size;
};

static int take_open(void *ctx, const struct store_usage *row)
{
        struct open *open = ctx;
        struct vg_line line;

        int r = vg_rate_place(open->view->contract, row->start_s, row->tenant, row->resource,
                              open->view->now_s, &line);
        if (r != 0)
                return r < 0 ? r : 0;
        if (open->n == open->size) {
                size_t size = open->size ? 2 * open->size : 64;
                struct vg_line *lines = reallocarray(open->lines, size, sizeof(*lines));
                if (!lines)
                        return -ENOMEM;
                open->lines = lines;
                open->size = size;
        }
        line.quantity_micro = row->micro;
        open->lines[open->n++] = line;
        return 0;
}

int cli_bill_read(const struct cli_view *view, bool with_open, struct vg_bill **ret_bill,
                  struct vg_err *err)
{
        struct open open = { .view = view };
        int64_t at_s;
        int r = 0;

        assert(view->contract);

        if (with_open)
                r = store_open_usage_each(view->store, &at_s, take_open, &open, err);

        const struct store_bill query = {
                .contract = view->contract,
                .as_of_s = view->now_s,
                .to_month = INT32_MAX,
                .more = open.lines,
                .n_more = open.n,
        };
        if (r >= 0)
                r = store_bill_read(view->store, &query, ret_bill, err);
        free(open.lines);
        return r < 0 ? r : 0;
}

int cli_rate_at(const struct cli_view *view, int64_t start_s, const char *resource,
                struct cli_rate *ret_rate)
{
        const struct vg_contract *contract = view->contract;
        struct vg_line line;

        *ret_rate = (struct cli_rate){ 0 };

        int r = vg_rate_place(contract, start_s, VG_TENANT_NOBODY, resource, view->now_s, &line);
        if (r != 0)
                return r < 0 ? r : 0;

        const struct vg_price *price = vg_contract_price(contract, line.sku);
        const struct vg_price_segment *segment = vg_price_at(price, start_s);
        ret_rate->is_priced = true;
        ret_rate->cad_micro = segment->price_cad_micro;
        ret_rate->divisor =
                segment->per *
                (price->unit == VG_UNIT_TB_MONTH ? vg_month_hours(contract, line.period_month) : 1);
        return 0;
}

int cli_rate_cents(const struct cli_rate *rate, int64_t micro, int64_t *ret_cents)
{
        vg_i128 pico;

        /* micro-units x micro-CAD are pico-CAD; a cent is 10^10 of them. */
        if (vg_mul_i128(micro, rate->cad_micro, &pico) < 0)
                return -ERANGE;

        const vg_i128 cents = vg_round_half_up(pico, (vg_i128)rate->divisor * INT64_C(10000000000));
        if (cents > VG_LINE_CENTS_MAX || cents < -VG_LINE_CENTS_MAX)
                return -ERANGE;
        *ret_cents = (int64_t)cents;
        return 0;
}
