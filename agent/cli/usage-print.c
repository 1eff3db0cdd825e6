/* SPDX-License-Identifier: Apache-2.0 */

/* usage-print: for people. A heading a period says how much of it was measured; below it, what was. */

#include <string.h>

#include "cli/usage.h"
#include "cli/partial.h"

static const char *by_title(enum usage_by by)
{
        static const char *const titles[] = {
                [USAGE_BY_HOUR] = N_("Consommation par heure"),
                [USAGE_BY_DAY] = N_("Consommation par jour"),
                [USAGE_BY_MONTH] = N_("Consommation par mois"),
        };

        return _(titles[by]);
}

/* "mesuré à 99,8 %", "non mesuré (libvirt ne répondait plus)"; never rounded up to 100 %. */
static void describe_cover(const struct cli *cli, const struct usage *usage,
                           const struct usage_period *p, char *buf, size_t size)
{
        /* The longest gap is the cause only where it makes up most of what is missing. */
        const char *cause = p->cause_s && 2 * p->cause_s >= p->expected_s - p->covered_s
                                    ? cli_gap_cause(cli, usage_name(usage, p->cause))
                                    : "";
        char percent[CLI_TEXT];

        if (p->expected_s == 0) {
                snprintf(buf, size, "%s", _("pas encore mesuré"));
        } else if (p->covered_s <= 0) {
                snprintf(buf, size, "%s%s%s%s", _("non mesuré"), *cause ? " (" : "", cause,
                         *cause ? ")" : "");
        } else {
                int64_t covered = p->covered_s < p->expected_s ? p->covered_s : p->expected_s;
                snprintf(buf, size, _("mesuré à %s%s%s%s"),
                         cli_percent(cli, covered * 1000 / p->expected_s * 10, percent),
                         *cause ? " (" : "", cause, *cause ? ")" : "");
        }
}

/* Of an open period, what is said of its closed intervals must not read as said of the open one. */
static void describe(const struct cli *cli, const struct cli_view *view, const struct usage *usage,
                     const struct usage_period *p, char *buf, size_t size)
{
        const int64_t until_s = p->from_s + p->expected_s;
        char cover[256], until[CLI_TEXT];

        describe_cover(cli, usage, p, cover, sizeof(cover));
        if (!p->open)
                snprintf(buf, size, "%s", cover);
        else if (p->expected_s == 0)
                snprintf(buf, size, "%s", _("en cours"));
        else
                snprintf(buf, size, _("en cours; jusqu'au %s : %s"),
                         cli_when(cli, view->zone, until_s, until), cover);
}

static void add_title(const struct cli *cli, const struct cli_view *view, const struct usage *usage,
                      size_t period, struct cli_table *table)
{
        const struct usage_period *p = &usage->periods[period];
        char name[CLI_TEXT], what[512], title[700];

        usage_period_name(cli, view, usage, period, name);
        describe(cli, view, usage, p, what, sizeof(what));
        snprintf(title, sizeof(title), "%s  %s", name, what);
        cli_table_title(table,
                        p->expected_s && p->covered_s < p->expected_s ? CLI_WARN : CLI_STRONG,
                        title);
}

/* An amount too small for its decimals must not read as nothing. */
static char *quantity_text(const struct cli *cli, int64_t micro, char buf[CLI_TEXT])
{
        if (micro > 0 && micro < 500)
                snprintf(buf, CLI_TEXT, "<\xc2\xa0%s", cli->french ? "0,001" : "0.001");
        else
                cli_quantity(cli, micro, 3, buf);
        return buf;
}

