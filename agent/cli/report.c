/* SPDX-License-Identifier: Apache-2.0 */

/* report: saying what went wrong, to people on standard error, to programs on standard output as
 * {"error":{"code","path","line","message"},"all":[…]}, the lowest code first (DESIGN §8). */

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli/cli.h"

static int compare_errors(const void *a, const void *b)
{
        const struct cli_error *const *x = a, *const *y = b;
        int by_code = strcmp((*x)->code, (*y)->code);

        if (by_code)
                return by_code;
        if ((*x)->line != (*y)->line)
                return (*x)->line < (*y)->line ? -1 : 1;
        return strcmp((*x)->path ? (*x)->path : "", (*y)->path ? (*y)->path : "");
}

static void write_error(struct vg_json *j, const char *key, const struct cli_error *error)
{
        vg_json_object(j, key);
        cli_json_text(j, "code", error->code);
        vg_json_int(j, "line", error->line);
        cli_json_text(j, "message", error->message);
        cli_json_text(j, "path", error->path ? error->path : "");
        vg_json_end_object(j);
}

static void print_json(struct cli *cli, const struct cli_error *const *sorted, size_t n)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "all");
        for (size_t i = 0; i < n; i++)
                write_error(&j, NULL, sorted[i]);
        vg_json_end_array(&j);
        write_error(&j, "error", sorted[0]);
        vg_json_end_object(&j);
        cli_json_print(cli, &j);
}

static void print_line(const struct cli *cli, const struct cli_error *error)
{
        static const char program_fr[] = "vigie : ", program_en[] = "vigie: ";
        char text[2048], raw[2048], place[32] = "";

        if (error->line > 0)
                snprintf(place, sizeof(place), ":%d", error->line);
        snprintf(raw, sizeof(raw), "%s%s%s%s", error->path ? error->path : "", place,
                 error->path || error->line > 0 ? cli->french ? " : " : ": " : "", error->message);
        fprintf(stderr, "%s%s\n", cli->french ? program_fr : program_en,
                vg_text_clean(raw, strlen(raw), text, sizeof(text)));
}

int cli_fail_all(struct cli *cli, int exit_code, const struct cli_error *errors, size_t n)
{
        _cleanup_free_ const struct cli_error **sorted = calloc(n ? n : 1, sizeof(*sorted));

        if (!sorted || !n)
                return exit_code;
        for (size_t i = 0; i < n; i++)
                sorted[i] = &errors[i];
        qsort(sorted, n, sizeof(*sorted), compare_errors);
        if (cli->json)
                print_json(cli, sorted, n);
        else
                for (size_t i = 0; i < n; i++)
                        print_line(cli, sorted[i]);
        return exit_code;
}

int cli_fail(struct cli *cli, int exit_code, const char *code, const struct vg_err *err)
{
        const struct cli_error error = { .code = code, .message = vg_err_text(err) };

        return cli_fail_all(cli, exit_code, &error, 1);
}

int cli_failf(struct cli *cli, int exit_code, const char *code, const char *format, ...)
{
        char raw[1024], text[1024];
        va_list ap;

        va_start(ap, format);
        vsnprintf(raw, sizeof(raw), vg_translate(format), ap);
        va_end(ap);

        const struct cli_error error = {
                .code = code,
                .message = vg_text_clean(raw, strlen(raw), text, sizeof(text)),
        };
        return cli_fail_all(cli, exit_code, &error, 1);
}

void cli_progress(const struct cli *cli _unused_, const char *format, ...)
{
        char raw[1024], text[1024];
        va_list ap;

        va_start(ap, format);
        vsnprintf(raw, sizeof(raw), vg_translate(format), ap);
        va_end(ap);
        fprintf(stderr, "%s\n", vg_text_clean(raw, strlen(raw), text, sizeof(text)));
}
