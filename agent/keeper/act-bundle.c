/* SPDX-License-Identifier: Apache-2.0 */

/* A bundle leaves: who made it, for whom, and the digest of what is in it, signed at once so that the
 * bundle can carry the proof. */

#include <errno.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/json.h"
#include "vigie/ledger.h"

enum { NAME_MAX_BYTES = 160 };

static void sign_heads(struct act *act)
{
        struct vg_err err = { 0 };

        if (store_checkpoint(act->keeper->store, act->request->utc_ns, NULL, &err) < 0)
                keeper_store_failed(act->keeper,
                                    &err); /* the act stands; asked again, it is signed */
}

int act_bundle_export(struct act *act, struct vg_err *err)
{
        const char *digest, *audience, *name;
        uint8_t bytes[VG_HASH_SIZE];
        struct vg_json detail = { 0 };
        int r = act_text(act, "digest", 2 * VG_HASH_SIZE, &digest, err);

        if (r == 0)
                r = act_text(act, "for", 16, &audience, err);
        if (r == 0)
                r = act_text(act, "name", NAME_MAX_BYTES, &name, err);
        if (r == 0 && vg_hex_parse(digest, bytes, sizeof(bytes)) < 0)
                return act_refuse(act, err, "bad-body",
                                  N_("« digest » : 64 chiffres hexadécimaux attendus"));
        if (r != 0)
                return r;
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "digest", digest);
        vg_json_string(&detail, "for", audience);
        vg_json_string(&detail, "name", name);
        vg_json_end_object(&detail);
        act->after = sign_heads;
        return act_record(act, &detail, err);
}
