/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of the fault model agree with one another. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vigie/fault.h"
#include "vigie/mem.h"

static void test_codes_belong_to_a_class(void **state)
{
        size_t n;
        const struct vg_fault_code *rows = vg_fault_code_rows(&n);

        (void)state;
        assert_true(n > 50);
        for (size_t i = 0; i < n; i++) {
                char name[32];
                const char *dot = strchr(rows[i].id, '.');

                assert_non_null(dot);
                assert_true((size_t)(dot - rows[i].id) < sizeof(name));
                memcpy(name, rows[i].id, (size_t)(dot - rows[i].id));
                name[dot - rows[i].id] = '\0';
                assert_non_null(vg_class_find(name));
                assert_ptr_equal(vg_fault_code_find(rows[i].id), &rows[i]);
                assert_true(rows[i].limit > 0 && rows[i].window_s > 0);
                assert_true(rows[i].state >= VG_FAULT_SUSPECT && rows[i].state <= VG_FAULT_FAILED);
                assert_true(*rows[i].title[0] && *rows[i].title[1]);
        }
        assert_null(vg_fault_code_find("drive"));
        assert_null(vg_fault_code_find(""));
}

/* Two codes of one family and one rank could not say which explains which. */
static void test_ranks_differ_within_a_family(void **state)
{
        size_t n;
        const struct vg_fault_code *rows = vg_fault_code_rows(&n);

        (void)state;
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < i; j++)
                        if (strcmp(rows[i].family, rows[j].family) == 0)
                                assert_int_not_equal(rows[i].rank, rows[j].rank);
}

static void test_missing_codes_exist(void **state)
{
        size_t n;
        const struct vg_class *rows = vg_class_rows(&n);

        (void)state;
        for (size_t i = 0; i < n; i++) {
                if (*rows[i].missing)
                        assert_non_null(vg_fault_code_find(rows[i].missing));
                assert_ptr_equal(vg_class_find(rows[i].id), &rows[i]);
        }
}

static void test_active(void **state)
{
        static const struct {
                enum vg_fault_state state, before;
                bool active;
        } rows[] = {
                { VG_FAULT_UNKNOWN, VG_FAULT_UNKNOWN, false },
                { VG_FAULT_OK, VG_FAULT_UNKNOWN, false },
                { VG_FAULT_SUSPECT, VG_FAULT_UNKNOWN, true },
                { VG_FAULT_DEGRADED, VG_FAULT_UNKNOWN, true },
                { VG_FAULT_FAILED, VG_FAULT_UNKNOWN, true },
                { VG_FAULT_RECOVERING, VG_FAULT_UNKNOWN, true },
                { VG_FAULT_CLEARED, VG_FAULT_UNKNOWN, false },
                { VG_FAULT_REPLACED, VG_FAULT_UNKNOWN, false },
                { VG_FAULT_UNOBSERVABLE, VG_FAULT_FAILED, true },
                { VG_FAULT_UNOBSERVABLE, VG_FAULT_CLEARED, false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_fault fault = { .state = rows[i].state, .before = rows[i].before };

                assert_int_equal(vg_fault_is_active(&fault), rows[i].active);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_codes_belong_to_a_class),
                cmocka_unit_test(test_ranks_differ_within_a_family),
                cmocka_unit_test(test_missing_codes_exist),
                cmocka_unit_test(test_active),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
