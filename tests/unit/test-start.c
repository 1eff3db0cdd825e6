/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/settings.h"
#include "os/start.h"
#include "vigie/mem.h"

static const char *first, *second;
static bool once;
static const struct vg_start_option own[] = { { "first", &first, NULL },
                                              { "once", NULL, &once },
                                              { "second", &second, NULL } };

static int read_line(struct vg_start *start, const char *const *argv)
{
        int argc = 0;

        while (argv[argc])
                argc++;
        first = second = NULL;
        once = false;
        optind = 0; /* getopt begins again */
        *start = (struct vg_start){ "test", "usage\n", own, ELEMENTSOF(own), NULL, false };
        return vg_start_read(start, argc, (char **)argv);
}

static void statuses_are_those_of_the_table(_unused_ void **state)
{
        static const struct {
                const char *argv[6];
                int want;
        } rows[] = {
                { { "t" }, VG_START_GO_ON },
                { { "t", "--help" }, 0 },
                { { "t", "--version" }, 0 },
                { { "t", "--nonsense" }, VG_EXIT_USAGE },
                { { "t", "-c", "x" }, VG_EXIT_USAGE },
                { { "t", "--config" }, VG_EXIT_USAGE },
                { { "t", "--first" }, VG_EXIT_USAGE },
                { { "t", "--once=1" }, VG_EXIT_USAGE },
                { { "t", "stray" }, VG_EXIT_USAGE },
                { { "t", "--debug", "--", "stray" }, VG_EXIT_USAGE },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_start start;
                print_message("%s %s\n", rows[i].argv[1] ? rows[i].argv[1] : "-",
                              rows[i].argv[1] && rows[i].argv[2] ? rows[i].argv[2] : "");
                assert_int_equal(read_line(&start, rows[i].argv), rows[i].want);
        }
}

static void values_reach_their_owners(_unused_ void **state)
{
        struct vg_start start;

        assert_int_equal(read_line(&start, (const char *[]){ "t", "--config", "a", "--debug",
                                                             "--second=b", "--once", NULL }),
                         VG_START_GO_ON);
        assert_string_equal(start.config, "a");
        assert_true(start.debug);
        assert_null(first);
        assert_string_equal(second, "b");
        assert_true(once);
}

static void settings_that_are_missing_end_it(_unused_ void **state)
{
        struct vg_settings settings = { 0 };
        struct vg_start start = { .program = "test", .usage = "usage\n" };
        char *argv[] = { (char *)"t", (char *)"--config", (char *)"/nowhere/vigie.conf", NULL };

        optind = 0;
        assert_int_equal(vg_start(&start, 3, argv, &settings), VG_EXIT_SETTINGS);
        vg_settings_done(&settings);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(statuses_are_those_of_the_table),
                cmocka_unit_test(values_reach_their_owners),
                cmocka_unit_test(settings_that_are_missing_end_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
