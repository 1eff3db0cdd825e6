/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "cli/month.h"
#include "vigie/rating.h"
#include "vigie/tenant.h"

const char *month_unit(const struct cli *cli, const char *unit)
{
        static const struct {
                const char *id, *fr, *en;
        } units[] = {
                { "vcpu_hour", "vCPU·h", "vCPU·h" },
                { "vm_hour", "VM·h", "VM·h" },
                { "gib_hour", "Gio·h", "GiB·h" },
                { "tb_month", "To·mois", "TB·month" },
                { "gb", "Go", "GB" },
                { "server_month", "serveur·mois", "server·month" },
                { "license_month", "licence·mois", "licence·month" },
                { "each", "unité", "each" },
        };

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strcmp(units[i].id, unit) == 0)
                        return cli->french ? units[i].fr : units[i].en;
        return unit;
}

char *month_name(const struct cli *cli, int32_t month, char buf[CLI_TEXT])
{
        static const char *const fr[] = { "janvier",   "février", "mars",     "avril",
                                          "mai",       "juin",    "juillet",  "août",
                                          "septembre", "octobre", "novembre", "décembre" };
        static const char *const en[] = { "January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December" };

        snprintf(buf, CLI_TEXT, "%s %d", (cli->french ? fr : en)[month % 12], (int)(month / 12));
        return buf;
}

const char *month_sku(const struct cli *cli, const struct month *month, const char *sku)
{
        const struct vg_price *price = vg_contract_price(month->contract, sku);

        return !price ? sku : cli->french ? price->name_fr : price->name_en;
}

const char *month_tenant(const struct cli *cli, const struct month *month, const char *tenant)
{
        const struct vg_tenant *row = vg_contract_tenant(month->contract, tenant);

        if (strcmp(tenant, "*") == 0)
                return _("Ensemble du contrat");
        if (strcmp(tenant, VG_TENANT_NOBODY) == 0)
                return _("Sans abonné");
        if (!row || cli_option(cli, "ids"))
                return tenant;
        return cli->french ? row->name_fr : row->name_en;
}

enum month_part month_part_of(const struct month *month, const struct month_line *line)
{
        const struct vg_price *price = vg_contract_price(month->contract, line->sku);
        const struct vg_qualified *component =
                price ? vg_contract_component(month->contract, price->component_ref) : NULL;

        if (line->is_correction)
                return MONTH_CORRECTION;
        switch (vg_line_kind_find(line->kind)) {
        case VG_LINE_USAGE:
                return MONTH_USAGE;
        case VG_LINE_RECURRING:
                return MONTH_RECURRING;
        case VG_LINE_SHORTFALL:
                return MONTH_COMMITMENT;
        default:
                break;
        }
        if (component && component->kind == VG_KIND_ENTRY_ACTIVITY)
                return MONTH_ENTRY;
        return component && component->kind == VG_KIND_EXIT_ACTIVITY ? MONTH_EXIT : MONTH_PURCHASE;
}

const char *month_part_name(enum month_part part)
{
        static const char *const names[MONTH_N_PARTS] = {
                [MONTH_USAGE] = N_("Consommation mesurée"),
                [MONTH_RECURRING] = N_("Services récurrents"),
                [MONTH_PURCHASE] = N_("Achats"),
                [MONTH_ENTRY] = N_("Activités d'entrée"),
                [MONTH_EXIT] = N_("Activités de sortie"),
                [MONTH_COMMITMENT] = N_("Compléments aux engagements minimaux"),
                [MONTH_CORRECTION] = N_("Corrections de mois fermés"),
        };

        return _(names[part]);
}
