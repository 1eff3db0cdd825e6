/* SPDX-License-Identifier: Apache-2.0 */

/* fault ack, fault acknowledge, fault on-site, fault pause, fault replaced, fault resume: how a repair
 * goes, on record. */

#include "cli/cli.h"

static int act(struct cli *cli, const char *verb, const char *done)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        const char *reason = cli_option(cli, "reason");

        vg_json_object(&body, NULL);
        cli_json_text(&body, "id", cli->args[0]);
        vg_json_string(&body, "lang", vg_lang());
        if (reason && *reason)
                cli_json_text(&body, "reason", reason);
        vg_json_string(&body, "verb", verb);
        vg_json_end_object(&body);

        int r = cli_act(cli, &body, NULL);
        return r != CLI_FINE ? r : cli_done(cli, done);
}

int verb_fault_ack(struct cli *cli)
{
        return act(cli, "fault.acknowledge", _("Prise en charge inscrite au registre."));
}

int verb_fault_acknowledge(struct cli *cli)
{
        return verb_fault_ack(cli);
}

int verb_fault_on_site(struct cli *cli)
{
        return act(cli, "fault.on-site", _("Arrivée sur place inscrite au registre."));
}

int verb_fault_pause(struct cli *cli)
{
        const char *reason = cli_option(cli, "reason");

        if (!reason || !*reason)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason est nécessaire : l'acte est inscrit au registre");
        return act(cli, "fault.pause",
                   _("Attente inscrite au registre : le délai convenu ne court plus."));
}

int verb_fault_resume(struct cli *cli)
{
        return act(cli, "fault.resume", _("Reprise inscrite au registre : le délai court."));
}

int verb_fault_replaced(struct cli *cli)
{
        return act(cli, "fault.replaced", _("Remplacement inscrit au registre."));
}
