/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/focus.h"

#include "cli/focus-columns.h"

static const struct focus_column columns[] = {
#define FOCUS_COLUMN(name, since, until) { #name, since, until, focus_put_##name },
#include "cli/focus.def"
#undef FOCUS_COLUMN
};

void focus_cost_and_usage(const struct cli *cli, const struct months_read *months,
                          enum focus_version version, struct vg_buf *text)
{
        struct focus_row row = { .cli = cli, .version = version, .text = text };

        focus_write_names(&row, columns, ELEMENTSOF(columns));
        for (size_t i = 0; i < months->n; i++)
                for (size_t k = 0; k < months->list[i].n_lines; k++) {
                        row.month = &months->list[i];
                        row.line = &row.month->lines[k];
                        row.contract = row.month->contract;
                        row.price = vg_contract_price(row.contract, row.line->sku);
                        focus_write_cells(&row, columns, ELEMENTSOF(columns));
                }
}
