/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/sheet.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "os/files.h"

enum { FILE_MAX = 4 << 20, ROWS_MAX = 100000, CELLS_MAX = 64 };

struct reader {
        struct cli *cli;
        struct sheet *table;
        char *at; /* in the bytes, which cells are cut out of */
        char separator;
        int line;
        int place[CELLS_MAX]; /* of a cell of the file among the wanted ones; -1: not wanted */
        size_t n_cells;       /* of the heading */
        size_t size;
        int quote_line; /* where a quotation began that does not end; 0: none */
};

void sheet_done(struct sheet *table)
{
        free(table->bytes);
        free(table->rows);
        *table = (struct sheet){ 0 };
}

static int refuse(struct reader *r, const char *message)
{
        const struct cli_error error = {
                .code = "csv", .path = r->table->name, .line = r->line, .message = message
        };

        return cli_fail_all(r->cli, CLI_REFUSED, &error, 1);
}

int sheet_refuse(struct cli *cli, const struct sheet *table, const struct sheet_row *row,
                 const char *format, ...)
{
        char text[512];
        va_list ap;
        const struct cli_error error = {
                .code = "csv", .path = table->name, .line = row->line, .message = text
        };

        va_start(ap, format);
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        va_end(ap);
        return cli_fail_all(cli, CLI_REFUSED, &error, 1);
}

/* One cell, in place, trimmed; *ret_last: a line's end stood behind it. */
static char *take_cell(struct reader *r, bool *ret_last)
{
        char *from = r->at, *to = from, *start = from;
        bool quoted = *from == '"';
        const int first = r->line;

        from += quoted;
        while (*from) {
                if (quoted && from[0] == '"' && from[1] == '"') {
                        *to++ = '"';
                        from += 2;
                } else if (quoted && *from == '"') {
                        quoted = false;
                        from++;
                } else if (!quoted && (*from == r->separator || *from == '\n')) {
                        break;
                } else {
                        r->line += *from == '\n';
                        *to++ = *from++;
                }
        }
        if (quoted && !r->quote_line)
                r->quote_line = first;
        *ret_last = *from != r->separator;
        r->at = from + (*from != '\0');
        r->line += *from == '\n';
        while (to > start && strchr(" \t\r", to[-1]))
                to--;
        *to = '\0';
        return start + strspn(start, " \t");
}

/* Names of a heading line, as the columns are called. */
static int find_columns(struct reader *r, const char *columns)
{
        bool last = false, found[SHEET_COLUMNS_MAX] = { false };

        while (!last && r->n_cells < CELLS_MAX) {
                const char *name = take_cell(r, &last);
                int place = 0;
                r->place[r->n_cells] = -1;
                for (const char *at = columns; *at; place++) {
                        at += strspn(at, " ");
                        const bool optional = *at == '?';
                        const size_t k = strcspn(at + optional, " ");
                        if (strlen(name) == k && strncasecmp(at + optional, name, k) == 0) {
                                if (found[place])
                                        return refuse(r, _("une colonne est là deux fois"));
                                r->place[r->n_cells] = place;
                                found[place] = true;
                        }
                        at += optional + k;
                }
                r->n_cells++;
        }
        int place = 0;
        for (const char *at = columns; *at; place++) {
                at += strspn(at, " ");
                const size_t k = strcspn(at, " ");
                char text[160];
                if (*at != '?' && !found[place]) {
                        snprintf(text, sizeof(text), _("il manque la colonne « %.*s »"), (int)k,
                                 at);
                        r->line = 1;
                        return refuse(r, text);
                }
                at += k;
        }
        return CLI_FINE;
}

static int add_row(struct reader *r, const struct sheet_row *row)
{
        struct sheet *t = r->table;

        if (t->n == ROWS_MAX)
                return refuse(r, _("trop de lignes"));
        if (t->n == r->size) {
                r->size = r->size ? 2 * r->size : 64;
                struct sheet_row *rows = reallocarray(t->rows, r->size, sizeof(*rows));
                if (!rows)
                        return cli_failf(r->cli, CLI_REFUSED, "memory", "mémoire épuisée");
                t->rows = rows;
        }
        t->rows[t->n++] = *row;
        return CLI_FINE;
}

static int take_rows(struct reader *r)
{
        while (*r->at) {
                struct sheet_row row = { .line = r->line };
                bool last = false, any = false, more = false;
                for (size_t i = 0; i < SHEET_COLUMNS_MAX; i++)
                        row.cell[i] = "";
                for (size_t i = 0; !last; i++) {
                        const char *cell = take_cell(r, &last);
                        any |= *cell != '\0';
                        more |= i >= r->n_cells && *cell;
                        if (i < r->n_cells && r->place[i] >= 0)
                                row.cell[r->place[i]] = cell;
                }
                r->line = more || r->quote_line ? row.line : r->line;
                if (r->quote_line)
                        return refuse(r, _("un guillemet ouvert n'est pas refermé"));
                if (more)
                        return refuse(r, _("plus de cellules que de colonnes : un nombre à "
                                           "virgule décimale se met entre guillemets"));
                int s = any ? add_row(r, &row) : CLI_FINE;
                if (s != CLI_FINE)
                        return s;
        }
        return CLI_FINE;
}

int sheet_check_text(struct cli *cli, const char *path, const char *bytes, size_t n)
{
        if (vg_utf16_likely(bytes, n))
                return cli_failf(cli, CLI_REFUSED, "csv",
                                 "%s : en UTF-16 (« texte Unicode »); dans le tableur, enregistrer "
                                 "en « CSV UTF-8 »",
                                 path);
        if (strlen(bytes) != n || !vg_utf8_valid(bytes, n, NULL))
                return cli_failf(
                        cli, CLI_REFUSED, "csv",
                        "%s : pas de l'UTF-8; dans le tableur, enregistrer en « CSV UTF-8 »", path);
        return CLI_FINE;
}

int sheet_read(struct cli *cli, const char *path, const char *columns, struct sheet *t)
{
        static const char mark[] = "\xef\xbb\xbf";
        struct reader r = { .cli = cli, .table = t, .line = 1 };
        struct vg_err err = { 0 };
        size_t n;

        t->name = path;
        if (vg_file_read(path, FILE_MAX, &t->bytes, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        int s = sheet_check_text(cli, path, t->bytes, n);
        if (s != CLI_FINE)
                return s;
        r.at = t->bytes + (strncmp(t->bytes, mark, 3) == 0 ? 3 : 0);
        const size_t first = strcspn(r.at, "\n");
        r.separator = memchr(r.at, ';', first) && !memchr(r.at, ',', first) ? ';' : ',';
        s = find_columns(&r, columns);
        return s == CLI_FINE ? take_rows(&r) : s;
}

void sheet_number(const char *text, char *buf, size_t size)
{
        size_t n = 0;

        for (; *text && n + 1 < size; text++) {
                if (strncmp(text, "\xc2\xa0", 2) == 0)
                        text++;
                else if (strncmp(text, "\xe2\x80\xaf", 3) == 0)
                        text += 2;
                else if (!strchr(" $", *text))
                        buf[n++] = *text == ',' ? '.' : *text;
        }
        buf[n] = '\0';
}
