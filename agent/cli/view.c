/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/view.h"

#include <errno.h>
#include <string.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/meter.h"
#include "vigie/tenant.h"

#define HOME_ZONE "America/Toronto" /* Quebec's, while no contract says otherwise */

static int parse_contract(void *ctx, const struct store_contract *row)
{
        struct cli_view *view = ctx;
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_err err = { 0 };

        int r = store_contract_read(view->store, row->text, row->n_text, NULL, 0, vg_file_zone,
                                    &view->contract, &refusals, &err);
        /* One that this program cannot read is told by whoever needs it, as "no contract". */
        return r == -ENOMEM ? r : 0;
}

/* --contract-id: one that the ledger holds, in force or not. */
struct named {
        const char *id;
        store_contract_fn *fn;
        void *ctx;
        bool found;
};

static int tell_named(void *ctx, const struct store_contract *row)
{
        struct named *named = ctx;

        if (!row->current || strcmp(row->contract_id, named->id) != 0)
                return 0;
        named->found = true;
        return named->fn(named->ctx, row);
}

int cli_view_contract(struct cli *cli, const struct cli_view *view, store_contract_fn *fn,
                      void *ctx, struct vg_err *err)
{
        const struct store_now now = { view->settings->appliance_id, view->now_s, vg_file_zone };
        struct named named = { .id = cli_option(cli, "contract-id"), .fn = fn, .ctx = ctx };

        if (!named.id)
                return store_contract_now(view->store, &now, fn, ctx, NULL, err);
        int r = store_contract_each(view->store, tell_named, &named, err);
        if (r == 0 && !named.found)
                return vg_err_set(err, -ESRCH, "le registre ne tient aucun contrat « %s »",
                                  named.id);
        return r;
}

static int no_ledger(struct cli *cli, int r, const struct vg_settings *settings,
                     const struct vg_err *err)
{
        if (r == -ENOENT)
                return cli_failf(cli, CLI_REFUSED, "no-ledger",
                                 "aucun registre sous %s; le gardien (vigied) n'a jamais démarré "
                                 "ici, ou --config désigne d'autres dossiers",
                                 settings->state_dir);
        if (r == -ENODATA)
                return cli_fail(cli, CLI_REFUSED, "no-tzdata", err);
        if (r == -ESRCH)
                return cli_fail(cli, CLI_REFUSED, "no-such-contract", err);
        if (r == -EACCES || r == -EPERM)
                return cli_failf(cli, CLI_REFUSED, "not-allowed",
                                 "lecture interdite sous %s; être membre du groupe vigie-read, ou "
                                 "employer sudo",
                                 settings->state_dir);
        return cli_view_fail(cli, err);
}

int cli_view_try(struct cli *cli, struct cli_view *ret_view, struct vg_err *err)
{
        _cleanup_(cli_view_done) struct cli_view view = { .settings = cli->settings,
                                                          .zone_name = HOME_ZONE };
        _cleanup_free_ char *path = vg_settings_ledger_path(view.settings);
        const struct store_options options = { .path = path, .load_zone = vg_file_zone };

        if (!path)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        view.now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S);

        int r = store_open_read(&options, &view.store, err);
        if (r < 0)
                return r;
        r = cli_view_contract(cli, &view, parse_contract, &view, err);
        if (r >= 0 && !view.contract)
                r = vg_file_zone(HOME_ZONE, &view.own_zone, err);
        if (r == -ENOENT) /* the ledger is there: what is missing is another file */
                return -ENODATA;
        if (r < 0)
                return r;
        view.zone = view.contract ? view.contract->zone : view.own_zone;
        if (view.contract)
                view.zone_name = view.contract->zone_name;
        *ret_view = view;
        view = (struct cli_view){ 0 };
        return 0;
}

