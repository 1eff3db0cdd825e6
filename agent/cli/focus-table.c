/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/focus-table.h"

#include <string.h>

#include "cli/csv.h"
#include "vigie/civil.h"

/* Whether --columns, where it is given, names this one. */
static bool is_wanted(const struct cli *cli, const char *name)
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

static void put_name(const struct focus_row *row, const struct focus_column *column)
{
        vg_buf_puts(row->text, column->name);
}

static void put_cell(const struct focus_row *row, const struct focus_column *column)
{
        column->put(row);
}

static void write_line(const struct focus_row *row, const struct focus_column *columns, size_t n,
                       void (*put)(const struct focus_row *row, const struct focus_column *column))
{
        bool any = false;

        for (size_t i = 0; i < n; i++) {
                if (columns[i].since > (int)row->version || columns[i].until < (int)row->version ||
                    !is_wanted(row->cli, columns[i].name))
                        continue;
                if (any)
                        csv_comma(row->text);
                any = true;
                put(row, &columns[i]);
        }
        csv_end(row->text);
}

void focus_write_names(const struct focus_row *row, const struct focus_column *columns, size_t n)
{
        write_line(row, columns, n, put_name);
}

void focus_write_cells(const struct focus_row *row, const struct focus_column *columns, size_t n)
{
        write_line(row, columns, n, put_cell);
}

/* ---- parts of cells ---- */

const char *focus_pick(const struct focus_row *row, const char *fr, const char *en)
{
        return row->cli->french ? fr : en;
}

void focus_put_decimal(const struct focus_row *row, vg_i128 value, unsigned decimals)
{
        char number[64];

        vg_buf_puts(row->text, vg_decimal_format(value, decimals, number, sizeof(number)));
}

void focus_put_utc(const struct focus_row *row, int64_t utc_s)
{
        char text[32];

        vg_buf_puts(row->text, vg_utc_format(utc_s, text));
}
