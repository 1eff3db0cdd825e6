/* SPDX-License-Identifier: Apache-2.0 */

/* format: numbers, dates and durations as Quebec writes them. Dates stay ISO 8601, the common form
 * of both languages; what must not be torn apart is joined by U+00A0. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "vigie/civil.h"

#define NBSP "\xc2\xa0"

static char *with_unit(const struct cli *cli, vg_i128 value, unsigned decimals, unsigned shown,
                       const char *unit, char buf[CLI_TEXT])
{
        char number[96];

        snprintf(buf, CLI_TEXT, "%s%s%s",
                 vg_decimal_format_local(value, decimals, shown, cli->french, number,
                                         sizeof(number)),
                 *unit ? NBSP : "", unit);
        return buf;
}

char *cli_money(const struct cli *cli, int64_t cents, char buf[CLI_TEXT])
{
        return with_unit(cli, cents, 2, 2, cli->french ? "$" : "CAD", buf);
}

char *cli_quantity(const struct cli *cli, vg_i128 micro, unsigned shown, char buf[CLI_TEXT])
{
        return with_unit(cli, micro, 6, shown, "", buf);
}

char *cli_percent(const struct cli *cli, int64_t permyriad, char buf[CLI_TEXT])
{
        /* Ten times the whole and more: nobody counts its tenths. */
        return with_unit(cli, permyriad, 2, permyriad >= 100000 ? 0 : 1, "%", buf);
}

char *cli_count(const struct cli *cli, int64_t n, char buf[CLI_TEXT])
{
        return with_unit(cli, n, 0, 0, "", buf);
}

char *cli_bytes(const struct cli *cli, uint64_t bytes, char buf[CLI_TEXT])
{
        static const char *const fr[] = { "o", "ko", "Mo", "Go", "To" };
        static const char *const en[] = { "B", "kB", "MB", "GB", "TB" };
        unsigned power = 0;
        uint64_t scale = 1;

        while (power + 1 < ELEMENTSOF(fr) && bytes / scale >= 1000) {
                scale *= 1000;
                power++;
        }
        return with_unit(cli, vg_round_half_up((vg_i128)bytes * 10, scale), 1, power ? 1 : 0,
                         cli->french ? fr[power] : en[power], buf);
}

char *cli_duration(const struct cli *cli, int64_t seconds, char buf[CLI_TEXT])
{
        const int64_t s = seconds < 0 ? 0 : seconds;
        const char *day = cli->french ? "j" : "d";

        if (s < 60)
                snprintf(buf, CLI_TEXT, "%" PRId64 NBSP "s", s);
        else if (s < VG_HOUR_S)
                snprintf(buf, CLI_TEXT, "%" PRId64 NBSP "min", s / 60);
        else if (s < VG_DAY_S)
                snprintf(buf, CLI_TEXT, "%" PRId64 NBSP "h" NBSP "%02d" NBSP "min", s / VG_HOUR_S,
                         (int)(s % VG_HOUR_S / 60));
        else if (s < 10 * (int64_t)VG_DAY_S)
                snprintf(buf, CLI_TEXT, "%" PRId64 NBSP "%s" NBSP "%02d" NBSP "h", s / VG_DAY_S,
                         day, (int)(s % VG_DAY_S / VG_HOUR_S));
        else
                snprintf(buf, CLI_TEXT, "%" PRId64 NBSP "%s", s / VG_DAY_S, day);
        return buf;
}

static int64_t local_second(const struct vg_zone *zone, int64_t utc_s, int64_t *ret_days)
{
        const int64_t local = utc_s + (zone ? vg_zone_offset_s(zone, utc_s) : 0);

        *ret_days = vg_floor_div(local, VG_DAY_S);
        return local - *ret_days * VG_DAY_S;
}

char *cli_clock(const struct cli *cli, const struct vg_zone *zone, int64_t utc_s,
                char buf[CLI_TEXT])
{
        int64_t days;
        const int64_t s = local_second(zone, utc_s, &days);

        snprintf(buf, CLI_TEXT, cli->french ? "%d" NBSP "h" NBSP "%02d%s" : "%02d:%02d%s",
                 (int)(s / VG_HOUR_S), (int)(s / 60 % 60), zone ? "" : " UTC");
        return buf;
}

char *cli_when(const struct cli *cli, const struct vg_zone *zone, int64_t utc_s, char buf[CLI_TEXT])
{
        char date[16], clock[CLI_TEXT];
        int64_t days;

        local_second(zone, utc_s, &days);
        vg_date_format(vg_civil_from_days(days), date);
        snprintf(buf, CLI_TEXT, "%s %s %.80s", date, cli->french ? "à" : "at",
                 cli_clock(cli, zone, utc_s, clock));
        return buf;
}

/* A full block is only shown where the whole is used, and one at least where anything is. */
char *cli_bar(int64_t permyriad, size_t cells, char *buf, size_t size)
{
        const int64_t n = (int64_t)cells, of = permyriad < 0 ? 0 : permyriad;
        int64_t filled = of >= 10000 ? n : of * n / 10000;
        size_t at = 0;

        if (filled == 0 && of > 0)
                filled = 1;
        buf[0] = '\0';
        for (int64_t i = 0; i < n && at + 4 < size; i++) {
                const char *cell = i >= filled ? "░" : of > 10000 && i == n - 1 ? "▶" : "█";
                memcpy(buf + at, cell, strlen(cell) + 1);
                at += strlen(cell);
        }
        return buf;
}
