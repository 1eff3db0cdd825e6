/* SPDX-License-Identifier: Apache-2.0 */

/* The answer of `vigie contract rate` for people: a line a month, then what the contract has left
 * and what a reader must know before trusting the figures. */

#include "cli/rate-print.h"

#include "vigie/civil.h"

enum { REFUSED_SHOWN = 20 };

static void sum_kinds(const struct vg_statement *s, int64_t cents[4])
{
        for (size_t i = 0; i < s->n_lines; i++)
                cents[s->lines[i].kind] += s->lines[i].cents;
}

static int print_statements(struct cli *cli, const struct vg_bill *bill)
{
        const struct cli_column columns[] = {
                { _("Mois"), CLI_LEFT, false, false },
                { _("Usage"), CLI_RIGHT, false, false },
                { _("Achats"), CLI_RIGHT, false, false },
                { _("Récurrent"), CLI_RIGHT, false, false },
                { _("Compléments"), CLI_RIGHT, false, false },
                { _("Total"), CLI_RIGHT, false, false },
                { _("État"), CLI_LEFT, false, false },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        char text[CLI_TEXT], month[16];

        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < bill->n_statements; i++) {
                const struct vg_statement *s = &bill->statements[i];
                int64_t cents[4] = { 0 };

                sum_kinds(s, cents);
                cli_table_cell(table, CLI_PLAIN, vg_month_format(s->month, month));
                for (size_t k = 0; k < ELEMENTSOF(cents); k++)
                        cli_table_cell(table, cents[k] ? CLI_PLAIN : CLI_DIM,
                                       cli_money(cli, cents[k], text));
                cli_table_cell(table, CLI_STRONG, cli_money(cli, s->total_cents, text));
                cli_table_cell(table, CLI_DIM, s->is_closed ? _("fermé") : _("ouvert"));
        }
        return cli_table_print(cli, table);
}

static void print_totals(struct cli *cli, const struct vg_bill *bill)
{
        char consumed[CLI_TEXT], authorised[CLI_TEXT], remaining[CLI_TEXT], percent[CLI_TEXT] = "";

        if (bill->has_pct)
                cli_percent(cli, (int64_t)(bill->pct_micro / 10000), percent);
        cli_print(cli, CLI_PLAIN, "\n");
        cli_printf(cli, CLI_STRONG, _("Consommé : %s de %s (%s); reste %s.\n"),
                   cli_money(cli, bill->consumed_cents, consumed),
                   cli_money(cli, bill->authorised_cents, authorised), percent,
                   cli_money(cli, bill->remaining_cents, remaining));
}

static const char *refusal_words(enum vg_row_refusal refusal)
{
        static const char *const words[] = {
                [VG_ROW_BAD_TIMESTAMP] =
                        N_("date ou heure illisible, ou hors d'un début d'intervalle"),
                [VG_ROW_BAD_QUANTITY] = N_("quantité illisible"),
                [VG_ROW_CONFLICTING_DUPLICATE] = N_("contredit une ligne déjà lue"),
                [VG_ROW_UNPRICED_RESOURCE] = N_("ressource sans prix au contrat; non tarifée"),
                [VG_ROW_AMOUNT_OVERFLOW] = N_("le montant de la ligne du relevé serait trop grand"),
        };

        return words[refusal];
}

static void print_remarks(struct cli *cli, const struct vg_rate_result *result)
{
        const struct vg_zone *zone = result->bill->contract->zone;
        const size_t n_refused = result->n_refused + (size_t)result->n_refused_more;
        char from[CLI_TEXT], to[CLI_TEXT];

        cli_printf(
                cli, CLI_PLAIN,
                _("Lignes tarifées : %llu; doubles ignorés : %llu; refusées : %zu; hors contrat : "
                  "%zu.\n"),
                (unsigned long long)result->rows_rated,
                (unsigned long long)result->duplicates_ignored, n_refused, result->n_outside);
        for (size_t i = 0; i < result->n_refused && i < REFUSED_SHOWN; i++)
                cli_printf(cli, CLI_WARN, _("Ligne %llu refusée : %s\n"),
                           (unsigned long long)result->refused[i].line,
                           _(refusal_words(result->refused[i].refusal)));
        if (result->n_refused > REFUSED_SHOWN)
                cli_printf(cli, CLI_WARN,
                           ngettext("Et %llu autre ligne refusée, que --json nomme.\n",
                                    "Et %llu autres lignes refusées, que --json nomme.\n",
                                    n_refused - REFUSED_SHOWN),
                           (unsigned long long)(n_refused - REFUSED_SHOWN));
        for (size_t i = 0; i < result->n_gaps; i++)
                cli_printf(cli, CLI_WARN, _("Non mesuré du %s au %s %s\n"),
                           cli_when(cli, zone, result->gaps[i].from_s, from),
                           cli_when(cli, zone, result->gaps[i].to_s, to),
                           result->gaps[i].appliance ? result->gaps[i].appliance : "");
        for (size_t i = 0; i < result->n_alerts; i++)
                cli_printf(
                        cli, result->alerts[i].fired ? CLI_WARN : CLI_GOOD, "%s  %s  %s  %s\n",
                        cli_when(cli, zone, result->alerts[i].at_s, from), result->alerts[i].code,
                        result->alerts[i].fired ? _("alerte") : _("levée"), result->alerts[i].key);
}

int rate_print(struct cli *cli, const struct vg_rate_result *result)
{
        int r = print_statements(cli, result->bill);

        if (r != CLI_FINE)
                return r;
        print_totals(cli, result->bill);
        print_remarks(cli, result);
        return CLI_FINE;
}
