/* SPDX-License-Identifier: Apache-2.0 */

/* tenants propose: domains that are nobody's, what they say of themselves, and a guess. A guess is
 * never acted upon: the command to run is printed, and a person runs it. */

#include <string.h>

#include "cli/domains.h"

struct proposal {
        struct cli *cli;
        const struct cli_view *view;
        const char **known; /* tenants of the contract */
        size_t n_known, n;
        struct vg_tenant_rules rules; /* an act counts before the reader speaks again */
        struct vg_json *j;            /* NULL: for people */
};

static const char *by_text(enum vg_tenant_by by)
{
        static const char *const texts[] = {
                [VG_BY_UUID] = N_("son UUID"),
                [VG_BY_VOLUME] = N_("son volume"),
                [VG_BY_METADATA] = N_("ses métadonnées"),
                [VG_BY_NOVA] = N_("son projet Nova"),
                [VG_BY_OPENNEBULA] = N_("son groupe OpenNebula"),
                [VG_BY_KUBEVIRT] = N_("son espace KubeVirt"),
                [VG_BY_NAME] = N_("son nom"),
                [VG_BY_NOBODY] = N_("rien"),
        };

        return _(texts[by]);
}

struct evidence {
        const char *name, *text;
};

static size_t gather(const struct vg_hints *hints, struct evidence list[4])
{
        const struct evidence all[] = {
                /* in byte order, for JSON */
                { "kubevirt", hints->kubevirt },
                { "metadata", hints->metadata },
                { "nova", hints->nova },
                { "opennebula", hints->opennebula },
        };
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                if (all[i].text)
                        list[n++] = all[i];
        return n;
}

static void write_one(const struct proposal *p, const struct vg_book_domain *domain,
                      enum vg_tenant_by by, const char *guess)
{
        struct evidence evidence[4];
        const size_t n = gather(&domain->who.hints, evidence);

        vg_json_object(p->j, NULL);
        vg_json_object(p->j, "evidence");
        for (size_t i = 0; i < n; i++)
                cli_json_text(p->j, evidence[i].name, evidence[i].text);
        vg_json_end_object(p->j);
        if (by != VG_BY_NOBODY)
                cli_json_text(p->j, "guess", guess);
        else
                cli_json_null(p->j, "guess");
        vg_json_string(p->j, "guess_by", vg_tenant_by_name(by));
        cli_json_bool(p->j, "hostile", domain->hostile);
        cli_json_text(p->j, "name", domain->who.name);
        cli_json_text(p->j, "uuid", domain->who.uuid);
        vg_json_int(p->j, "vcpus", (int64_t)domain->vcpus);
        cli_json_bool(p->j, "volume", domain->volume);
        vg_json_end_object(p->j);
}

static void print_evidence(struct cli *cli, const struct vg_book_domain *domain)
{
        struct evidence evidence[4];
        const size_t n = gather(&domain->who.hints, evidence);

        for (size_t i = 0; i < n; i++)
                cli_printf(cli, CLI_PLAIN, _("  indice    %s : %.200s\n"), evidence[i].name,
                           evidence[i].text);
        if (!n)
                cli_print(cli, CLI_DIM, _("  indice    aucun, sinon son nom\n"));
        if (domain->hostile)
                cli_print(cli, CLI_WARN,
                          _("  attention ce qu'il dit de lui-même n'est pas un identifiant "
                            "permis\n"));
}

static void print_one(struct cli *cli, const struct vg_book_domain *domain, enum vg_tenant_by by,
                      const char *guess)
{
        const char *what = domain->volume ? domain->who.name : domain->who.uuid;

        cli_printf(cli, CLI_STRONG, "\n%.200s", domain->who.name);
        cli_printf(cli, CLI_DIM, "  %s\n", domain->volume ? _("volume") : domain->who.uuid);
        print_evidence(cli, domain);
        if (by == VG_BY_NOBODY)
                cli_print(cli, CLI_WARN, _("  abonné    aucune idée\n"));
        else
                cli_printf(cli, CLI_PLAIN, _("  abonné    peut-être %s, d'après %s\n"), guess,
                           by_text(by));
        cli_printf(cli, CLI_DIM, "  vigie tenants map %s %s --reason \"…\"\n", what,
                   by == VG_BY_NOBODY ? _("ABONNÉ") : guess);
}

static int take(void *ctx, const struct vg_book_domain *domain)
{
        struct proposal *p = ctx;
        char guess[VG_TENANT_ID_MAX + 1] = "";
        struct vg_attribution now;

        if (domain->by != VG_BY_NOBODY || domain->state == VG_DOMAIN_GONE)
                return 0;
        vg_tenant_attribute(&domain->who, &p->rules, p->view->now_s, &now);
        if (now.by != VG_BY_NOBODY)
                return 0;

        enum vg_tenant_by by = vg_tenant_guess(&domain->who, p->known, p->n_known, guess);
        p->n++;
        if (p->j)
                write_one(p, domain, by, guess);
        else
                print_one(p->cli, domain, by, guess);
        return 0;
}

static int finish_json(struct cli *cli, struct vg_json *j)
{
        vg_json_end_array(j);
        vg_json_end_object(j);
        return cli_json_print(cli, j);
}

int verb_tenants_propose(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(vg_book_freep) struct vg_book *book = NULL;
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_(domains_map_done) struct domains_map map = { 0 };
        _cleanup_free_ const char **known = NULL;
        struct vg_err err = { 0 };

        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;
        if (domains_read(&view, &book, &err) < 0 || domains_map_read(&view, &map, &err) < 0)
                return cli_view_fail(cli, &err);

        const size_t n_known = view.contract ? view.contract->n_tenants : 0;
        known = calloc(n_known + 1, sizeof(*known));
        if (!known)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < n_known; i++)
                known[i] = view.contract->tenants[i].id;

        struct proposal p = {
                .cli = cli,
                .view = &view,
                .known = known,
                .n_known = n_known,
                .rules = { .rows = map.rows, .n_rows = map.n },
                .j = cli->json ? &j : NULL,
        };
        vg_json_object(&j, NULL);
        vg_json_array(&j, "unassigned");
        vg_book_each(book, take, &p);
        if (cli->json)
                r = finish_json(cli, &j);
        else if (!p.n)
                cli_printf(cli, CLI_GOOD, "%s\n", _("Chaque domaine a son abonné."));
        return r == CLI_FINE && p.n ? CLI_FOUND : r;
}
