/* SPDX-License-Identifier: Apache-2.0 */

/* vigie: the command. Reads the ledger itself, asks the keeper to act. */

#include <errno.h>
#include <string.h>

#include "cli/rows.h"
#include "os/settings.h"

/* An answer that did not reach its reader is no answer: a full disk must not look like success. */
static int finish(struct cli *cli, int exit_code)
{
        if (cli->settings) {
                vg_settings_done(cli->settings);
                free(cli->settings);
        }
        if (fflush(cli->out) != 0 || ferror(cli->out)) {
                fprintf(stderr, "vigie: %s\n", strerror(errno));
                return exit_code == CLI_FINE ? CLI_REFUSED : exit_code;
        }
        return exit_code;
}

int main(int argc, char **argv)
{
        struct cli cli = { .out = stdout, .columns = 80 };
        int r = cli_parse(&cli, argc, argv);

        if (r == CLI_FINE)
                r = cli.verb->run(&cli);
        return finish(&cli, r);
}
