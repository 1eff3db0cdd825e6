/* SPDX-License-Identifier: Apache-2.0 */

/* The lists of the page: amendments, prices, tenants, quotas, appliances, recipients. */

#include <string.h>

#include "cli/alerts.h"
#include "cli/contract-page.h"
#include "vigie/civil.h"

#define NBSP "\xc2\xa0"

enum { APPLIANCES_A_ROW = 8 };

static const char *pick(const struct cli *cli, const char *fr, const char *en)
{
        return cli->french ? fr : en;
}

static struct cli_table *begin_list(struct cli *cli, const char *heading,
                                    const struct cli_column *columns, size_t n)
{
        cli_printf(cli, CLI_STRONG, "\n%s\n", heading);
        return cli_table_new(columns, n, 2);
}

static void summarise(const struct vg_amendment *a, char *buf, size_t size)
{
        const struct {
                bool holds;
                const char *text;
        } parts[] = {
                { a->changes_amount, _("montant") },
                { a->changes_end, _("fin") },
                { a->n_prices > 0, _("prix") },
                { a->n_added_prices + a->n_added_components > 0, _("ajouts") },
                { a->n_quotas > 0, _("quotas") },
                { a->n_commitments > 0, _("engagements") },
        };
        size_t used = 0;

        *buf = '\0';
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (parts[i].holds && used < size)
                        used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
                                                 parts[i].text);
}

static int print_amendments(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Avenant") },
                { .heading = _("Signé") },
                { .heading = _("Effet") },
                { .heading = _("Objet"), .wraps = true },
        };

        if (!c->n_amendments)
                return CLI_FINE;
        _cleanup_(cli_table_freep) struct cli_table *table =
                begin_list(cli, _("Avenants"), columns, ELEMENTSOF(columns));
        for (size_t i = 0; table && i < c->n_amendments; i++) {
                const struct vg_amendment *a = &c->amendments[i];
                const char *note = pick(cli, a->note_fr, a->note_en);
                char day[16], text[160];
                cli_table_cell(table, CLI_STRONG, a->id);
                cli_table_cell(table, CLI_PLAIN, vg_date_format(a->signed_on, day));
                cli_table_cellf(table, CLI_PLAIN, "%s%s", vg_date_format(a->effective_on, day),
                                a->effective_s > view->now_s ? _(" (à venir)") : "");
                summarise(a, text, sizeof(text));
                cli_table_cellf(table, CLI_PLAIN, "%s%s%s%s", note ? note : "", note ? " (" : "",
                                text, note ? ")" : "");
        }
        return cli_table_print(cli, table);
}

/* How a price is asked. Not the unit of measured quantities: a TB-month is measured in TB-hours. */
static const char *unit_text(const struct cli *cli, enum vg_unit unit)
{
        static const struct {
                const char *fr, *en;
        } texts[] = {
                [VG_UNIT_VCPU_HOUR] = { "vCPU-heure", "vCPU-hour" },
                [VG_UNIT_VM_HOUR] = { "machine-heure", "machine-hour" },
                [VG_UNIT_GIB_HOUR] = { "Gio-heure", "GiB-hour" },
                [VG_UNIT_TB_MONTH] = { "To-mois", "TB-month" },
                [VG_UNIT_GB] = { "Go", "GB" },
                [VG_UNIT_SERVER_MONTH] = { "serveur-mois", "server-month" },
                [VG_UNIT_LICENSE_MONTH] = { "licence-mois", "licence-month" },
                [VG_UNIT_EACH] = { "unité", "each" },
        };

        return pick(cli, texts[unit].fr, texts[unit].en);
}

static const char *charge_text(enum vg_charge charge)
{
        static const char *const texts[] = {
                [VG_CHARGE_USAGE] = N_("à l'usage"),
                [VG_CHARGE_RECURRING] = N_("récurrent"),
                [VG_CHARGE_PURCHASE] = N_("achat"),
        };

        return _(texts[charge]);
}

