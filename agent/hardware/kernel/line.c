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
        if (*at++ != ']')
                return NULL;
        if (*at == '[' && at[1 + strspn(at + 1, " ")] && /* "[  12.3][    T1]": who printed it */
            strchr("TC", at[1 + strspn(at + 1, " ")]) && strchr(at, ']'))
                at = strchr(at, ']') + 1;
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

/* "[Jan  5 10:00] " of dmesg -H, and "[  +0.000012] " since the line before. */
static const char *human_at(const char *at, const struct kernel_clock *clock, int64_t *ret_s)
{
        const char *end = strchr(at, ']');

        if (*at != '[' || !end || end - at > 20)
                return NULL;
        if (at[1 + strspn(at + 1, " ")] == '+')
                *ret_s = KERNEL_AS_BEFORE;
        else if (end - at < 12 || !short_date(at + 1, clock, ret_s))
                return NULL;
        return end + 1 + strspn(end + 1, " ");
}

/* After the date of a log file: "host kernel: …", "host mcelog[7]: …". NULL: another program. */
static const char *after_tag(const char *at, enum kernel_program *ret_program)
{
        static const struct {
                const char *name;
                enum kernel_program program;
        } programs[] = { { "kernel", OF_KERNEL },
                         { "mcelog", OF_MCELOG },
                         { "rasdaemon", OF_RASDAEMON } };
        const char *colon = strstr(at, ": "), *name;

        if (!colon || colon - at > 260)
                return NULL;
        for (name = colon; name > at && name[-1] != ' ';)
                name--;
        for (size_t i = 0; i < ELEMENTSOF(programs); i++) {
                const size_t n = strlen(programs[i].name);

                if (strncmp(name, programs[i].name, n) != 0 || (name[n] != ':' && name[n] != '['))
                        continue;
                *ret_program = programs[i].program;
                return colon + 2;
        }
        return NULL;
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

/* A date as log files begin with, with or without its weekday. Returns what follows the seconds. */
static const char *dated(const char *at, const struct kernel_clock *clock, int64_t *ret_s)
{
        if (strnlen(at, 4) == 4 && isalpha((unsigned char)at[0]) && at[3] == ' ' &&
            isdigit((unsigned char)at[4]))
                at += 4; /* "Mon 2026-01-05 10:00:00 UTC" */
        if (time_parse(at, ret_s) == 0) {
                at += strcspn(at, ":");
                return at + strspn(at, "0123456789:");
        }
        return short_date(at, clock, ret_s);
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
        line->program = OF_KERNEL;
        line->message[0] = '\0';
        if (*at == '{')
                return of_json(at, line);
        if ((next = uptime_at(at, &seconds))) {
                const char *tagged = after_tag(next, &line->program); /* journalctl -o monotonic */
                line->at_s = since_boot(clock, seconds);
                next = tagged ? tagged : next;
        } else if ((next = ctime_at(at, &seconds)) || (next = human_at(at, clock, &seconds))) {
                line->at_s = seconds;
        } else if ((next = dated(at, clock, &seconds))) {
                line->at_s = seconds;
                const char *tagged = after_tag(next, &line->program);
                if (!tagged && *next != ',') /* dmesg --time-format iso has a comma, and no tag */
                        return false;
                next = tagged ? tagged : next + strcspn(next, " ") + 1;
                const char *uptime = uptime_at(next, &seconds);
                if (uptime)
                        next = uptime;
        } else {
                const char *tagged = after_tag(at, &line->program);
                next = tagged ? tagged : at;
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
