/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/focus.h"

#include "cli/csv.h"
#include "cli/focus-columns.h"

static const struct {
        const char *name;
        int since, until;
        focus_put_fn *put;
} columns[] = {
#define FOCUS_COLUMN(name, since, until) { #name, since, until, focus_put_##name },
#include "cli/focus.def"
#undef FOCUS_COLUMN
};

static void put_row(const struct charge *charge, enum focus_version version)
{
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                if (columns[i].since > (int)version || columns[i].until < (int)version)
                        continue;
                if (any)
                        csv_comma(charge->text);
                any = true;
                columns[i].put(charge);
        }
        csv_end(charge->text);
}

static void put_names(enum focus_version version, struct vg_buf *text)
{
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                if (columns[i].since > (int)version || columns[i].until < (int)version)
                        continue;
                vg_buf_printf(text, "%s%s", any ? "," : "", columns[i].name);
                any = true;
        }
        csv_end(text);
}

void focus_cost_and_usage(const struct cli *cli, const struct months_read *months,
                          enum focus_version version, struct vg_buf *text)
{
        put_names(version, text);
        for (size_t i = 0; i < months->n; i++)
                for (size_t k = 0; k < months->list[i].n_lines; k++) {
                        const struct month *month = &months->list[i];
                        const struct charge charge = {
                                .cli = cli,
                                .month = month,
                                .line = &month->lines[k],
                                .contract = month->contract,
                                .price = vg_contract_price(month->contract, month->lines[k].sku),
                                .text = text,
                        };
                        put_row(&charge, version);
                }
}
