/* SPDX-License-Identifier: Apache-2.0 */

/* contract simulate: a planned change priced to the end of the term. What is past is what the
 * statements say; days to come are like the last ones, and the plan stands on top. A contract file
 * in the argument prices under an amendment that is still being talked about. */

#include <errno.h>
#include <string.h>

#include "cli/bill.h"
#include "cli/contract-file.h"
#include "cli/simulate.h"
#include "cli/sheet.h"
#include "os/clock.h"
#include "vigie/civil.h"

struct outcome {
        const struct vg_bill *now, *end; /* as of now; at the end of the term */
        const struct simulation *simulation;
};

/* ---- the plan ---- */

static int read_row(struct cli *cli, const struct cli_view *view, const struct sheet *table,
                    const struct sheet_row *row, struct plan_row *ret)
{
        const int64_t end_s = vg_contract_end_at(view->contract, view->now_s)->value;
        char plain[64];

        *ret = (struct plan_row){
                .resource = row->cell[0],
                .tenant = row->cell[2],
                .from = vg_zone_date(view->zone, view->now_s),
                .to = vg_zone_date(view->zone, end_s - 1),
        };
        const struct vg_price *price = vg_contract_price(view->contract, ret->resource);
        if (price) /* a SKU will do */
                ret->resource = price->resource;
        sheet_number(row->cell[1], plain, sizeof(plain));
        if (vg_decimal_parse(plain, 6, &ret->micro) < 0)
                return sheet_refuse(cli, table, row, "« %s » n'est pas une quantité", row->cell[1]);
        if ((*row->cell[3] && vg_date_parse(row->cell[3], &ret->from) < 0) ||
            (*row->cell[4] && vg_date_parse(row->cell[4], &ret->to) < 0))
                return sheet_refuse(cli, table, row, "un jour AAAA-MM-JJ est attendu");
        if (vg_days_from_civil(ret->from) > vg_days_from_civil(ret->to))
                return sheet_refuse(cli, table, row, "le dernier jour précède le premier");
        if (!vg_contract_tenant(view->contract, ret->tenant))
                return sheet_refuse(cli, table, row, "« %s » n'est pas un abonné du contrat",
                                    ret->tenant);
        return CLI_FINE;
}

static int add_plan(struct cli *cli, const struct cli_view *view, const char *path,
                    struct simulation *simulation)
{
        _cleanup_(sheet_done) struct sheet table = { 0 };
        struct vg_err err = { 0 };
        int r = sheet_read(cli, path, "resource quantity tenant ?from ?to", &table);

        for (size_t i = 0; i < table.n && r == CLI_FINE; i++) {
                struct plan_row row;
                r = read_row(cli, view, &table, &table.rows[i], &row);
                if (r == CLI_FINE && simulation_add(view, &row, simulation, &err) < 0)
                        r = sheet_refuse(cli, &table, &table.rows[i], "%s", vg_err_text(&err));
        }
        return r;
}

/* ---- what comes out ---- */

static const char *state_of(const struct outcome *o, const struct vg_statement *s)
{
        if (s->is_closed)
                return "closed";
        return s->to_s <= o->simulation->from_s ? "open" : "planned";
}

