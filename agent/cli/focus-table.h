/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* focus-table: the lines of a dataset, over a table of its columns. */

#include "cli/focus.h"

/* What the cells of a line are made of: a dataset fills in what its columns look at. */
struct focus_row {
        const struct cli *cli;
        enum focus_version version;
        struct vg_buf *text; /* the lines go here */
        int64_t now_s;
        const struct vg_contract *contract;
        const struct vg_price *price;           /* NULL: a commitment on an amount */
        const struct month *month;              /* Cost and Usage, Billing Period */
        const struct month_line *line;          /* Cost and Usage */
        const struct vg_commitment *commitment; /* Contract Commitment, and those below */
        int64_t end_s;
        int64_t created_s, updated_s; /* of the first revision loaded, and of the last */
};

typedef void focus_put_fn(const struct focus_row *row);

struct focus_column {
        const char *name;
        int since, until; /* the versions that have it */
        focus_put_fn *put;
};

/* The heading, and a line of cells: of the columns that row->version has and --columns, where it is
 * given, names. */
void focus_write_names(const struct focus_row *row, const struct focus_column *columns, size_t n);
void focus_write_cells(const struct focus_row *row, const struct focus_column *columns, size_t n);

/* ---- parts of cells ---- */

/* The one in the reader's language. */
const char *focus_pick(const struct focus_row *row, const char *fr, const char *en);
void focus_put_decimal(const struct focus_row *row, vg_i128 value, unsigned decimals);
void focus_put_utc(const struct focus_row *row, int64_t utc_s);
