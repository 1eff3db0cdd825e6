/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/holiday.h"

#include <assert.h>
#include <stddef.h>

#include "vigie/mem.h"

enum { MONDAY, SATURDAY = 5, SUNDAY = 6 };

int vg_weekday(struct vg_date date)
{
        const int64_t days = (vg_days_from_civil(date) + 3) % 7; /* 1970-01-01 was a Thursday */

        return (int)(days < 0 ? days + 7 : days);
}

/* The anonymous Gregorian computus (Meeus): a golden number, a century and its two corrections. */
struct vg_date vg_easter(int year)
{
        const int golden = year % 19, century = year / 100, in_century = year % 100;
        const int corrected = (century - (century + 8) / 25 + 1) / 3;
        const int epact = (19 * golden + century - century / 4 - corrected + 15) % 30;
        const int to_sunday =
                (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
        const int late = (golden + 11 * epact + 22 * to_sunday) / 451;
        const int days = epact + to_sunday - 7 * late + 114;

        return (struct vg_date){ year, days / 31, days % 31 + 1 };
}

static bool is_same(struct vg_date a, struct vg_date b)
{
        return vg_date_compare(a, b) == 0;
}

static const struct fixed {
        int month, day;
} fixed[] = { { 1, 1 }, { 6, 24 }, { 7, 1 }, { 12, 25 } };

/* The first Monday of a month that is not before a day of it. */
static const struct floating {
        int month, first;
} mondays[] = { { 5, 18 }, { 9, 1 }, { 10, 8 } };

static bool is_fixed(struct vg_date date)
{
        const struct vg_date eve = vg_date_add_days(date, -1);

        for (size_t i = 0; i < ELEMENTSOF(fixed); i++) {
                if (date.month == fixed[i].month && date.day == fixed[i].day)
                        return true;
                if (vg_weekday(eve) == SUNDAY && eve.month == fixed[i].month &&
                    eve.day == fixed[i].day)
                        return true;
        }
        return false;
}

bool vg_is_holiday(struct vg_date date)
{
        const struct vg_date easter = vg_easter(date.year);

        if (is_same(date, vg_date_add_days(easter, -2)) ||
            is_same(date, vg_date_add_days(easter, 1)) || is_fixed(date))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(mondays); i++)
                if (vg_weekday(date) == MONDAY && date.month == mondays[i].month &&
                    date.day >= mondays[i].first && date.day < mondays[i].first + 7)
                        return true;
        return false;
}

bool vg_is_business_day(struct vg_date date)
{
        return vg_weekday(date) < SATURDAY && !vg_is_holiday(date);
}

struct vg_date vg_add_business_days(struct vg_date date, int n)
{
        assert(n > 0);

        while (n > 0) {
                date = vg_date_add_days(date, 1);
                n -= vg_is_business_day(date);
        }
        return date;
}
