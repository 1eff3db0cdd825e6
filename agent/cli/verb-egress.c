/* SPDX-License-Identifier: Apache-2.0 */

/* egress, egress approve, egress revoke: where the agent may connect to. An endpoint is open where
 * [egress] hosts lists it and an act approves it; whoever it belongs to is the contract's business. */

#include <string.h>

#include "cli/view.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/egress.h"

/* ---- the list: of the settings, and what is approved without being there ---- */

struct listing {
        struct cli *cli;
        const struct cli_view *view;
        const struct vg_settings *settings;
        struct cli_table *table;
        struct vg_json json;
        struct vg_err *err;
        bool found;
        const char *endpoint; /* that is looked for among the approvals */
        struct store_approval approval;
        char who[CLI_TEXT];
};

static int find(void *ctx, const struct store_approval *approval)
{
        struct listing *listing = ctx;

        if (strcmp(approval->endpoint, listing->endpoint) != 0)
                return 0;
        listing->found = true;
        listing->approval = *approval;
        snprintf(listing->who, sizeof(listing->who), "%s", approval->user);
        return 0;
}

static void put(struct listing *listing, const char *endpoint,
                const struct store_approval *approval)
{
        struct cli *cli = listing->cli;
        const struct vg_egress egress = {
                .mode = listing->settings->egress_mode,
                .hosts = listing->settings->egress_hosts,
                .is_approved = approval,
                .is_public_cloud = approval && approval->is_public_cloud,
                .public_cloud_allowed = true, /* a contract's ban is said of each destination */
        };
        const bool cloud = egress.is_public_cloud || vg_egress_is_public_cloud(endpoint);
        const enum vg_egress_verdict verdict = vg_egress_judge(&egress, endpoint);
        const char *text = vg_egress_text(verdict);
        char when[CLI_TEXT], why[512] = "";

        if (text)
                snprintf(why, sizeof(why), _(text), endpoint);
        if (cli->json) {
                vg_json_object(&listing->json, NULL);
                cli_json_bool(&listing->json, "approved", approval);
                cli_json_text(&listing->json, "endpoint", endpoint);
                cli_json_bool(&listing->json, "open", !text);
                cli_json_bool(&listing->json, "public_cloud", cloud);
                cli_json_text(&listing->json, "why", why);
                vg_json_end_object(&listing->json);
                return;
        }
        cli_table_cell(listing->table, CLI_PLAIN, endpoint);
        cli_table_cell(listing->table, text ? CLI_WARN : CLI_GOOD,
                       text ? _("fermée") : _("ouverte"));
        cli_table_cellf(listing->table, CLI_DIM, "%s%s", approval ? listing->who : "",
                        cloud ? _(", nuage public") : "");
        cli_table_cell(listing->table, CLI_DIM,
                       approval ? cli_when(cli, listing->view->zone,
                                           vg_floor_div(approval->utc_ns, 1000000000), when)
                                : "");
        cli_table_cell(listing->table, CLI_PLAIN, text ? why + strlen(endpoint) : "");
}

static int put_listed(void *ctx, const char *text)
{
        struct listing *listing = ctx;
        char endpoint[VG_ENDPOINT_SIZE];

        if (vg_endpoint_parse(text, endpoint) < 0)
                return 0;
        listing->endpoint = endpoint;
        listing->found = false;
        int r = store_approval_each(listing->view->store, find, listing, listing->err);
        if (r == 0)
                put(listing, endpoint, listing->found ? &listing->approval : NULL);
        return r;
}

static int is_same(void *endpoint, const char *text)
{
        char other[VG_ENDPOINT_SIZE];

        return vg_endpoint_parse(text, other) == 0 && strcmp(other, endpoint) == 0;
}

static int put_unlisted(void *ctx, const struct store_approval *approval)
{
        struct listing *listing = ctx;
        char endpoint[VG_ENDPOINT_SIZE];

        snprintf(endpoint, sizeof(endpoint), "%s", approval->endpoint);
        snprintf(listing->who, sizeof(listing->who), "%s", approval->user);
        if (vg_egress_each(listing->settings->egress_hosts, is_same, endpoint) == 0)
                put(listing, endpoint, approval);
        return 0;
}

int verb_egress(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        const struct cli_column columns[] = {
                { .heading = _("Destination") },
                { .heading = _("État") },
                { .heading = _("Approuvée par") },
                { .heading = _("Le") },
                { .heading = _("Pourquoi"), .elastic = true, .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        struct vg_err err = { 0 };
        struct listing listing = { .cli = cli, .view = &view, .table = table, .err = &err };
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE)
                r = cli_settings(cli, &listing.settings);
        if (r != CLI_FINE)
                return r;
        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        vg_json_object(&listing.json, NULL);
        vg_json_array(&listing.json, "destinations");
        r = vg_egress_each(listing.settings->egress_hosts, put_listed, &listing);
        if (r == 0)
                r = store_approval_each(view.store, put_unlisted, &listing, &err);
        vg_json_end_array(&listing.json);
        cli_json_text(&listing.json, "mode", listing.settings->egress_mode);
        cli_json_text(&listing.json, "networks", listing.settings->egress_networks);
        vg_json_end_object(&listing.json);
        if (r < 0) {
                r = cli_view_fail(cli, &err);
        } else if (cli->json) {
                r = cli_json_print(cli, &listing.json);
        } else {
                cli_printf(cli, CLI_PLAIN, _("[egress] mode = %s; réseaux : %s\n"),
                           listing.settings->egress_mode,
                           *listing.settings->egress_networks ? listing.settings->egress_networks
                                                              : _("aucun"));
                r = cli_table_print(cli, table);
        }
        vg_json_done(&listing.json);
        return r;
}

/* ---- acts ---- */

static int send(struct cli *cli, const char *verb, bool with_cloud, json_t **ret_result)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char endpoint[VG_ENDPOINT_SIZE];

        if (vg_endpoint_parse(cli->args[0], endpoint) < 0)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "hôte:port attendu, p. ex. alertes.exemple.quebec:443");
        vg_json_object(&body, NULL);
        vg_json_string(&body, "endpoint", endpoint);
        vg_json_string(&body, "lang", vg_lang());
        if (with_cloud)
                vg_json_int(&body, "public_cloud", cli_option(cli, "public-cloud") != NULL);
        vg_json_string(&body, "verb", verb);
        vg_json_end_object(&body);
        return cli_act(cli, &body, ret_result);
}

int verb_egress_approve(struct cli *cli)
{
        const struct vg_settings *settings;
        char endpoint[VG_ENDPOINT_SIZE];
        int r = cli_settings(cli, &settings);

        if (r == CLI_FINE)
                r = send(cli, "egress.approve", true, NULL);
        if (r != CLI_FINE)
                return r;
        if (vg_endpoint_parse(cli->args[0], endpoint) == 0 &&
            vg_egress_each(settings->egress_hosts, is_same, endpoint) == 0)
                cli_progress(cli, "%s n'est pas encore dans [egress] hosts : rien n'y va.",
                             endpoint);
        return cli_done(cli, _("Destination approuvée, acte inscrit au registre."));
}

int verb_egress_revoke(struct cli *cli)
{
        int r = send(cli, "egress.revoke", false, NULL);

        return r != CLI_FINE
                       ? r
                       : cli_done(cli, _("Approbation retirée, acte inscrit au registre : rien "
                                         "n'y va plus."));
}