static void add_row(const struct cli *cli, const struct cli_view *view, const struct usage *usage,
                    size_t i, struct cli_table *table)
{
        const struct usage_row *row = &usage->rows[i], *last = i ? row - 1 : NULL;
        const char *resource = usage_name(usage, row->resource);
        const bool same = last && last->period == row->period && last->tenant == row->tenant;
        char text[CLI_TEXT];

        cli_table_cell(table, CLI_PLAIN, same ? "" : usage_name(usage, row->tenant));
        cli_table_cell(table, CLI_PLAIN, cli_resource_name(cli, view, resource));
        cli_table_cell(table, CLI_PLAIN, quantity_text(cli, row->micro, text));
        cli_table_cell(table, CLI_DIM, cli_resource_unit(cli, view, resource));
        cli_table_cell(table, CLI_PLAIN, row->quality == VG_QUALITY_RESTARTED ? "*" : "");
        cli_table_cell(table, row->has_cost ? CLI_PLAIN : CLI_DIM,
                       row->has_cost ? cli_money(cli, row->cents, text) : "–");
}

static void add_total(const struct cli *cli, int64_t cents, struct cli_table *table)
{
        char text[CLI_TEXT];

        cli_table_cell(table, CLI_STRONG, _("Total"));
        for (int i = 0; i < 4; i++)
                cli_table_cell(table, CLI_PLAIN, "");
        cli_table_cell(table, CLI_STRONG, cli_money(cli, cents, text));
}

static void print_notes(struct cli *cli, const struct cli_view *view, const struct usage *usage)
{
        bool restarted = false, costs = false, open = false;
        char when[CLI_TEXT], note[512];

        for (size_t i = 0; i < usage->n_rows; i++) {
                restarted |= usage->rows[i].quality == VG_QUALITY_RESTARTED;
                costs |= usage->rows[i].has_cost;
                open |= usage->rows[i].open;
        }
        fputc('\n', cli->out);
        if (open) {
                snprintf(note, sizeof(note),
                         _("L'intervalle en cours est compris, tel que mesuré le %s; il n'est pas "
                           "encore au registre."),
                         cli_when(cli, view->zone, usage->open_at_s, when));
                cli_wrap(cli, CLI_DIM, 0, note);
        }
        if (restarted)
                cli_wrap(cli, CLI_DIM, 0,
                         _("* Un compteur est reparti de zéro : ce qu'il avait compté depuis la "
                           "lecture précédente est perdu."));
        if (costs && usage->by != USAGE_BY_MONTH)
                cli_wrap(cli, CLI_DIM, 0,
                         _("Ces coûts sont des parts de lignes, pour lecture; le relevé arrondit "
                           "une "
                           "fois par ligne et par mois."));
        if (!view->contract)
                cli_wrap(cli, CLI_DIM, 0, _("Sans contrat en vigueur, rien n'est tarifé."));
        partial_print(cli, view, 0);
}

int usage_print(struct cli *cli, const struct cli_view *view, const struct usage *usage)
{
        const struct cli_column columns[] = {
                { .heading = _("Abonné"), .elastic = true },
                { .heading = _("Ressource"), .elastic = true },
                { .heading = _("Quantité"), .align = CLI_RIGHT },
                { .heading = "" },
                { .heading = "" },
                { .heading = _("Coût"), .align = CLI_RIGHT },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        char where[CLI_TEXT];
        size_t at = 0;

        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        cli_print(cli, CLI_STRONG, by_title(usage->by));
        snprintf(where, sizeof(where), _("heure locale, %.80s"), view->zone_name);
        cli_beside(cli, CLI_DIM, vg_text_columns(by_title(usage->by)), 2, where);
        fputc('\n', cli->out);
        for (size_t p = 0; p < usage->n_periods; p++) {
                int64_t total = 0;
                size_t n_costs = 0;
                add_title(cli, view, usage, p, table);
                for (; at < usage->n_rows && usage->rows[at].period == p; at++) {
                        add_row(cli, view, usage, at, table);
                        total += usage->rows[at].has_cost ? usage->rows[at].cents : 0;
                        n_costs += usage->rows[at].has_cost;
                }
                if (n_costs > 1)
                        add_total(cli, total, table);
        }
        int r = cli_table_print(cli, table);
        if (r == CLI_FINE)
                print_notes(cli, view, usage);
        return r;
}
