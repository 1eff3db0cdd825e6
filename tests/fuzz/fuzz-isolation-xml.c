/* SPDX-License-Identifier: Apache-2.0 */

/* The first byte chooses a kind, the others are a document of it: read, put on a host, and judged. */

#include <stdint.h>
#include <stdlib.h>

#include "os/xmltree.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const json_t *piece)
{
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        _cleanup_(vg_verdict_freep) struct vg_verdict *verdict = NULL;
        _cleanup_(vg_json_done) struct vg_json json = { 0 };

        if (vg_host_new(&host, NULL) < 0 || vg_host_put(host, piece, NULL) < 0 ||
            vg_isolation_judge(host, &verdict, NULL) < 0)
                abort();
        vg_verdict_json(verdict, &json, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const kinds[] = { "domain",  "network",     "nwfilter", "pool",
                                             "nodedev", "secret",      "volume",   "snapshot",
                                             "backup",  "capabilities" };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_(vg_json_decrefp) json_t *piece = NULL;

        if (size < 2 || xmltree_read((const char *)data + 1, size - 1, &tree, NULL) < 0)
                return 0;

        const size_t kind = data[0] % ELEMENTSOF(kinds);
        const bool has_parent = kind >= 6 && kind <= 8;
        if (vg_document_piece(kinds[kind], has_parent ? "parent" : "", tree,
                              data[0] & 128 ? VG_DOCUMENT_LIVE : 0, &piece, NULL) == 0)
                judge(piece);
        return 0;
}
