/* SPDX-License-Identifier: Apache-2.0 */

/* The key that signs lets another take over, at the next start. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/json.h"

static void sign_heads(struct act *act)
{
        struct vg_err err = { 0 };

        if (store_checkpoint(act->keeper->store, act->request->utc_ns, NULL, &err) < 0)
                keeper_store_failed(act->keeper, &err); /* signed with the next ones */
}

int act_key_rotate(struct act *act, struct vg_err *err)
{
        const struct store_identity *id = store_identity(act->keeper->store);
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        struct vg_json detail = { 0 };
        const char *text;
        size_t n = 0;
        int r = act_text(act, "public_key", 64, &text, err);

        if (r != 0)
                return r;
        if (vg_base64_parse(text, strlen(text), public_key, sizeof(public_key), &n) < 0 ||
            n != sizeof(public_key))
                return act_refuse(act, err, "bad-body",
                                  N_("« %s » : %zu octets en base64 attendus"), "public_key",
                                  sizeof(public_key));
        if (memcmp(public_key, id->public_key, sizeof(public_key)) == 0)
                return act_refuse(act, err, "same-key", N_("c'est déjà la clé qui signe"));
        r = store_key_next(act->keeper->store, public_key, act->records.utc_ns, err);
        if (r < 0)
                return r;
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "public_key", text);
        vg_json_end_object(&detail);
        act->after = sign_heads;
        return act_record(act, &detail, err);
}
