/* SPDX-License-Identifier: Apache-2.0 */

/* isolation: are our tenants kept apart, now or then, and how do we know? */

#include <string.h>

#include "cli/domains.h"
#include "cli/isolation.h"
#include "os/files.h"
#include "vigie/civil.h"
#include "vigie/isolation.h"

enum { POLICY_BYTES_MAX = 2 << 20 };

static int show_at(struct cli *cli, const struct cli_view *view, int64_t at_s)
{
        _cleanup_(vg_json_decrefp) json_t *state = NULL;
        int r = isolation_read(cli, view, at_s, &state);

        return r == CLI_FINE ? isolation_print(cli, view, state) : r;
}

int verb_isolation(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        int r = cli_view_open(cli, &view);

        return r == CLI_FINE ? show_at(cli, &view, view.now_s) : r;
}

int verb_isolation_at(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        int64_t at_s;
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE)
                r = cli_parse_time(cli, &view, NULL, cli->args[0], false, &at_s);
        if (r == CLI_FINE && at_s > view.now_s)
                r = cli_failf(cli, CLI_USAGE, "usage",
                              "DATE : « %s » est à venir, et n'a été observé par personne",
                              cli->args[0]);
        return r == CLI_FINE ? show_at(cli, &view, at_s) : r;
}

/* ---- show ---- */

static const struct vg_check *find_check(struct cli *cli, const char *id, int *ret_exit)
{
        const struct vg_check *check = vg_check_find(id);

        *ret_exit = check ? CLI_FINE
                          : cli_failf(cli, CLI_USAGE, "usage",
                                      "aucun contrôle « %s »; « vigie isolation » les nomme", id);
        return check;
}

static int show_check(struct cli *cli, const struct cli_view *view, const struct vg_check *check,
                      json_t *state)
{
        json_t *findings = json_object_get(state, "findings"), *finding;
        size_t i, n = 0;

        for (i = json_array_size(findings); i-- > 0;)
                if (strcmp(json_string_value(json_object_get(json_array_get(findings, i), "check")),
                           check->id) != 0)
                        json_array_remove(findings, i);
        if (cli->json)
                return isolation_print(cli, view, state);
        cli_printf(cli, CLI_STRONG, "%s  %s\n", check->id, check->title[!cli->french]);
        json_array_foreach (findings, i, finding) {
                fputc('\n', cli->out);
                isolation_print_finding(cli, view, finding);
                n += strcmp(json_string_value(json_object_get(finding, "status")), "fail") == 0;
        }
        if (!json_array_size(findings))
                cli_printf(cli, CLI_PLAIN, "%s\n", _("Aucun constat en cours."));
        return n ? CLI_FOUND : CLI_FINE;
}

int verb_isolation_show(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(vg_json_decrefp) json_t *state = NULL;
        int r;
        const struct vg_check *check = find_check(cli, cli->args[0], &r);

        if (check)
                r = cli_view_open(cli, &view);
        if (r == CLI_FINE)
                r = isolation_read(cli, &view, view.now_s, &state);
        return r == CLI_FINE ? show_check(cli, &view, check, state) : r;
}

/* ---- acts ---- */

static int send_waiver(struct cli *cli, const char *check, const char *target, const char *reason,
                       int64_t until_s)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char until[32], text[256];

        vg_json_object(&body, NULL);
        vg_json_string(&body, "check", check);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "reason", reason);
        if (target)
                vg_json_string(&body, "target", target);
        vg_json_string(&body, "until", vg_utc_format(until_s, until));
        vg_json_string(&body, "verb", "isolation.waive");
        vg_json_end_object(&body);
        int r = cli_act(cli, &body, NULL);
        if (r != CLI_FINE)
                return r;
        snprintf(text, sizeof(text), _("Dérogation à %s inscrite au registre, jusqu'au %s."), check,
                 until);
        return cli_done(cli, text);
}

int verb_isolation_waive(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        const char *reason = cli_option(cli, "reason"), *until = cli_option(cli, "until");
        int64_t until_s;
        int r;

        if (!reason || !*reason || !until)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason et --until sont nécessaires : l'acte est inscrit au "
                                 "registre, et une dérogation a une fin");
        if (!find_check(cli, cli->args[0], &r))
                return r;
        r = cli_view_open(cli, &view);
        if (r == CLI_FINE)
                r = cli_parse_time(cli, &view, "until", until, false, &until_s);
        return r == CLI_FINE ? send_waiver(cli, cli->args[0], cli->n_args > 1 ? cli->args[1] : NULL,
                                           reason, until_s)
                             : r;
}

int verb_isolation_policy(struct cli *cli)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        _cleanup_free_ char *text = NULL;
        struct vg_err err = { 0 };
        size_t n;

        if (vg_file_read(cli->args[0], POLICY_BYTES_MAX, &text, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "unreadable", &err);
        if (!vg_utf8_valid(text, n, NULL))
                return cli_failf(cli, CLI_REFUSED, "bad-policy", "%s : UTF-8 attendu",
                                 cli->args[0]);
        vg_json_object(&body, NULL);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string_n(&body, "text", text, n);
        vg_json_string(&body, "verb", "isolation.policy");
        vg_json_end_object(&body);
        int r = cli_act(cli, &body, NULL);
        return r == CLI_FINE ? cli_done(cli, _("Politique de cloisonnement en vigueur, et inscrite "
                                               "au registre."))
                             : r;
}
