/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/two-people.h"

#include <stdio.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/json.h"

enum { ASKED_HOLDS_S = 30 * VG_DAY_S };

struct looking {
        struct two_people *found;
        const char *contract_id;
        uid_t uid;
        int64_t since_s;
};

static int look(void *ctx, const struct store_act *act)
{
        const struct looking *l = ctx;
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        const char *id = "", *step = "";

        if (vg_floor_div(act->utc_ns, VG_NS_PER_S) < l->since_s ||
            vg_json_parse(act->detail, strlen(act->detail), &detail, NULL, NULL, NULL) < 0)
                return 0;
        (void)vg_json_get_string(detail, "contract_id", &id);
        (void)vg_json_get_string(detail, "step", &step);
        if (strcmp(id, l->contract_id) != 0 || strcmp(step, "asked") != 0)
                return 0;
        if (act->uid == l->uid) {
                l->found->asked_by_me = true;
                return 0;
        }
        l->found->asked_by_other = true;
        if (*act->user)
                snprintf(l->found->other, sizeof(l->found->other), "%s", act->user);
        else
                snprintf(l->found->other, sizeof(l->found->other), "%lld", (long long)act->uid);
        return 0;
}

int two_people_read(struct act *act, const char *contract_id, struct two_people *ret,
                    struct vg_err *err)
{
        struct looking l = {
                .found = ret,
                .contract_id = contract_id,
                .uid = act->request->peer->uid,
                .since_s = vg_floor_div(act->records.utc_ns, VG_NS_PER_S) - ASKED_HOLDS_S,
        };

        *ret = (struct two_people){ 0 };
        return store_act_each(act->keeper->store, act->verb, look, &l, err);
}
