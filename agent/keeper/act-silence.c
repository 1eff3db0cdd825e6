/* SPDX-License-Identifier: Apache-2.0 */

/* What people decide about being told: silence for a while, and the end of the observation. Neither
 * hides anything from the ledger; only sending stops, or begins. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/alert-record.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { REASON_SIZE = 500 };

static void after(struct act *act)
{
        watch_reload(act->keeper);
        act->keeper->watch.wanted = true; /* what is still so is told at the next look */
}

static int record_act(struct act *act, const char *key, const char *reason, const char *until,
                      struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        if (key)
                vg_json_string(&detail, "key", key);
        if (reason)
                vg_json_string(&detail, "reason", reason);
        if (until)
                vg_json_string(&detail, "until", until);
        vg_json_end_object(&detail);
        act->after = after;
        return act_record(act, &detail, err);
}

/* ---- silence ---- */

static int check_until(struct act *act, const struct vg_alert *alert, const char *until,
                       struct vg_err *err)
{
        const int64_t now_s = vg_floor_div(act->request->utc_ns, VG_NS_PER_S);
        const bool of_contract =
                alert->alert_class == VG_CLASS_CONTRACT || alert->alert_class == VG_CLASS_TERM;
        const int most_days = of_contract ? VG_SILENCE_CONTRACT_DAYS : VG_SILENCE_DAYS;
        int64_t until_s;

        if (vg_utc_parse(until, &until_s) < 0)
                return act_refuse(act, err, "bad-body", N_("« until » : instant UTC attendu"));
        if (until_s <= now_s)
                return act_refuse(act, err, "in-the-past",
                                  N_("l'échéance du silence est déjà passée"));
        if (until_s > now_s + most_days * (int64_t)VG_DAY_S)
                return act_refuse(act, err, "too-long", N_("%s : un silence dure au plus %d jours"),
                                  alert->code, most_days);
        return 0;
}

int act_alert_silence(struct act *act, struct vg_err *err)
{
        const struct vg_alert *alert;
        const char *key, *reason, *until;
        int r = act_text(act, "key", ALERT_KEY_SIZE, &key, err);

        if (r == 0)
                r = act_text(act, "reason", REASON_SIZE, &reason, err);
        if (r == 0)
                r = act_text(act, "until", 32, &until, err);
        if (r != 0)
                return r;
        alert = vg_silence_alert(key);
        if (!alert)
                return act_refuse(act, err, "no-such-alert",
                                  N_("clé d'alerte attendue (« vigie alerts » les montre) : %s"),
                                  key);
        r = check_until(act, alert, until, err);
        return r != 0 ? r : record_act(act, key, reason, until, err);
}

struct finding {
        const char *key;
        bool found;
};

static int find_key(void *ctx, const struct store_silence *silence)
{
        struct finding *finding = ctx;

        finding->found |= strcmp(silence->key, finding->key) == 0;
        return 0;
}

int act_alert_unsilence(struct act *act, struct vg_err *err)
{
        struct finding finding = { 0 };
        int r = act_text(act, "key", ALERT_KEY_SIZE, &finding.key, err);

        if (r == 0)
                r = store_silence_each(act->keeper->store, find_key, &finding, err);
        if (r != 0)
                return r;
        if (!finding.found)
                return act_refuse(act, err, "no-such-silence", N_("aucun silence sur %s"),
                                  finding.key);
        return record_act(act, finding.key, NULL, NULL, err);
}

/* ---- observation ---- */

int act_go_live(struct act *act, struct vg_err *err)
{
        const bool unchanged = act->keeper->watch.policy.has_said_live;

        vg_buf_printf(&act->result, "{\"unchanged\":%d}", unchanged);
        return unchanged ? 0 : record_act(act, NULL, NULL, NULL, err);
}
