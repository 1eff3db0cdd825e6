/* SPDX-License-Identifier: Apache-2.0 */

/* alerts: what fires, since when, and what to do about it. */

#include <string.h>

#include "cli/alerts.h"

static int print_json(struct cli *cli, const struct alerts *alerts, bool any_active)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "alerts");
        for (size_t i = 0; i < alerts->n; i++)
                alert_write_json(&alerts->rows[i], &j);
        vg_json_end_array(&j);
        alerts_write_observation(alerts, &j);
        vg_json_array(&j, "silences");
        for (size_t i = 0; i < alerts->n_silences; i++) {
                const struct alert_silence *silence = &alerts->silences[i];
                vg_json_object(&j, NULL);
                cli_json_text(&j, "by", silence->by);
                cli_json_text(&j, "key", silence->key);
                cli_json_text(&j, "reason", silence->reason);
                cli_json_time(&j, "until", silence->until_s);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_end_object(&j);

        int r = cli_json_print(cli, &j);
        return r == CLI_FINE && any_active ? CLI_FOUND : r;
}

static void print_one(struct cli *cli, const struct cli_view *view, const struct alert_row *row)
{
        const enum cli_style style = alert_severity_style(row);
        char since[CLI_TEXT], until[CLI_TEXT], head[CLI_TEXT], when[3 * CLI_TEXT];

        cli_when(cli, view->zone, row->fired_s, since);
        cli_when(cli, view->zone, row->changed_s, until);
        snprintf(head, sizeof(head), "%s %s  %s", alert_mark(row), row->code,
                 alert_severity_text(row->severity));
        if (!row->active)
                snprintf(when, sizeof(when), _("du %s au %s"), since, until);
        else
                snprintf(when, sizeof(when),
                         row->acknowledged ? _("depuis le %s; prise en charge")
                                           : _("depuis le %s; inscrit alors :"),
                         since);
        cli_print(cli, style, head);
        cli_beside(cli, CLI_DIM, vg_text_columns(head), 2, when);
        cli_wrap(cli, CLI_PLAIN, 2, row->text);
        if (row->active && *row->action) {
                char text[1024];
                snprintf(text, sizeof(text), _("À faire : %s"), row->action);
                cli_wrap(cli, CLI_DIM, 2, text);
        }
        if (row->active && row->silent_until_s) {
                char text[256];
                snprintf(text, sizeof(text), _("Silence jusqu'au %s : rien n'est envoyé."),
                         cli_when(cli, view->zone, row->silent_until_s, until));
                cli_wrap(cli, CLI_WARN, 2, text);
        }
        if (row->active && !row->acknowledged) {
                char text[512];
                snprintf(text, sizeof(text), _("Clé : %s"), row->key);
                cli_wrap(cli, CLI_DIM, 2, text);
        }
}

/* Also those that no alert meets just now: they will be met. */
static void print_silences(struct cli *cli, const struct cli_view *view,
                           const struct alerts *alerts)
{
        char until[CLI_TEXT], text[1024];

        for (size_t i = 0; i < alerts->n_silences; i++) {
                const struct alert_silence *silence = &alerts->silences[i];
                if (i == 0)
                        cli_printf(cli, CLI_STRONG, "\n%s\n", _("Silences"));
                snprintf(text, sizeof(text), _("%s, jusqu'au %s, par %s : %s"), silence->key,
                         cli_when(cli, view->zone, silence->until_s, until), silence->by,
                         silence->reason);
                cli_wrap(cli, CLI_PLAIN, 2, text);
        }
}

int verb_alerts(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(alerts_done) struct alerts alerts = { 0 };
        struct vg_err err = { 0 };
        bool any_active = false;

        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;
        if (alerts_read(cli, &view, !cli_option(cli, "all"), &alerts, &err) < 0)
                return cli_view_fail(cli, &err);
        for (size_t i = 0; i < alerts.n; i++)
                any_active |= alerts.rows[i].active;
        if (cli->json)
                return print_json(cli, &alerts, any_active);
        alerts_print_observation(cli, &view, &alerts, 0);
        if (!any_active)
                cli_printf(cli, CLI_GOOD, "%s\n", _("Aucune alerte active."));
        for (size_t i = 0; i < alerts.n; i++) {
                if (i || !any_active)
                        fputc('\n', cli->out);
                print_one(cli, &view, &alerts.rows[i]);
        }
        print_silences(cli, &view, &alerts);
        return any_active ? CLI_FOUND : CLI_FINE;
}

int verb_alerts_ack(struct cli *cli)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        vg_json_string(&body, "key", cli->args[0]);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "verb", "alert.ack");
        vg_json_end_object(&body);

        int r = cli_act(cli, &body, NULL);
        if (r != CLI_FINE)
                return r;
        return cli_done(cli, _("Prise en charge inscrite au registre."));
}
