/* SPDX-License-Identifier: Apache-2.0 */

/* Quebec's holidays, year by year, against a calendar that was read from paper. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "vigie/holiday.h"
#include "vigie/mem.h"

static struct vg_date day(const char *text)
{
        struct vg_date date;

        assert_int_equal(vg_date_parse(text, &date), 0);
        return date;
}

static void test_easter(_unused_ void **state)
{
        static const char *const rows[] = { "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
                                            "2028-04-16", "2029-04-01", "2030-04-21", "2031-04-13",
                                            "2038-04-25", "2285-03-22" };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char found[16];
                assert_string_equal(vg_date_format(vg_easter(day(rows[i]).year), found), rows[i]);
        }
}

static void test_days(_unused_ void **state)
{
        static const struct {
                const char *name, *date;
                bool holiday, business;
        } rows[] = {
                { "New Year's Day", "2027-01-01", true, false },
                { "1 January on a Sunday", "2028-01-02", false, false },
                { "1 January 2034 is a Sunday: the Monday", "2034-01-02", true, false },
                { "Good Friday", "2027-03-26", true, false },
                { "Easter Sunday is a Sunday", "2027-03-28", false, false },
                { "Easter Monday", "2027-03-29", true, false },
                { "the Tuesday after", "2027-03-30", false, true },
                { "Patriots, earliest", "2026-05-18", true, false },
                { "Patriots, latest", "2027-05-24", true, false },
                { "25 May itself, a Monday", "2026-05-25", false, true },
                { "National Holiday", "2027-06-24", true, false },
                { "24 June on a Sunday", "2029-06-24", true, false },
                { "its Monday", "2029-06-25", true, false },
                { "24 June on a Saturday: the Monday is worked", "2028-06-26", false, true },
                { "Canada Day", "2027-07-01", true, false },
                { "1 July on a Sunday: 2 July", "2029-07-02", true, false },
                { "2 July otherwise", "2027-07-02", false, true },
                { "Labour Day, earliest", "2031-09-01", true, false },
                { "Labour Day, latest", "2026-09-07", true, false },
                { "second Monday of September", "2027-09-13", false, true },
                { "Thanksgiving, earliest", "2029-10-08", true, false },
                { "Thanksgiving, latest", "2030-10-14", true, false },
                { "Remembrance Day is worked", "2027-11-11", false, true },
                { "Christmas", "2028-12-25", true, false },
                { "Christmas on a Sunday", "2033-12-26", true, false },
                { "26 December otherwise", "2028-12-26", false, true },
                { "29 February", "2028-02-29", false, true },
                { "a Saturday", "2027-04-03", false, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (vg_is_holiday(day(rows[i].date)) != rows[i].holiday ||
                    vg_is_business_day(day(rows[i].date)) != rows[i].business)
                        fail_msg("%s", rows[i].name);
        }
}

static void test_periods(_unused_ void **state)
{
        static const struct {
                const char *name, *from, *to;
                int n;
        } rows[] = {
                { "a plain week", "2027-02-01", "2027-02-08", 5 },
                { "signed on the Thursday before Easter", "2027-03-25", "2027-04-05", 5 },
                { "signed on Good Friday", "2027-03-26", "2027-04-05", 5 },
                { "signed on a Saturday", "2027-02-06", "2027-02-12", 5 },
                { "Christmas on a Saturday", "2027-12-23", "2027-12-30", 5 },
                { "over New Year's Day", "2026-12-30", "2027-01-07", 5 },
                { "over 24 June and 1 July", "2027-06-23", "2027-07-02", 5 },
                { "over 29 February", "2028-02-28", "2028-03-01", 2 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char found[16];
                vg_date_format(vg_add_business_days(day(rows[i].from), rows[i].n), found);
                if (strcmp(found, rows[i].to) != 0)
                        fail_msg("%s: %s, wanted %s", rows[i].name, found, rows[i].to);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_easter),
                cmocka_unit_test(test_days),
                cmocka_unit_test(test_periods),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
