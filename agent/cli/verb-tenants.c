/* SPDX-License-Identifier: Apache-2.0 */

/* tenants: who they are, what they use in the open hour, and what this month costs them. */

#include <string.h>

#include "cli/status.h"
#include "vigie/civil.h"
#include "vigie/tenant.h"

static const char *cost_centre(const struct status *status, const char *id)
{
        const struct vg_contract *contract = status->view->contract;
        const struct vg_tenant *row = contract ? vg_contract_tenant(contract, id) : NULL;

        return row && row->cost_centre ? row->cost_centre : "";
}

static bool in_contract(const struct status *status, const char *id)
{
        return status->view->contract && vg_contract_tenant(status->view->contract, id);
}

static int print_json(struct cli *cli, const struct status *status)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "tenants");
        for (size_t i = 0; i < status->n_tenants; i++) {
                const struct status_tenant *tenant = &status->tenants[i];
                const char *id = status->names.texts[tenant->name];
                vg_json_object(&j, NULL);
                cli_json_text(&j, "cost_centre", cost_centre(status, id));
                cli_json_text(&j, "id", id);
                cli_json_bool(&j, "in_contract", in_contract(status, id));
                if (status->bill)
                        cli_json_decimal(&j, "month_cad", tenant->month_cents, 2);
                else
                        cli_json_null(&j, "month_cad");
                cli_json_text(&j, "name", cli_tenant_name(cli, status->view, id));
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static void add_tenant(const struct cli *cli, const struct status *status,
                       const struct status_tenant *tenant, struct cli_table *table)
{
        const char *id = status->names.texts[tenant->name];
        const bool nobody = strcmp(id, VG_TENANT_NOBODY) == 0;
        char text[CLI_TEXT];

        cli_table_cell(table, nobody ? CLI_WARN : CLI_STRONG, id);
        cli_table_cell(table, CLI_PLAIN,
                       in_contract(status, id) || nobody ? cli_tenant_name(cli, status->view, id)
                                                         : _("absent du contrat"));
        cli_table_cell(table, CLI_DIM, cost_centre(status, id));
        cli_table_cell(table, CLI_PLAIN,
                       tenant->has[STATUS_VCPU]
                               ? cli_quantity(cli, tenant->micro[STATUS_VCPU], 2, text)
                               : "–");
        cli_table_cell(table, CLI_STRONG,
                       status->bill ? cli_money(cli, tenant->month_cents, text) : "–");
}

static int print(struct cli *cli, const struct status *status)
{
        const struct cli_column columns[] = {
                { .heading = _("Abonné"), .elastic = true },
                { .heading = _("Nom"), .elastic = true },
                { .heading = _("Unité adm."), .elastic = true },
                { .heading = _("vCPU·h, heure ouverte"), .align = CLI_RIGHT },
                { .heading = _("Ce mois-ci"), .align = CLI_RIGHT },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);

        if (!status->n_tenants) {
                cli_print(cli, CLI_PLAIN, _("Aucun abonné : ni au contrat, ni mesuré.\n"));
                return CLI_FINE;
        }
        for (size_t i = 0; table && i < status->n_tenants; i++)
                add_tenant(cli, status, &status->tenants[i], table);
        return cli_table_print(cli, table);
}

int verb_tenants(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(status_done) struct status status = { 0 };
        struct vg_err err = { 0 };

        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;
        if (status_read(cli, &view, &status, &err) < 0)
                return cli_view_fail(cli, &err);
        return cli->json ? print_json(cli, &status) : print(cli, &status);
}
