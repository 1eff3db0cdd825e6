/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the tables that ipmitool and FreeIPMI print, told apart by their form. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/ipmi/room.h"
#include "vigie/mem.h"

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (strcasecmp(words[i], word) == 0)
                        return true;
        return false;
}

/* What ipmitool calls the state of a sensor. */
static bool is_status(const char *word)
{
        static const char *const words[] = { "ok",  "nc",  "cr",  "nr", "lnc", "lcr", "lnr",
                                             "unc", "ucr", "unr", "ns", "na",  "us" };

        return is_one_of(word, words, ELEMENTSOF(words)) ||
               (text_starts(word, "0x") && strlen(word) == 6);
}

static bool is_state(const char *word)
{
        static const char *const words[] = { "Nominal", "Warning", "Critical", "N/A", "Unknown" };

        return is_one_of(word, words, ELEMENTSOF(words));
}

/* "45 degrees C", "12 Volts", "5400 RPM": the unit behind the number. */
static void split_reading(char *text, const char **reading, const char **unit)
{
        char *space = strchr(text, ' ');

        *reading = "";
        *unit = "";
        if (!isdigit((unsigned char)text[0]) && text[0] != '-')
                return;
        *reading = text;
        if (space) {
                *space = '\0';
                *unit = space + 1;
        }
}

/* "CPU Temp | 45 degrees C | ok" and "CPU Temp | 01h | ok | 3.1 | 45 degrees C" */
static bool of_sdr(char **f, size_t n, struct ipmi_sensor *s)
{
        const size_t value = n == 3 ? 1 : 4, status = 2;

        if ((n != 3 && n != 5) || !is_status(f[status]) || !*f[0])
                return false;
        if (n == 5 && (strlen(f[1]) < 2 || f[1][strlen(f[1]) - 1] != 'h'))
                return false;
        s->name = f[0];
        s->state = f[status];
        s->events = f[value];
        split_reading(f[value], &s->reading, &s->unit);
        if (*s->reading)
                s->events = "";
        return true;
}

/* "CPU Temp,45,degrees C,ok" of `ipmitool -c sdr`; discrete ones say their states as the value. */
static bool of_csv(char **f, size_t n, struct ipmi_sensor *s)
{
        const bool is_number = n == 4 && (isdigit((unsigned char)f[1][0]) || f[1][0] == '-');

        if (n != 4 || !is_status(f[3]) || !*f[0])
                return false;
        s->name = f[0];
        s->state = f[3];
        s->reading = is_number && !text_starts(f[1], "0x") ? f[1] : "";
        s->unit = f[2];
        s->events = *s->reading ? "" : f[1];
        return true;
}

/* "4 | System Temp | Temperature | Nominal | C | 25.00" of the first ipmimonitoring. */
static bool of_monitoring(char **f, size_t n, struct ipmi_sensor *s)
{
        const bool is_number = n == 6 && (isdigit((unsigned char)f[5][0]) || f[5][0] == '-');

        if (n != 6 || !is_state(f[3]) || !isdigit((unsigned char)f[0][0]))
                return false;
        s->name = f[1];
        s->type = f[2];
        s->state = f[3];
        s->reading = is_number ? f[5] : "";
        s->unit = is_number ? f[4] : "";
        s->events = is_number ? "" : f[5];
        return true;
}

/* "CPU Temp | 45.000 | degrees C | ok | na | na | na | 80.000 | 90.000 | 100.000" */
static bool of_sensor(char **f, size_t n, struct ipmi_sensor *s)
{
        const bool is_low = n == 10 && f[3][0] == 'l';

        if (n != 10 || (!is_status(f[3]) && *f[3]) || !*f[0])
                return false;
        s->name = f[0];
        s->state = f[3];
        s->reading = strcasecmp(f[1], "na") == 0 || strcmp(f[2], "discrete") == 0 ? "" : f[1];
        s->unit = f[2];
        s->critical = is_low ? f[5] : f[8];
        s->warning = is_low ? f[6] : f[7];
        return true;
}

/* "1 | CPU Temp | Temperature | Nominal | 45.00 | C | … | 'OK'", with or without the state and the
 * six thresholds. */
