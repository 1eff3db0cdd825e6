/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/kernel/line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { LINES_TRIED = 200 };

/* "[  222.909534]": seconds since boot. Returns what follows, or NULL. */
static const char *uptime_at(const char *at, int64_t *ret_s)
{
        int64_t seconds = 0;

        if (*at++ != '[')
                return NULL;
        while (*at == ' ')
                at++;
        if (!isdigit((unsigned char)*at))
                return NULL;
        while (isdigit((unsigned char)*at) && seconds < INT64_C(1) << 40)
                seconds = seconds * 10 + (*at++ - '0');
        if (*at++ != '.')
                return NULL;
        while (isdigit((unsigned char)*at))
                at++;
        if (*at == 'T' || *at == ' ') /* "[  12.3][    T1]" of newer kernels */
                at += strcspn(at, "]");
        if (*at++ != ']')
                return NULL;
        *ret_s = seconds;
        while (*at == ' ')
                at++;
        return at;
}

/* "Jan 27 19:27:15", the year from what is known, else 1970: only differences count then. */
static const char *short_date(const char *at, const struct kernel_clock *clock, int64_t *ret_s)
{
        const int month = strnlen(at, 4) == 4 && at[3] == ' ' ? month_of(at) : 0;
        struct vg_date date = { 1970, month, 1 };
        int64_t day, day_s;

        if (!month)
                return NULL;
        day = number_at(at + 3);
        at += 3 + strspn(at + 3, " ");
        at += strspn(at, "0123456789");
        at += strspn(at, " ");
        day_s = clock_at(&at);
        if (day < 1 || day > 31 || day_s < 0)
                return NULL;
        if (clock->captured_s)
                date.year = vg_civil_from_days(clock->captured_s / VG_DAY_S).year;
        *ret_s = (vg_days_from_civil(date) + day - 1) * VG_DAY_S + day_s;
        if (clock->captured_s && *ret_s > clock->captured_s + VG_DAY_S) {
                date.year--;
                *ret_s = (vg_days_from_civil(date) + day - 1) * VG_DAY_S + day_s;
        }
        return at;
}

/* "[Mon Jan 27 19:27:15 2020]" */
static const char *ctime_at(const char *at, int64_t *ret_s)
{
        const char *end = strchr(at, ']');
        struct vg_date date = { 0 };
        int64_t day_s;

        if (*at != '[' || !end || end - at < 20 || at[4] != ' ' || at[8] != ' ')
                return NULL;
        date.month = month_of(at + 5);
        date.day = (int)(number_at(at + 8) % 100);
        at += 9 + strspn(at + 9, " ");
        at += strspn(at, "0123456789");
        at += strspn(at, " ");
        day_s = clock_at(&at);
        date.year = (int)(number_at(at) % 10000);
        if (day_s < 0 || !vg_date_valid(date) || date.year < 1971)
                return NULL;
        *ret_s = vg_days_from_civil(date) * VG_DAY_S + day_s;
        return end + 1 + strspn(end + 1, " ");
}

/* After the date of a log file: "host kernel: …", "kernel: …". NULL: another program. */
static const char *after_tag(const char *at)
{
        const char *tag = strstr(at, "kernel: ");

        if (!tag || tag - at > 260)
                return NULL;
        for (const char *c = at; c < tag; c++) /* a colon before: the tag of another */
                if (*c == ':' && c[1] == ' ')
                        return NULL;
        return tag + 8;
}

static bool of_json(const char *text, struct kernel_line *line)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        const char *transport;
        int64_t at_us;

        if (foreign_json(text, strlen(text), &tree, NULL) < 0)
                return false;
        transport = member_text(tree, "_TRANSPORT");
        if (strcmp(transport, "kernel") != 0 &&
            strcmp(member_text(tree, "SYSLOG_IDENTIFIER"), "kernel") != 0)
                return false;
        snprintf(line->message, sizeof(line->message), "%s", member_text(tree, "MESSAGE"));
        if (vg_i64_parse(member_text(tree, "__REALTIME_TIMESTAMP"), &at_us) == 0)
                line->at_s = at_us / 1000000;
        line->has_head = true;
        return true;
}

/* "<4>" of dmesg -r and pstore, "kern  :err   : " of dmesg -x. */
static const char *skip_priority(const char *at)
{
        if (*at == '<' && isdigit((unsigned char)at[1])) {
                const char *end = strchr(at, '>');
                return end && end - at < 5 ? end + 1 : at;
        }
        if (text_starts(at, "kern ") && strlen(at) > 16 && at[6] == ':') {
                const char *end = strchr(at + 7, ':');
                return end && end[1] == ' ' ? end + 2 : at;
        }
        return at;
}

static int64_t since_boot(const struct kernel_clock *clock, int64_t uptime_s)
{
        return clock->boot_s ? clock->boot_s + uptime_s : 1 + uptime_s;
}

bool kernel_line_parse(const char *text, const struct kernel_clock *clock, struct kernel_line *line)
{
        const char *at = skip_priority(text), *next;
        int64_t seconds = 0;

        line->at_s = 0;
        line->has_head = at != text;
        line->message[0] = '\0';
        if (*at == '{')
                return of_json(at, line);
        if ((next = uptime_at(at, &seconds))) {
                line->at_s = since_boot(clock, seconds);
        } else if ((next = ctime_at(at, &seconds))) {
                line->at_s = seconds;
        } else if (time_parse(at, &seconds) == 0 || short_date(at, clock, &seconds)) {
                line->at_s = seconds;
                next = after_tag(at);
                if (!next)
                        return false;
                const char *uptime = uptime_at(next, &seconds);
                if (uptime)
                        next = uptime;
        } else {
                next = at;
                at = strstr(at, "kernel: ");
                if (at && at - next < 80)
                        next = at + 8;
        }
        line->has_head |= line->at_s != 0;
        snprintf(line->message, sizeof(line->message), "%s", next);
        return *line->message != '\0';
}

bool kernel_log_is(const char *bytes, size_t n)
{
        static const struct kernel_clock clock = { 0 };
        struct kernel_line line;
        char text[KERNEL_LINE];
        size_t at = 0;

        for (int i = 0; i < LINES_TRIED && next_line(bytes, n, &at, text, sizeof(text)); i++)
                if (kernel_line_parse(text, &clock, &line) && line.has_head)
                        return true;
        return false;
}

int64_t kernel_log_last_uptime(const char *bytes, size_t n)
{
        char text[KERNEL_LINE];
        int64_t seconds, last = 0;
        size_t at = 0;

        while (next_line(bytes, n, &at, text, sizeof(text)))
                if (uptime_at(skip_priority(text), &seconds) && seconds > last)
                        last = seconds;
        return last;
}
