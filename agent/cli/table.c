/* SPDX-License-Identifier: Apache-2.0 */

/* table: cells gathered first, widths decided last, by what a terminal shows rather than by bytes.
 * No text reaches the screen but through vg_text_clean. */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli/print.h"

enum { GAP = 2, LEAST_ELASTIC = 8, LEAST_WRAPPED = 24, CELL_MAX = 1024 };

struct cell {
        char *text; /* clean; NULL: nothing, and in a row's first cell a rule across */
        enum cli_style style;
        bool across; /* a row of its own, in its first cell */
};

struct cli_table {
        const struct cli_column *columns;
        struct cell *cells;
        size_t n_columns, n_cells, size, indent;
        bool failed;
};

struct cli_table *cli_table_new(const struct cli_column *columns, size_t n_columns, size_t indent)
{
        struct cli_table *table = calloc(1, sizeof(*table));

        assert(n_columns > 0);
        if (table)
                *table = (struct cli_table){ .columns = columns,
                                             .n_columns = n_columns,
                                             .indent = indent };
        return table;
}

void cli_table_free(struct cli_table *table)
{
        if (!table)
                return;
        for (size_t i = 0; i < table->n_cells; i++)
                free(table->cells[i].text);
        free(table->cells);
        free(table);
}

static void add(struct cli_table *table, enum cli_style style, char *text)
{
        if (table->n_cells == table->size) {
                size_t size = table->size ? 2 * table->size : 64;
                struct cell *cells = reallocarray(table->cells, size, sizeof(*cells));
                if (!cells) {
                        free(text);
                        table->failed = true;
                        return;
                }
                table->cells = cells;
                table->size = size;
        }
        table->cells[table->n_cells++] = (struct cell){ .text = text, .style = style };
}

void cli_table_cell(struct cli_table *table, enum cli_style style, const char *text)
{
        char clean[CELL_MAX];
        char *copy = strdup(vg_text_clean(text, strlen(text), clean, sizeof(clean)));

        if (!copy)
                table->failed = true;
        else
                add(table, style, copy);
}

void cli_table_cellf(struct cli_table *table, enum cli_style style, const char *format, ...)
{
        char text[CELL_MAX];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        cli_table_cell(table, style, text);
}

void cli_table_rule(struct cli_table *table)
{
        assert(table->failed || table->n_cells % table->n_columns == 0);
        for (size_t i = 0; i < table->n_columns; i++)
                add(table, CLI_DIM, NULL);
}

void cli_table_title(struct cli_table *table, enum cli_style style, const char *text)
{
        const size_t first = table->n_cells;

        cli_table_cell(table, style, text);
        if (table->failed)
                return;
        table->cells[first].across = true;
        for (size_t i = 1; i < table->n_columns; i++)
                add(table, style, NULL);
}

static size_t natural_width(const struct cli_table *table, size_t column)
{
        const char *heading = table->columns[column].heading;
        size_t width = heading ? vg_text_columns(heading) : 0;

        for (size_t i = column; i < table->n_cells; i += table->n_columns) {
                const struct cell *cell = &table->cells[i];
                size_t n = cell->text && !cell->across ? vg_text_columns(cell->text) : 0;
                if (n > width)
                        width = n;
        }
        return width;
}

/* A column that wraps has room, or at least for its longest word. */
static bool may_wrap(const struct cli_table *table, size_t column, size_t width)
{
        for (size_t i = column; i < table->n_cells && width < LEAST_WRAPPED;
             i += table->n_columns) {
                const char *text = table->cells[i].across ? NULL : table->cells[i].text;
                for (size_t n; text && *text; text += n + strspn(text + n, " ")) {
                        char word[CELL_MAX];
                        n = strcspn(text, " ");
                        snprintf(word, sizeof(word), "%.*s", (int)n, text);
                        if (vg_text_columns(word) > width)
                                return false;
                }
        }
        return true;
}

/* The widest elastic column gives way first, a column at a time. False: it still does not fit. */
static bool shrink(const struct cli_table *table, size_t *widths, size_t room)
{
        for (;;) {
                size_t total = table->indent, widest = SIZE_MAX;
                for (size_t i = 0; i < table->n_columns; i++) {
                        total += widths[i] + (i ? GAP : 0);
                        const bool gives = table->columns[i].elastic || table->columns[i].wraps;
                        if (gives && widths[i] > LEAST_ELASTIC &&
                            (widest == SIZE_MAX || widths[i] > widths[widest]))
                                widest = i;
                }
                if (total <= room || widest == SIZE_MAX)
                        return total <= room;
                widths[widest]--;
        }
}

/* Bytes of the longest beginning of text that takes at most `width` columns. */
static size_t fit(const char *text, size_t width)
{
        size_t at = 0;

        while (text[at]) {
                char upto[CELL_MAX];
                size_t next = at + 1;
                while (((unsigned char)text[next] & 0xc0) == 0x80)
                        next++;
                memcpy(upto, text, next);
                upto[next] = '\0';
                if (vg_text_columns(upto) > width)
                        return at;
                at = next;
        }
        return at;
}

