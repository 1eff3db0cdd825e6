/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/partial.h"

#include <string.h>

#include "os/settings.h"

static const char *reporting_of(const struct cli_view *view)
{
        return view->contract ? vg_contract_reporting_appliance(view->contract) : NULL;
}

static int note_last(void *ctx, int64_t start_s)
{
        int64_t *last_s = ctx;

        *last_s = start_s;
        return 0;
}

/* What cannot be read was not received. */
static void count_other(const struct cli_view *view, const char *appliance, struct partial *partial)
{
        const struct vg_contract *c = view->contract;
        int64_t last_s = INT64_MIN;
        struct vg_err err = { 0 };

        if (store_received_each(view->store, appliance, c->start_s, INT64_MAX, note_last, &last_s,
                                &err) < 0 ||
            last_s == INT64_MIN)
                return;
        partial->n_told++;
        if (last_s + c->interval_s < partial->until_s)
                partial->until_s = last_s + c->interval_s;
}

struct partial partial_read(const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const char *own = view->settings->appliance_id, *reports = reporting_of(view);
        struct partial partial = {
                .n_listed = c ? vg_contract_n_appliances(c) : 1,
                .n_told = 1,
                .reports = reports && strcmp(reports, own) == 0,
                .until_s = INT64_MAX,
        };

        for (size_t i = 0; c && partial.reports && i < c->n_sites; i++)
                for (size_t k = 0; k < c->sites[i].n_appliances; k++)
                        if (strcmp(c->sites[i].appliances[k], own) != 0)
                                count_other(view, c->sites[i].appliances[k], &partial);
        return partial;
}

bool partial_is(const struct cli_view *view)
{
        const struct partial partial = partial_read(view);

        return partial.n_told < partial.n_listed;
}

void partial_print(struct cli *cli, const struct cli_view *view, size_t indent)
{
        const struct partial partial = partial_read(view);
        const bool is_partial = partial.n_told < partial.n_listed;
        char text[512], when[CLI_TEXT];
        int n;

        if (partial.n_listed < 2)
                return;
        if (is_partial && partial.reports)
                n = snprintf(text, sizeof(text),
                             _("%zu de %zu appareils : partiel. Cet appareil-ci tarife le contrat; "
                               "« vigie usage import » y inscrit ce que les autres écrivent par "
                               "« vigie usage export »."),
                             partial.n_told, partial.n_listed);
        else if (is_partial)
                n = snprintf(
                        text, sizeof(text),
                        _("1 de %zu appareils : partiel. L'appareil %s tarife le contrat et en "
                          "donne les alertes."),
                        partial.n_listed, reporting_of(view));
        else
                n = snprintf(text, sizeof(text), _("%zu de %zu appareils."), partial.n_told,
                             partial.n_listed);
        if (partial.until_s != INT64_MAX)
                snprintf(text + n, sizeof(text) - (size_t)n, _(" Relevés des autres jusqu'au %s."),
                         cli_when(cli, view->zone, partial.until_s, when));
        cli_wrap(cli, is_partial ? CLI_WARN : CLI_DIM, indent, text);
}

void partial_write_count(const struct cli_view *view, struct vg_json *j)
{
        const struct partial partial = partial_read(view);

        vg_json_int(j, "appliances", (int64_t)partial.n_listed);
        vg_json_int(j, "appliances_told", (int64_t)partial.n_told);
}

void partial_write(const struct cli_view *view, struct vg_json *j)
{
        cli_json_bool(j, "partial", partial_is(view));
}

void partial_write_reporting(const struct cli_view *view, struct vg_json *j)
{
        const char *reports = reporting_of(view);

        if (reports)
                cli_json_text(j, "reporting_appliance", reports);
        else
                cli_json_null(j, "reporting_appliance");
}
