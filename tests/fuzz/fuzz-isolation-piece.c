/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of JSON as pieces of evidence, as the keeper takes them from its socket: what is taken is
 * judged, and the verdict is the same a second time. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_verdict(const struct vg_host *host, struct vg_json *json)
{
        _cleanup_(vg_verdict_freep) struct vg_verdict *verdict = NULL;

        if (vg_isolation_judge(host, &verdict, NULL) < 0)
                abort();
        vg_verdict_json(verdict, json, NULL);
}

static int ignore(_unused_ void *user, _unused_ enum vg_want want, _unused_ const char *text,
                  _unused_ const char *detail)
{
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        _cleanup_(vg_json_done) struct vg_json first = { 0 }, second = { 0 };

        if (vg_host_new(&host, NULL) < 0)
                abort();
        for (size_t at = 0; at < size;) {
                const uint8_t *end = memchr(data + at, '\n', size - at);
                const size_t n = end ? (size_t)(end - data) - at : size - at;
                _cleanup_(vg_json_decrefp) json_t *piece = NULL;
                if (vg_json_parse((const char *)data + at, n, &piece, NULL, NULL, NULL) == 0)
                        (void)vg_host_put(host, piece, NULL);
                at += n + 1;
        }
        write_verdict(host, &first);
        write_verdict(host, &second);
        if (first.buf.n != second.buf.n ||
            memcmp(first.buf.data, second.buf.data, first.buf.n) != 0)
                abort();
        return vg_host_wants(host, ignore, NULL) < 0 ? 1 : 0;
}
