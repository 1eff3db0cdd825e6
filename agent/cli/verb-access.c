/* SPDX-License-Identifier: Apache-2.0 */

/* access grant, list, revoke: whose certificate is let in, for which role, until when. The keeper
 * records it; whoever lets in reads it from the ledger (store_access_each()). */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/certificate.h"
#include "cli/domains.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

enum { DEFAULT_DAYS = 365, NAME_MAX_BYTES = 64 };

struct granting {
        struct cli *cli;
        struct cli_view view;
        enum vg_role role;
        const char *name, *tenant, *folder;
        int64_t until_s;
        struct certificate certificate;
        struct certificate_texts texts;
        char *key_path, *path, *authority_path; /* files made */
};

static int read_role(struct cli *cli, enum vg_role *ret_role)
{
        const int role = vg_role_find(cli->args[0]);

        if (role >= 0) {
                *ret_role = (enum vg_role)role;
                return CLI_FINE;
        }
        return cli_failf(cli, CLI_USAGE, "usage",
                         "« %s » n'est pas un rôle; il y a contract_manager, client_it, "
                         "tenant_owner, supplier_maintenance et broker",
                         cli->args[0]);
}

/* ---- until when ---- */

static int read_until(struct granting *g)
{
        const char *until = cli_option(g->cli, "until");
        const int64_t usual_s = g->view.now_s + DEFAULT_DAYS * (int64_t)VG_DAY_S;

        if (until)
                return cli_parse_time(g->cli, &g->view, "until", until, false, &g->until_s);
        /* Where the end is not said, the supplier's is the contract's. */
        g->until_s = g->role == VG_ROLE_SUPPLIER_MAINTENANCE && g->view.contract
                             ? vg_contract_end_at(g->view.contract, g->view.now_s)->value
                             : usual_s;
        return CLI_FINE;
}

/* ---- the act ---- */

static int send_grant(struct granting *g, bool is_issued)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char until[32];

        vg_json_object(&body, NULL);
        vg_json_string(&body, "fingerprint", g->certificate.fingerprint);
        vg_json_int(&body, "issued", is_issued);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "role", vg_role_name(g->role));
        cli_json_text(&body, "subject", g->certificate.subject);
        cli_json_text(&body, "tenant", g->tenant ? g->tenant : "");
        vg_json_string(&body, "until", vg_utc_format(g->until_s, until));
        vg_json_string(&body, "verb", "access.grant");
        vg_json_end_object(&body);
        return cli_act(g->cli, &body, NULL);
}

