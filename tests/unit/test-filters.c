/* SPDX-License-Identifier: Apache-2.0 */

/* The old ebtables' tables cannot be read: where a module of theirs is loaded, it is noticed. */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "inspect/inspect.h"
#include "vigie/mem.h"

static void knows_old_tables(_unused_ void **state)
{
        static const struct {
                const char *module;
                bool is_legacy;
        } rows[] = {
                { "ebtable_broute", true }, { "ebtable_filter", true }, { "ebtable_nat", true },
                { "ebtables", false },      { "nf_tables", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char folder[] = "/tmp/vigie-modules-XXXXXX", path[PATH_MAX];
                assert_non_null(mkdtemp(folder));
                assert_false(filters_are_legacy(folder));
                snprintf(path, sizeof(path), "%s/%s", folder, rows[i].module);
                assert_int_equal(mkdir(path, 0700), 0);
                assert_int_equal(filters_are_legacy(folder), rows[i].is_legacy);
                assert_int_equal(rmdir(path), 0);
                assert_int_equal(rmdir(folder), 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(knows_old_tables) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