static void price_row(const struct cli *cli, struct cli_table *table, const struct vg_price *price,
                      const struct vg_price_segment *segment, bool is_first, int64_t now_s)
{
        const char *name = pick(cli, price->name_fr, price->name_en);
        char number[CLI_TEXT], per[CLI_TEXT] = "", day[16];

        contract_page_decimal(cli, segment->price_cad_micro, 2, number);
        if (segment->per > 1)
                snprintf(per, sizeof(per), "%lld" NBSP, (long long)segment->per);
        cli_table_cell(table, CLI_STRONG, is_first ? price->sku : "");
        cli_table_cellf(table, CLI_PLAIN, cli->french ? "%s" NBSP "$" : "%s" NBSP "CAD", number);
        cli_table_cellf(table, CLI_PLAIN, "%s%s", per, unit_text(cli, price->unit));
        cli_table_cell(table, CLI_PLAIN, is_first ? charge_text(price->charge) : "");
        vg_date_format(segment->from, day);
        if (segment->source)
                cli_table_cellf(table, segment->from_s > now_s ? CLI_DIM : CLI_PLAIN,
                                _("%s%sdès le %s, par %s"), is_first ? name : "",
                                is_first ? ", " : "", day, segment->source);
        else
                cli_table_cell(table, CLI_PLAIN, name);
}

static int print_prices(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("SKU") },
                { .heading = _("Prix"), .align = CLI_RIGHT },
                { .heading = _("Par") },
                { .heading = _("Mode") },
                { .heading = _("Article"), .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                begin_list(cli, _("Prix"), columns, ELEMENTSOF(columns));

        for (size_t i = 0; table && i < c->n_prices; i++)
                for (size_t k = 0; k < c->prices[i].n_segments; k++)
                        price_row(cli, table, &c->prices[i], &c->prices[i].segments[k], k == 0,
                                  view->now_s);
        return cli_table_print(cli, table);
}

static int print_recurring(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Service") }, { .heading = _("SKU") },
                { .heading = _("Abonné") },  { .heading = _("Quantité"), .align = CLI_RIGHT },
                { .heading = _("Du") },      { .heading = _("Au") },
        };

        if (!c->n_recurring)
                return CLI_FINE;
        _cleanup_(cli_table_freep) struct cli_table *table =
                begin_list(cli, _("Services récurrents"), columns, ELEMENTSOF(columns));
        for (size_t i = 0; table && i < c->n_recurring; i++) {
                const struct vg_recurring *item = &c->recurring[i];
                char number[CLI_TEXT], day[16];
                cli_table_cell(table, CLI_STRONG, item->id);
                cli_table_cell(table, CLI_PLAIN, item->sku);
                cli_table_cell(table, CLI_PLAIN,
                               strcmp(item->tenant, "*") == 0 ? _("tous") : item->tenant);
                cli_table_cell(table, CLI_PLAIN,
                               contract_page_decimal(cli, item->quantity_micro, 0, number));
                cli_table_cell(table, CLI_PLAIN, vg_date_format(item->from, day));
                cli_table_cell(table, CLI_PLAIN,
                               item->has_to ? vg_date_format(item->to, day) : _("fin du contrat"));
        }
        return cli_table_print(cli, table);
}

