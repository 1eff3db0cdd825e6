/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/print.h"

#include <stdarg.h>
#include <string.h>

const char *cli_style_code(const struct cli *cli, enum cli_style style)
{
        static const char *const codes[] = {
                [CLI_PLAIN] = "",        [CLI_STRONG] = "\033[1m", [CLI_DIM] = "\033[2m",
                [CLI_GOOD] = "\033[32m", [CLI_WARN] = "\033[33m",  [CLI_BAD] = "\033[1;31m",
        };

        return cli->colour ? codes[style] : "";
}

void cli_pad(FILE *out, size_t n)
{
        fprintf(out, "%*s", (int)n, "");
}

void cli_print(struct cli *cli, enum cli_style style, const char *text)
{
        const char *code = cli_style_code(cli, style);
        const size_t n = strlen(text), size = 3 * n + 4;
        _cleanup_free_ char *clean = malloc(size);

        /* Newlines are ours: the text is cleaned line by line. */
        for (const char *line = text; clean && *line;) {
                size_t k = strcspn(line, "\n");
                vg_text_clean(line, k, clean, size);
                fprintf(cli->out, "%s%s%s", k ? code : "", clean, k && *code ? "\033[0m" : "");
                line += k;
                if (*line == '\n')
                        fputc(*line++, cli->out);
        }
}

void cli_printf(struct cli *cli, enum cli_style style, const char *format, ...)
{
        char text[4096];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        cli_print(cli, style, text);
}

void cli_wrap_here(struct cli *cli, enum cli_style style, size_t indent, const char *text)
{
        size_t at = indent;

        for (bool first = true; *text; first = false) {
                char clean[1024];
                size_t k = strcspn(text, " \n");
                vg_text_clean(text, k, clean, sizeof(clean));
                size_t columns = vg_text_columns(clean);
                if (!first && at + 1 + columns > cli->columns) {
                        fputc('\n', cli->out);
                        cli_pad(cli->out, indent);
                        at = indent;
                } else if (!first) {
                        fputc(' ', cli->out);
                        at++;
                }
                cli_print(cli, style, clean);
                at += columns;
                text += k;
                text += strspn(text, " \n");
        }
        fputc('\n', cli->out);
}

void cli_wrap(struct cli *cli, enum cli_style style, size_t indent, const char *text)
{
        cli_pad(cli->out, indent);
        cli_wrap_here(cli, style, indent, text);
}

void cli_beside(struct cli *cli, enum cli_style style, size_t used, size_t indent, const char *text)
{
        const size_t gap = 2;

        if (!*text) {
                fputc('\n', cli->out);
        } else if (used + gap + vg_text_columns(text) <= cli->columns) {
                cli_pad(cli->out, gap);
                cli_wrap_here(cli, style, used + gap, text);
        } else {
                fputc('\n', cli->out);
                cli_wrap(cli, style, indent, text);
        }
}
