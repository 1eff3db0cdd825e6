/* SPDX-License-Identifier: Apache-2.0 */

/* tenants map: from an instant on, this domain is that tenant's. An act: the keeper records it with
 * its author, and rates again what it moves. */

#include <string.h>

#include "cli/domains.h"
#include "vigie/civil.h"

/* In lower case, as libvirt writes them: that is what the register compares. */
static bool read_uuid(const char *text, char uuid[64])
{
        static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

        if (strlen(text) != sizeof(form) - 1)
                return false;
        for (size_t i = 0; i < sizeof(form); i++) {
                uuid[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
                if (form[i] == 'x' ? !strchr("0123456789abcdef", uuid[i]) : uuid[i] != form[i])
                        return false;
        }
        return true;
}

struct search {
        const char *name;
        char uuid[64];
        size_t n;
        bool volume;
};

static int match(void *ctx, const struct vg_book_domain *domain)
{
        struct search *search = ctx;

        if (strcmp(domain->who.name, search->name) != 0 || domain->state == VG_DOMAIN_GONE)
                return 0;
        search->n++;
        search->volume = domain->volume;
        snprintf(search->uuid, sizeof(search->uuid), "%s", domain->who.uuid);
        return 0;
}

/* How the register will recognise it: a UUID stays with its domain while names come and go, so a
 * name that one domain bears now is recorded as its UUID. */
static int recognise(struct cli *cli, const struct cli_view *view, struct search *search,
                     const char **ret_by, const char **ret_value)
{
        _cleanup_(vg_book_freep) struct vg_book *book = NULL;
        const char *by = cli_option(cli, "as");
        struct vg_err err = { 0 };

        const bool is_uuid = read_uuid(search->name, search->uuid);
        *ret_value = search->name;
        *ret_by = by ? by : is_uuid ? "uuid" : "name";
        if (strcmp(*ret_by, "uuid") == 0) {
                *ret_value = search->uuid;
                return is_uuid ? CLI_FINE
                               : cli_failf(cli, CLI_USAGE, "usage", "« %s » n'est pas un UUID",
                                           search->name);
        }
        if (by || strchr(search->name, '*'))
                return CLI_FINE;
        if (domains_read(view, &book, &err) < 0)
                return cli_view_fail(cli, &err);
        vg_book_each(book, match, search);
        if (search->n == 0)
                return cli_failf(cli, CLI_REFUSED, "no-such-domain",
                                 "aucun domaine ne s'appelle « %s » en ce moment; donner son UUID, "
                                 "ou --as name pour un nom à venir",
                                 search->name);
        if (search->n > 1)
                return cli_failf(cli, CLI_REFUSED, "ambiguous",
                                 "%zu domaines s'appellent « %s »; donner l'UUID", search->n,
                                 search->name);
        *ret_by = search->volume ? "volume" : "uuid";
        *ret_value = search->volume ? search->name : search->uuid;
        return CLI_FINE;
}

static int send(struct cli *cli, const char *by, const char *value, const char *tenant,
                int64_t from_s, const char *reason)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char from[32], text[512];
        int64_t moved = 0;

        vg_json_object(&body, NULL);
        vg_json_string(&body, "by", by);
        vg_json_string(&body, "from", vg_utc_format(from_s, from));
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "reason", reason);
        vg_json_string(&body, "tenant", tenant);
        vg_json_string(&body, "value", value);
        vg_json_string(&body, "verb", "tenant.map");
        vg_json_end_object(&body);

        int r = cli_act(cli, &body, &result);
        if (r != CLI_FINE)
                return r;
        (void)vg_json_get_int(result, "moved", &moved);
        snprintf(text, sizeof(text),
                 _("Inscrit : %s %s est à l'abonné %s depuis %s; intervalles repris : %lld."), by,
                 value, tenant, from, (long long)moved);
        return cli_done(cli, text);
}

int verb_tenants_map(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct search search = { .name = cli->args[0] };
        const char *tenant = cli->args[1], *reason = cli_option(cli, "reason"), *by, *value;

        if (!reason || !*reason)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason est nécessaire : l'acte est inscrit au registre");
        if (!vg_tenant_id_valid(tenant) && strcmp(tenant, VG_TENANT_NOBODY) != 0)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "« %s » n'est pas un identifiant d'abonné", tenant);

        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;

        int64_t from_s = view.now_s;
        if (cli_option(cli, "from")) {
                r = cli_parse_time(cli, &view, "from", cli_option(cli, "from"), false, &from_s);
                if (r != CLI_FINE)
                        return r;
        }
        r = recognise(cli, &view, &search, &by, &value);
        if (r != CLI_FINE)
                return r;
        if (view.contract && !vg_contract_tenant(view.contract, tenant))
                cli_progress(cli,
                             "attention : l'abonné « %s » n'est pas au contrat; sa consommation "
                             "sera tarifée comme sans abonné",
                             tenant);
        return send(cli, by, value, tenant, from_s, reason);
}
