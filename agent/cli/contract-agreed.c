/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of the page that say what was delivered and when it is serviced: qualified components,
 * windows of coverage and of maintenance. */

#include <string.h>

#include "cli/contract-page.h"
#include "vigie/civil.h"

static const char *kind_text(enum vg_component_kind kind)
{
        static const char *const texts[] = {
                [VG_KIND_SERVER] = N_("serveur"),
                [VG_KIND_STORAGE] = N_("stockage"),
                [VG_KIND_NETWORK] = N_("réseau"),
                [VG_KIND_SOFTWARE] = N_("logiciel"),
                [VG_KIND_SUPPORT] = N_("soutien"),
                [VG_KIND_ENTRY_ACTIVITY] = N_("activité d'entrée"),
                [VG_KIND_EXIT_ACTIVITY] = N_("activité de sortie"),
                [VG_KIND_PAAS] = N_("service de plateforme"),
        };

        return _(texts[kind]);
}

int contract_page_components(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Référence") },
                { .heading = _("Genre") },
                { .heading = _("Au plus"), .align = CLI_RIGHT },
                { .heading = _("Qualifié") },
                { .heading = _("Composant"), .wraps = true },
        };

        cli_printf(cli, CLI_STRONG, "\n%s\n", _("Composants qualifiés"));
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        for (size_t i = 0; table && i < c->n_components; i++) {
                const struct vg_qualified *q = &c->components[i];
                char day[16];
                cli_table_cell(table, CLI_STRONG, q->ref);
                cli_table_cell(table, CLI_PLAIN, kind_text(q->kind));
                if (q->max_quantity)
                        cli_table_cellf(table, CLI_PLAIN, "%lld", (long long)q->max_quantity);
                else
                        cli_table_cell(table, CLI_PLAIN, "–");
                cli_table_cell(table, CLI_PLAIN, vg_date_format(q->qualified_on, day));
                cli_table_cellf(table, CLI_PLAIN, "%s, %s%s%s%s", q->manufacturer, q->model,
                                q->part_number ? " (" : "", q->part_number ? q->part_number : "",
                                q->part_number ? ")" : "");
        }
        return cli_table_print(cli, table);
}

/* Of the file, and recorded since. */
int contract_page_orders(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Commande") }, { .heading = _("SKU") },
                { .heading = _("Abonné") },   { .heading = _("Quantité"), .align = CLI_RIGHT },
                { .heading = _("Du") },       { .heading = _("Au"), .wraps = true },
        };

        if (!c->n_orders)
                return CLI_FINE;
        cli_printf(cli, CLI_STRONG, "\n%s\n", _("Commandes"));
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        for (size_t i = 0; table && i < c->n_orders; i++) {
                const struct vg_order *order = &c->orders[i];
                char number[CLI_TEXT], day[16];
                cli_table_cell(table, CLI_STRONG, order->id);
                cli_table_cell(table, CLI_PLAIN, order->sku);
                cli_table_cell(table, CLI_PLAIN,
                               strcmp(order->tenant, "*") == 0 ? _("tous") : order->tenant);
                cli_table_cell(table, CLI_PLAIN,
                               contract_page_decimal(cli, order->quantity_micro, 0, number));
                cli_table_cell(table, CLI_PLAIN, vg_date_format(order->in_service_on, day));
                cli_table_cell(table, CLI_PLAIN,
                               order->has_end ? vg_date_format(order->out_of_service_on, day)
                                              : _("fin du contrat"));
        }
        return cli_table_print(cli, table);
}

/* ---- windows ---- */

static void put_days(const struct vg_period *period, struct vg_buf *text)
{
        static const char *const days[] = { N_("lun"), N_("mar"), N_("mer"), N_("jeu"),
                                            N_("ven"), N_("sam"), N_("dim") };
        bool any = false;

        for (unsigned day = 0; day < ELEMENTSOF(days); day++)
                if (period->days >> day & 1) {
                        vg_buf_printf(text, "%s%s", any ? ", " : "", _(days[day]));
                        any = true;
                }
}

/* "lun, mar de 08:00 à 17:00". */
static void put_period(const struct vg_period *period, struct vg_buf *text)
{
        put_days(period, text);
        vg_buf_printf(text, _(" de %02d:%02d à %02d:%02d"), period->from_min / 60,
                      period->from_min % 60, period->to_min / 60, period->to_min % 60);
        for (unsigned week = 1, any = 0; week <= 5; week++)
                if (period->weeks >> week & 1) {
                        vg_buf_printf(text, any ? ", %u" : _(", semaines du mois %u"), week);
                        any = 1;
                }
}

void contract_page_windows(struct cli_table *table, const char *label,
                           const struct vg_window *windows, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
                for (size_t k = 0; k < windows[i].n_periods; k++) {
                        vg_buf_puts(&text, k ? "; " : "");
                        put_period(&windows[i].periods[k], &text);
                }
                vg_buf_puts(&text, windows[i].on_holidays ? _("; jours fériés compris")
                                                          : _("; sauf les jours fériés"));
                contract_page_row(table, i ? "" : label, _("%s : %s"), windows[i].id,
                                  text.data ? text.data : "");
        }
}
