/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/open-usage.h"

#include "keeper/keeper.h"
#include "keeper/usage-rows.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/mem.h"

enum { EVERY_S = 10 };

bool open_usage_is_due(const struct keeper *k, const struct vg_now *now)
{
        return k->meter.inbox_id != k->closing.open_inbox_id &&
               now->at_boot_ns > k->closing.open_boot_ns + EVERY_S * (uint64_t)VG_NS_PER_S;
}

int open_usage_put(struct keeper *k, const struct vg_now *now, struct vg_err *err)
{
        _cleanup_(usage_rows_done) struct usage_rows rows = { 0 };
        int r = usage_rows_open(k->meter.book, &rows, err);

        if (r == 0)
                r = store_open_usage_put(k->store, vg_floor_div(now->at_utc_ns, VG_NS_PER_S),
                                         rows.list, rows.n, err);
        if (r == 0) {
                k->closing.open_boot_ns = now->at_boot_ns;
                k->closing.open_inbox_id = k->meter.inbox_id;
        }
        return r;
}

int open_usage_write(struct keeper *k, const struct vg_now *now, struct vg_err *err)
{
        int r = store_begin(k->store, err);

        return r < 0 ? r : keeper_finish(k, open_usage_put(k, now, err), err);
}