static bool of_freeipmi(char **f, size_t n, struct ipmi_sensor *s)
{
        const bool has_state = n > 3 && is_state(f[3]);
        const size_t at = has_state ? 4 : 3;
        const bool has_thresholds = n == at + 9;

        if (n < at + 3 || !isdigit((unsigned char)f[0][0]) ||
            strspn(f[0], "0123456789") != strlen(f[0]) || (n != at + 3 && !has_thresholds) ||
            strchr(f[1], ':') || isdigit((unsigned char)f[2][0]))
                return false;
        s->name = f[1];
        s->type = f[2];
        s->state = has_state ? f[3] : "";
        s->reading = strcmp(f[at], "N/A") == 0 ? "" : f[at];
        s->unit = strcmp(f[at + 1], "N/A") == 0 ? "" : f[at + 1];
        s->events = f[n - 1];
        if (has_thresholds) {
                s->critical = f[at + 6];
                s->warning = f[at + 5];
        }
        return true;
}

bool ipmi_sensor_row(char **fields, size_t n, struct ipmi_sensor *s)
{
        *s = (struct ipmi_sensor){ .name = "",
                                   .type = "",
                                   .state = "",
                                   .reading = "",
                                   .unit = "",
                                   .events = "",
                                   .critical = "",
                                   .warning = "" };
        return of_sensor(fields, n, s) || of_sdr(fields, n, s) || of_csv(fields, n, s) ||
               of_monitoring(fields, n, s) || of_freeipmi(fields, n, s);
}

/* ---- the event log ---- */

/* FreeIPMI's words for a clock that is not set; ipmitool's has a hyphen. */
static bool is_unset(const char *text)
{
        return text_has(text, "postinit") || text_has(text, "preinit");
}

static bool is_date(const char *text)
{
        return (strlen(text) >= 6 && isdigit((unsigned char)text[0]) &&
                (text[2] == '/' || text[4] == '-')) ||
               (strlen(text) >= 9 && month_of(text) && text[3] == '-') ||
               text_has(text, "pre-init") || is_unset(text);
}

/* "1 | 11/23/26 | 20:45:05 UTC | Power Supply PSU1 Status | Failure detected | Asserted | …" */
static bool of_ipmitool(char **f, size_t n, struct ipmi_entry *e)
{
        if (n < 5 || !is_date(f[1]) || month_of(f[1]) || is_unset(f[1]))
                return false;
        e->date = f[1];
        e->time = f[2];
        e->name = f[3];
        e->event = f[4];
        e->is_end = n > 5 && text_starts(f[5], "Deasserted");
        e->values = n > 6 ? f[6] : "";
        return true;
}

/* "1,Nov-23-2026,20:45:05,CPU Temp,Temperature,Warning,Upper Critical - going high ; …" */
static bool of_ipmi_sel(char **f, size_t n, struct ipmi_entry *e)
{
        const bool has_state = n > 6 && is_state(f[5]);

        if (n < 6 || !is_date(f[1]))
                return false;
        e->date = f[1];
        e->time = f[2];
        e->name = f[3];
        e->type = f[4];
        e->state = has_state ? f[5] : "";
        e->event = f[has_state ? 6 : 5];
        e->is_end = text_has(e->event, "deassert") ||
                    (n > (has_state ? 7 : 6) && text_has(f[n - 1], "deassert"));
        if (n > (has_state ? 7 : 6)) /* "Event Direction" before the event */
                e->event = text_has(e->event, "assertion event") ? f[n - 1] : e->event;
        return true;
}

bool ipmi_entry_row(char **fields, size_t n, struct ipmi_entry *e)
{
        *e = (struct ipmi_entry){ .id = "",
                                  .date = "",
                                  .time = "",
                                  .type = "",
                                  .name = "",
                                  .event = "",
                                  .state = "",
                                  .values = "" };
        if (n < 5 || !isxdigit((unsigned char)fields[0][0]))
                return false;
        e->id = fields[0];
        return of_ipmitool(fields, n, e) || of_ipmi_sel(fields, n, e);
}
