/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/cli.h"

int verb_version(struct cli *cli)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        if (!cli->json) {
                fprintf(cli->out, "vigie %s\n", VIGIE_VERSION);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        vg_json_string(&j, "version", VIGIE_VERSION);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}
