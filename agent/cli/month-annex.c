/* SPDX-License-Identifier: Apache-2.0 */

/* What stands behind the lines of a printed statement: totals of tenants, what was not measured,
 * quotas, and how anybody checks it. */

#include <string.h>

#include "cli/contract-page.h"
#include "cli/month-html.h"
#include "vigie/civil.h"
#include "vigie/rating.h"

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

/* ---- tenants ---- */

static bool is_first_of_tenant(const struct month *m, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (strcmp(m->lines[k].tenant, m->lines[i].tenant) == 0)
                        return false;
        return true;
}

static int64_t sum_of(const struct month *m, const char *tenant)
{
        int64_t sum = 0;

        for (size_t i = 0; i < m->n_lines; i++)
                if (strcmp(m->lines[i].tenant, tenant) == 0)
                        sum += m->lines[i].cents;
        return sum;
}

void month_html_tenant(const struct cli *cli, const struct month *m, const char *id, struct html *h)
{
        const char *name = month_tenant(cli, m, id);

        html_text(h, name);
        if (strcmp(id, "*") == 0 || strcmp(id, name) == 0)
                return;
        html_raw(h, " <span class=\"id\">");
        html_text(h, id);
        html_raw(h, "</span>");
}

void month_html_tenants(const struct cli *cli, const struct month *m, struct html *h)
{
        const char *const headings[] = { _("Abonné"), _("Centre de coûts"), _("Montant") };
        char money[CLI_TEXT];

        html_element(h, "h2", NULL, _("Par abonné"));
        html_table(h, NULL, headings, "<<>");
        for (size_t i = 0; i < m->n_lines; i++) {
                const char *id = m->lines[i].tenant;
                const struct vg_tenant *tenant = vg_contract_tenant(m->contract, id);
                if (!is_first_of_tenant(m, i))
                        continue;
                html_raw(h, "<tr><td>");
                month_html_tenant(cli, m, id, h);
                html_raw(h, "</td>");
                html_element(h, "td", NULL,
                             tenant && tenant->cost_centre ? tenant->cost_centre : "");
                html_element(h, "td", "n", cli_money(cli, sum_of(m, id), money));
                html_raw(h, "</tr>\n");
        }
        html_raw(h, "<tr class=\"total\"><td colspan=\"2\">");
        html_text(h, _("Total du relevé"));
        html_raw(h, "</td>");
        html_element(h, "td", "n", cli_money(cli, m->total_cents, money));
        html_raw(h, "</tr>\n");
        html_end_table(h);
}

/* ---- gaps ---- */

static void put_gap(const struct cli *cli, const struct month *m, const json_t *gap, struct html *h)
{
        const struct vg_zone *zone = m->contract->zone;
        const char *scope = text_of(gap, "scope");
        int64_t from_s = 0, to_s = 0;
        char text[CLI_TEXT];

        (void)vg_utc_parse(text_of(gap, "from"), &from_s);
        (void)vg_utc_parse(text_of(gap, "to"), &to_s);
        html_raw(h, "<tr>");
        html_element(h, "td", NULL, cli_when(cli, zone, from_s, text));
        html_element(h, "td", NULL, cli_when(cli, zone, to_s, text));
        html_element(h, "td", "n", cli_duration(cli, to_s - from_s, text));
        html_element(h, "td", NULL,
                     strcmp(scope, "counters") == 0     ? _("compteurs")
                     : strcmp(scope, "allocation") == 0 ? _("allocation")
                                                        : _("tout"));
        html_element(h, "td", NULL, cli_gap_cause(cli, text_of(gap, "cause")));
        html_raw(h, "</tr>\n");
}

void month_html_gaps(const struct cli *cli, const struct month *m, struct html *h)
{
        const char *const headings[] = { _("De"), _("À"), _("Temps"), _("Quoi"), _("Cause") };
        const json_t *gaps = json_object_get(m->body, "gaps"), *gap;
        int64_t more = 0;
        char text[CLI_TEXT];
        size_t i;

        html_element(h, "h2", NULL, _("Périodes non mesurées"));
        if (!json_array_size(gaps) && !m->not_measured_s) {
                html_element(h, "p", NULL,
                             _("Aucune : chaque intervalle de la période a été mesuré."));
                return;
        }
        html_elementf(h, "p", NULL,
                      _("En tout %s sans mesure d'allocation. Rien n'y est estimé ni facturé."),
                      cli_duration(cli, m->not_measured_s, text));
        if (!json_array_size(gaps))
                return; /* of intervals measured in part it is not known when */
        html_table(h, NULL, headings, "<<><<");
        json_array_foreach ((json_t *)gaps, i, gap)
                put_gap(cli, m, gap, h);
        html_end_table(h);
        if (vg_json_get_int(m->body, "gaps_more", &more) == 0)
                html_elementf(h, "p", NULL,
                              ngettext("Et %lld autre, au registre.",
                                       "Et %lld autres, au registre.", (unsigned long)more),
                              (long long)more);
}

