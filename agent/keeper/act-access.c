/* SPDX-License-Identifier: Apache-2.0 */

/* Who may come in: a certificate is let in by its public key, for a role, until a day; and is shown
 * the door. What is in the certificate was read by whoever asks: no foreign format is parsed here.
 *
 * access.grant  {"contract_id","fingerprint":"64 hex","issued":0|1,"role","subject","tenant",
 *               "until":"…Z"}; contract_id and tenant "" where there is none
 * access.revoke {"fingerprint","reason","role"} */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/json.h"

enum { SUBJECT_SIZE = 200, REASON_SIZE = 500 };

struct grant {
        struct act *act;
        const char *fingerprint, *subject, *tenant, *until;
        enum vg_role role;
        int64_t until_s, issued;
        struct vg_err *err;
};

static int read_fingerprint(struct act *act, const char **ret_text, struct vg_err *err)
{
        uint8_t bytes[VG_HASH_SIZE];
        int r = act_text(act, "fingerprint", 2 * VG_HASH_SIZE, ret_text, err);

        if (r == 0 && vg_hex_parse(*ret_text, bytes, sizeof(bytes)) < 0)
                r = act_refuse(act, err, "bad-body",
                               N_("« fingerprint » : 64 chiffres hexadécimaux attendus"));
        return r;
}

static int read_grant(struct grant *g)
{
        const char *role;
        int r = read_fingerprint(g->act, &g->fingerprint, g->err);

        if (r == 0)
                r = act_text(g->act, "role", 32, &role, g->err);
        if (r == 0)
                r = act_text(g->act, "subject", SUBJECT_SIZE, &g->subject, g->err);
        if (r == 0)
                r = act_text(g->act, "until", 32, &g->until, g->err);
        if (r != 0)
                return r;
        const int found = vg_role_find(role);
        if (found < 0)
                return act_refuse(g->act, g->err, "no-such-role", N_("rôle inconnu : %s"), role);
        g->role = (enum vg_role)found;
        g->tenant = "";
        (void)vg_json_get_string(g->act->request->body, "tenant", &g->tenant);
        (void)vg_json_get_int(g->act->request->body, "issued", &g->issued);
        if (vg_utc_parse(g->until, &g->until_s) < 0)
                return act_refuse(g->act, g->err, "bad-body",
                                  N_("« until » : instant UTC attendu"));
        return 0;
}

/* A tenant's owner sees that tenant alone; the others have none. */
static int judge_tenant(const struct grant *g)
{
        const struct vg_contract *contract = g->act->keeper->contract;
        const bool wanted = g->role == VG_ROLE_TENANT_OWNER;

        if (wanted != (*g->tenant != '\0'))
                return act_refuse(g->act, g->err, "bad-tenant",
                                  wanted ? N_("le rôle %s est celui d'un abonné : dire lequel")
                                         : N_("le rôle %s n'est celui d'aucun abonné"),
                                  vg_role_name(g->role));
        if (wanted && (!contract || !vg_contract_tenant(contract, g->tenant)))
                return act_refuse(g->act, g->err, "no-such-tenant",
                                  N_("le contrat en vigueur n'a pas d'abonné « %s »"), g->tenant);
        return 0;
}

static int judge_end(const struct grant *g)
{
        const struct vg_contract *contract = g->act->keeper->contract;
        const int64_t now_s = vg_floor_div(g->act->request->utc_ns, VG_NS_PER_S);
        char day[16];

        if (g->until_s <= now_s)
                return act_refuse(g->act, g->err, "in-the-past",
                                  N_("l'échéance de cet accès est déjà passée"));
        if (vg_contract_access_until(contract, g->role, g->until_s, now_s) == g->until_s)
                return 0;
        if (!contract)
                return act_refuse(g->act, g->err, "no-contract",
                                  N_("sans contrat en vigueur, le fournisseur n'a pas d'accès"));
        return act_refuse(g->act, g->err, "outlives-contract",
                          N_("l'accès du fournisseur finit avec le contrat, au plus tard à la fin "
                             "du %s"),
                          vg_date_format(vg_contract_last_day_at(contract, now_s), day));
}

static void after(struct act *act)
{
        access_wanted(act->keeper);
}

int act_access_grant(struct act *act, struct vg_err *err)
{
        const struct vg_contract *contract = act->keeper->contract;
        struct grant g = { .act = act, .err = err };
        struct vg_json detail = { 0 };
        int r = read_grant(&g);

        if (r == 0)
                r = judge_tenant(&g);
        if (r == 0)
                r = judge_end(&g);
        if (r != 0)
                return r;
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "contract_id", contract ? contract->id : "");
        vg_json_string(&detail, "fingerprint", g.fingerprint);
        vg_json_int(&detail, "issued", g.issued != 0);
        vg_json_string(&detail, "role", vg_role_name(g.role));
        vg_json_string(&detail, "subject", g.subject);
        vg_json_string(&detail, "tenant", g.tenant);
        vg_json_string(&detail, "until", g.until);
        vg_json_end_object(&detail);
        act->after = after;
        return act_record(act, &detail, err);
}

/* ---- the door ---- */

struct looking {
        const char *fingerprint;
        char role[32]; /* "": not let in */
};

static int look(void *ctx, const struct store_access *access)
{
        struct looking *l = ctx;

        if (!access->revoked_s && strcmp(access->fingerprint, l->fingerprint) == 0)
                snprintf(l->role, sizeof(l->role), "%s", access->role);
        return 0;
}

int act_access_revoke(struct act *act, struct vg_err *err)
{
        struct looking l = { 0 };
        struct vg_json detail = { 0 };
        const char *reason;
        int r = read_fingerprint(act, &l.fingerprint, err);

        if (r == 0)
                r = act_text(act, "reason", REASON_SIZE, &reason, err);
        if (r == 0)
                r = store_access_each(act->keeper->store, look, &l, err);
        if (r != 0)
                return r;
        if (!*l.role)
                return act_refuse(act, err, "no-such-access",
                                  N_("aucun accès en vigueur pour la clé %.16s…"), l.fingerprint);
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "fingerprint", l.fingerprint);
        vg_json_string(&detail, "reason", reason);
        vg_json_string(&detail, "role", l.role);
        vg_json_end_object(&detail);
        act->after = after;
        return act_record(act, &detail, err);
}
