/* SPDX-License-Identifier: Apache-2.0 */

/* access list, access revoke: who is let in, and who is no longer. */

#include <errno.h>
#include <string.h>

#include "cli/view.h"

enum state { HOLDS, EXPIRED, REVOKED };

static const char *const state_words[] = { "granted", "expired", "revoked" };
static const char *const state_texts[] = { N_("en vigueur"), N_("expiré"), N_("révoqué") };

struct listing {
        struct cli *cli;
        struct cli_view view;
        struct vg_json j;
        struct cli_table *table;
        size_t n;
};

static int64_t until_of(const struct cli_view *view, const struct store_access *a)
{
        const int role = vg_role_find(a->role);

        return role < 0 ? a->until_s
                        : vg_contract_access_until(view->contract, (enum vg_role)role, a->until_s,
                                                   view->now_s);
}

static enum state state_of(const struct cli_view *view, const struct store_access *a)
{
        if (a->revoked_s)
                return REVOKED;
        return until_of(view, a) <= view->now_s ? EXPIRED : HOLDS;
}

static int put_json(void *ctx, const struct store_access *a)
{
        struct listing *l = ctx;
        struct vg_json *j = &l->j;

        vg_json_object(j, NULL);
        vg_json_string(j, "fingerprint", a->fingerprint);
        cli_json_time(j, "granted", a->granted_s);
        if (a->revoked_s)
                cli_json_time(j, "revoked", a->revoked_s);
        else
                cli_json_null(j, "revoked");
        cli_json_text(j, "role", a->role);
        vg_json_string(j, "state", state_words[state_of(&l->view, a)]);
        cli_json_text(j, "subject", a->subject);
        if (*a->tenant)
                cli_json_text(j, "tenant", a->tenant);
        else
                cli_json_null(j, "tenant");
        cli_json_time(j, "until", until_of(&l->view, a));
        vg_json_end_object(j);
        return 0;
}

static int put_row(void *ctx, const struct store_access *a)
{
        struct listing *l = ctx;
        const enum state state = state_of(&l->view, a);
        const enum cli_style style = state == HOLDS ? CLI_PLAIN : CLI_DIM;
        char when[CLI_TEXT];

        l->n++;
        cli_table_cell(l->table, style, a->role);
        cli_table_cell(l->table, style, a->tenant);
        cli_table_cell(l->table, style, _(state_texts[state]));
        cli_table_cell(l->table, style,
                       cli_when(l->cli, l->view.zone, until_of(&l->view, a), when));
        cli_table_cellf(l->table, style, "%.16s", a->fingerprint);
        cli_table_cell(l->table, style, a->subject);
        return 0;
}

static int list_json(struct listing *l)
{
        struct vg_err err = { 0 };

        vg_json_object(&l->j, NULL);
        vg_json_array(&l->j, "access");
        if (store_access_each(l->view.store, put_json, l, &err) < 0)
                return cli_view_fail(l->cli, &err);
        vg_json_end_array(&l->j);
        vg_json_end_object(&l->j);
        return cli_json_print(l->cli, &l->j);
}

static int list_text(struct listing *l)
{
        const struct cli_column columns[] = {
                { _("rôle"), CLI_LEFT, false, false }, { _("abonné"), CLI_LEFT, false, false },
                { _("état"), CLI_LEFT, false, false }, { _("jusqu'au"), CLI_LEFT, false, false },
                { _("clé"), CLI_LEFT, false, false },  { _("objet"), CLI_LEFT, true, false },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        struct vg_err err = { 0 };

        if (!table)
                return cli_failf(l->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        l->table = table;
        if (store_access_each(l->view.store, put_row, l, &err) < 0)
                return cli_view_fail(l->cli, &err);
        return l->n ? cli_table_print(l->cli, table)
                    : cli_done(l->cli, _("Aucun accès n'est inscrit."));
}

int verb_access_list(struct cli *cli)
{
        struct listing l = { .cli = cli };
        int r = cli_view_open(cli, &l.view);

        if (r == CLI_FINE)
                r = cli->json ? list_json(&l) : list_text(&l);
        vg_json_done(&l.j);
        cli_view_done(&l.view);
        return r;
}

/* ---- revoke ---- */

struct revoking {
        struct cli *cli;
        const char *role, *which; /* which: beginning of a fingerprint, or a subject; NULL: all */
        char (*list)[65];
        size_t n;
};

static int pick(void *ctx, const struct store_access *a)
{
        struct revoking *rv = ctx;

        if (a->revoked_s || strcmp(a->role, rv->role) != 0 ||
            (rv->which && strncmp(a->fingerprint, rv->which, strlen(rv->which)) != 0 &&
             strcmp(a->subject, rv->which) != 0))
                return 0;
        void *list = reallocarray(rv->list, rv->n + 1, sizeof(*rv->list));
        if (!list)
                return -ENOMEM;
        rv->list = list;
        snprintf(rv->list[rv->n++], sizeof(*rv->list), "%s", a->fingerprint);
        return 0;
}

static int revoke(struct cli *cli, const char *fingerprint, const char *reason)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        vg_json_string(&body, "fingerprint", fingerprint);
        vg_json_string(&body, "lang", vg_lang());
        cli_json_text(&body, "reason", reason);
        vg_json_string(&body, "verb", "access.revoke");
        vg_json_end_object(&body);
        return cli_act(cli, &body, NULL);
}

static int revoke_all(struct revoking *rv, const char *reason)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct vg_err err = { 0 };
        char text[256];
        int r = cli_view_open(rv->cli, &view);

        if (r != CLI_FINE)
                return r;
        if (store_access_each(view.store, pick, rv, &err) < 0)
                return cli_view_fail(rv->cli, &err);
        if (!rv->n)
                return cli_failf(rv->cli, CLI_REFUSED, "no-such-access",
                                 "aucun accès en vigueur de ce rôle et de cette clé");
        for (size_t i = 0; i < rv->n && r == CLI_FINE; i++)
                r = revoke(rv->cli, rv->list[i], reason);
        if (r != CLI_FINE)
                return r;
        snprintf(text, sizeof(text),
                 _("Révocation inscrite au registre, certificats : %zu. Plus aucun n'est accepté "
                   "dès le prochain envoi."),
                 rv->n);
        return cli_done(rv->cli, text);
}

int verb_access_revoke(struct cli *cli)
{
        struct revoking rv = { .cli = cli,
                               .role = cli->args[0],
                               .which = cli->n_args > 1 ? cli->args[1] : NULL };
        const char *reason = cli_option(cli, "reason");

        if (vg_role_find(rv.role) < 0)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "« %s » n'est pas un rôle; il y a contract_manager, client_it, "
                                 "tenant_owner, supplier_maintenance et broker",
                                 rv.role);
        if (!reason || !*reason)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason est nécessaire : l'acte est inscrit au registre");
        int r = revoke_all(&rv, reason);
        free(rv.list);
        return r;
}
