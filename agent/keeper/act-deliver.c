/* SPDX-License-Identifier: Apache-2.0 */

/* A message to see whether one arrives. Record `test` {"at":"…Z","recipient"}, in the log of those
 * who may receive it: the deliverer sends it, marked as a test, to that recipient alone. Where nothing
 * leaves, none is recorded: it would go, late and unexpected, the day the settings change. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/json.h"

enum { RECIPIENT_MAX = 64 };

static const struct vg_recipient *find(const struct vg_contract *contract, const char *id)
{
        for (size_t i = 0; contract && i < contract->n_recipients; i++)
                if (strcmp(contract->recipients[i].id, id) == 0)
                        return &contract->recipients[i];
        return NULL;
}

static int record_test(struct act *act, const struct vg_recipient *recipient, struct vg_err *err)
{
        const enum vg_log log =
                recipient->role == VG_ROLE_SUPPLIER_MAINTENANCE ? VG_LOG_SHARED : VG_LOG_CLIENT;
        struct vg_json j = { 0 };
        char at[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at",
                       vg_utc_format(vg_floor_div(act->request->utc_ns, VG_NS_PER_S), at));
        vg_json_string(&j, "recipient", recipient->id);
        vg_json_end_object(&j);
        return records_append(&act->records, log, "test", &j, err);
}

static int check_recipient(struct act *act, const struct vg_recipient *recipient, const char *id,
                           struct vg_err *err)
{
        if (strcmp(act->keeper->settings->egress_mode, "listed") != 0)
                return act_refuse(act, err, "nothing-is-sent",
                                  N_("rien ne sort d'ici ([egress] mode = none) : « vigie bundle "
                                     "export » fait un paquet"));
        if (!recipient)
                return act_refuse(act, err, "no-such-recipient",
                                  N_("le contrat en vigueur ne nomme pas le destinataire « %s »"),
                                  id);
        if (!(recipient->channels & (1u << VG_CHANNEL_EMAIL | 1u << VG_CHANNEL_WEBHOOK)))
                return act_refuse(act, err, "nothing-is-sent",
                                  N_("rien n'est envoyé à « %s » : il reçoit des paquets "
                                     "(« vigie bundle export »)"),
                                  id);
        return 0;
}

int act_deliver_test(struct act *act, struct vg_err *err)
{
        const struct vg_recipient *recipient;
        struct vg_json detail = { 0 };
        const char *id;
        int r = act_text(act, "recipient", RECIPIENT_MAX, &id, err);

        if (r != 0)
                return r;
        recipient = find(act->keeper->contract, id);
        r = check_recipient(act, recipient, id, err);
        if (r == 0)
                r = record_test(act, recipient, err);
        if (r != 0)
                return r;
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "recipient", id);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}
