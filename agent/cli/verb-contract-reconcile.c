/* SPDX-License-Identifier: Apache-2.0 */

/* contract reconcile: the supplier's invoice against the month's statement, to the cent. */

#include <string.h>

#include "cli/reconcile.h"
#include "cli/sheet.h"
#include "vigie/civil.h"
#include "vigie/statement.h"

enum { LINES_TOLD = 5 };

static const char *sentence(enum difference_kind kind)
{
        static const char *const texts[] = {
                [DIFFERENCE_AMOUNT] = N_("le montant diffère"),
                [DIFFERENCE_MISSING] = N_("au relevé, absente de la facture"),
                [DIFFERENCE_FOREIGN] = N_("à la facture, absente du relevé"),
                [DIFFERENCE_ROUNDING] = N_("l'arrondi : la somme exacte, arrondie une seule fois, "
                                           "donne le total de la facture"),
                [DIFFERENCE_ONE_LINE] = N_("le montant de cette ligne explique l'écart"),
                [DIFFERENCE_UNKNOWN] = N_("aucune ligne seule ne l'explique; --invoice compare "
                                          "ligne par ligne"),
        };

        return _(texts[kind]);
}

static int print_json(struct cli *cli, const struct month *m, const struct differences *d)
{
        static const char *const words[] = { "amount",   "missing",  "foreign",
                                             "rounding", "one-line", "unknown" };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char month[16];

        vg_json_object(&j, NULL);
        cli_json_bool(&j, "agrees", d->n == 0 && d->stated_cents == d->invoiced_cents);
        cli_json_bool(&j, "closed", m->is_closed);
        cli_json_decimal(&j, "difference", (vg_i128)d->invoiced_cents - d->stated_cents, 2);
        vg_json_array(&j, "differences");
        for (size_t i = 0; i < d->n; i++) {
                const struct difference *one = &d->list[i];
                vg_json_object(&j, NULL);
                cli_json_decimal(&j, "difference", (vg_i128)one->invoiced_cents - one->stated_cents,
                                 2);
                cli_json_decimal(&j, "invoiced", one->invoiced_cents, 2);
                cli_json_text(&j, "kind", words[one->kind]);
                cli_json_text(&j, "ref", one->ref);
                cli_json_text(&j, "sku", one->sku);
                cli_json_decimal(&j, "stated", one->stated_cents, 2);
                cli_json_text(&j, "tenant", one->tenant);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        cli_json_decimal(&j, "invoiced", d->invoiced_cents, 2);
        vg_json_string(&j, "month", vg_month_format(m->month, month));
        cli_json_decimal(&j, "stated", d->stated_cents, 2);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static void add_row(struct cli *cli, const struct month *m, const struct difference *one,
                    struct cli_table *table)
{
        char text[CLI_TEXT];

        cli_table_cell(table, CLI_PLAIN,
                       *one->sku   ? month_sku(cli, m, one->sku)
                       : *one->ref ? one->ref
                                   : _("Total"));
        cli_table_cell(table, CLI_PLAIN,
                       *one->tenant ? month_tenant(cli, m, one->tenant) : one->tenant);
        cli_table_cell(table, CLI_PLAIN, cli_money(cli, one->stated_cents, text));
        cli_table_cell(table, CLI_PLAIN, cli_money(cli, one->invoiced_cents, text));
        cli_table_cell(table, CLI_BAD,
                       cli_money(cli, one->invoiced_cents - one->stated_cents, text));
        cli_table_cell(table, CLI_PLAIN, sentence(one->kind));
}

static int print_differences(struct cli *cli, const struct month *m, const struct differences *d)
{
        const struct cli_column columns[] = {
                { .heading = _("Service"), .elastic = true },
                { .heading = _("Abonné"), .elastic = true },
                { .heading = _("Relevé"), .align = CLI_RIGHT },
                { .heading = _("Facture"), .align = CLI_RIGHT },
                { .heading = _("Écart"), .align = CLI_RIGHT },
                { .heading = "", .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);

        /* Lines of one amount explain a total each as well as the other: a few are told. */
        const size_t n_told =
                d->n > LINES_TOLD && d->list[0].kind == DIFFERENCE_ONE_LINE ? LINES_TOLD : d->n;

        for (size_t i = 0; table && i < n_told; i++)
                add_row(cli, m, &d->list[i], table);
        int r = cli_table_print(cli, table);
        if (r == CLI_FINE && n_told < d->n)
                cli_printf(
                        cli, CLI_PLAIN,
                        ngettext("Et %zu autre ligne de ce montant; --json les nomme toutes, et "
                                 "--invoice compare ligne à ligne.\n",
                                 "Et %zu autres lignes de ce montant; --json les nomme toutes, et "
                                 "--invoice compare ligne à ligne.\n",
                                 d->n - n_told),
                        d->n - n_told);
        return r;
}

static int print(struct cli *cli, const struct month *m, const struct differences *d)
{
        char stated[CLI_TEXT], invoiced[CLI_TEXT], gap[CLI_TEXT];

        cli_money(cli, d->stated_cents, stated);
        cli_money(cli, d->invoiced_cents, invoiced);
        if (!m->is_closed)
                cli_progress(cli, "Ce mois n'est pas fermé : le relevé peut encore changer.");
        if (!d->n && d->stated_cents == d->invoiced_cents) {
                cli_printf(cli, CLI_GOOD, _("La facture dit ce que dit le relevé : %s.\n"), stated);
                return CLI_FINE;
        }
        cli_printf(cli, CLI_BAD, _("Relevé : %s; facture : %s; écart : %s\n\n"), stated, invoiced,
                   cli_money(cli, d->invoiced_cents - d->stated_cents, gap));
        return print_differences(cli, m, d);
}

static int parse_amount(const char *text, int64_t *ret_cents)
{
        char plain[64];

        sheet_number(text, plain, sizeof(plain));
        return vg_statement_cents(plain, ret_cents);
}

static int read_lines(struct cli *cli, const struct sheet *table, struct invoice_line *lines,
                      int64_t *ret_sum)
{
        *ret_sum = 0;
        for (size_t i = 0; i < table->n; i++) {
                const struct sheet_row *row = &table->rows[i];
                lines[i] = (struct invoice_line){
                        .sku = row->cell[0],
                        .tenant = row->cell[2],
                        .ref = row->cell[3],
                };
                if (parse_amount(row->cell[1], &lines[i].cents) < 0 ||
                    vg_add_i64(*ret_sum, lines[i].cents, ret_sum) < 0)
                        return sheet_refuse(cli, table, row, "« %s » n'est pas un montant",
                                            row->cell[1]);
        }
        return CLI_FINE;
}

static int compare(struct cli *cli, const struct month *m)
{
        const char *total = cli_option(cli, "total"), *path = cli_option(cli, "invoice");
        _cleanup_(sheet_done) struct sheet table = { 0 };
        _cleanup_free_ struct invoice_line *lines = NULL;
        struct differences d = { 0 };
        int64_t cents = 0;
        int r = path ? sheet_read(cli, path, "sku amount ?tenant ?ref", &table) : CLI_FINE;

        lines = calloc(table.n + 1, sizeof(*lines));
        if (!lines)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (r == CLI_FINE)
                r = read_lines(cli, &table, lines, &cents);
        if (r == CLI_FINE && total && parse_amount(total, &cents) < 0)
                r = cli_failf(cli, CLI_USAGE, "usage", "« %s » n'est pas un montant", total);
        if (r != CLI_FINE)
                return r;
        if (reconcile(m, lines, table.n, cents, &d) < 0)
                r = cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        else
                r = cli->json ? print_json(cli, m, &d) : print(cli, m, &d);
        if (r == CLI_FINE && (d.n || d.stated_cents != d.invoiced_cents))
                r = CLI_FOUND;
        free(d.list);
        return r;
}

int verb_contract_reconcile(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(month_done) struct month month = { 0 };

        if (!cli_option(cli, "total") && !cli_option(cli, "invoice"))
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--total MONTANT ou --invoice FICHIER est nécessaire");
        int r = cli_view_open(cli, &view);
        if (r == CLI_FINE)
                r = month_read(cli, &view, cli->args[0], &month);
        return r == CLI_FINE ? compare(cli, &month) : r;
}