int cli_view_open(struct cli *cli, struct cli_view *ret_view)
{
        const struct vg_settings *settings;
        struct vg_err err = { 0 };

        int r = cli_settings(cli, &settings);
        if (r != CLI_FINE)
                return r;
        r = cli_view_try(cli, ret_view, &err);
        return r < 0 ? no_ledger(cli, r, settings, &err) : CLI_FINE;
}

void cli_view_done(struct cli_view *view)
{
        vg_contract_free(view->contract);
        vg_zone_free(view->own_zone);
        store_close(view->store);
        *view = (struct cli_view){ 0 };
}

int cli_view_fail(struct cli *cli, const struct vg_err *err)
{
        return cli_fail(cli, CLI_REFUSED, "ledger", err);
}

const char *cli_tenant_name(const struct cli *cli, const struct cli_view *view, const char *tenant)
{
        const struct vg_tenant *row =
                view->contract ? vg_contract_tenant(view->contract, tenant) : NULL;
        const char *name = row ? cli->french ? row->name_fr : row->name_en : NULL;

        if (strcmp(tenant, VG_TENANT_NOBODY) == 0)
                return _("sans abonné");
        return name ? name : row && row->name_fr ? row->name_fr : "";
}

const char *cli_resource_name(const struct cli *cli, const struct cli_view *view,
                              const char *resource)
{
        int known = vg_resource_find(resource);
        const struct vg_price *price =
                view->contract ? vg_contract_price_of(view->contract, resource) : NULL;

        if (known >= 0) {
                const struct vg_resource_row *row = vg_resource_row((enum vg_resource)known);
                return cli->french ? row->name_fr : row->name_en;
        }
        if (price)
                return cli->french || !price->name_en ? price->name_fr : price->name_en;
        return resource;
}

static const struct {
        const char *unit, *id, *fr, *en;
} units[] = {
        { "vcpu_hour", "vcpu_hour", "vCPU·h", "vCPU·h" },
        { "vm_hour", "vm_hour", "h", "h" },
        { "gib_hour", "gib_hour", "Gio·h", "GiB·h" },
        { "tb_month", "tb_hour", "To·h", "TB·h" },
        { "gb", "gb", "Go", "GB" },
        { "server_month", "server_month", "serveur·mois", "server·month" },
        { "license_month", "license_month", "licence·mois", "license·month" },
        { "each", "each", "unité", "each" },
};

/* Row of the units table, or -1. */
static int unit_of(const struct cli_view *view, const char *resource)
{
        int known = vg_resource_find(resource);
        const struct vg_price *price =
                view->contract ? vg_contract_price_of(view->contract, resource) : NULL;
        const char *unit = known >= 0 ? vg_resource_row((enum vg_resource)known)->unit
                           : price    ? vg_unit_name(price->unit)
                                      : "";

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strcmp(units[i].unit, unit) == 0)
                        return (int)i;
        return -1;
}

const char *cli_resource_unit(const struct cli *cli, const struct cli_view *view,
                              const char *resource)
{
        int row = unit_of(view, resource);

        return row < 0 ? "" : cli->french ? units[row].fr : units[row].en;
}

int64_t cli_due_s(const struct cli_view *view)
{
        const int64_t step = view->contract ? view->contract->interval_s : VG_HOUR_S;

        return vg_floor_div(view->now_s - view->settings->close_grace_s - 60, step) * step;
}

const char *cli_resource_unit_id(const struct cli_view *view, const char *resource)
{
        int row = unit_of(view, resource);

        return row < 0 ? "" : units[row].id;
}

const char *cli_gap_cause(const struct cli *cli, const char *cause)
{
        static const struct {
                const char *id, *fr, *en;
        } causes[] = {
#define VG_GAP_CAUSE(NAME, id, fr, en) { id, fr, en },
#include "vigie/gap-causes.def"
        };

        for (size_t i = 0; i < ELEMENTSOF(causes); i++)
                if (strcmp(causes[i].id, cause) == 0)
                        return cli->french ? causes[i].fr : causes[i].en;
        return cause;
}
