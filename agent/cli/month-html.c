/* SPDX-License-Identifier: Apache-2.0 */

/* A statement as a document that a public body can file: who and what, then each part of the amount
 * line by line, what was not measured, quotas, and the proof. */

#include <string.h>

#include "cli/contract-page.h"
#include "cli/html.h"
#include "cli/month-html.h"
#include "cli/month.h"
#include "vigie/civil.h"

#define NBSP "\xc2\xa0"

static const char *of(const struct cli *cli, const char *fr, const char *en)
{
        return cli->french ? fr : en;
}

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

static void money_cell(const struct cli *cli, struct html *h, int64_t cents)
{
        char text[CLI_TEXT];

        html_element(h, "td", "n", cli_money(cli, cents, text));
}

/* ---- who and what ---- */

static void put_top(const struct cli *cli, const struct month *m, struct html *h)
{
        const struct vg_contract *c = m->contract;
        char name[CLI_TEXT];

        html_raw(h, "<div class=\"top\"><div>");
        html_elementf(h, "h1", NULL, _("Relevé mensuel : %s"), month_name(cli, m->month, name));
        html_elementf(h, "p", "sub", _("Contrat spécifique %s"), c->id);
        html_element(h, "p", "sub", of(cli, c->solution_fr, c->solution_en));
        html_raw(h, "</div><div>");
        html_element(h, "div", m->is_closed ? "mark closed" : "mark open",
                     m->is_closed ? _("Fermé") : _("Ouvert, provisoire"));
        html_raw(h, "</div></div>\n");
        html_element(h, "p", "notice",
                     _("Estimation, et non facture. Montants en dollars canadiens, avant taxes et "
                       "sans frais de gestion du courtier."));
}

static void party(const struct cli *cli, struct html *h, const char *label,
                  const struct vg_party *who)
{
        const char *name = of(cli, who->name_fr, who->name_en);

        if (who->neq)
                html_fact(h, label, _("%s (NEQ %s)"), name, who->neq);
        else
                html_fact(h, label, "%s", name);
}

static void put_period(const struct cli *cli, const struct month *m, struct html *h)
{
        const struct vg_zone *zone = m->contract->zone;
        char from[16], to[16], when[CLI_TEXT];
        int64_t hours = 0;

        vg_date_format(vg_zone_date(zone, m->from_s), from);
        vg_date_format(vg_zone_date(zone, m->to_s > m->from_s ? m->to_s - 1 : m->to_s), to);
        (void)vg_json_get_int(m->body, "hours_in_month", &hours);
        html_fact(h, _("Période"), _("du %s au %s inclus (mois de %lld heures)"), from, to,
                  (long long)hours);
        html_fact(h, _("Heure"), _("%s, tzdata %s"), text_of(m->body, "zone"),
                  text_of(m->body, "tzdata"));
        if (m->is_closed)
                html_fact(h, _("Fermeture"), _("le %s; ce relevé ne change plus"),
                          cli_when(cli, zone, m->closed_s, when));
        else
                html_fact(h, _("Fermeture"),
                          m->is_overdue ? _("attendue depuis le %s, pas encore inscrite")
                                        : _("à venir, le %s"),
                          cli_when(cli, zone, m->closes_s, when));
}

static void put_facts(const struct cli *cli, const struct month *m, struct html *h)
{
        const struct vg_contract *c = m->contract;
        int64_t revision = 0, appliances = 1;

        (void)vg_json_get_int(m->body, "contract_revision", &revision);
        (void)vg_json_get_int(m->body, "appliances", &appliances);
        html_table(h, "facts", NULL, "");
        party(cli, h, _("Client"), &c->client);
        party(cli, h, _("Fournisseur"), &c->supplier);
        party(cli, h, _("Courtier"), &c->broker);
        html_fact(h, _("Accord-cadre"), "%s", c->framework_id);
        if (c->seao_notice)
                html_fact(h, _("Avis SEAO"), "%s", c->seao_notice);
        put_period(cli, m, h);
        if (appliances > 1)
                html_fact(h, _("Appareils"), _("%s, qui rapporte; %lld au contrat"),
                          text_of(m->body, "appliance"), (long long)appliances);
        else
                html_fact(h, _("Appareil"), "%s", text_of(m->body, "appliance"));
        html_raw(h, "<tr>");
        html_label(h, _("Contrat appliqué"));
        html_raw(h, "<td>");
        html_textf(h, _("révision %lld, empreinte SHA-256 "), (long long)revision);
        html_code(h, "span", text_of(m->body, "contract_digest"));
        html_raw(h, "</td></tr>\n");
        html_end_table(h);
}

/* ---- totals ---- */

