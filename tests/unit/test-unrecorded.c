/* SPDX-License-Identifier: Apache-2.0 */

/* What neither an interval nor a gap on record tells of. Seconds are small, so that one can see. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vigie/mem.h"
#include "vigie/statement.h"

enum { MOST = 4 };

static const struct {
        const char *what;
        struct vg_statement_interval intervals[MOST]; /* none: to_s is 0 */
        struct vg_statement_gap gaps[MOST];
        int64_t from_s, to_s;
        struct vg_statement_gap holes[MOST];
        int64_t uncovered_s;
} rows[] = {
        { "nothing on record", { { 0 } }, { { 0 } }, 100, 400, { { 100, 400, NULL, NULL } }, 0 },
        { "all measured", { { 0, 100, 100 }, { 100, 200, 100 } }, { { 0 } }, 0, 200, { { 0 } }, 0 },
        { "before the first",
          { { 200, 300, 100 } },
          { { 0 } },
          0,
          300,
          { { 0, 200, NULL, NULL } },
          0 },
        { "a hole, and the end",
          { { 0, 100, 100 }, { 200, 300, 100 } },
          { { 0 } },
          0,
          350,
          { { 100, 200, NULL, NULL }, { 300, 350, NULL, NULL } },
          0 },
        { "a gap on record tells of it",
          { { 0, 100, 100 }, { 200, 300, 100 } },
          { { 100, 180, "reboot", "all" } },
          0,
          300,
          { { 180, 200, NULL, NULL } },
          0 },
        { "a gap of the counters does not",
          { { 0, 100, 100 } },
          { { 100, 200, "stuck", "counters" } },
          0,
          200,
          { { 100, 200, NULL, NULL } },
          0 },
        { "an interval over both ends", { { -50, 250, 300 } }, { { 0 } }, 0, 200, { { 0 } }, 0 },
        { "covered in part, and a gap says when",
          { { 0, 100, 60 } },
          { { 10, 40, "silence", "all" }, { 30, 50, "reboot", "all" } },
          0,
          100,
          { { 0 } },
          0 },
        { "covered in part, and a gap says when of a part",
          { { 0, 100, 60 }, { 100, 200, 90 } },
          { { 70, 100, "silence", "all" }, { 100, 150, "stuck", "counters" } },
          0,
          200,
          { { 0 } },
          20 },
        { "covered in no part", { { 0, 100, 0 } }, { { 0 } }, 0, 100, { { 0 } }, 100 },
        { "covered more than it is long", { { 0, 100, 150 } }, { { 0 } }, 0, 100, { { 0 } }, 0 },
        { "an empty period", { { 0 } }, { { 0 } }, 100, 100, { { 0 } }, 0 },
        { "a period that ends before it begins", { { 0 } }, { { 0 } }, 200, 100, { { 0 } }, 0 },
};

static void unrecorded(_unused_ void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_statement_seen seen = { rows[i].intervals, rows[i].gaps, 0, 0 };
                struct vg_statement_gap holes[2 * MOST + 1];
                while (seen.n_intervals < MOST && rows[i].intervals[seen.n_intervals].to_s)
                        seen.n_intervals++;
                while (seen.n_gaps < MOST && rows[i].gaps[seen.n_gaps].to_s)
                        seen.n_gaps++;

                size_t n = vg_statement_unrecorded(&seen, rows[i].from_s, rows[i].to_s, holes);
                for (size_t k = 0; k < n; k++) {
                        if (k >= MOST || holes[k].from_s != rows[i].holes[k].from_s ||
                            holes[k].to_s != rows[i].holes[k].to_s)
                                fail_msg("%s: hole %zu", rows[i].what, k);
                        assert_string_equal(holes[k].cause, "unrecorded");
                        assert_string_equal(holes[k].scope, "all");
                }
                if (n < MOST && rows[i].holes[n].to_s)
                        fail_msg("%s: %zu holes", rows[i].what, n);
                if (vg_statement_uncovered_s(&seen, rows[i].from_s, rows[i].to_s) !=
                    rows[i].uncovered_s)
                        fail_msg("%s: uncovered", rows[i].what);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(unrecorded) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
