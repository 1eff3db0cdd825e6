/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rate-replay: between the two files of the replay. Prices, months and contract values change at
 * local midnights only, so within a day each series feeds one line. */

#include "core/contract/rate-alerts.h"

enum { DAY_INTERVALS_MAX = 25 * 12 }; /* 25 hours of 300 s */

struct day_sum {
        vg_i128 micro;
        bool is_rated; /* it has a row that day, and a price */
};

struct member { /* a series that a quota on an interval counts */
        size_t quota;
        struct series *series;
};

struct replay {
        struct vg_rater *rater;
        const struct vg_contract *contract;
        struct vg_alert_states states;

        /* Lines of the month at hand, as far as it has been replayed. */
        int32_t month;
        int64_t carried_cents; /* what the months before it came to */
        struct vg_line *lines;
        size_t n_lines;
        const struct rater_sum **order;
        uint32_t *places; /* of each sum of the rater in lines */

        struct vg_watch_quota *quotas;          /* as they are now */
        struct vg_watch_quota *interval_quotas; /* of the last interval with data */
        struct day_sum *day_sums;               /* of each series */
        bool has_interval_quotas;
        struct member *members;
        size_t n_members;
        int64_t day_first, day_last; /* interval numbers of the day, [first, last) */
        bool has_data[DAY_INTERVALS_MAX];
        bool is_data_day;
};

/* The lines of a month, all at zero. */
void day_begin_month(struct replay *p, int32_t month);
/* What each series used in [from_s, until_s), a local day or its beginning. 0 or -ENOMEM. */
int day_read(struct replay *p, int64_t from_s, int64_t until_s);
/* Adds the day to the lines (1), or takes it away again (-1). */
void day_add(struct replay *p, int sign);
/* Adds one of its intervals. */
void day_add_interval(struct replay *p, int64_t interval);
/* Finds which series count towards which quota on an interval. 0 or -ENOMEM. */
int day_find_members(struct replay *p);
/* Those quotas as they are at the end of an interval. */
void day_measure(struct replay *p, int64_t interval);
