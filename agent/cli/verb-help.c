/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "cli/manual.h"
#include "cli/rows.h"

const char *cli_section_title(enum cli_section section)
{
        static const char *const titles[] = {
                [CLI_LOOK] = N_("Voir où l'on en est"),
                [CLI_TENANTS] = N_("Abonnés et consommation"),
                [CLI_ISOLATION] = N_("Cloisonnement des abonnés"),
                [CLI_HARDWARE] = N_("Matériel et réparations"),
                [CLI_CONTRACT] = N_("Contrat"),
                [CLI_PROOF] = N_("Registre et preuves"),
                [CLI_OUTWARD] = N_("Livraisons et accès"),
                [CLI_HOUSE] = N_("Installer et entretenir"),
        };

        return _(titles[section]);
}

static int list_verbs(struct cli *cli)
{
        static const struct cli_column columns[] = { { 0 }, { .wraps = true } };

        cli_wrap(cli, CLI_STRONG, 0,
                 _("vigie : ce que consomment les abonnés, ce que fait le matériel, ce que dit le "
                   "contrat."));
        for (int section = CLI_LOOK; section < CLI_HIDDEN; section++) {
                _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 2, 2);
                bool any = false;
                for (size_t i = 0; table && i < cli_n_verbs; i++) {
                        const struct cli_verb *verb = &cli_verbs[i];
                        if (verb->section != (enum cli_section)section)
                                continue;
                        cli_table_cell(table, CLI_STRONG, verb->words);
                        cli_table_cell(table, CLI_PLAIN, cli_pick(cli, verb->fr, verb->en));
                        any = true;
                }
                if (!any)
                        continue;
                cli_printf(cli, CLI_PLAIN, "\n%s\n", cli_section_title((enum cli_section)section));
                int r = cli_table_print(cli, table);
                if (r != CLI_FINE)
                        return r;
        }
        cli_print(cli, CLI_DIM,
                  _("\n« vigie VERBE --help » explique un verbe; « man vigie » dit tout.\n"));
        return CLI_FINE;
}

static void explain_options(struct cli *cli, const struct cli_verb *verb, bool common)
{
        static const struct cli_column columns[] = { { 0 }, { .wraps = true } };
        _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 2, 2);
        bool any = false;

        for (size_t i = 0; table && i < cli_n_options; i++) {
                const struct cli_option_row *row = &cli_options[i];
                _cleanup_(vg_buf_done) struct vg_buf left = { 0 };
                if (!cli_verb_has_option(verb, row->name) ||
                    cli_option_is_common(row->name) != common)
                        continue;
                vg_buf_printf(&left, "--%s%s", row->name, *row->value ? " " : "");
                cli_args_local(cli, row->value, &left);
                cli_table_cell(table, CLI_PLAIN, left.data ? left.data : row->name);
                cli_table_cell(table, CLI_PLAIN, cli_pick(cli, row->fr, row->en));
                any = true;
        }
        if (!any)
                return;
        cli_printf(cli, CLI_PLAIN, "\n%s\n", common ? _("Partout") : _("Options"));
        cli_table_print(cli, table);
}

static void explain(struct cli *cli, const struct cli_verb *verb)
{
        _cleanup_(vg_buf_done) struct vg_buf usage = { 0 };

        vg_buf_puts(&usage, "vigie ");
        cli_usage_local(cli, verb, &usage);
        cli_wrap(cli, CLI_STRONG, 0, usage.data ? usage.data : verb->words);
        cli_wrap(cli, CLI_PLAIN, 2, cli_pick(cli, verb->fr, verb->en));
        for (size_t i = 0; i < cli_n_notes; i++)
                if (strcmp(cli_notes[i].words, verb->words) == 0)
                        cli_wrap(cli, CLI_PLAIN, 2,
                                 cli_pick(cli, cli_notes[i].fr, cli_notes[i].en));
        explain_options(cli, verb, false);
}

/* How many of the words typed begin a verb. */
static size_t words_known(const struct cli *cli)
{
        for (size_t n = cli->n_args; n > 0; n--)
                for (size_t i = 0; i < cli_n_verbs; i++)
                        if (cli_verb_starts(&cli_verbs[i], cli->args, n))
                                return n;
        return 0;
}

static void print_options(struct vg_json *j, const struct cli_verb *verb)
{
        _cleanup_(vg_buf_done) struct vg_buf all = { 0 }, required = { 0 };
        const char *rest = verb->options, *name;
        size_t n;

        while ((name = cli_next_word(&rest, &n))) {
                vg_buf_printf(&all, "%s%.*s", all.n ? " " : "", (int)n, name);
                if (*rest == '!')
                        vg_buf_printf(&required, "%s%.*s", required.n ? " " : "", (int)n, name);
        }
        vg_json_string(j, "options", all.data ? all.data : "");
        vg_json_string(j, "required", required.data ? required.data : "");
}

/* --json: the tables, so that other programs can build on them. */
static int print_rows(struct cli *cli, size_t n_words)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "verbs");
        for (size_t i = 0; i < cli_n_verbs; i++) {
                if (cli_verbs[i].section == CLI_HIDDEN ||
                    !cli_verb_starts(&cli_verbs[i], cli->args, n_words))
                        continue;
                vg_json_object(&j, NULL);
                vg_json_string(&j, "arguments", cli_verbs[i].args);
                vg_json_string(&j, "en", cli_verbs[i].en);
                vg_json_string(&j, "fr", cli_verbs[i].fr);
                print_options(&j, &cli_verbs[i]);
                vg_json_string(&j, "words", cli_verbs[i].words);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int explain_all(struct cli *cli, size_t n_words)
{
        const struct cli_verb *last = NULL;

        for (size_t i = 0; i < cli_n_verbs; i++) {
                if (!cli_verb_starts(&cli_verbs[i], cli->args, n_words))
                        continue;
                if (last)
                        fputc('\n', cli->out);
                last = &cli_verbs[i];
                explain(cli, last);
        }
        if (last)
                explain_options(cli, last, true);
        return CLI_FINE;
}

int verb_help(struct cli *cli)
{
        const size_t n_words = words_known(cli);

        if (cli_option(cli, "man"))
                return cli_manual_vigie(cli);
        if (cli->n_args && !n_words)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "verbe inconnu : « %s » (« vigie help » les montre tous)",
                                 cli->args[0]);
        if (cli->json)
                return print_rows(cli, n_words);
        return n_words ? explain_all(cli, n_words) : list_verbs(cli);
}
