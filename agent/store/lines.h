/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lines: quantities added up by line in memory, while a contract's months are made again. */

#include "vigie/rating.h"

struct lines {
        struct sum {
                const struct vg_contract *contract; /* NULL: a free place */
                struct vg_line line;                /* texts are the contract's own */
        } * sums;
        size_t n, size; /* size: a power of two, at most half full */
};

/* Adds the quantity of the line to its sum. -ENOMEM, -ERANGE. */
int lines_add(struct lines *lines, const struct vg_contract *contract, const struct vg_line *line);
/* Whether a line of its key was added. */
bool lines_has(const struct lines *lines, const struct vg_contract *contract,
               const struct vg_line *line);
void lines_done(struct lines *lines);
