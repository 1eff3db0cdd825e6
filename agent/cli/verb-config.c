/* SPDX-License-Identifier: Apache-2.0 */

/* config: the settings in force, where each comes from, and what it does. */

#include <string.h>

#include "cli/manual.h"
#include "cli/rows.h"
#include "os/settings.h"

static int print_json(struct cli *cli, const struct vg_settings *settings)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char value[4096];

        vg_json_object(&j, NULL);
        cli_json_text(&j, "file", settings->file);
        vg_json_array(&j, "settings");
        for (size_t i = 0; i < VG_N_SETTINGS; i++) {
                const struct vg_setting_row *row = &vg_setting_rows[i];
                vg_json_object(&j, NULL);
                vg_json_string(&j, "default", row->value);
                vg_json_string(&j, "key", row->key);
                cli_json_text(&j, "origin", settings->origin[i] ? settings->origin[i] : "");
                vg_json_string(&j, "section", row->section);
                vg_json_string(&j, "text", cli_pick(cli, row->text_fr, row->text_en));
                cli_json_text(&j, "value", vg_setting_format(settings, i, value, sizeof(value)));
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static void print_setting(struct cli *cli, const struct vg_settings *settings, size_t i)
{
        const struct vg_setting_row *row = &vg_setting_rows[i];
        char value[4096];

        vg_setting_format(settings, i, value, sizeof(value));
        cli_printf(cli, settings->origin[i] ? CLI_STRONG : CLI_PLAIN, "%s = %s\n", row->key,
                   *value ? value : _("(vide)"));
        cli_wrap(cli, CLI_DIM, 4, cli_pick(cli, row->text_fr, row->text_en));
        if (settings->origin[i])
                cli_printf(cli, CLI_DIM, "    ← %s\n", settings->origin[i]);
}

int verb_config(struct cli *cli)
{
        const struct vg_settings *settings;
        const char *section = "";

        if (cli_option(cli, "man"))
                return cli_manual_settings(cli);

        int r = cli_settings(cli, &settings);
        if (r != CLI_FINE)
                return r;
        if (cli->json)
                return print_json(cli, settings);
        for (size_t i = 0; i < VG_N_SETTINGS; i++) {
                const char *of = vg_setting_rows[i].section;
                if (strcmp(of, section) != 0)
                        cli_printf(cli, CLI_STRONG, "%s[%s]\n", *section ? "\n" : "", of);
                section = of;
                print_setting(cli, settings, i);
        }
        return CLI_FINE;
}