static void print_cell(struct cli *cli, const char *text, enum cli_style style, size_t width,
                       enum cli_align align, bool last)
{
        const char *code = cli_style_code(cli, style), *dots = "";
        size_t columns = vg_text_columns(text), n = strlen(text);

        if (columns > width) {
                n = fit(text, width - 1);
                dots = "…";
                columns = width;
        }
        if (align == CLI_RIGHT)
                cli_pad(cli->out, width - columns);
        fprintf(cli->out, "%s%.*s%s%s", code, (int)n, text, dots, *code ? "\033[0m" : "");
        if (align == CLI_LEFT && !last)
                cli_pad(cli->out, width - columns);
}

static void print_row(struct cli *cli, const struct cli_table *table, const size_t *widths,
                      const struct cell *row)
{
        size_t total = 0;

        if (row[0].across) {
                print_cell(cli, row[0].text, row[0].style, cli->columns, CLI_LEFT, true);
                fputc('\n', cli->out);
                return;
        }
        cli_pad(cli->out, table->indent);
        if (!row[0].text) {
                for (size_t i = 0; i < table->n_columns; i++)
                        total += widths[i] + (i ? GAP : 0);
                fputs(cli_style_code(cli, CLI_DIM), cli->out);
                for (size_t i = 0; i < total; i++)
                        fputs("─", cli->out);
                fprintf(cli->out, "%s\n", cli->colour ? "\033[0m" : "");
                return;
        }

        size_t at = table->indent;
        for (size_t i = 0; i < table->n_columns; at += widths[i++] + GAP) {
                if (i)
                        cli_pad(cli->out, GAP);
                if (table->columns[i].wraps) {
                        cli_wrap_here(cli, row[i].style, at, row[i].text);
                        return;
                }
                print_cell(cli, row[i].text, row[i].style, widths[i], table->columns[i].align,
                           i + 1 == table->n_columns);
        }
        fputc('\n', cli->out);
}

static const char *heading_of(const struct cli_table *table, size_t column)
{
        const char *heading = table->columns[column].heading;

        return heading ? heading : "";
}

/* On a screen too narrow for the columns each row is a few lines: what has no heading stands with
 * what comes before it. */
static void print_stacked(struct cli *cli, const struct cli_table *table, const struct cell *row)
{
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };
        enum cli_style style = row[0].style;
        size_t indent = table->indent;

        for (size_t i = 0; i < table->n_columns; i++) {
                const char *heading = i ? heading_of(table, i) : "";
                if (!row[i].text || !*row[i].text)
                        continue;
                if ((*heading || table->columns[i].wraps) && line.n) {
                        cli_wrap(cli, style, indent, line.data);
                        line.n = 0;
                        indent = table->indent + GAP;
                        style = row[i].style;
                }
                if (*heading) {
                        vg_buf_printf(&line, "%s%s: ", heading, cli->french ? "\xc2\xa0" : "");
                } else if (line.n) {
                        vg_buf_puts(&line, " ");
                }
                vg_buf_puts(&line, row[i].text);
        }
        if (line.n)
                cli_wrap(cli, style, indent, line.data);
        else
                fputc('\n', cli->out);
}

static void print_headings(struct cli *cli, const struct cli_table *table, const size_t *widths)
{
        bool any = false;

        for (size_t i = 0; i < table->n_columns; i++)
                any |= table->columns[i].heading != NULL;
        if (!any)
                return;
        cli_pad(cli->out, table->indent);
        for (size_t i = 0; i < table->n_columns; i++) {
                if (i)
                        cli_pad(cli->out, GAP);
                print_cell(cli, heading_of(table, i), CLI_DIM, widths[i], table->columns[i].align,
                           i + 1 == table->n_columns);
        }
        fputc('\n', cli->out);
}

int cli_table_print(struct cli *cli, const struct cli_table *table)
{
        _cleanup_free_ size_t *widths = NULL;

        if (table && !table->failed)
                widths = calloc(table->n_columns, sizeof(*widths));
        if (!widths)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        assert(table->n_cells % table->n_columns == 0);
        for (size_t i = 0; i < table->n_columns; i++)
                widths[i] = natural_width(table, i);
        bool fits = shrink(table, widths, cli->columns);
        for (size_t i = 0; i < table->n_columns && fits; i++)
                fits = !table->columns[i].wraps || may_wrap(table, i, widths[i]);
        if (fits)
                print_headings(cli, table, widths);
        for (size_t i = 0; i < table->n_cells; i += table->n_columns)
                if (fits)
                        print_row(cli, table, widths, &table->cells[i]);
                else
                        print_stacked(cli, table, &table->cells[i]);
        return CLI_FINE;
}
