/* SPDX-License-Identifier: Apache-2.0 */

/* What the records do not tell of. An agent that did not run records nothing, not even a gap; that
 * time is no less without measurement than what it missed while it ran. */

#include <assert.h>
#include <string.h>

#include "vigie/statement.h"

static bool tells_of_allocation(const struct vg_statement_gap *gap)
{
        return strcmp(gap->scope, "counters") != 0;
}

struct holes {
        struct vg_statement_gap *list;
        size_t n;
        int64_t at_s, to_s; /* all before at_s is told */
};

static void pass(struct holes *holes, int64_t from_s, int64_t to_s)
{
        const int64_t until_s = from_s < holes->to_s ? from_s : holes->to_s;

        if (until_s > holes->at_s)
                holes->list[holes->n++] =
                        (struct vg_statement_gap){ holes->at_s, until_s, "unrecorded", "all" };
        if (to_s > holes->at_s)
                holes->at_s = to_s;
}

size_t vg_statement_unrecorded(const struct vg_statement_seen *seen, int64_t from_s, int64_t to_s,
                               struct vg_statement_gap *ret_gaps)
{
        assert(seen && ret_gaps);

        struct holes holes = { .list = ret_gaps, .at_s = from_s, .to_s = to_s };

        for (size_t i = 0, k = 0; i < seen->n_intervals || k < seen->n_gaps;) {
                if (k == seen->n_gaps ||
                    (i < seen->n_intervals && seen->intervals[i].from_s <= seen->gaps[k].from_s)) {
                        pass(&holes, seen->intervals[i].from_s, seen->intervals[i].to_s);
                        i++;
                } else {
                        if (tells_of_allocation(&seen->gaps[k]))
                                pass(&holes, seen->gaps[k].from_s, seen->gaps[k].to_s);
                        k++;
                }
        }
        pass(&holes, to_s, to_s);
        return holes.n;
}

/* Seconds of the interval that gaps from the first one on account for, each counted once. */
static int64_t told_within(const struct vg_statement_seen *seen, size_t first,
                           const struct vg_statement_interval *in)
{
        int64_t at_s = in->from_s, sum = 0;

        for (size_t i = first; i < seen->n_gaps && seen->gaps[i].from_s < in->to_s; i++) {
                const struct vg_statement_gap *gap = &seen->gaps[i];
                const int64_t from_s = gap->from_s > at_s ? gap->from_s : at_s;
                const int64_t to_s = gap->to_s < in->to_s ? gap->to_s : in->to_s;

                if (!tells_of_allocation(gap) || to_s <= from_s)
                        continue;
                sum += to_s - from_s;
                at_s = to_s;
        }
        return sum;
}

int64_t vg_statement_uncovered_s(const struct vg_statement_seen *seen, int64_t from_s, int64_t to_s)
{
        int64_t sum = 0;
        size_t first = 0;

        for (size_t i = 0; i < seen->n_intervals; i++) {
                const struct vg_statement_interval *in = &seen->intervals[i];
                const int64_t rest_s = in->to_s - in->from_s - in->covered_s;

                while (first < seen->n_gaps && seen->gaps[first].to_s <= in->from_s)
                        first++;
                if (in->from_s < from_s || in->to_s > to_s)
                        continue;
                const int64_t told_s = told_within(seen, first, in);
                sum += rest_s > told_s ? rest_s - told_s : 0;
        }
        return sum;
}
