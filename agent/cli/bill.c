/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/bill.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/tenant.h"

struct lines {
        const struct cli_view *view;
        struct vg_line *list;
        size_t n, size;
};

static struct vg_line *add_line(struct lines *lines)
{
        if (lines->n == lines->size) {
                size_t size = lines->size ? 2 * lines->size : 64;
                struct vg_line *list = reallocarray(lines->list, size, sizeof(*list));
                if (!list)
                        return NULL;
                lines->list = list;
                lines->size = size;
        }
        lines->list[lines->n] = (struct vg_line){ 0 };
        return &lines->list[lines->n++];
}

/* Texts of the bill are the contract's own. */
static const char *own_tenant(const struct vg_contract *contract, const char *tenant)
{
        const struct vg_tenant *row = vg_contract_tenant(contract, tenant);

        return row ? row->id : VG_TENANT_NOBODY;
}

static int take_line(void *ctx, const struct store_line *row)
{
        struct lines *lines = ctx;
        const struct vg_contract *contract = lines->view->contract;
        const struct vg_price *price = vg_contract_price(contract, row->sku);
        const int kind = vg_line_kind_find(row->kind);
        struct vg_line *line = add_line(lines);

        if (!line)
                return -ENOMEM;
        if (!price || kind < 0)
                return -EBADMSG;
        line->statement_month = row->statement_month;
        line->period_month = row->period_month;
        line->kind = (enum vg_line_kind)kind;
        line->tenant = own_tenant(contract, row->tenant);
        line->sku = price->sku;
        line->price_from_s = row->price_from_s;
        return vg_i128_parse(row->quantity_micro, &line->quantity_micro) < 0 ? -EBADMSG : 0;
}

static int take_open(void *ctx, const struct store_usage *row)
{
        struct lines *lines = ctx;
        struct vg_line line;

        int r = vg_rate_place(lines->view->contract, row->start_s, row->tenant, row->resource,
                              lines->view->now_s, &line);
        if (r != 0)
                return r < 0 ? r : 0;

        struct vg_line *kept = add_line(lines);
        if (!kept)
                return -ENOMEM;
        *kept = line;
        kept->quantity_micro = row->micro;
        return 0;
}

static int fill(struct lines *lines, bool with_open, struct vg_err *err)
{
        const struct cli_view *view = lines->view;
        int64_t at_s;

        int r = store_line_each(view->store, view->contract->id, INT32_MIN, INT32_MAX, take_line,
                                lines, err);
        if (r == -EBADMSG)
                return vg_err_set(err, r,
                                  "une ligne du registre ne répond à aucun prix du contrat; "
                                  "« vigie ledger verify » le dira");
        if (r < 0 || !with_open)
                return r;
        return store_open_usage_each(view->store, &at_s, take_open, lines, err);
}

int cli_bill_read(const struct cli_view *view, bool with_open, struct vg_bill **ret_bill,
                  struct vg_err *err)
{
        struct lines lines = { .view = view };
        const struct vg_bill_options options = {
                .contract = view->contract,
                .as_of_s = view->now_s,
        };

        assert(view->contract);

        int r = fill(&lines, with_open, err);
        if (r >= 0)
                r = vg_bill_new(&options, lines.list, lines.n, ret_bill, err);
        free(lines.list);
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