/* ---- appliances ---- */

void month_html_absent(const struct cli *cli, const struct month *m, struct html *h)
{
        const char *const headings[] = { _("Appareil"), _("De"), _("À"), _("Temps") };
        const json_t *absent = json_object_get(m->body, "absent"), *one;
        const struct vg_zone *zone = m->contract->zone;
        char text[CLI_TEXT];
        size_t i;

        if (!absent)
                return; /* there is but one */
        html_element(h, "h2", NULL, _("Relevés des autres appareils"));
        if (json_array_size(absent) == 0) {
                html_element(h, "p", NULL,
                             _("Tous reçus : ce relevé réunit ce que chaque appareil a mesuré."));
                return;
        }
        html_element(
                h, "p", NULL,
                _("Partiel. De ces périodes, rien n'a été reçu; rien n'y est estimé ni facturé. "
                  "Ce qui arrive après la fermeture devient une correction."));
        html_table(h, NULL, headings, "<<<>");
        json_array_foreach ((json_t *)absent, i, one) {
                int64_t from_s = 0, to_s = 0;
                (void)vg_utc_parse(text_of(one, "from"), &from_s);
                (void)vg_utc_parse(text_of(one, "to"), &to_s);
                html_raw(h, "<tr>");
                html_element(h, "td", NULL, text_of(one, "appliance"));
                html_element(h, "td", NULL, cli_when(cli, zone, from_s, text));
                html_element(h, "td", NULL, cli_when(cli, zone, to_s, text));
                html_element(h, "td", "n", cli_duration(cli, to_s - from_s, text));
                html_raw(h, "</tr>\n");
        }
        html_end_table(h);
}

/* ---- quotas ---- */

/* The largest interval of a quota: the sum over its tenants of what each interval used. */
struct peak {
        const struct vg_quota *quota;
        int64_t start_s;
        vg_i128 sum, most;
};

static int add_row(void *ctx, const struct store_usage *row)
{
        struct peak *peak = ctx;

        if (row->start_s != peak->start_s)
                peak->sum = 0;
        peak->start_s = row->start_s;
        peak->sum += row->micro;
        if (peak->sum > peak->most)
                peak->most = peak->sum;
        return 0;
}

static vg_i128 peak_of(const struct cli_view *view, const struct month *m,
                       const struct vg_quota *quota)
{
        struct peak peak = { .quota = quota, .start_s = INT64_MIN };
        const struct store_usage_query query = {
                .from_s = m->from_s,
                .to_s = m->to_s,
                .tenant = strcmp(quota->tenant, "*") == 0 ? NULL : quota->tenant,
                .resource = quota->resource,
        };
        struct vg_err err = { 0 };

        return store_usage_each(view->store, &query, add_row, &peak, &err) < 0 ? -1 : peak.most;
}

/* Of the month's own lines; in the unit of the quota, or in micro-CAD. */
static vg_i128 month_value(const struct month *m, const struct vg_quota *quota)
{
        const struct vg_price *price = vg_contract_price_of(m->contract, quota->resource);
        vg_i128 sum = 0;

        for (size_t i = 0; price && i < m->n_lines; i++) {
                const struct month_line *line = &m->lines[i];
                if (line->is_correction || strcmp(line->sku, price->sku) != 0 || *line->ref ||
                    (strcmp(quota->tenant, "*") != 0 && strcmp(quota->tenant, line->tenant) != 0))
                        continue;
                sum += quota->metric == VG_METRIC_MONTH_AMOUNT ? (vg_i128)line->cents * 10000
                                                               : line->quantity_micro;
        }
        return sum;
}

static const char *metric_name(enum vg_metric metric)
{
        static const char *const names[] = {
                [VG_METRIC_INTERVAL_QUANTITY] = N_("par intervalle (le plus haut)"),
                [VG_METRIC_MONTH_QUANTITY] = N_("quantité du mois"),
                [VG_METRIC_MONTH_AMOUNT] = N_("montant du mois"),
        };

        return _(names[metric]);
}

