/* SPDX-License-Identifier: Apache-2.0 */

/* TZif, RFC 8536: version 2+ header and data block of 64-bit transitions, then the footer, a POSIX
 * TZ string that rules the time after the last transition ("EST5EDT,M3.2.0,M11.1.0"). */

#include "vigie/civil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

struct rule { /* Mm.w.d/time, Jn or n */
        enum { RULE_MONTH, RULE_JULIAN, RULE_ZERO } kind;
        int month, week, day;
        int32_t at_s; /* local standard or summer time, as in force before the change */
};

struct vg_zone {
        size_t n;
        int64_t *at;     /* transitions, rising */
        int32_t *offset; /* from at[i] on */
        int32_t first_offset;
        bool has_footer, has_summer;
        int32_t standard, summer;
        struct rule to_summer, to_standard;
};

static int64_t be(const unsigned char *p, int n)
{
        uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

        for (int i = 0; i < n; i++)
                v = v << 8 | p[i];
        return (int64_t)v;
}

/* "EST", "<-04>" */
static const char *skip_name(const char *s)
{
        const char *start = s;

        if (*s == '<') {
                s += strcspn(s, ">");
                return *s == '>' ? s + 1 : NULL;
        }
        while ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z'))
                s++;
        return s - start >= 3 ? s : NULL;
}

static const char *parse_number(const char *s, int max, int *ret)
{
        int v = 0, n = 0;

        for (; *s >= '0' && *s <= '9' && n < 4; s++, n++)
                v = v * 10 + (*s - '0');
        if (!n || v > max)
                return NULL;
        *ret = v;
        return s;
}

/* [+-]h[hh][:mm[:ss]] */
static const char *parse_time(const char *s, int32_t *ret_s)
{
        int sign = 1, part[3] = { 0, 0, 0 };

        if (*s == '+' || *s == '-')
                sign = *s++ == '-' ? -1 : 1;
        for (int i = 0; i < 3; i++) {
                s = parse_number(s, i ? 59 : 167, &part[i]);
                if (!s)
                        return NULL;
                if (*s != ':')
                        break;
                s++;
        }
        *ret_s = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
        return s;
}

static const char *parse_rule(const char *s, struct rule *ret)
{
        *ret = (struct rule){ .at_s = 2 * 3600 };
        if (*s++ != ',')
                return NULL;
        if (*s == 'M') {
                ret->kind = RULE_MONTH;
                s = parse_number(s + 1, 12, &ret->month);
                if (!s || *s != '.' || ret->month < 1)
                        return NULL;
                s = parse_number(s + 1, 5, &ret->week);
                if (!s || *s != '.' || ret->week < 1)
                        return NULL;
                s = parse_number(s + 1, 6, &ret->day);
        } else {
                ret->kind = *s == 'J' ? RULE_JULIAN : RULE_ZERO;
                s = parse_number(s + (*s == 'J'), 365, &ret->day);
        }
        if (s && *s == '/')
                s = parse_time(s + 1, &ret->at_s);
        return s;
}

static int parse_footer(struct vg_zone *zone, const char *s)
{
        if (!*s)
                return 0; /* no rule: the last transition's offset holds */
        s = skip_name(s);
        if (s)
                s = parse_time(s, &zone->standard);
        if (!s)
                return -EINVAL;
        zone->standard = -zone->standard; /* POSIX counts west of Greenwich */
        zone->has_footer = true;
        if (!*s)
                return 0;
        s = skip_name(s);
        if (!s)
                return -EINVAL;
        zone->summer = zone->standard + 3600;
        if (*s != ',') {
                s = parse_time(s, &zone->summer);
                if (!s)
                        return -EINVAL;
                zone->summer = -zone->summer;
        }
        s = parse_rule(s, &zone->to_summer);
        if (s)
                s = parse_rule(s, &zone->to_standard);
        zone->has_summer = true;
        return s && !*s ? 0 : -EINVAL;
}

struct header {
        size_t isut, isstd, leap, time, type, chars;
};

