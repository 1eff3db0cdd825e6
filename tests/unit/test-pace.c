/* SPDX-License-Identifier: Apache-2.0 */

/* The rolling pass of isolation, on a clock of our own: when it comes round, and when it cannot. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hypervisor/isolation-pace.h"
#include "vigie/mem.h"

#define S UINT64_C(1000000000)

/* One pass as the reader goes: a question, its answer, the pause, and the tick that sees it is over. */
static uint64_t pass_ns(size_t domains, uint64_t cpu_ns, unsigned permille)
{
        uint64_t now_ns = 0, next_ns = 0;

        for (size_t left = domains; left; now_ns += S / 4) {
                if (now_ns < next_ns)
                        continue;
                const size_t batch = pace_batch(domains, true), n = batch < left ? batch : left;
                left -= n;
                next_ns =
                        now_ns + n * cpu_ns + pace_pause_ns(domains, true, n, n * cpu_ns, permille);
        }
        return now_ns > next_ns ? now_ns : next_ns;
}

static void test_pass(void **state)
{
        static const struct {
                size_t domains;
                uint64_t cpu_us; /* of the reader, a domain */
                unsigned permille;
                bool in_time;
        } rows[] = {
                { 1, 300, 50, true },     { 7, 300, 50, true },      { 100, 300, 50, true },
                { 399, 300, 50, true },   { 400, 300, 50, true },    { 1000, 300, 50, true },
                { 1000, 3000, 50, true }, { 2500, 300, 50, true },   { 5000, 300, 50, true },
                { 5000, 1000, 50, true }, { 6000, 300, 50, true },   { 1000, 300, 3, true },
                { 1000, 300, 1, false },  { 5000, 5000, 50, false }, { 20000, 300, 50, false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const uint64_t took_ns =
                        pass_ns(rows[i].domains, rows[i].cpu_us * 1000, rows[i].permille);
                const uint64_t cpu_ns = rows[i].domains * rows[i].cpu_us * 1000;

                if (pace_is_late(true, 0, took_ns) == rows[i].in_time)
                        fail_msg("%zu domains of %llu us: %llu s", rows[i].domains,
                                 (unsigned long long)rows[i].cpu_us,
                                 (unsigned long long)(took_ns / S));
                /* In time or not, the budget holds, but for the last batch. */
                assert_true(cpu_ns <=
                            took_ns * rows[i].permille / 1000 + 64 * rows[i].cpu_us * 1000);
        }
}

/* The first pass, while nothing is told yet, waits for its budget alone, and is never late. */
static void test_first(void **state)
{
        (void)state;
        assert_int_equal(pace_batch(10, false), 64);
        assert_int_equal(pace_pause_ns(10, false, 10, 50, 50), 1000);
        assert_false(pace_is_late(false, 0, 1000 * S));
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pass),
                cmocka_unit_test(test_first),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
