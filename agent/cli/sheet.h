/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sheet: a CSV that a person made in a spreadsheet: commas or semicolons, quotes, a byte order
 * mark, either line end. Columns are found by their names, in any order. */

#include <stddef.h>

struct cli;

enum { SHEET_COLUMNS_MAX = 24 };

struct sheet_row {
        int line; /* in the file, from 1 */
        const char *cell[SHEET_COLUMNS_MAX];
};

struct sheet { /* zero-initialised is empty; sheet_done() after use */
        char *bytes;
        const char *name;
        struct sheet_row
                *rows; /* cells in the order of the wanted columns; "" where there is none */
        size_t n;
};
void sheet_done(struct sheet *table);

/* columns: names separated by spaces; those behind a '?' may be missing. CLI_FINE, or an exit code
 * after having said what is wrong and where. */
int sheet_read(struct cli *cli, const char *path, const char *columns, struct sheet *ret_table);
/* Whether it is text in UTF-8 without a NUL; else says what it is, and the remedy. */
int sheet_check_text(struct cli *cli, const char *path, const char *bytes, size_t n);
/* Says that a cell will not do. CLI_REFUSED. */
int sheet_refuse(struct cli *cli, const struct sheet *table, const struct sheet_row *row,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "750 000,00 $" to "750000.00": people copy it from the paper. */
void sheet_number(const char *text, char *buf, size_t size);