static void put_months(struct vg_json *j, const struct outcome *o)
{
        char month[16];

        vg_json_array(j, "months");
        for (size_t i = 0; i < o->end->n_statements; i++) {
                const struct vg_statement *s = &o->end->statements[i];
                vg_json_object(j, NULL);
                vg_json_string(j, "month", vg_month_format(s->month, month));
                vg_json_string(j, "state", state_of(o, s));
                cli_json_decimal(j, "total", s->total_cents, 2);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static int print_json(struct cli *cli, const struct outcome *o)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        cli_json_decimal(&j, "authorised", o->end->authorised_cents, 2);
        vg_json_int(&j, "basis_days", o->simulation->basis_days);
        cli_json_decimal(&j, "consumed_now", o->now->consumed_cents, 2);
        cli_json_time(&j, "end", o->end->end_s);
        put_months(&j, o);
        cli_json_time(&j, "planned_from", o->simulation->from_s);
        cli_json_decimal(&j, "remaining_at_end", o->end->remaining_cents, 2);
        cli_json_decimal(&j, "total_at_end", o->end->consumed_cents, 2);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int print_months(struct cli *cli, const struct outcome *o)
{
        const struct cli_column columns[] = {
                { .heading = _("Mois") },
                { .heading = _("Total"), .align = CLI_RIGHT },
                { .heading = _("Cumul"), .align = CLI_RIGHT },
                { .heading = "" },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        int64_t sum = 0;
        char text[CLI_TEXT], month[16];

        for (size_t i = 0; table && i < o->end->n_statements; i++) {
                const struct vg_statement *s = &o->end->statements[i];
                const char *state = state_of(o, s);
                sum += s->total_cents;
                cli_table_cell(table, CLI_PLAIN, vg_month_format(s->month, month));
                cli_table_cell(table, CLI_PLAIN, cli_money(cli, s->total_cents, text));
                cli_table_cell(table, sum > o->end->authorised_cents ? CLI_BAD : CLI_PLAIN,
                               cli_money(cli, sum, text));
                cli_table_cell(table, CLI_DIM,
                               strcmp(state, "closed") == 0 ? _("fermé")
                               : strcmp(state, "open") == 0 ? _("ouvert")
                                                            : _("prévu"));
        }
        return cli_table_print(cli, table);
}

static int print(struct cli *cli, const struct cli_view *view, const struct outcome *o)
{
        char total[CLI_TEXT], left[CLI_TEXT], authorised[CLI_TEXT], day[16];
        int r = print_months(cli, o);

        if (r != CLI_FINE)
                return r;
        const bool over = o->end->remaining_cents < 0;
        cli_money(cli, o->end->consumed_cents, total);
        cli_money(cli, o->end->authorised_cents, authorised);
        cli_money(cli, over ? -o->end->remaining_cents : o->end->remaining_cents, left);
        vg_date_format(vg_zone_date(view->zone, o->end->end_s - 1), day);
        cli_print(cli, CLI_PLAIN, "\n");
        cli_printf(cli, CLI_STRONG, _("À la fin du terme, le %s : %s sur %s autorisés, "), day,
                   total, authorised);
        cli_printf(cli, over ? CLI_BAD : CLI_GOOD,
                   over ? _("dépassement de %s.\n") : _("reste %s.\n"), left);
        cli_printf(cli, CLI_DIM,
                   _("Jours à venir : la moyenne des %d derniers, plus ce qui est prévu; ce n'est "
                     "pas une prévision.\n"),
                   o->simulation->basis_days);
        return CLI_FINE;
}

/* ---- the verb ---- */

static int price(struct cli *cli, const struct cli_view *view, struct simulation *simulation)
{
        _cleanup_(vg_bill_freep) struct vg_bill *now = NULL, *end = NULL;
        struct vg_err err = { 0 };
        struct store_bill query = {
                .contract = view->contract,
                .as_of_s = vg_contract_end_at(view->contract, view->now_s)->value,
                .to_month = INT32_MAX,
        };
        int r = cli_bill_read(view, true, &now, &err);

        query.more = simulation->lines;
        query.n_more = simulation->n;
        if (r == 0)
                r = store_bill_read(view->store, &query, &end, &err);
        if (r < 0)
                return cli_view_fail(cli, &err);

        const struct outcome outcome = { now, end, simulation };
        return cli->json ? print_json(cli, &outcome) : print(cli, view, &outcome);
}

static int simulate(struct cli *cli, struct cli_view *view)
{
        _cleanup_(simulation_done) struct simulation simulation = { 0 };
        const char *plan = cli_option(cli, "plan");
        struct vg_err err = { 0 };

        if (!view->contract)
                return cli_failf(cli, CLI_REFUSED, "no-contract",
                                 "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                                 "charge un");
        if (simulation_open(view, &simulation, &err) < 0 ||
            simulation_go_on(view, &simulation, &err) < 0)
                return cli_view_fail(cli, &err);
        int r = plan ? add_plan(cli, view, plan, &simulation) : CLI_FINE;
        return r == CLI_FINE ? price(cli, view, &simulation) : r;
}

int verb_contract_simulate(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(contract_file_done) struct contract_file file = { 0 };
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE && cli->n_args)
                r = contract_file_read(cli, cli->args[0], &file);
        if (r != CLI_FINE)
                return r;
        if (file.contract) {
                if (view.contract && strcmp(view.contract->id, file.contract->id) != 0)
                        return cli_failf(cli, CLI_REFUSED, "other-contract",
                                         "le contrat en vigueur est %s; ce fichier est de %s",
                                         view.contract->id, file.contract->id);
                vg_contract_free(view.contract);
                view.contract = TAKE_PTR(file.contract);
                view.zone = view.contract->zone;
        }
        return simulate(cli, &view);
}
