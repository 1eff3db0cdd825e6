/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "os/keeper.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/text.h"

int vg_envelope_init(struct vg_envelope *envelope, const char *source, struct vg_err *err)
{
        unsigned char random[16];

        *envelope = (struct vg_envelope){ .source = source };
        if (getrandom(random, sizeof(random), 0) != sizeof(random))
                return vg_err_set(err, -EIO, "pas de hasard disponible");
        vg_hex_format(random, sizeof(random), envelope->instance);

        int r = vg_clock_boot_id(envelope->boot_id);
        return r < 0 ? vg_err_set(err, r, "identité de ce démarrage illisible") : 0;
}

int vg_envelope_line(const struct vg_envelope *envelope, uint64_t seq, const char *kind,
                     const struct vg_now *at, const char *body, size_t n_body, char **ret_line,
                     size_t *ret_n)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_int(&j, "at_boot_ns", (int64_t)at->at_boot_ns);
        vg_json_int(&j, "at_utc_ns", at->at_utc_ns);
        vg_json_raw(&j, "body", body, n_body);
        vg_json_string(&j, "boot_id", envelope->boot_id);
        vg_json_string(&j, "instance", envelope->instance);
        vg_json_string(&j, "kind", kind);
        vg_json_int(&j, "seq", (int64_t)seq);
        vg_json_string(&j, "source", envelope->source);
        vg_json_int(&j, "v", 1);
        vg_json_end_object(&j);
        vg_buf_append(&j.buf, "\n", 1);
        if (j.buf.failed)
                return -ENOMEM;
        if (j.buf.n > VG_KEEPER_LINE_MAX)
                return -E2BIG;

        *ret_n = j.buf.n;
        *ret_line = vg_buf_take(&j.buf);
        return *ret_line ? 0 : -ENOMEM;
}
