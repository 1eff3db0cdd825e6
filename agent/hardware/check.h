/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* check: the rules over a capture, without the agent. */

#include <stdbool.h>

#include "vigie/fault.h"

struct documents;
struct vg_err;

enum { CHECK_ROUNDS_MAX = 8 };

struct hardware_check {
        struct vg_fault_book *book;
        struct vg_round *rounds[CHECK_ROUNDS_MAX]; /* one a source that has documents */
        size_t n_rounds;
        int64_t captured_s; /* 0: nothing in the capture has a time */
};

/* Reads the files below folder, at most DOCUMENTS_MAX and DOCUMENTS_BYTES_MAX; links are not
 * followed. What is left out is named in *notes. -ENOENT, -ENOTDIR, -EFBIG, *err says why. */
int hardware_read(const char *folder, struct documents *ret_documents, struct vg_round *notes,
                  struct vg_err *err);

/* Judges what a capture holds. -ENODATA: no source knows any of its documents. */
int hardware_check_run(const struct documents *documents, struct hardware_check *ret_check,
                       struct vg_err *err);
void hardware_check_done(struct hardware_check *check);
