/* SPDX-License-Identifier: Apache-2.0 */

/* summary --public: what the broker publishes of a contract (guide, section 4.7), and nothing else:
 * body, supplier, solution, approximate size, start, duration. */

#include <string.h>

#include "cli/contract-page.h"
#include "vigie/civil.h"

/* A size that tells no price: the power of ten that the authorised amount stays below. */
static const char *size_of(int64_t cents, const char **ret_id)
{
        static const struct {
                int64_t below_cents;
                const char *id, *fr;
        } sizes[] = {
                { INT64_C(10000000), "under-100k", N_("moins de 100 000 $") },
                { INT64_C(100000000), "100k-1M", N_("de 100 000 $ à 1 M$") },
                { INT64_C(1000000000), "1M-10M", N_("de 1 M$ à 10 M$") },
                { INT64_MAX, "over-10M", N_("plus de 10 M$") },
        };
        size_t i = 0;

        while (cents >= sizes[i].below_cents)
                i++;
        *ret_id = sizes[i].id;
        return _(sizes[i].fr);
}

/* Whole months from the first day to the last, rounded up. */
static int months_of(const struct vg_contract *c, int64_t now_s)
{
        const struct vg_date after = vg_date_add_days(vg_contract_last_day_at(c, now_s), 1);
        const int whole = vg_month_of(after) - vg_month_of(c->start);

        return whole + (after.day > c->start.day);
}

static int print_json(struct cli *cli, const struct vg_contract *c, const char *size, int months)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char day[16];

        vg_json_object(&j, NULL);
        cli_json_text(&j, "approximate_size", size);
        cli_json_text(&j, "body", cli->french ? c->client.name_fr : c->client.name_en);
        vg_json_int(&j, "duration_months", months);
        cli_json_text(&j, "solution", cli->french ? c->solution_fr : c->solution_en);
        cli_json_text(&j, "start", vg_date_format(c->start, day));
        cli_json_text(&j, "supplier", cli->french ? c->supplier.name_fr : c->supplier.name_en);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int print(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const int months = months_of(c, view->now_s);
        const char *size_id;
        const char *size = size_of(vg_contract_amount_at(c, view->now_s), &size_id);
        char day[16];

        if (cli->json)
                return print_json(cli, c, size_id, months);

        _cleanup_(cli_table_freep) struct cli_table *table =
                contract_page_part(cli, _("Renseignements publics"));
        if (!table)
                return cli_table_print(cli, table);
        contract_page_row(table, _("Organisme"), "%s",
                          cli->french ? c->client.name_fr : c->client.name_en);
        contract_page_row(table, _("Fournisseur"), "%s",
                          cli->french ? c->supplier.name_fr : c->supplier.name_en);
        contract_page_row(table, _("Solution"), "%s",
                          cli->french ? c->solution_fr : c->solution_en);
        contract_page_row(table, _("Taille approximative"), "%s", size);
        contract_page_row(table, _("Début"), "%s", vg_date_format(c->start, day));
        contract_page_row(table, _("Durée"), _("%d mois"), months);
        return cli_table_print(cli, table);
}

int verb_summary(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };

        if (!cli_option(cli, "public"))
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "seul le sommaire public existe : vigie summary --public");
        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;
        if (!view.contract)
                return cli_failf(cli, CLI_REFUSED, "no-contract",
                                 "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                                 "charge un");
        return print(cli, &view);
}
