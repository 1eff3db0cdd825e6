/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the harnesses of the hardware's readers share. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/documents.h"
#include "hardware/parse.h"
#include "vigie/fault.h"
#include "vigie/json.h"
#include "vigie/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void expect(bool is_so)
{
        if (!is_so)
                abort();
}

/* Any bytes as a document at path: a round comes of it, a judgement, and the same book after it was
 * saved and loaded. */
static inline void judge_bytes(const char *path, const uint8_t *data, size_t size,
                               int (*parse)(const struct documents *documents,
                                            struct vg_round *round))
{
        _cleanup_(documents_done) struct documents documents = { 0 };
        _cleanup_(vg_round_freep) struct vg_round *round = NULL;
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = NULL, *again = NULL;
        _cleanup_(vg_buf_done) struct vg_buf first = { 0 }, second = { 0 };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;

        expect(documents_put(&documents, path, (const char *)data, size) == 0);
        expect(vg_round_new("fuzz", &round) == 0);
        expect(parse(&documents, round) == 0);
        expect(vg_fault_book_new("host", &book) == 0);
        const struct vg_round *rounds[] = { round };
        expect(vg_fault_book_apply(book, rounds, 1, INT64_C(1800000000), NULL, NULL) == 0);
        expect(vg_fault_book_save(book, &first, NULL) == 0);
        expect(vg_json_parse(first.data, first.n, &tree, NULL, NULL, NULL) == 0);
        expect(vg_fault_book_load(tree, &again, NULL) == 0);
        expect(vg_fault_book_save(again, &second, NULL) == 0);
        expect(first.n == second.n && memcmp(first.data, second.data, first.n) == 0);
}
