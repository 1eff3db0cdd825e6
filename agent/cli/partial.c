/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/partial.h"

#include <string.h>

#include "os/settings.h"

bool partial_is(const struct cli_view *view)
{
        return view->contract && vg_contract_n_appliances(view->contract) > 1;
}

void partial_print(struct cli *cli, const struct cli_view *view, size_t indent)
{
        const char *reports =
                view->contract ? vg_contract_reporting_appliance(view->contract) : NULL;
        char text[512];

        if (!partial_is(view))
                return;

        const size_t n = vg_contract_n_appliances(view->contract);
        if (strcmp(reports, view->settings->appliance_id) == 0)
                snprintf(text, sizeof(text),
                         _("1 de %zu appareils : partiel. Cet appareil-ci tarife le contrat; "
                           "« vigie usage merge » réunit les relevés de tous."),
                         n);
        else
                snprintf(text, sizeof(text),
                         _("1 de %zu appareils : partiel. L'appareil %s tarife le contrat et en "
                           "donne les alertes."),
                         n, reports);
        cli_wrap(cli, CLI_WARN, indent, text);
}

void partial_write_count(const struct cli_view *view, struct vg_json *j)
{
        vg_json_int(j, "appliances",
                    view->contract ? (int64_t)vg_contract_n_appliances(view->contract) : 1);
}

void partial_write(const struct cli_view *view, struct vg_json *j)
{
        cli_json_bool(j, "partial", partial_is(view));
}

void partial_write_reporting(const struct cli_view *view, struct vg_json *j)
{
        const char *reports =
                view->contract ? vg_contract_reporting_appliance(view->contract) : NULL;

        if (reports)
                cli_json_text(j, "reporting_appliance", reports);
        else
                cli_json_null(j, "reporting_appliance");
}
