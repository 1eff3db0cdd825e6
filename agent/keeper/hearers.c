/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/hearers.h"

#include <string.h>

#include "keeper/answer.h"
#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { HEAR_DUPLICATE = 2 };

static hear_fn *const hearers[N_KINDS] = {
#define VG_KIND(name, word, hearer) [KIND_##name] = hearer,
#include "keeper/kinds.def"
#undef VG_KIND
};

bool hearers_take(enum kind kind)
{
        return hearers[kind] != NULL;
}

static int hear_once(struct hearing *h, struct vg_err *err)
{
        struct store *store = h->records.keeper->store;
        int64_t last;
        int r = store_seen_get(store, h->source, h->instance, &last, err);

        if (r >= 0 && (int64_t)h->seq <= last)
                return HEAR_DUPLICATE;
        if (r >= 0)
                r = hearers[h->kind](h, err);
        return r == 0 ? store_seen_put(store, h->source, h->instance, (int64_t)h->seq,
                                       h->records.utc_ns, err)
                      : r;
}

/* Whatever is not kept is undone, in the ledger and in memory. */
static int hear_durably(struct hearing *h, struct vg_err *err)
{
        struct keeper *k = h->records.keeper;
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        r = hear_once(h, err);
        if (r == 0)
                r = store_commit(k->store, err);
        else
                store_rollback(k->store);
        if (r != 0 && r != HEAR_DUPLICATE && h->undone)
                h->undone(k);
        return r;
}

static void tell(const struct hearing *h, int r, const struct vg_err *err, struct vg_buf *answer)
{
        static const char duplicate[] = "{\"duplicate\":1}";

        if (r == HEAR_DUPLICATE)
                answer_ok(answer, h->seq, duplicate, strlen(duplicate));
        else if (r == 0)
                answer_ok(answer, h->seq, h->result.n ? h->result.data : "{}",
                          h->result.n ? h->result.n : 2);
        else if (r == HEAR_REFUSED)
                answer_refusal(answer, h->seq, false, "refused", vg_err_text(err));
        else
                answer_refusal(answer, h->seq, true, "store-failed", vg_err_text(err));
}

void hearers_hear(struct hearing *h, struct vg_buf *answer)
{
        struct keeper *k = h->records.keeper;
        struct vg_err err = { 0 };
        int r = hear_durably(h, &err);

        if (r < 0)
                keeper_store_failed(k, &err);
        else if (r == 0)
                keeper_store_works(k);
        if (r == 0 && h->after)
                h->after(k);
        tell(h, r, &err, answer);
        vg_buf_done(&h->result);
}
