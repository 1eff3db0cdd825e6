/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* civil: days, months and zones as arithmetic. No clock, no TZ, no locale. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_err;

enum { VG_DAY_S = 86400, VG_HOUR_S = 3600 };
#define VG_NS_PER_S INT64_C(1000000000)

struct vg_date {
        int year;
        int month; /* 1..12 */
        int day;   /* 1..31 */
};

bool vg_date_valid(struct vg_date date);
int64_t vg_days_from_civil(struct vg_date date); /* days since 1970-01-01 */
struct vg_date vg_civil_from_days(int64_t days);
int vg_days_in_month(int year, int month);
int vg_date_compare(struct vg_date a, struct vg_date b); /* <0, 0, >0 */
struct vg_date vg_date_add_days(struct vg_date date, int64_t days);
/* So many whole years have passed when that day begins: 29 February -> 1 March. */
struct vg_date vg_date_add_years(struct vg_date date, int years);
int vg_date_parse(const char *text, struct vg_date *ret_date); /* YYYY-MM-DD, must exist */
char *vg_date_format(struct vg_date date, char buf[16]);

/* YYYY-MM-DDTHH:MM:SSZ only. -EINVAL. */
int vg_utc_parse(const char *text, int64_t *ret_utc_s);
char *vg_utc_format(int64_t utc_s, char buf[32]);

/* A month as one number, so that months compare and step: year * 12 + (month - 1). */
static inline int32_t vg_month_of(struct vg_date date)
{
        return (int32_t)(date.year * 12 + date.month - 1);
}
char *vg_month_format(int32_t month, char buf[16]); /* YYYY-MM */

/* An IANA zone from the bytes of its TZif file (RFC 8536, version 2 or later, with its footer).
 * The caller reads the file: "America/Montreal" is read as "America/Toronto". */
struct vg_zone;
int vg_zone_parse(const void *tzif, size_t n_bytes, struct vg_zone **ret_zone, struct vg_err *err);
void vg_zone_free(struct vg_zone *zone);
static inline void vg_zone_freep(struct vg_zone **zone)
{
        vg_zone_free(*zone);
}

int32_t vg_zone_offset_s(const struct vg_zone *zone, int64_t utc_s); /* local = utc + offset */
struct vg_date vg_zone_date(const struct vg_zone *zone, int64_t utc_s);
/* The instant at which that local day begins: the first instant whose local date is `date`. */
int64_t vg_zone_midnight(const struct vg_zone *zone, struct vg_date date);
int64_t vg_zone_month_start(const struct vg_zone *zone, int32_t month);
/* Local time for people: "2027-04-01 13:00:00 -04:00". */
char *vg_zone_format(const struct vg_zone *zone, int64_t utc_s, char buf[40]);
