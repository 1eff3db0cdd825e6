/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/foreign.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

int foreign_json(const char *bytes, size_t n, json_t **ret_tree, struct vg_err *err)
{
        json_error_t why;
        json_t *tree;

        if (n > FOREIGN_MAX)
                return vg_err_set(err, -EFBIG, "%zu octets : document trop grand", n);
        if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
                bytes += 3;
                n -= 3;
        }
        tree = json_loadb(bytes, n, 0, &why);
        if (!tree && json_error_code(&why) == json_error_numeric_overflow)
                tree = json_loadb(bytes, n, JSON_DECODE_INT_AS_REAL, &why);
        if (!tree)
                return vg_err_set(err, -EINVAL, "ligne %d : %s", why.line, why.text);
        *ret_tree = tree;
        return 0;
}

const char *member_text(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

bool member_number(const json_t *object, const char *key, double *ret_value)
{
        const json_t *value = json_object_get(object, key);

        if (!json_is_number(value))
                return false;
        *ret_value = json_number_value(value);
        return isfinite(*ret_value);
}

bool member_true(const json_t *object, const char *key)
{
        return json_is_true(json_object_get(object, key));
}

const json_t *member_path(const json_t *object, const char *dotted)
{
        while (object && *dotted) {
                const size_t n = strcspn(dotted, ".");

                object = json_object_getn(object, dotted, n);
                dotted += n + (dotted[n] == '.');
        }
        return object;
}

char *number_text(double value, const char *unit, char *buf, size_t size)
{
        const double limit = 9e14;
        const long long milli =
                (long long)(value > limit    ? limit * 1000
                            : value < -limit ? -limit * 1000
                                             : value * 1000 + (value < 0 ? -0.5 : 0.5));
        const long long whole = milli < 0 ? -(milli / 1000) : milli / 1000;
        long long rest = milli < 0 ? -(milli % 1000) : milli % 1000;
        int digits = 3;

        while (digits > 0 && rest % 10 == 0) {
                rest /= 10;
                digits--;
        }
        const int n = snprintf(buf, size, "%s%lld", milli < 0 ? "-" : "", whole);
        if (digits > 0 && (size_t)n < size)
                snprintf(buf + n, size - (size_t)n, ".%0*lld", digits, rest);
        if (*unit) {
                const size_t at = strlen(buf);
                snprintf(buf + at, size - at, " %s", unit);
        }
        return buf;
}

double decimal_at(const char *text)
{
        const bool is_negative = *text == '-';
        double value = 0, place = 1;

        for (text += is_negative; isdigit((unsigned char)*text); text++)
                value = value * 10 + (*text - '0');
        if (*text == '.')
                for (text++; isdigit((unsigned char)*text) && place > 1e-9; text++)
                        value += (place /= 10) * (*text - '0');
        return is_negative ? -value : value;
}

char *member_any(const json_t *object, const char *key, char *buf, size_t size)
{
        const json_t *value = json_object_get(object, key);

        buf[0] = '\0';
        if (json_is_string(value))
                snprintf(buf, size, "%s", json_string_value(value));
        else if (json_is_number(value) && isfinite(json_number_value(value)))
                number_text(json_number_value(value), "", buf, size);
        return buf;
}

bool text_has(const char *text, const char *phrase)
{
        return strcasestr(text, phrase) != NULL;
}

bool text_has_any(const char *text, const char *const *phrases, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (text_has(text, phrases[i]))
                        return true;
        return false;
}

bool text_starts(const char *text, const char *start)
{
        return strncmp(text, start, strlen(start)) == 0;
}

char *text_trim(const char *from, const char *to, char *buf, size_t size)
{
        while (from < to && isspace((unsigned char)*from))
                from++;
        while (to > from && isspace((unsigned char)to[-1]))
                to--;

        const size_t n = (size_t)(to - from) < size ? (size_t)(to - from) : size - 1;
        memcpy(buf, from, n);
        buf[n] = '\0';
        return buf;
}

bool next_line(const char *bytes, size_t n, size_t *at, char *line, size_t size)
{
        size_t length, kept;
        const char *end;

        if (*at >= n)
                return false;
        end = memchr(bytes + *at, '\n', n - *at);
        length = end ? (size_t)(end - (bytes + *at)) : n - *at;
        kept = length < size ? length : size - 1;
        memcpy(line, bytes + *at, kept);
        for (size_t i = 0; i < kept; i++)
                if (line[i] == '\0')
                        line[i] = ' ';
        while (kept > 0 && line[kept - 1] == '\r')
                kept--;
        line[kept] = '\0';
        *at += length + (end != NULL);
        return true;
}

int64_t number_at(const char *text)
{
        int64_t value = 0;

        while (*text == ' ')
                text++;
        for (int n = 0; n < 18 && isdigit((unsigned char)*text); n++)
                value = value * 10 + (*text++ - '0');
        return value;
}

size_t split_fields(char *line, char separator, char **fields, size_t max)
{
        size_t n = 0;
        char *at = line;

        while (n < max) {
                char *end = strchr(at, separator);
                char *last;

                if (end)
                        *end = '\0';
                while (isspace((unsigned char)*at))
                        at++;
                fields[n++] = at;
                last = at + strlen(at);
                while (last > at && isspace((unsigned char)last[-1]))
                        *--last = '\0';
                if (!end)
                        break;
                at = end + 1;
        }
        return n;
}

/* ---- times ---- */

int month_of(const char *three_letters)
{
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

        for (int i = 0; i < 12; i++)
                if (strncasecmp(months + 3 * (size_t)i, three_letters, 3) == 0)
                        return i + 1;
        return 0;
}

/* Reads up to max digits; -1: none. */
static int digits(const char **at, int max)
{
        int value = 0, n = 0;

        while (n < max && isdigit((unsigned char)**at)) {
                value = value * 10 + (**at - '0');
                (*at)++;
                n++;
        }
        return n ? value : -1;
}

static void skip(const char **at, const char *any_of)
{
        while (**at && strchr(any_of, **at))
                (*at)++;
}

int64_t clock_at(const char **at)
{
        const char *from = *at;
        int hour, minute, second = 0;

        hour = digits(at, 2);
        skip(at, ":");
        minute = digits(at, 2);
        if (**at == ':') {
                (*at)++;
                second = digits(at, 2);
        }
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
                *at = from;
                return -1;
        }
        return hour * INT64_C(3600) + minute * 60 + second;
}