/* In dollars, or in the unit of the resource; below 0: not known. */
static const char *quota_text(const struct cli *cli, const struct vg_quota *quota, vg_i128 micro,
                              char buf[CLI_TEXT])
{
        if (micro < 0 || micro > INT64_MAX)
                return "–";
        return quota->metric == VG_METRIC_MONTH_AMOUNT
                       ? cli_money(cli, (int64_t)vg_round_half_up(micro, 10000), buf)
                       : contract_page_decimal(cli, (int64_t)micro, 0, buf);
}

static void put_quota(const struct cli *cli, const struct cli_view *view, const struct month *m,
                      const struct vg_quota *quota, struct html *h)
{
        const int64_t limit =
                vg_dated_at(quota->limits, quota->n_limits, m->to_s ? m->to_s - 1 : 0)->value;
        const vg_i128 value = quota->metric == VG_METRIC_INTERVAL_QUANTITY ? peak_of(view, m, quota)
                                                                           : month_value(m, quota);
        char text[CLI_TEXT];

        html_raw(h, "<tr>");
        html_element(h, "td", NULL, quota->id);
        html_element(h, "td", NULL, month_tenant(cli, m, quota->tenant));
        html_elementf(h, "td", NULL, "%s, %s", cli_resource_name(cli, view, quota->resource),
                      metric_name(quota->metric));
        html_element(h, "td", "n", quota_text(cli, quota, limit, text));
        html_element(h, "td", "n", quota_text(cli, quota, value, text));
        html_element(
                h, "td", "n",
                value < 0 || !limit
                        ? "–"
                        : cli_percent(cli, (int64_t)vg_round_half_up(value * 10000, limit), text));
        html_raw(h, "</tr>\n");
}

void month_html_quotas(const struct cli *cli, const struct cli_view *view, const struct month *m,
                       struct html *h)
{
        const char *const headings[] = { _("Quota"),  _("Abonné"),  _("Ressource"),
                                         _("Limite"), _("Atteint"), _("Part") };
        const struct vg_contract *c = m->contract;

        if (!c->n_quotas)
                return;
        html_element(h, "h2", NULL, _("Quotas"));
        html_table(h, NULL, headings, "<<<>>>");
        for (size_t i = 0; i < c->n_quotas; i++)
                put_quota(cli, view, m, &c->quotas[i], h);
        html_end_table(h);
}

/* ---- proof ---- */

static void fact_code(struct html *h, const char *label, const char *code)
{
        html_raw(h, "<tr>");
        html_label(h, label);
        html_code(h, "td", code);
        html_raw(h, "</tr>\n");
}

static void put_entry(const struct month *m, struct html *h)
{
        html_table(h, "facts", NULL, "");
        fact_code(h, _("Empreinte du relevé"), m->digest);
        html_fact(h, _("Inscription"), _("n° %llu du journal client"),
                  (unsigned long long)m->entry);
        fact_code(h, _("Feuille"), m->leaf);
        html_fact(h, _("Calculé par"), "vigie %s", text_of(m->body, "version"));
        html_end_table(h);
        if (m->note) {
                html_element(h, "p", NULL,
                             _("Point de contrôle signé qui couvre cette inscription :"));
                html_code(h, "pre", m->note);
        } else {
                html_element(h, "p", NULL,
                             _("Aucun point de contrôle ne couvre encore cette inscription."));
        }
        html_elementf(
                h, "p", NULL,
                _("« vigie ledger prove %llu » écrit la preuve que ce relevé est au registre; "
                  "chaque ligne a été arrondie une seule fois, au cent."),
                (unsigned long long)m->entry);
}

void month_html_proof(const struct cli *cli, const struct month *m, struct html *h)
{
        (void)cli;
        html_element(h, "h2", NULL, _("Preuve"));
        if (m->is_closed)
                put_entry(m, h);
        else
                html_element(h, "p", NULL,
                             _("Ce mois n'est pas fermé : ce relevé est provisoire, n'est pas au "
                               "registre et peut changer jusqu'à sa fermeture."));
        html_raw(h, "<div class=\"sign\"><div>");
        html_text(h, _("Vérifié par"));
        html_raw(h, "</div><div>");
        html_text(h, _("Date"));
        html_raw(h, "</div></div>\n");
}
