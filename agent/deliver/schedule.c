/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/schedule.h"

#include <assert.h>

int64_t schedule_delay_s(int64_t failures, int64_t most_s, uint32_t chance)
{
        int64_t whole = SCHEDULE_FIRST_S;

        assert(failures > 0 && most_s > 0);
        while (--failures > 0 && whole < most_s)
                whole *= 2;
        if (whole > most_s)
                whole = most_s;
        return whole - (int64_t)(chance % (uint32_t)(whole / 2 + 1));
}

int64_t schedule_next_s(int64_t now_s, int64_t failures, int64_t most_s, int64_t asked_s,
                        uint32_t chance)
{
        const int64_t next_s = now_s + schedule_delay_s(failures, most_s, chance);

        if (asked_s > now_s + SCHEDULE_ASKED_S)
                asked_s = now_s + SCHEDULE_ASKED_S;
        return asked_s > next_s ? asked_s : next_s;
}