static int print_tenants(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Abonné") },
                { .heading = _("Unité adm.") },
                { .heading = _("Nom"), .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                begin_list(cli, _("Abonnés"), columns, ELEMENTSOF(columns));

        for (size_t i = 0; table && i < c->n_tenants; i++) {
                const struct vg_tenant *tenant = &c->tenants[i];
                cli_table_cell(table, CLI_STRONG, tenant->id);
                cli_table_cell(table, CLI_PLAIN, tenant->cost_centre ? tenant->cost_centre : "");
                cli_table_cell(table, CLI_PLAIN, pick(cli, tenant->name_fr, tenant->name_en));
        }
        return cli_table_print(cli, table);
}

static void limit_cell(const struct cli *cli, const struct cli_view *view,
                       const struct vg_quota *quota, struct cli_table *table)
{
        const struct vg_dated *limit = vg_dated_at(quota->limits, quota->n_limits, view->now_s);
        const bool is_money = quota->metric == VG_METRIC_MONTH_AMOUNT;
        char number[CLI_TEXT];

        contract_page_decimal(cli, limit->value, is_money ? 2 : 0, number);
        cli_table_cellf(table, CLI_PLAIN, "%s" NBSP "%s %s", number,
                        !is_money     ? cli_resource_unit(cli, view, quota->resource)
                        : cli->french ? "$"
                                      : "CAD",
                        quota->metric == VG_METRIC_INTERVAL_QUANTITY ? _("par intervalle")
                                                                     : _("par mois"));
}

static int print_quotas(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Quota") },
                { .heading = _("Abonné") },
                { .heading = _("Limite"), .align = CLI_RIGHT },
                { .heading = _("Alertes") },
                { .heading = _("Ressource"), .wraps = true },
        };

        if (!c->n_quotas)
                return CLI_FINE;
        _cleanup_(cli_table_freep) struct cli_table *table =
                begin_list(cli, _("Quotas"), columns, ELEMENTSOF(columns));
        for (size_t i = 0; table && i < c->n_quotas; i++) {
                const struct vg_quota *quota = &c->quotas[i];
                char text[256];
                cli_table_cell(table, CLI_STRONG, quota->id);
                cli_table_cell(table, CLI_PLAIN,
                               strcmp(quota->tenant, "*") == 0 ? _("tous") : quota->tenant);
                limit_cell(cli, view, quota, table);
                cli_table_cell(table, CLI_PLAIN,
                               contract_page_thresholds(cli, quota->thresholds_pct_micro,
                                                        quota->n_thresholds, text, sizeof(text)));
                cli_table_cell(table, CLI_PLAIN, cli_resource_name(cli, view, quota->resource));
        }
        return cli_table_print(cli, table);
}

/* Some appliances a row: a cell is no place for a thousand. */
static void site_rows(const struct vg_site *site, struct cli_table *table)
{
        for (size_t k = 0; k < site->n_appliances; k += APPLIANCES_A_ROW) {
                _cleanup_(vg_buf_done) struct vg_buf list = { 0 };
                if (k == 0 && site->name)
                        vg_buf_printf(&list, "%s" NBSP ": ", site->name);
                for (size_t i = k; i < site->n_appliances && i < k + APPLIANCES_A_ROW; i++)
                        vg_buf_printf(&list, "%s%s", i > k ? ", " : "", site->appliances[i]);
                cli_table_cell(table, CLI_STRONG, k ? "" : site->id);
                cli_table_cell(table, CLI_PLAIN, list.data ? list.data : "");
        }
}

static int print_sites(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        _cleanup_(cli_table_freep) struct cli_table *table =
                contract_page_part(cli, _("Sites et appareils"));

        for (size_t i = 0; table && i < c->n_sites; i++)
                site_rows(&c->sites[i], table);
        return cli_table_print(cli, table);
}

static const char *role_text(enum vg_role role)
{
        static const char *const texts[] = {
                [VG_ROLE_CONTRACT_MANAGER] = N_("gestion contractuelle"),
                [VG_ROLE_CLIENT_IT] = N_("équipe TI"),
                [VG_ROLE_TENANT_OWNER] = N_("abonné"),
                [VG_ROLE_SUPPLIER_MAINTENANCE] = N_("télémaintenance"),
                [VG_ROLE_BROKER] = N_("Courtier"),
        };

        return _(texts[role]);
}

