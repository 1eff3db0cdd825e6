/* SPDX-License-Identifier: Apache-2.0 */

/* ledger purge: two people let go of the evidence of a contract whose retention is over. */

#include "cli/cli.h"

int verb_ledger_purge(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        const char *reason = cli_option(cli, "reason");
        int64_t asked = 0, purged = 0;
        char text[512];

        if (!reason || !*reason)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason est nécessaire : l'acte est inscrit au registre");
        vg_json_object(&body, NULL);
        vg_json_string(&body, "contract_id", cli->args[0]);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "reason", reason);
        vg_json_string(&body, "verb", "ledger.purge");
        vg_json_end_object(&body);

        int r = cli_act_long(cli, &body, &result);
        if (r != CLI_FINE)
                return r;
        (void)vg_json_get_int(result, "asked", &asked);
        (void)vg_json_get_int(result, "purged", &purged);
        if (cli->json) {
                _cleanup_(vg_json_done) struct vg_json j = { 0 };
                vg_json_object(&j, NULL);
                cli_json_bool(&j, "asked", asked);
                vg_json_int(&j, "purged", purged);
                vg_json_end_object(&j);
                return cli_json_print(cli, &j);
        }
        if (asked)
                snprintf(text, sizeof(text),
                         _("Demande inscrite. Une autre personne fait la purge par la même "
                           "commande, d'ici trente jours."));
        else
                snprintf(text, sizeof(text),
                         _("Purge faite et inscrite : %lld inscriptions effacées; leurs "
                           "condensats restent."),
                         (long long)purged);
        return cli_done(cli, text);
}
