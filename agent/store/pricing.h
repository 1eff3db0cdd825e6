/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pricing: the contracts by which the projections price what was measured (project-line.c), between
 * the files that do. */

#include "store/project.h"
#include "vigie/rating.h"

struct pricing {
        struct vg_contract **contracts; /* current revisions, the one first loaded first */
        size_t n;
};

static inline void pricing_freep(struct pricing **pricing)
{
        pricing_free(*pricing);
}

/* Reads them into projector->pricing, which holds none. */
int pricing_load(struct projector *projector, struct vg_err *err);
/* The line of a row and whose it is; *ret_contract NULL: nobody prices it. */
int pricing_place(const struct pricing *pricing, const struct store_usage *row, const char *named,
                  int64_t known_s, const struct vg_contract **ret_contract,
                  struct vg_line *ret_line);
/* Adds the quantity of a line to that of its key. */
int pricing_put(struct projector *projector, const struct vg_contract *contract,
                const struct vg_line *line, struct vg_err *err);
