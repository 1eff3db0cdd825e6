/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as JSON. What is accepted and canonical must come back the same, byte for byte. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/json.h"
#include "vigie/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_so)
{
        if (!is_so)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL, *again = NULL;
        _cleanup_(vg_buf_done) struct vg_buf first = { 0 }, second = { 0 };
        int line = 0, column = 0;

        if (vg_json_parse((const char *)data, size, &tree, &line, &column, NULL) < 0) {
                expect(!tree && line >= 0);
                return 0;
        }
        expect(vg_utf8_valid((const char *)data, size, NULL));
        if (vg_json_canonical(tree, &first, NULL) < 0)
                return 0; /* holds a null or a boolean */
        expect(vg_json_parse(first.data, first.n, &again, NULL, NULL, NULL) == 0);
        expect(json_equal(tree, again));
        expect(vg_json_canonical(again, &second, NULL) == 0);
        expect(first.n == second.n && memcmp(first.data, second.data, first.n) == 0);
        return 0;
}
