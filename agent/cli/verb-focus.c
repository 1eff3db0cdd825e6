/* SPDX-License-Identifier: Apache-2.0 */

/* focus: statements for cost tools, as CSV in the FOCUS form. */

#include <string.h>

#include "cli/focus.h"
#include "cli/html.h"

static enum focus_version wanted_version(const struct cli *cli)
{
        const char *version = cli_option(cli, "focus");

        if (version && strcmp(version, "1.3") == 0)
                return FOCUS_1_3;
        return version && strcmp(version, "1.4") == 0 ? FOCUS_1_4 : FOCUS_1_2;
}

static int write_set(struct cli *cli, const struct cli_view *view, struct vg_buf *text)
{
        _cleanup_(months_done) struct months_read months = { 0 };
        const enum focus_version version = wanted_version(cli);
        const char *set = cli_option(cli, "dataset");
        const bool commitments = set && strcmp(set, "contract-commitment") == 0;
        const bool periods = set && strcmp(set, "billing-period") == 0;
        struct vg_err err = { 0 };

        if ((commitments && version < FOCUS_1_3) || (periods && version < FOCUS_1_4))
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--dataset %s : seulement depuis --focus %s", set,
                                 commitments ? "1.3" : "1.4");
        int r = months_read(cli, view, &months);
        if (r != CLI_FINE)
                return r;
        r = commitments ? focus_commitments(cli, view, version, text, &err)
                        : focus_invoices(view, &months, &err);
        if (r < 0)
                return cli_view_fail(cli, &err);
        if (periods)
                focus_periods(cli, view, &months, text);
        else if (!commitments)
                focus_cost_and_usage(cli, &months, version, text);
        return CLI_FINE;
}

/* A misspelt name must not be a column less, unseen: each stands in the first line. */
static int check_columns(struct cli *cli, const struct vg_buf *text)
{
        const char *list = cli_option(cli, "columns");

        for (const char *at = list; at && *(at += strspn(at, ", ")); at += strcspn(at, ", ")) {
                const size_t n = strcspn(at, ", ");
                const char *name = text->data;
                while (*name != '\r' && !(strncmp(name, at, n) == 0 && strchr(",\r", name[n])))
                        name += strcspn(name, ",\r") + (name[strcspn(name, ",\r")] == ',');
                if (*name == '\r')
                        return cli_failf(cli, CLI_USAGE, "usage",
                                         "--columns : « %.*s » n'est pas une colonne de ce jeu de "
                                         "données",
                                         (int)n, at);
        }
        return list && !*(list + strspn(list, ", "))
                       ? cli_failf(cli, CLI_USAGE, "usage",
                                   "--columns : aucune colonne n'est nommée")
                       : CLI_FINE;
}

int verb_focus(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE)
                r = write_set(cli, &view, &text);
        if (r == CLI_FINE && !text.failed)
                r = check_columns(cli, &text);
        if (r != CLI_FINE)
                return r;
        if (!cli->json)
                return cli_write_out(cli, &text);

        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        vg_json_object(&j, NULL);
        cli_json_text(&j, "csv", text.data ? text.data : "");
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}
