/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/lists.h"

#include <string.h>

#include "cli/alerts.h"
#include "cli/domains.h"
#include "cli/rows.h"
#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/egress.h"
#include "vigie/fact.h"
#include "vigie/isolation.h"
#include "vigie/meter.h"
#include "vigie/tenant.h"

/* A shell puts a candidate on the command line as it is: a domain called $(…) must not get there. */
static bool is_harmless(const char *text)
{
        return strspn(text,
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:/=@%+-") ==
               strlen(text);
}

void cli_offer(struct cli *cli, const char *typed, const char *candidate)
{
        if (strncmp(candidate, typed, strlen(typed)) == 0 && is_harmless(candidate))
                fprintf(cli->out, "%s\n", candidate);
}

/* A ledger that cannot be read proposes nothing: no message while somebody types. */
static bool open_view(struct cli *cli, struct cli_view *view)
{
        const struct vg_settings *settings;
        struct vg_err err = { 0 };

        return cli_settings(cli, &settings) == CLI_FINE && cli_view_try(cli, view, &err) == 0;
}

static void offer_checks(struct cli *cli, const char *typed)
{
        size_t n;
        const struct vg_check *checks = vg_check_rows(&n);

        for (size_t i = 0; i < n; i++)
                cli_offer(cli, typed, checks[i].id);
}

static void offer_contract(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };

        if (open_view(cli, &view) && view.contract)
                cli_offer(cli, typed, view.contract->id);
}

/* Those of the contract, up to this one. */
static void offer_months(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        char text[16];

        if (!open_view(cli, &view) || !view.contract)
                return;
        const int32_t now = vg_month_of(vg_zone_date(view.zone, view.now_s));
        for (int32_t month = vg_month_of(view.contract->start); month <= now; month++)
                cli_offer(cli, typed, vg_month_format(month, text));
}

static void offer_recipients(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };

        if (!open_view(cli, &view))
                return;
        for (size_t i = 0; view.contract && i < view.contract->n_recipients; i++)
                cli_offer(cli, typed, view.contract->recipients[i].id);
}

static void offer_tenants(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };

        if (!open_view(cli, &view))
                return;
        for (size_t i = 0; view.contract && i < view.contract->n_tenants; i++)
                cli_offer(cli, typed, view.contract->tenants[i].id);
        cli_offer(cli, typed, VG_TENANT_NOBODY);
}

static void offer_resources(struct cli *cli, const char *typed)
{
        for (int i = 0; i < VG_N_RESOURCES; i++)
                cli_offer(cli, typed, vg_resource_row((enum vg_resource)i)->id);
}

struct offering {
        struct cli *cli;
        const char *typed;
};

static int offer_endpoint(void *ctx, const char *text)
{
        const struct offering *o = ctx;

        cli_offer(o->cli, o->typed, text);
        return 0;
}

static void offer_endpoints(struct cli *cli, const char *typed)
{
        const struct vg_settings *settings;
        struct offering offering = { cli, typed };

        if (cli_settings(cli, &settings) == CLI_FINE)
                vg_egress_each(settings->egress_hosts, offer_endpoint, &offering);
}

static int offer_domain(void *ctx, const struct vg_book_domain *domain)
{
        const struct offering *o = ctx;

        if (domain->state != VG_DOMAIN_GONE)
                cli_offer(o->cli, o->typed, domain->who.name);
        return 0;
}

static void offer_domains(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(vg_book_freep) struct vg_book *book = NULL;
        struct offering offering = { cli, typed };
        struct vg_err err = { 0 };

        if (open_view(cli, &view) && domains_read(&view, &book, &err) == 0)
                vg_book_each(book, offer_domain, &offering);
}

static void offer_alerts(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(alerts_done) struct alerts alerts = { 0 };
        struct vg_err err = { 0 };

        if (!open_view(cli, &view) || alerts_read(cli, &view, true, &alerts, &err) < 0)
                return;
        for (size_t i = 0; i < alerts.n; i++)
                cli_offer(cli, typed, alerts.rows[i].key);
}

static void offer_facts(struct cli *cli, const char *typed)
{
        for (int kind = 0; kind < VG_FACT_N; kind++)
                cli_offer(cli, typed, vg_fact_row((enum vg_fact_kind)kind)->word);
}

static int offer_fault(void *ctx, const struct store_fault *fault)
{
        const struct offering *o = ctx;

        cli_offer(o->cli, o->typed, fault->id);
        return 0;
}

static void offer_faults(struct cli *cli, const char *typed)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct offering offering = { cli, typed };
        struct vg_err err = { 0 };

        if (open_view(cli, &view))
                (void)store_fault_each(view.store, NULL, true, offer_fault, &offering, &err);
}

static void offer_files(struct cli *cli, const char *typed _unused_)
{
        fputs(":files\n", cli->out);
}

static void offer_folders(struct cli *cli, const char *typed _unused_)
{
        fputs(":folders\n", cli->out);
}

static void offer_roles(struct cli *cli, const char *typed)
{
        for (int role = 0; role < VG_ROLE_N; role++)
                cli_offer(cli, typed, vg_role_name((enum vg_role)role));
}

static void offer_shells(struct cli *cli, const char *typed)
{
        cli_offer(cli, typed, "bash");
}

static void offer_verbs(struct cli *cli, const char *typed)
{
        char first[64], last[64] = "";

        for (size_t i = 0; i < cli_n_verbs; i++) {
                if (cli_verbs[i].section == CLI_HIDDEN)
                        continue;
                snprintf(first, sizeof(first), "%.*s", (int)strcspn(cli_verbs[i].words, " "),
                         cli_verbs[i].words);
                if (strcmp(first, last) != 0)
                        cli_offer(cli, typed, first);
                snprintf(last, sizeof(last), "%s", first);
        }
}

void cli_offer_list(struct cli *cli, const char *typed, const char *list)
{
        static const struct {
                const char *name;
                void (*offer)(struct cli *cli, const char *typed);
        } lists[] = {
                { "ALERT", offer_alerts },         { "CHECK", offer_checks },
                { "CONTRACT", offer_contract },    { "DIR", offer_folders },
                { "DOMAIN", offer_domains },       { "ENDPOINT", offer_endpoints },
                { "FACT", offer_facts },           { "FAULT", offer_faults },
                { "FILE", offer_files },           { "MONTH", offer_months },
                { "RECIPIENT", offer_recipients }, { "RESOURCE", offer_resources },
                { "ROLE", offer_roles },           { "SHELL", offer_shells },
                { "TENANT", offer_tenants },       { "VERB", offer_verbs },
        };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                if (strcmp(lists[i].name, list) == 0)
                        lists[i].offer(cli, typed);
}