static void put_summary(const struct cli *cli, const struct month *m, struct html *h)
{
        const char *const headings[] = { _("Nature"), _("Montant") };
        int64_t sums[MONTH_N_PARTS] = { 0 };
        bool any[MONTH_N_PARTS] = { false };

        for (size_t i = 0; i < m->n_lines; i++) {
                const enum month_part part = month_part_of(m, &m->lines[i]);
                sums[part] += m->lines[i].cents;
                any[part] = true;
        }
        html_element(h, "h2", NULL, _("Sommaire"));
        html_table(h, NULL, headings, "<>");
        for (int part = 0; part < MONTH_N_PARTS; part++) {
                if (!any[part])
                        continue;
                html_raw(h, "<tr>");
                html_element(h, "td", NULL, month_part_name((enum month_part)part));
                money_cell(cli, h, sums[part]);
                html_raw(h, "</tr>\n");
        }
        html_raw(h, "<tr class=\"total\">");
        html_element(h, "td", NULL, _("Total du relevé"));
        money_cell(cli, h, m->total_cents);
        html_raw(h, "</tr>\n");
        html_end_table(h);
}

static void put_balance(const struct cli *cli, const struct month *m, struct html *h)
{
        const int64_t left = m->authorised_cents - m->cumulative_cents;
        char amount[CLI_TEXT], percent[CLI_TEXT];

        html_table(h, "facts", NULL, "");
        html_fact(h, _("Montant autorisé"), "%s", cli_money(cli, m->authorised_cents, amount));
        cli_money(cli, m->cumulative_cents, amount);
        if (m->authorised_cents > 0)
                html_fact(
                        h, _("Cumul des relevés"), _("%s, soit %s du montant autorisé"), amount,
                        cli_percent(cli,
                                    (int64_t)vg_round_half_up((vg_i128)m->cumulative_cents * 10000,
                                                              m->authorised_cents),
                                    percent));
        else
                html_fact(h, _("Cumul des relevés"), "%s", amount);
        html_fact(h, left < 0 ? _("Dépassement") : _("Reste"), "%s",
                  cli_money(cli, left < 0 ? -left : left, amount));
        html_end_table(h);
}

/* ---- lines ---- */

static void put_price(const struct cli *cli, const struct month_line *line, struct html *h)
{
        char price[CLI_TEXT], per[CLI_TEXT];

        if (!line->has_price) {
                html_element(h, "td", "n", "–");
                return;
        }
        contract_page_decimal(cli, line->price_cad_micro, 2, price);
        if (line->per == 1)
                html_elementf(h, "td", "n", cli->french ? "%s" NBSP "$" : "%s" NBSP "CAD", price);
        else
                html_elementf(h, "td", "n", cli->french ? "%s" NBSP "$ / %s" : "%s" NBSP "CAD / %s",
                              price, cli_count(cli, line->per, per));
}

static void put_what(const struct cli *cli, const struct month *m, const struct month_line *line,
                     bool with_tenant, struct html *h)
{
        char day[16];

        html_raw(h, "<td>");
        if (with_tenant) {
                html_text(h, month_tenant(cli, m, line->tenant));
                html_raw(h, "</td><td>");
        }
        html_text(h, *line->sku ? month_sku(cli, m, line->sku) : _("Engagement sur le montant"));
        html_raw(h, " <span class=\"id\">");
        html_text(h, line->sku);
        if (*line->ref)
                html_textf(h, "%s%s", *line->sku ? " · " : "", line->ref);
        if (line->is_correction)
                html_textf(h, _(" · période %s"), line->period);
        if (line->has_price && line->price_from_s > m->from_s)
                html_textf(
                        h, _(" · prix du %s"),
                        vg_date_format(vg_zone_date(m->contract->zone, line->price_from_s), day));
        html_raw(h, "</span></td>");
}

static void put_line(const struct cli *cli, const struct month *m, const struct month_line *line,
                     bool with_tenant, struct html *h)
{
        char number[CLI_TEXT];

        html_raw(h, "<tr>");
        put_what(cli, m, line, with_tenant, h);
        if (line->has_price) {
                html_element(h, "td", "n",
                             contract_page_decimal(cli, line->quantity_micro, 2, number));
                html_element(h, "td", NULL, month_unit(cli, line->unit));
        } else {
                html_raw(h, "<td class=\"n\">–</td><td></td>");
        }
        put_price(cli, line, h);
        money_cell(cli, h, line->cents);
        html_raw(h, "</tr>\n");
}

static void put_subtotal(const struct cli *cli, struct html *h, const char *label, int columns,
                         int64_t cents)
{
        char cell[64];

        snprintf(cell, sizeof(cell), "<tr class=\"sum\"><td colspan=\"%d\">", columns);
        html_raw(h, cell);
        html_text(h, label);
        html_raw(h, "</td>");
        money_cell(cli, h, cents);
        html_raw(h, "</tr>\n");
}

