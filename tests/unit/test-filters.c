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
#include "os/evidence.h"
#include "vigie/mem.h"

/* What was seen before is taken back as soon as a module appears, and is seen again when it has gone. */
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
                _cleanup_(vg_evidence_freep) struct vg_evidence *evidence = NULL;
                char folder[] = "/tmp/vigie-modules-XXXXXX", path[PATH_MAX];
                assert_int_equal(vg_evidence_new(NULL, &evidence, NULL), 0);
                assert_non_null(mkdtemp(folder));
                const int before = filters_look(evidence, folder, NULL);
                snprintf(path, sizeof(path), "%s/%s", folder, rows[i].module);
                assert_int_equal(mkdir(path, 0700), 0);
                const bool was_seen = vg_evidence_has(evidence, "filters", "bridge");
                const int with = filters_look(evidence, folder, NULL);
                const bool is_seen = vg_evidence_has(evidence, "filters", "bridge");
                assert_int_equal(rmdir(path), 0);
                const int after = filters_look(evidence, folder, NULL);
                assert_int_equal(rmdir(folder), 0);
                if (before < 0)
                        skip(); /* who has no CAP_NET_ADMIN may not read them at all */
                assert_true(was_seen);
                assert_int_equal(with, rows[i].is_legacy ? FILTERS_LEGACY : 0);
                assert_int_equal(is_seen, !rows[i].is_legacy);
                assert_int_equal(after, 0);
                assert_true(vg_evidence_has(evidence, "filters", "bridge"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(knows_old_tables) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
