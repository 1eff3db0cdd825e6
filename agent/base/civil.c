/* SPDX-License-Identifier: Apache-2.0 */

/* Days from civil and back: Howard Hinnant's proleptic Gregorian arithmetic, eras of 400 years. */

#include "vigie/civil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/num.h"

static bool is_leap(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int vg_days_in_month(int year, int month)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return days[month - 1] + (month == 2 && is_leap(year));
}

bool vg_date_valid(struct vg_date d)
{
        return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
               d.day <= vg_days_in_month(d.year, d.month);
}

int64_t vg_days_from_civil(struct vg_date d)
{
        int64_t y = d.year - (d.month <= 2);
        int64_t era = vg_floor_div(y, 400), year_of_era = y - era * 400;
        int64_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
        int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

        return era * 146097 + day_of_era - 719468;
}

struct vg_date vg_civil_from_days(int64_t days)
{
        days += 719468;

        int64_t era = vg_floor_div(days, 146097), doe = days - era * 146097;
        int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
        int month = (int)(mp < 10 ? mp + 3 : mp - 9);

        return (struct vg_date){
                .year = (int)(yoe + era * 400 + (month <= 2)),
                .month = month,
                .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        };
}

int vg_date_compare(struct vg_date a, struct vg_date b)
{
        if (a.year != b.year)
                return a.year < b.year ? -1 : 1;
        if (a.month != b.month)
                return a.month < b.month ? -1 : 1;
        return (a.day > b.day) - (a.day < b.day);
}

struct vg_date vg_date_add_days(struct vg_date date, int64_t days)
{
        return vg_civil_from_days(vg_days_from_civil(date) + days);
}

struct vg_date vg_date_add_years(struct vg_date date, int years)
{
        date.year += years;
        if (date.month == 2 && date.day == 29 && !is_leap(date.year))
                return (struct vg_date){ date.year, 3, 1 };
        return date;
}

/* Exactly n digits as a number, or -1. */
static int digits(const char *s, int n)
{
        int value = 0;

        for (int i = 0; i < n; i++) {
                if (s[i] < '0' || s[i] > '9')
                        return -1;
                value = value * 10 + (s[i] - '0');
        }
        return value;
}

static int parse_date(const char *s, struct vg_date *ret)
{
        struct vg_date d = { .year = digits(s, 4) };

        if (d.year < 0 || s[4] != '-')
                return -EINVAL;
        d.month = digits(s + 5, 2);
        if (d.month < 0 || s[7] != '-')
                return -EINVAL;
        d.day = digits(s + 8, 2);
        if (!vg_date_valid(d))
                return -EINVAL;
        *ret = d;
        return 0;
}

int vg_date_parse(const char *text, struct vg_date *ret_date)
{
        return strlen(text) == 10 ? parse_date(text, ret_date) : -EINVAL;
}

char *vg_date_format(struct vg_date d, char buf[16])
{
        snprintf(buf, 16, "%04u-%02u-%02u", (unsigned)d.year % 10000, (unsigned)d.month % 100,
                 (unsigned)d.day % 100);
        return buf;
}

int vg_utc_parse(const char *text, int64_t *ret_utc_s)
{
        struct vg_date d;

        if (strlen(text) != 20 || parse_date(text, &d) < 0 || text[10] != 'T' || text[13] != ':' ||
            text[16] != ':' || text[19] != 'Z')
                return -EINVAL;

        int h = digits(text + 11, 2), m = digits(text + 14, 2), s = digits(text + 17, 2);
        if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
                return -EINVAL;
        *ret_utc_s = vg_days_from_civil(d) * VG_DAY_S + h * VG_HOUR_S + m * 60 + s;
        return 0;
}

char *vg_utc_format(int64_t utc_s, char buf[32])
{
        int64_t days = vg_floor_div(utc_s, VG_DAY_S), s = utc_s - days * VG_DAY_S;
        char date[16];

        snprintf(buf, 32, "%sT%02d:%02d:%02dZ", vg_date_format(vg_civil_from_days(days), date),
                 (int)(s / VG_HOUR_S), (int)(s / 60 % 60), (int)(s % 60));
        return buf;
}

char *vg_month_format(int32_t month, char buf[16])
{
        snprintf(buf, 16, "%04u-%02u", (unsigned)(month / 12) % 10000, (unsigned)(month % 12 + 1));
        return buf;
}
