/* SPDX-License-Identifier: Apache-2.0 */

/* status: are we fine? */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/status.h"

enum { WATCH_S = 2 };

static int show(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(status_done) struct status status = { 0 };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct vg_err err = { 0 };

        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;
        if (status_read(cli, &view, &status, &err) < 0)
                return cli_view_fail(cli, &err);
        if (cli->json) {
                status_write_json(cli, &status, &j);
                r = cli_json_print(cli, &j);
        } else {
                r = status_print(cli, &status);
        }
        return r == CLI_FINE && status.level != STATUS_FINE ? CLI_FOUND : r;
}

/* One screen over the other, without flicker: each line clears what it does not cover. */
static void put_screen(FILE *out, const char *text)
{
        fputs("\033[H", out);
        for (; *text; text++) {
                if (*text == '\n')
                        fputs("\033[K", out);
                fputc(*text, out);
        }
        fputs("\033[J", out);
        fflush(out);
}

static int watch(struct cli *cli)
{
        const struct timespec pause = { .tv_sec = WATCH_S };
        FILE *terminal = cli->out;

        for (;;) {
                _cleanup_free_ char *text = NULL;
                size_t n = 0;
                cli->out = open_memstream(&text, &n);
                if (!cli->out) {
                        cli->out = terminal;
                        return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
                }
                int r = show(cli);
                fclose(cli->out);
                cli->out = terminal;
                if (cli->json || !cli->colour)
                        fputs(text, terminal);
                else
                        put_screen(terminal, text);
                if (r != CLI_FINE && r != CLI_FOUND)
                        return r;
                if (fflush(terminal) != 0)
                        return CLI_REFUSED;
                nanosleep(&pause, NULL);
        }
}

int verb_status(struct cli *cli)
{
        return cli_option(cli, "watch") ? watch(cli) : show(cli);
}
