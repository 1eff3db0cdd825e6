/* SPDX-License-Identifier: Apache-2.0 */

/* Waiving a finding, with a reason and an end; and loading the policy that isolation is judged by. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { POLICY_BYTES_MAX = 2 << 20, WAIVER_DAYS_MAX = 366, TARGET_MAX = 256, REASON_MAX = 1000 };

static void reload(struct act *act)
{
        isolation_reload(act->keeper);
}

/* ---- waivers ---- */

static int check_until(struct act *act, const char *until, struct vg_err *err)
{
        const int64_t now_s = vg_floor_div(act->records.utc_ns, VG_NS_PER_S);
        int64_t until_s;

        if (vg_utc_parse(until, &until_s) < 0)
                return act_refuse(act, err, "bad-body",
                                  N_("« until » : un instant AAAA-MM-JJTHH:MM:SSZ est attendu"));
        if (until_s <= now_s)
                return act_refuse(act, err, "in-the-past",
                                  N_("une dérogation finit dans l'avenir : « until » est passé"));
        if (until_s > now_s + (int64_t)WAIVER_DAYS_MAX * VG_DAY_S)
                return act_refuse(act, err, "too-long",
                                  N_("une dérogation ne dure pas plus de %d jours"),
                                  WAIVER_DAYS_MAX);
        return 0;
}

/* The last one on a check and target counts, and so ends an earlier one sooner. */
int act_isolation_waive(struct act *act, struct vg_err *err)
{
        const char *check, *reason, *until, *target = "";
        struct vg_json detail = { 0 };
        int r = act_text(act, "check", 32, &check, err);

        if (r == 0)
                r = act_text(act, "reason", REASON_MAX, &reason, err);
        if (r == 0)
                r = act_text(act, "until", 32, &until, err);
        if (r == 0)
                r = check_until(act, until, err);
        if (r == 0 && json_object_get(act->request->body, "target"))
                r = act_text(act, "target", TARGET_MAX, &target, err);
        if (r != 0)
                return r;
        if (!vg_check_find(check))
                return act_refuse(act, err, "no-such-check", N_("aucun contrôle %s"), check);
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "check", check);
        vg_json_string(&detail, "reason", reason);
        vg_json_string(&detail, "target", target);
        vg_json_string(&detail, "until", until);
        vg_json_end_object(&detail);
        act->after = reload;
        return act_record(act, &detail, err);
}

/* ---- policy ---- */

/* Whether the judge understands it: on a host of its own, so that a bad one changes nothing. */
static int try_policy(struct act *act, const char *text, struct vg_err *err)
{
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        _cleanup_(vg_json_decrefp) json_t *piece = NULL;
        struct vg_err why = { 0 };
        json_t *policy = NULL;
        int line = 0;
        int r = vg_json_parse(text, strlen(text), &policy, &line, NULL, &why);

        if (r < 0)
                return act_refuse(act, err, "bad-policy", N_("politique, ligne %d : %s"), line,
                                  vg_err_text(&why));
        piece = json_pack("{s:s, s:o, s:s}", "key", "policy", "register", policy, "scope",
                          "tenants");
        if (piece && vg_register_check(policy, &why) < 0)
                return act_refuse(act, err, "bad-policy", N_("politique : %s"), vg_err_text(&why));
        r = piece ? vg_host_new(&host, err) : -ENOMEM;
        if (r < 0)
                return r;
        if (vg_host_put(host, piece, &why) < 0)
                return act_refuse(act, err, "bad-policy", N_("politique : %s"), vg_err_text(&why));
        return 0;
}

int act_isolation_policy(struct act *act, struct vg_err *err)
{
        struct vg_json detail = { 0 };
        struct vg_hash hash;
        char digest[2 * VG_HASH_SIZE + 1];
        const char *text;
        int r = act_text(act, "text", POLICY_BYTES_MAX, &text, err);

        if (r == 0)
                r = try_policy(act, text, err);
        if (r != 0)
                return r;
        const struct vg_bytes part = { text, strlen(text) };
        r = store_hasher.sha256(store_hasher.ctx, &part, 1, &hash);
        if (r < 0)
                return vg_err_set(err, r, "condensat impossible");
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "digest", vg_hex_format(hash.bytes, sizeof(hash.bytes), digest));
        vg_json_string(&detail, "text", text);
        vg_json_end_object(&detail);
        vg_buf_printf(&act->result, "{\"digest\":\"%s\"}", digest);
        act->after = reload;
        return act_record(act, &detail, err);
}