/* Consumption, tenant by tenant: lines come in that order. */
static void put_usage(const struct cli *cli, const struct month *m, struct html *h)
{
        const char *const headings[] = { _("Service"), _("Quantité"), _("Unité"),
                                         _("Prix unitaire"), _("Montant") };
        const char *tenant = NULL;
        int64_t sum = 0;

        for (size_t i = 0; i <= m->n_lines; i++) {
                const struct month_line *line = i < m->n_lines ? &m->lines[i] : NULL;
                if (line && month_part_of(m, line) != MONTH_USAGE)
                        continue;
                if (tenant && (!line || strcmp(tenant, line->tenant) != 0)) {
                        put_subtotal(cli, h, _("Sous-total"), 4, sum);
                        html_end_table(h);
                        html_raw(h, "</div>\n");
                        sum = 0;
                }
                if (!line)
                        return;
                if (!tenant)
                        html_element(h, "h2", NULL, month_part_name(MONTH_USAGE));
                if (!tenant || strcmp(tenant, line->tenant) != 0) {
                        html_raw(h, "<div class=\"part\"><h3>");
                        month_html_tenant(cli, m, line->tenant, h);
                        html_raw(h, "</h3>");
                        html_table(h, "lines", headings, "<><>>");
                }
                tenant = line->tenant;
                sum += line->cents;
                put_line(cli, m, line, false, h);
        }
}

static void put_part(const struct cli *cli, const struct month *m, enum month_part part,
                     struct html *h)
{
        const char *const headings[] = { _("Abonné"), _("Service"),       _("Quantité"),
                                         _("Unité"),  _("Prix unitaire"), _("Montant") };
        int64_t sum = 0;
        bool any = false;

        for (size_t i = 0; i < m->n_lines; i++) {
                if (month_part_of(m, &m->lines[i]) != part)
                        continue;
                if (!any) {
                        html_element(h, "h2", NULL, month_part_name(part));
                        html_table(h, "lines who", headings, "<<><>>");
                }
                any = true;
                sum += m->lines[i].cents;
                put_line(cli, m, &m->lines[i], true, h);
        }
        if (!any)
                return;
        put_subtotal(cli, h, _("Sous-total"), 5, sum);
        html_end_table(h);
}

/* ---- the document ---- */

static void put_language(const struct cli *cli, const struct cli_view *view, const struct month *m,
                         struct html *h)
{
        put_top(cli, m, h);
        put_facts(cli, m, h);
        put_summary(cli, m, h);
        put_balance(cli, m, h);
        put_usage(cli, m, h);
        for (int part = MONTH_RECURRING; part < MONTH_N_PARTS; part++)
                put_part(cli, m, (enum month_part)part, h);
        month_html_tenants(cli, m, h);
        month_html_gaps(cli, m, h);
        month_html_absent(cli, m, h);
        month_html_quotas(cli, view, m, h);
        month_html_proof(cli, m, h);
}

static void put_foot(const struct cli *cli, const struct month *m, char *buf, size_t size)
{
        char month[16];

        snprintf(buf, size,
                 cli->french ? "%s · relevé %s · %s%.16s" : "%s · statement %s · %s%.16s",
                 m->contract->id, vg_month_format(m->month, month),
                 m->is_closed  ? cli->french ? "empreinte " : "digest "
                 : cli->french ? "provisoire"
                               : "provisional",
                 m->digest);
}

/* Both languages: French first, since it is the language of the contract, then English anew. */
int month_html(struct cli *cli, const struct cli_view *view, const struct month *m, struct html *h)
{
        const char *lang = cli_option(cli, "lang");
        const bool both = lang && strcmp(lang, "both") == 0, french = cli->french;
        char title[CLI_TEXT + 64], foot[256], month[16];

        snprintf(title, sizeof(title), "%s %s %s", cli->french ? "Relevé" : "Statement",
                 m->contract->id, vg_month_format(m->month, month));
        put_foot(cli, m, foot, sizeof(foot));
        html_begin(h, cli->french, title, foot);
        if (both)
                html_raw(h, "<section lang=\"fr-CA\">");
        put_language(cli, view, m, h);
        if (both) {
                html_raw(h, "</section>\n<section lang=\"en-CA\" class=\"next\">");
                cli->french = false;
                vg_lang_use(false);
                put_language(cli, view, m, h);
                html_raw(h, "</section>\n");
                cli->french = french;
                vg_lang_use(french);
        }
        html_end(h);
        return CLI_FINE;
}
