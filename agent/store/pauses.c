/* SPDX-License-Identifier: Apache-2.0 */

#include "store/pauses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/num.h"

void store_pauses_done(struct store_pauses *pauses)
{
        free(pauses->list);
        *pauses = (struct store_pauses){ 0 };
}

/* The id of the fault that an act names; false: none that is one. */
static bool fault_of(const struct store_act *act, char ret_fault[17])
{
        _cleanup_(vg_json_decrefp) json_t *detail = json_loads(act->detail, 0, NULL);
        const char *id = "";

        (void)vg_json_get_string(detail, "id", &id);
        if (!*id || strlen(id) > 16)
                return false;
        memcpy(ret_fault, id, strlen(id) + 1);
        return true;
}

static int take_pause(void *ctx, const struct store_act *act)
{
        struct store_pauses *pauses = ctx;
        struct store_pause pause = {
                .span = { vg_floor_div(act->utc_ns, VG_NS_PER_S), INT64_MAX },
                .from_seq = act->seq,
        };

        if (!fault_of(act, pause.fault))
                return 0;
        if (pauses->n == pauses->size) {
                const size_t size = pauses->size ? 2 * pauses->size : 16;
                struct store_pause *list = reallocarray(pauses->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                pauses->list = list;
                pauses->size = size;
        }
        pauses->list[pauses->n++] = pause;
        return 0;
}

/* Acts of one fault take turns: each ends the first that is without an end. */
static int take_resume(void *ctx, const struct store_act *act)
{
        struct store_pauses *pauses = ctx;
        char fault[17];

        if (!fault_of(act, fault))
                return 0;
        for (size_t i = 0; i < pauses->n; i++) {
                struct store_pause *pause = &pauses->list[i];
                if (pause->to_seq || strcmp(pause->fault, fault) != 0)
                        continue;
                pause->span.to_s = vg_floor_div(act->utc_ns, VG_NS_PER_S);
                pause->to_seq = act->seq;
                break;
        }
        return 0;
}

int store_pauses_read(struct store *store, struct store_pauses *ret_pauses, struct vg_err *err)
{
        int r = store_act_each(store, "fault.pause", take_pause, ret_pauses, err);

        if (r == 0)
                r = store_act_each(store, "fault.resume", take_resume, ret_pauses, err);
        return r == -ENOMEM ? vg_err_set(err, r, "mémoire épuisée") : r;
}

const struct store_pause *store_pause_open(const struct store_pauses *pauses, const char *fault)
{
        for (size_t i = 0; i < pauses->n; i++)
                if (!pauses->list[i].to_seq && strcmp(pauses->list[i].fault, fault) == 0)
                        return &pauses->list[i];
        return NULL;
}

size_t store_pauses_of(const struct store_pauses *pauses, const char *fault,
                       struct vg_span *ret_spans)
{
        size_t n = 0;

        for (size_t i = 0; i < pauses->n; i++)
                if (strcmp(pauses->list[i].fault, fault) == 0)
                        ret_spans[n++] = pauses->list[i].span;
        return n;
}
