/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "vigie/ledger.h"

void vg_key_text(const char *origin, const uint8_t new_key[VG_PUBLIC_KEY_SIZE], struct vg_buf *buf)
{
        vg_buf_printf(buf, "vigie key\n%s\n", origin);
        vg_base64_format(new_key, VG_PUBLIC_KEY_SIZE, buf);
        vg_buf_puts(buf, "\n");
}

int vg_key_check(const char *origin, const uint8_t old_key[VG_PUBLIC_KEY_SIZE],
                 const uint8_t new_key[VG_PUBLIC_KEY_SIZE],
                 const uint8_t signature[VG_SIGNATURE_SIZE], vg_check_fn *check, void *ctx)
{
        struct vg_buf text = { 0 };

        vg_key_text(origin, new_key, &text);
        int r = text.failed ? -ENOMEM : check(ctx, old_key, text.data, text.n, signature);
        vg_buf_done(&text);
        return r;
}
