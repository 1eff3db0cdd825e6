/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* schedule: when a destination that failed is tried again. Pure: chance comes in as a number. */

#include <stdint.h>

enum {
        SCHEDULE_FIRST_S = 5,         /* after the first failure; then twice as long each time */
        SCHEDULE_ASKED_S = 24 * 3600, /* the longest that the other end may ask us to wait */
};

/* Seconds to wait after so many failures in a row (from 1), no more than most_s: between half of the
 * plan and all of it, so that those who failed together do not come back together. */
int64_t schedule_delay_s(int64_t failures, int64_t most_s, uint32_t chance);
/* The instant of the next try. asked_s: the other end's wish, an instant, 0: none. */
int64_t schedule_next_s(int64_t now_s, int64_t failures, int64_t most_s, int64_t asked_s,
                        uint32_t chance);