static bool read_header(const unsigned char *p, size_t n, struct header *ret)
{
        if (n < 44 || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
                return false;

        size_t count[6];
        for (int i = 0; i < 6; i++) {
                int64_t v = be(p + 20 + 4 * i, 4);
                if (v < 0 || v > 100000)
                        return false;
                count[i] = (size_t)v;
        }
        *ret = (struct header){ count[0], count[1], count[2], count[3], count[4], count[5] };
        return true;
}

static size_t data_size(const struct header *h, size_t time_size)
{
        return h->time * (time_size + 1) + h->type * 6 + h->chars + h->leap * (time_size + 4) +
               h->isstd + h->isut;
}

int vg_zone_parse(const void *tzif, size_t n_bytes, struct vg_zone **ret_zone, struct vg_err *err)
{
        const unsigned char *p = tzif;
        struct header h;
        size_t left = n_bytes;

        if (!read_header(p, left, &h))
                return vg_err_set(err, -EINVAL, "fichier de fuseau illisible (TZif 2 attendu)");

        size_t skip = 44 + data_size(&h, 4); /* the block of 32-bit times */
        if (skip > left || !read_header(p + skip, left - skip, &h))
                return vg_err_set(err, -EINVAL, "fichier de fuseau tronqué");
        p += skip + 44;
        left -= skip + 44;
        if (data_size(&h, 8) + 2 > left || !h.type)
                return vg_err_set(err, -EINVAL, "fichier de fuseau tronqué");

        _cleanup_(vg_zone_freep) struct vg_zone *zone = calloc(1, sizeof(*zone));
        if (!zone)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        zone->n = h.time;
        zone->at = calloc(h.time + 1, sizeof(*zone->at));
        zone->offset = calloc(h.time + 1, sizeof(*zone->offset));
        if (!zone->at || !zone->offset)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        const unsigned char *index = p + h.time * 8, *type = index + h.time;
        zone->first_offset = (int32_t)be(type, 4);
        for (size_t i = 0; i < h.time; i++) {
                zone->at[i] = be(p + 8 * i, 8);
                if (index[i] >= h.type || (i && zone->at[i] <= zone->at[i - 1]))
                        return vg_err_set(err, -EINVAL, "fichier de fuseau incohérent");
                zone->offset[i] = (int32_t)be(type + 6 * index[i], 4);
        }

        const char *footer = (const char *)p + data_size(&h, 8);
        const char *stop = memchr(footer + 1, '\n', left - data_size(&h, 8) - 1);
        char rule[128];
        if (*footer != '\n' || !stop || (size_t)(stop - footer) > sizeof(rule))
                return vg_err_set(err, -EINVAL, "fichier de fuseau sans règle finale");
        memcpy(rule, footer + 1, (size_t)(stop - footer - 1));
        rule[stop - footer - 1] = '\0';
        if (parse_footer(zone, rule) < 0)
                return vg_err_set(err, -EINVAL, "règle de fuseau illisible : %s", rule);

        *ret_zone = TAKE_PTR(zone);
        return 0;
}

void vg_zone_free(struct vg_zone *zone)
{
        if (!zone)
                return;
        free(zone->at);
        free(zone->offset);
        free(zone);
}

/* Day number of the rule in that year. */
static int64_t rule_day(const struct rule *r, int year)
{
        int64_t new_year = vg_days_from_civil((struct vg_date){ year, 1, 1 });

        if (r->kind == RULE_ZERO)
                return new_year + r->day;
        if (r->kind == RULE_JULIAN) /* 29 February is never counted */
                return new_year + r->day - 1 + (r->day > 59 && vg_days_in_month(year, 2) == 29);

        int64_t first = vg_days_from_civil((struct vg_date){ year, r->month, 1 });
        int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
        int64_t day = first + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);

        while (day >= first + vg_days_in_month(year, r->month))
                day -= 7;
        return day;
}

static int32_t footer_offset(const struct vg_zone *zone, int64_t utc_s)
{
        if (!zone->has_summer)
                return zone->standard;

        int year = vg_civil_from_days(vg_floor_div(utc_s + zone->standard, VG_DAY_S)).year;
        int64_t start =
                rule_day(&zone->to_summer, year) * VG_DAY_S + zone->to_summer.at_s - zone->standard;
        int64_t stop = rule_day(&zone->to_standard, year) * VG_DAY_S + zone->to_standard.at_s -
                       zone->summer;
        bool summer = start < stop ? utc_s >= start && utc_s < stop
                                   : utc_s >= start || utc_s < stop; /* southern hemisphere */

        return summer ? zone->summer : zone->standard;
}

int32_t vg_zone_offset_s(const struct vg_zone *zone, int64_t utc_s)
{
        if (!zone->n || utc_s < zone->at[0])
                return zone->n || !zone->has_footer ? zone->first_offset
                                                    : footer_offset(zone, utc_s);
        if (utc_s >= zone->at[zone->n - 1] && zone->has_footer)
                return footer_offset(zone, utc_s);

        size_t low = 0, high = zone->n; /* at[low] <= utc_s < at[high] */
        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;
                if (zone->at[middle] <= utc_s)
                        low = middle;
                else
                        high = middle;
        }
        return zone->offset[low];
}

struct vg_date vg_zone_date(const struct vg_zone *zone, int64_t utc_s)
{
        return vg_civil_from_days(vg_floor_div(utc_s + vg_zone_offset_s(zone, utc_s), VG_DAY_S));
}

int64_t vg_zone_midnight(const struct vg_zone *zone, struct vg_date date)
{
        int64_t local = vg_days_from_civil(date) * VG_DAY_S;
        int64_t low = local - 26 * VG_HOUR_S, high = local + 26 * VG_HOUR_S;

        /* First instant whose local date is `date` or later. Local dates never step back by a
         * whole day in the zones of a contract, so bisection holds, also where midnight itself is
         * skipped or repeated. */
        while (high - low > 1) {
                int64_t middle = low + (high - low) / 2;
                if (vg_date_compare(vg_zone_date(zone, middle), date) < 0)
                        low = middle;
                else
                        high = middle;
        }
        return high;
}

int64_t vg_zone_month_start(const struct vg_zone *zone, int32_t month)
{
        return vg_zone_midnight(zone, (struct vg_date){ month / 12, month % 12 + 1, 1 });
}

char *vg_zone_format(const struct vg_zone *zone, int64_t utc_s, char buf[40])
{
        int32_t offset = vg_zone_offset_s(zone, utc_s);
        int magnitude = offset < 0 ? -offset : offset;
        char local[32];

        vg_utc_format(utc_s + offset, local);
        snprintf(buf, 40, "%.10s %.8s %c%02d:%02d", local, local + 11, offset < 0 ? '-' : '+',
                 magnitude / 3600, magnitude / 60 % 60);
        return buf;
}
