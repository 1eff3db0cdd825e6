/* SPDX-License-Identifier: Apache-2.0 */

/* vigie: the command. Reads the ledger itself, asks the keeper to act. */

#include <errno.h>
#include <string.h>

#include "cli/rows.h"
#include "os/settings.h"

/* Why writing failed. stdio remembers that it did, and not why: asked for one byte more, the system
 * says it again. */
static int write_error(FILE *out)
{
        if (fflush(out) != 0)
                return errno;
        if (!ferror(out))
                return 0;
        clearerr(out);
        return fputc('\n', out) == EOF || fflush(out) != 0 ? errno : EIO;
}

/* An answer that did not reach its reader is no answer: a full disk must not look like success. */
static int finish(struct cli *cli, int exit_code)
{
        if (cli->settings) {
                vg_settings_done(cli->settings);
                free(cli->settings);
        }
        const int error = write_error(cli->out);
        if (!error)
                return exit_code;
        fprintf(stderr, _("vigie : la réponse n'a pas pu être écrite : %s\n"),
                vg_errno_text(error));
        return exit_code == CLI_FINE || exit_code == CLI_FOUND ? CLI_REFUSED : exit_code;
}

int main(int argc, char **argv)
{
        struct cli cli = { .out = stdout, .columns = 80 };
        int r = cli_parse(&cli, argc, argv);

        if (r == CLI_FINE)
                r = cli.verb->run(&cli);
        return finish(&cli, r);
}
