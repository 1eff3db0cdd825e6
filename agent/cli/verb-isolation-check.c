/* SPDX-License-Identifier: Apache-2.0 */

/* isolation check: the 66 checks on a host that was written to a folder, without the agent. */

#include <stdio.h>

#include "cli/capture.h"
#include "cli/verdict-page.h"
#include "vigie/isolation.h"

int verb_isolation_check(struct cli *cli)
{
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        _cleanup_(vg_verdict_freep) struct vg_verdict *verdict = NULL;
        const char *path = cli_option(cli, "host");
        struct vg_err err = { 0 };

        if (!path)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--host est nécessaire : le dossier d'un hôte");
        int r = capture_read(path, &host, &err);
        if (r == 0)
                r = vg_isolation_judge(host, &verdict, &err);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "capture", &err);
        return verdict_page_print(cli, verdict);
}
