/* SPDX-License-Identifier: Apache-2.0 */

/* hardware capture: what the sources say now, in a folder that `vigie hardware check` reads. */

#include "cli/cli.h"
#include "hardware/capture.h"
#include "os/log.h"

int verb_hardware_capture(struct cli *cli)
{
        const struct vg_settings *settings;
        struct vg_err err = { 0 };
        int r = cli_settings(cli, &settings);

        if (r != CLI_FINE)
                return r;
        vg_log_init("vigie", false);
        cli_progress(cli, "les sources sont lues, ce qui peut prendre quelques minutes…");
        if (hardware_capture(settings, cli->args[0], &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "capture", &err);
        return cli_done(cli, _("Capture écrite; « vigie hardware check --host » l'examine."));
}
