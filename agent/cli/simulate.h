/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* simulate: the contract priced to its end: what is known so far, then days like the last ones, and
 * what is planned on top. The same core prices all of it. */

#include "cli/view.h"
#include "vigie/rating.h"

struct plan_row { /* of a resource or SKU that is measured; quantity is per hour, or per day for gb */
        const char *tenant, *resource;
        struct vg_date from, to;
        int64_t micro;
};

struct simulation { /* zero-initialised is empty; simulation_done() after use */
        struct vg_line
                *lines; /* of the open interval and of days to come; texts are the contract's */
        size_t n, size;
        int64_t from_s; /* the next local midnight: days to come begin there */
        int basis_days; /* the days that those to come are like; 0: nothing was measured yet */
};
void simulation_done(struct simulation *simulation);

enum { SIMULATION_BASIS_DAYS = 28 };

/* What the interval that is open used so far. 0 or -errno. */
int simulation_open(const struct cli_view *view, struct simulation *simulation, struct vg_err *err);
/* Days like the mean of the last ones. 0 or -errno. */
int simulation_go_on(const struct cli_view *view, struct simulation *simulation,
                     struct vg_err *err);
/* What is planned. -EINVAL: a resource without a price. */
int simulation_add(const struct cli_view *view, const struct plan_row *row,
                   struct simulation *simulation, struct vg_err *err);
