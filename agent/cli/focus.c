/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/focus.h"

#include <string.h>

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

bool focus_wants(const struct cli *cli, const char *name)
{
        const char *list = cli_option(cli, "columns");
        const size_t n = strlen(name);

        for (const char *at = list; at && *at; at += strcspn(at, ",")) {
                at += strspn(at, ", ");
                if (strncmp(at, name, n) == 0 && strchr(", ", at[n]))
                        return true;
        }
        return !list;
}

static bool has_column(const struct cli *cli, size_t i, enum focus_version version)
{
        return columns[i].since <= (int)version && columns[i].until >= (int)version &&
               focus_wants(cli, columns[i].name);
}

static void put_row(const struct charge *charge, enum focus_version version)
{
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                if (!has_column(charge->cli, i, version))
                        continue;
                if (any)
                        csv_comma(charge->text);
                any = true;
                columns[i].put(charge);
        }
        csv_end(charge->text);
}

static void put_names(const struct cli *cli, enum focus_version version, struct vg_buf *text)
{
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                if (!has_column(cli, i, version))
                        continue;
                vg_buf_printf(text, "%s%s", any ? "," : "", columns[i].name);
                any = true;
        }
        csv_end(text);
}

void focus_cost_and_usage(const struct cli *cli, const struct months_read *months,
                          enum focus_version version, struct vg_buf *text)
{
        put_names(cli, version, text);
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