static int report(struct granting *g)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct cli *cli = g->cli;
        char when[CLI_TEXT];

        if (!cli->json) {
                cli_printf(cli, CLI_GOOD, _("Accès inscrit au registre : %s, %s, jusqu'au %s.\n"),
                           vg_role_name(g->role), g->certificate.subject,
                           cli_when(cli, g->view.zone, g->until_s, when));
                cli_printf(cli, CLI_PLAIN, _("clé publique, SHA-256 : %s\n"),
                           g->certificate.fingerprint);
                if (g->path)
                        cli_printf(cli, CLI_PLAIN,
                                   _("à remettre à qui l'emploie, la clé par un moyen sûr :\n"
                                     "  %s\n  %s\n  %s\n"),
                                   g->key_path, g->path, g->authority_path);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        cli_json_text(&j, "certificate", g->path ? g->path : "");
        vg_json_string(&j, "fingerprint", g->certificate.fingerprint);
        cli_json_text(&j, "key", g->key_path ? g->key_path : "");
        vg_json_string(&j, "role", vg_role_name(g->role));
        cli_json_text(&j, "subject", g->certificate.subject);
        cli_json_text(&j, "tenant", g->tenant ? g->tenant : "");
        cli_json_time(&j, "until", g->until_s);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

/* ---- one that somebody has already ---- */

static int register_one(struct granting *g)
{
        struct vg_err err = { 0 };

        if (certificate_read(cli_option(g->cli, "certificate"), &g->certificate, &err) < 0)
                return cli_fail(g->cli, CLI_REFUSED, "certificate", &err);
        if (g->certificate.until_s < g->until_s)
                g->until_s = g->certificate.until_s;
        return send_grant(g, false);
}

/* ---- one that we issue ---- */

static bool is_plain_name(const char *name)
{
        static const char letters[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

        return *name && *name != '.' && *name != '-' && strlen(name) <= NAME_MAX_BYTES &&
               strspn(name, letters) == strlen(name);
}

static int name_files(struct granting *g)
{
        if (asprintf(&g->key_path, "%s/%s.key", g->folder, g->name) < 0)
                g->key_path = NULL;
        if (asprintf(&g->path, "%s/%s.pem", g->folder, g->name) < 0)
                g->path = NULL;
        if (asprintf(&g->authority_path, "%s/authority.pem", g->folder) < 0)
                g->authority_path = NULL;
        if (!g->key_path || !g->path || !g->authority_path)
                return cli_failf(g->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (mkdir(g->folder, 0700) < 0 && errno != EEXIST)
                return cli_failf(g->cli, CLI_REFUSED, "file", "%s : %s", g->folder,
                                 vg_errno_text(errno));
        if (access(g->key_path, F_OK) == 0 || access(g->path, F_OK) == 0)
                return cli_failf(g->cli, CLI_REFUSED, "file",
                                 "%s/%s.* existe déjà; donner un autre --name ou un autre --out",
                                 g->folder, g->name);
        return CLI_FINE;
}

static int put_files(struct granting *g, struct vg_err *err)
{
        const struct certificate_texts *t = &g->texts;
        int r = vg_file_write(g->key_path, t->key.data, t->key.n, 0600, err);

        if (r == 0)
                r = vg_file_write(g->path, t->certificate.data, t->certificate.n, 0644, err);
        if (r == 0)
                r = vg_file_write(g->authority_path, t->authority.data, t->authority.n, 0644, err);
        return r;
}

static int issue(struct granting *g)
{
        const struct certificate_wish wish = {
                .authority = g->view.settings->access_authority,
                .appliance = store_identity(g->view.store)->appliance,
                .name = g->name,
                .role = vg_role_name(g->role),
                .tenant = g->tenant,
                .serves = g->role == VG_ROLE_SUPPLIER_MAINTENANCE,
                .now_s = g->view.now_s,
                .until_s = g->until_s,
        };
        struct vg_err err = { 0 };
        int r = name_files(g);

        if (r != CLI_FINE)
                return r;
        if (g->until_s <= g->view.now_s)
                return cli_failf(g->cli, CLI_USAGE, "usage", "--until : cet instant est passé");
        if (certificate_issue(&wish, &g->certificate, &g->texts, &err) < 0)
                return cli_fail(g->cli, CLI_REFUSED, "certificate", &err);
        r = put_files(g, &err) < 0 ? cli_fail(g->cli, CLI_REFUSED, "file", &err)
                                   : send_grant(g, true);
        if (r != CLI_FINE) { /* nobody may hold a key that no record tells of */
                unlink(g->key_path);
                unlink(g->path);
        }
        return r;
}

static int grant(struct granting *g)
{
        const bool has_certificate = cli_option(g->cli, "certificate") != NULL;
        const char *name = cli_option(g->cli, "name");

        g->folder = cli_option(g->cli, "out");
        g->tenant = cli_option(g->cli, "tenant");
        g->name = name ? name : vg_role_name(g->role);
        if (has_certificate == (g->folder != NULL))
                return cli_failf(g->cli, CLI_USAGE, "usage",
                                 "donner --out DOSSIER pour délivrer un certificat, ou "
                                 "--certificate FICHIER pour en inscrire un");
        if (!has_certificate && !is_plain_name(g->name))
                return cli_failf(g->cli, CLI_USAGE, "usage",
                                 "--name : lettres, chiffres, point, tiret et souligné, 64 au "
                                 "plus");
        int r = cli_view_open(g->cli, &g->view);
        if (r == CLI_FINE)
                r = read_until(g);
        if (r == CLI_FINE)
                r = has_certificate ? register_one(g) : issue(g);
        return r == CLI_FINE ? report(g) : r;
}

int verb_access_grant(struct cli *cli)
{
        struct granting g = { .cli = cli };
        int r = read_role(cli, &g.role);

        if (r == CLI_FINE)
                r = grant(&g);
        certificate_texts_done(&g.texts);
        cli_view_done(&g.view);
        free(g.key_path);
        free(g.path);
        free(g.authority_path);
        return r;
}
