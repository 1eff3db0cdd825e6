/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/granted.h"

#include <errno.h>
#include <string.h>

#include "store/store.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"
#include "vigie/text.h"

struct reading {
        const struct vg_contract *contract;
        int64_t now_s;
        struct granted *granted;
};

static int take(void *ctx, const struct store_access *access)
{
        const struct reading *reading = ctx;
        struct granted *granted = reading->granted;
        struct vg_hash key;

        if (strcmp(access->role, vg_role_name(VG_ROLE_SUPPLIER_MAINTENANCE)) != 0)
                return 0;
        granted->is_ruled = true;
        const int64_t until_s = vg_contract_access_until(
                reading->contract, VG_ROLE_SUPPLIER_MAINTENANCE, access->until_s, reading->now_s);
        if (access->revoked_s || until_s <= reading->now_s ||
            vg_hex_parse(access->fingerprint, key.bytes, sizeof(key.bytes)) < 0)
                return 0;
        if (until_s < granted->until_s)
                granted->until_s = until_s;
        vg_buf_puts(&granted->pins, granted->pins.n ? ";sha256//" : "sha256//");
        vg_base64_format(key.bytes, sizeof(key.bytes), &granted->pins);
        return 0;
}

int granted_read(struct store *store, const struct vg_contract *contract, int64_t now_s,
                 struct granted *ret_granted, struct vg_err *err)
{
        _cleanup_(granted_done) struct granted granted = { .until_s = INT64_MAX };
        struct reading reading = { contract, now_s, &granted };
        int r = store_access_each(store, take, &reading, err);

        if (r == 0 && granted.pins.failed)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r < 0)
                return r;
        *ret_granted = granted;
        granted = (struct granted){ 0 };
        return 0;
}

void granted_done(struct granted *granted)
{
        vg_buf_done(&granted->pins);
}
