/* SPDX-License-Identifier: Apache-2.0 */

/* statement: a month's statement, closed as it was recorded or open as it stands, on the screen or
 * as a document. */

#include <string.h>

#include "cli/contract-page.h"
#include "cli/html.h"
#include "cli/month.h"
#include "vigie/civil.h"

static void add_part(struct cli *cli, const struct month *m, enum month_part part,
                     struct cli_table *table)
{
        bool any = false;
        char text[CLI_TEXT];

        for (size_t i = 0; i < m->n_lines; i++) {
                const struct month_line *line = &m->lines[i];
                if (month_part_of(m, line) != part)
                        continue;
                if (!any)
                        cli_table_title(table, CLI_STRONG, month_part_name(part));
                any = true;
                cli_table_cell(table, CLI_PLAIN, month_tenant(cli, m, line->tenant));
                cli_table_cell(table, CLI_PLAIN,
                               *line->sku ? month_sku(cli, m, line->sku) : line->ref);
                cli_table_cell(table, CLI_PLAIN,
                               line->has_price ? cli_quantity(cli, line->quantity_micro, 2, text)
                                               : "");
                cli_table_cell(table, CLI_DIM, line->has_price ? month_unit(cli, line->unit) : "");
                cli_table_cell(table, CLI_PLAIN, cli_money(cli, line->cents, text));
        }
}

static int print_lines(struct cli *cli, const struct month *m)
{
        const struct cli_column columns[] = {
                { .heading = _("Abonné"), .elastic = true },
                { .heading = _("Service"), .elastic = true },
                { .heading = _("Quantité"), .align = CLI_RIGHT },
                { .heading = "" },
                { .heading = _("Montant"), .align = CLI_RIGHT },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        char text[CLI_TEXT];

        if (!table)
                return cli_table_print(cli, table);
        for (int part = 0; part < MONTH_N_PARTS; part++)
                add_part(cli, m, (enum month_part)part, table);
        cli_table_rule(table);
        cli_table_cell(table, CLI_STRONG, _("Total"));
        for (int i = 0; i < 3; i++)
                cli_table_cell(table, CLI_PLAIN, "");
        cli_table_cell(table, CLI_STRONG, cli_money(cli, m->total_cents, text));
        return cli_table_print(cli, table);
}

static int print_screen(struct cli *cli, const struct month *m)
{
        char name[CLI_TEXT], when[CLI_TEXT];

        cli_printf(cli, CLI_STRONG, _("Relevé mensuel : %s"), month_name(cli, m->month, name));
        cli_printf(cli, CLI_DIM, "  %s, ", m->contract->id);
        if (m->is_closed)
                cli_printf(cli, CLI_GOOD, _("fermé le %s\n\n"),
                           cli_when(cli, m->contract->zone, m->closed_s, when));
        else
                cli_printf(cli, CLI_WARN,
                           m->is_overdue
                                   ? _("ouvert, provisoire; fermeture attendue depuis le %s\n\n")
                                   : _("ouvert, provisoire; se ferme le %s\n\n"),
                           cli_when(cli, m->contract->zone, m->closes_s, when));
        int r = print_lines(cli, m);
        if (r != CLI_FINE)
                return r;
        cli_print(cli, CLI_PLAIN, "\n");
        if (m->not_measured_s)
                cli_printf(cli, CLI_WARN, _("Non mesuré : %s; rien n'y est estimé.\n"),
                           cli_duration(cli, m->not_measured_s, when));
        if (json_array_size(json_object_get(m->body, "absent")))
                cli_wrap(cli, CLI_WARN, 0,
                         _("Partiel : tout n'a pas été reçu des autres appareils du contrat; "
                           "--format html dit quoi."));
        if (m->is_closed)
                cli_printf(cli, CLI_DIM, _("Empreinte %s, inscription %llu.\n"), m->digest,
                           (unsigned long long)m->entry);
        cli_wrap(cli, CLI_DIM, 0,
                 _("Estimation, et non facture; avant taxes. --format html en fait un document à "
                   "imprimer."));
        return CLI_FINE;
}

static int write_document(struct cli *cli, const struct cli_view *view, const struct month *m,
                          const char *format)
{
        _cleanup_(html_done) struct html text = { 0 };
        int r = CLI_FINE;

        if (strcmp(format, "html") == 0)
                r = month_html(cli, view, m, &text);
        else if (strcmp(format, "csv") == 0)
                month_csv(cli, m, &text.buf);
        else
                r = month_json(cli, m, &text.buf);
        return r == CLI_FINE ? cli_write_out(cli, &text.buf) : r;
}

int verb_statement(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(month_done) struct month month = { 0 };
        const char *format = cli_option(cli, "format");
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE)
                r = month_read(cli, &view, cli->n_args ? cli->args[0] : NULL, &month);
        if (r != CLI_FINE)
                return r;
        if (cli->json)
                format = "json";
        if (!format && cli_option(cli, "out"))
                format = "html";
        return format ? write_document(cli, &view, &month, format) : print_screen(cli, &month);
}
