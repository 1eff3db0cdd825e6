/* SPDX-License-Identifier: Apache-2.0 */

#include "store/settlements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "vigie/json.h"

void store_settlements_done(struct store_settlements *settlements)
{
        free(settlements->list);
        *settlements = (struct store_settlements){ 0 };
}

static bool read_act(const struct store_act *act, struct store_settlement *ret)
{
        _cleanup_(vg_json_decrefp) json_t *detail = json_loads(act->detail, 0, NULL);
        const char *log = "", *document = "";
        int64_t seq;

        (void)vg_json_get_string(detail, "log", &log);
        (void)vg_json_get_string(detail, "document", &document);
        if (vg_json_get_int(detail, "seq", &seq) < 0 || seq < 0 || strlen(document) != 64 ||
            vg_log_parse(log, &ret->log) < 0)
                return false;
        ret->seq = (uint64_t)seq;
        ret->uid = act->uid;
        memcpy(ret->document, document, sizeof(ret->document));
        return true;
}

static int take_act(void *ctx, const struct store_act *act)
{
        struct store_settlements *s = ctx;
        struct store_settlement one = { 0 };

        if (!read_act(act, &one))
                return 0;
        for (size_t i = 0; i < s->n; i++) {
                struct store_settlement *first = &s->list[i];
                if (first->log == one.log && first->seq == one.seq && first->uid != one.uid &&
                    strcmp(first->document, one.document) == 0)
                        first->is_settled = true;
        }
        if (s->n == s->size) {
                const size_t size = s->size ? 2 * s->size : 8;
                struct store_settlement *list = reallocarray(s->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                s->list = list;
                s->size = size;
        }
        s->list[s->n++] = one;
        return 0;
}

int store_settlements_read(struct store *store, struct store_settlements *ret_settlements,
                           struct vg_err *err)
{
        int r = store_act_each(store, "ledger.settle", take_act, ret_settlements, err);

        return r == -ENOMEM ? vg_err_set(err, r, "mémoire épuisée") : r;
}

bool store_is_settled(const struct store_settlements *settlements, enum vg_log log, uint64_t seq)
{
        for (size_t i = 0; i < settlements->n; i++)
                if (settlements->list[i].is_settled && settlements->list[i].log == log &&
                    settlements->list[i].seq == seq)
                        return true;
        return false;
}