/* Year, month and day in one of three orders. */
static bool date_parse(const char **at, struct vg_date *date)
{
        const char *from = *at;

        if (isalpha((unsigned char)**at)) { /* Nov-23-2026 */
                date->month = month_of(*at);
                *at += strnlen(*at, 3);
                skip(at, "- /");
                date->day = digits(at, 2);
                skip(at, "-, /");
                date->year = digits(at, 4);
        } else if ((date->year = digits(at, 4)) > 31) { /* 2026-11-23 */
                skip(at, "-/");
                date->month = digits(at, 2);
                skip(at, "-/");
                date->day = digits(at, 2);
        } else { /* 11/23/2026, 11/23/26 */
                *at = from;
                date->month = digits(at, 2);
                skip(at, "-/");
                date->day = digits(at, 2);
                skip(at, "-/");
                date->year = digits(at, 4);
        }
        if (date->year >= 0 && date->year < 100)
                date->year += 2000;
        return vg_date_valid(*date) && date->year > 1970 && date->year < 2200;
}

/* "+02:00", "-0500", "Z", " UTC" or nothing. */
static int64_t zone_parse(const char *at)
{
        const int sign = *at == '-' ? -1 : 1;
        int hours, minutes = 0;

        if (*at != '+' && *at != '-')
                return 0;
        at++;
        hours = digits(&at, 2);
        skip(&at, ":");
        if (isdigit((unsigned char)*at))
                minutes = digits(&at, 2);
        return hours < 0 || hours > 14 ? 0 : sign * (hours * INT64_C(3600) + minutes * 60);
}

int time_parse(const char *text, int64_t *ret_utc_s)
{
        struct vg_date date = { 0 };
        int64_t day_s;

        skip(&text, " ");
        if (!date_parse(&text, &date))
                return -EINVAL;
        skip(&text, " T,|");
        day_s = clock_at(&text);
        if (day_s < 0)
                return -EINVAL;
        if (*text == '.' || *text == ',') {
                text++;
                while (isdigit((unsigned char)*text))
                        text++;
        }
        *ret_utc_s = vg_days_from_civil(date) * VG_DAY_S + day_s - zone_parse(text);
        return 0;
}

char *disk_of(const char *name, char *buf, size_t size)
{
        size_t n;

        if (text_starts(name, "/dev/"))
                name += 5;
        if (text_starts(name, "nvme") && isdigit((unsigned char)name[4]))
                n = 4 + strspn(name + 4, "0123456789");
        else if ((text_starts(name, "sd") || text_starts(name, "hd") || text_starts(name, "vd")) &&
                 islower((unsigned char)name[2]))
                n = 2 + strspn(name + 2, "abcdefghijklmnopqrstuvwxyz");
        else
                n = 0;
        if (n && isalpha((unsigned char)name[n]) && !text_starts(name, "nvme"))
                n = 0; /* a longer word */
        snprintf(buf, size, "%.*s", (int)n, name);
        return buf;
}
