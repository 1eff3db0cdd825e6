/* SPDX-License-Identifier: Apache-2.0 */

/* usage: what was consumed, in local time, with what it cost and what was not measured. */

#include <string.h>

#include "cli/usage.h"

static enum usage_by parse_by(const char *word)
{
        if (word && strcmp(word, "hour") == 0)
                return USAGE_BY_HOUR;
        return word && strcmp(word, "day") == 0 ? USAGE_BY_DAY : USAGE_BY_MONTH;
}

static bool is_tenant(const struct cli_view *view, const char *id)
{
        for (size_t i = 0; view->contract && i < view->contract->n_tenants; i++)
                if (strcmp(view->contract->tenants[i].id, id) == 0)
                        return true;
        return strcmp(id, "_unassigned") == 0;
}

static bool is_resource(const struct cli_view *view, const char *id)
{
        for (size_t i = 0; view->contract && i < view->contract->n_prices; i++)
                if (strcmp(view->contract->prices[i].resource, id) == 0)
                        return true;
        for (size_t i = 0; i < VG_N_RESOURCES; i++)
                if (strcmp(vg_resource_row((enum vg_resource)i)->id, id) == 0)
                        return true;
        return false;
}

/* An empty table must mean "nothing used", never "no such name". */
static int check_names(struct cli *cli, const struct cli_view *view,
                       const struct usage_query *query, const struct usage *usage)
{
        if (usage->n_rows)
                return CLI_FINE;
        if (query->tenant && !is_tenant(view, query->tenant))
                return cli_failf(cli, CLI_REFUSED, "tenant",
                                 "abonné inconnu : « %s »; voir « vigie tenants »", query->tenant);
        if (query->resource && !is_resource(view, query->resource))
                return cli_failf(cli, CLI_REFUSED, "resource",
                                 "ressource inconnue : « %s »; voir « vigie contract show »",
                                 query->resource);
        return CLI_FINE;
}

int verb_usage(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(usage_done) struct usage usage = { 0 };
        const struct usage_query query = {
                .by = parse_by(cli_option(cli, "by")),
                .tenant = cli_option(cli, "tenant"),
                .resource = cli_option(cli, "resource"),
                .from = cli_option(cli, "from"),
                .to = cli_option(cli, "to"),
        };

        int r = cli_view_open(cli, &view);
        if (r == CLI_FINE)
                r = usage_read(cli, &view, &query, &usage);
        if (r == CLI_FINE)
                r = check_names(cli, &view, &query, &usage);
        if (r != CLI_FINE)
                return r;
        if (cli->json)
                return usage_print_json(cli, &view, &usage);
        return cli_option(cli, "csv") ? usage_print_csv(cli, &view, &usage)
                                      : usage_print(cli, &view, &usage);
}