static int print_recipients(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct cli_column columns[] = {
                { .heading = _("Destinataire") },
                { .heading = _("Rôle") },
                { .heading = _("Alertes dès") },
                { .heading = _("Adresse"), .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                begin_list(cli, _("Destinataires"), columns, ELEMENTSOF(columns));

        for (size_t i = 0; table && i < c->n_recipients; i++) {
                const struct vg_recipient *who = &c->recipients[i];
                const char *const addresses[] = {
                        [VG_CHANNEL_EMAIL] = who->email,
                        [VG_CHANNEL_WEBHOOK] = who->webhook,
                        [VG_CHANNEL_BUNDLE] = _("paquet"),
                };
                _cleanup_(vg_buf_done) struct vg_buf list = { 0 };
                for (enum vg_channel one = 0; one < VG_CHANNEL_N; one++)
                        if (who->channels & 1u << one && addresses[one])
                                vg_buf_printf(&list, "%s%s", list.n ? ", " : "", addresses[one]);
                cli_table_cell(table, CLI_STRONG, who->name ? who->name : who->id);
                cli_table_cellf(table, CLI_PLAIN, "%s%s%s", role_text(who->role),
                                who->tenant ? " " : "", who->tenant ? who->tenant : "");
                cli_table_cell(table, CLI_PLAIN, alert_severity_text(who->min_severity));
                cli_table_cell(table, CLI_PLAIN, list.data ? list.data : "");
        }
        return cli_table_print(cli, table);
}

static const char *within(const struct cli *cli, int minutes, const char *format, const char *none,
                          char buf[CLI_TEXT])
{
        char time[CLI_TEXT];

        if (!minutes)
                return none;
        snprintf(buf, CLI_TEXT, format, cli_duration(cli, 60 * (int64_t)minutes, time));
        return buf;
}

char *contract_page_level(const struct cli *cli, const struct vg_service_level *level, char *buf,
                          size_t size)
{
        char respond[CLI_TEXT], repair[CLI_TEXT];

        snprintf(buf, size, "%s, %s, %s%s",
                 within(cli, level->respond_min, _("prise en charge en %s"),
                        _("aucun délai de prise en charge"), respond),
                 within(cli, level->repair_min, _("réparation en %s"),
                        _("aucun délai de réparation"), repair),
                 level->coverage ? _("heures de service ") : _("à toute heure"),
                 level->coverage ? level->coverage->id : "");
        return buf;
}

static void level_rows(const struct cli *cli, const struct vg_contract *c, struct cli_table *table)
{
        char text[3 * CLI_TEXT];

        for (size_t i = 0; i < c->n_service_levels; i++)
                contract_page_row(
                        table, i ? "" : _("Délais convenus"), _("%s : %s"),
                        alert_severity_text(c->service_levels[i].severity),
                        contract_page_level(cli, &c->service_levels[i], text, sizeof(text)));
}

static int print_rules(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        _cleanup_(cli_table_freep) struct cli_table *table = contract_page_part(cli, _("Règles"));
        char text[CLI_TEXT];

        if (!table)
                return cli_table_print(cli, table);
        contract_page_row(table, _("Mesure"),
                          _("par intervalles de %s; un mois se ferme %d h après sa fin"),
                          cli_duration(cli, c->interval_s, text), c->close_after_hours);
        contract_page_row(table, _("Nuage public"), "%s",
                          c->public_cloud_allowed ? _("lien permis") : _("lien interdit"));
        contract_page_row(table, _("Conservation"),
                          ngettext("%d an après la fin", "%d ans après la fin",
                                   (unsigned long)c->retention_years),
                          c->retention_years);
        level_rows(cli, c, table);
        contract_page_windows(table, _("Heures de service"), c->coverage_windows,
                              c->n_coverage_windows);
        contract_page_windows(table, _("Entretien"), c->maintenance_windows,
                              c->n_maintenance_windows);
        return cli_table_print(cli, table);
}

int contract_page_lists(struct cli *cli, const struct cli_view *view)
{
        static int (*const lists[])(struct cli * cli, const struct cli_view *view) = {
                print_amendments, print_prices,         contract_page_components,
                print_recurring,  contract_page_orders, print_tenants,
                print_quotas,     print_sites,          print_recipients,
                print_rules,
        };
        int r = CLI_FINE;

        for (size_t i = 0; r == CLI_FINE && i < ELEMENTSOF(lists); i++)
                r = lists[i](cli, view);
        return r;
}
