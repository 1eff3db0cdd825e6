/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/alert-policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static int take_silence(void *ctx, const struct store_silence *row)
{
        struct alert_policy *policy = ctx;

        if (policy->n_silences == policy->size) {
                size_t size = policy->size ? 2 * policy->size : 8;
                struct vg_silence *list = reallocarray(policy->silences, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                policy->silences = list;
                policy->size = size;
        }
        char *key = strdup(row->key);
        if (!key)
                return -ENOMEM;
        policy->silences[policy->n_silences++] = (struct vg_silence){ key, row->until_s };
        return 0;
}

int alert_policy_load(struct store *store, struct alert_policy *ret_policy, struct vg_err *err)
{
        _cleanup_(alert_policy_done) struct alert_policy policy = { 0 };
        _cleanup_free_ char *live = NULL, *first = NULL;
        int r = store_silence_each(store, take_silence, &policy, err);

        if (r == 0)
                r = store_meta_get(store, "live_s", &live, err);
        policy.has_said_live = r == 0;
        if (r >= 0)
                r = store_meta_get(store, "first_start_s", &first, err);
        if (r < 0)
                return r;
        if (r == 0)
                (void)vg_i64_parse(first, &policy.first_start_s);
        alert_policy_done(ret_policy);
        *ret_policy = policy;
        policy = (struct alert_policy){ 0 };
        return 0;
}

void alert_policy_done(struct alert_policy *policy)
{
        for (size_t i = 0; i < policy->n_silences; i++)
                free((char *)policy->silences[i].key);
        free(policy->silences);
        *policy = (struct alert_policy){ 0 };
}

bool alert_policy_is_live(const struct alert_policy *policy, int64_t now_s)
{
        const int64_t age_s = now_s - policy->first_start_s, most_s = VG_OBSERVE_DAYS * VG_DAY_S;

        /* Begun by a clock that was far ahead, it would last for years: nobody knows how old it is. */
        return policy->has_said_live || age_s >= most_s || age_s <= -most_s;
}

struct vg_notify_policy alert_policy_at(const struct alert_policy *policy, const struct keeper *k,
                                        int64_t now_s)
{
        return (struct vg_notify_policy){
                .is_live = alert_policy_is_live(policy, now_s),
                .contract = k->closing.contract_id,
                .appliance = k->settings->appliance_id,
                .silences = policy->silences,
                .n_silences = policy->n_silences,
                .renotify_hours = k->contract ? k->contract->renotify_hours : NULL,
        };
}
