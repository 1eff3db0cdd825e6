/* SPDX-License-Identifier: Apache-2.0 */

/* alerts silence, alerts unsilence, go-live: what people decide about being told. */

#include "cli/domains.h"
#include "vigie/civil.h"

/* Sends an act with these text members (in byte order; NULL ones are left out). */
static int send(struct cli *cli, const char *verb, const char *key, const char *reason,
                const char *until, json_t **ret_result)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        if (key)
                cli_json_text(&body, "key", key);
        vg_json_string(&body, "lang", vg_lang());
        if (reason)
                cli_json_text(&body, "reason", reason);
        if (until)
                vg_json_string(&body, "until", until);
        vg_json_string(&body, "verb", verb);
        vg_json_end_object(&body);
        return cli_act(cli, &body, ret_result);
}

int verb_alerts_silence(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        const char *reason = cli_option(cli, "reason"), *end = cli_option(cli, "until");
        char until[32], when[CLI_TEXT], text[512];
        int64_t until_s;

        if (!reason || !*reason || !end || !*end)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason et --until sont nécessaires : un silence a un motif et "
                                 "une fin, inscrits au registre avec son auteur");

        int r = cli_view_open(cli, &view);
        if (r == CLI_FINE)
                r = cli_parse_time(cli, &view, "until", end, false, &until_s);
        if (r == CLI_FINE)
                r = send(cli, "alert.silence", cli->args[0], reason, vg_utc_format(until_s, until),
                         NULL);
        if (r != CLI_FINE)
                return r;
        snprintf(text, sizeof(text), _("Silence inscrit au registre, jusqu'au %s."),
                 cli_when(cli, view.zone, until_s, when));
        return cli_done(cli, text);
}

int verb_alerts_unsilence(struct cli *cli)
{
        int r = send(cli, "alert.unsilence", cli->args[0], NULL, NULL, NULL);

        return r != CLI_FINE ? r : cli_done(cli, _("Fin du silence inscrite au registre."));
}

int verb_go_live(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        int64_t unchanged = 0;
        int r = send(cli, "go-live", NULL, NULL, NULL, &result);

        if (r != CLI_FINE)
                return r;
        (void)vg_json_get_int(result, "unchanged", &unchanged);
        return cli_done(cli, unchanged ? _("Les alertes sont déjà envoyées; rien à changer.")
                                       : _("Fin de l'observation inscrite au registre : les "
                                           "alertes sont maintenant envoyées."));
}
