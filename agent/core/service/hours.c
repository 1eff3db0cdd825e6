/* SPDX-License-Identifier: Apache-2.0 */

#include "core/service/hours.h"

#include "vigie/civil.h"
#include "vigie/holiday.h"

/* The instant of so many minutes after midnight by the clock on the wall. */
static int64_t at_minute(const struct vg_zone *zone, struct vg_date date, int minutes)
{
        const int64_t midnight_s = vg_zone_midnight(zone, date);
        const int32_t offset_s = vg_zone_offset_s(zone, midnight_s);
        int64_t plain_s = midnight_s + minutes * (int64_t)60;
        int64_t shifted_s = plain_s + offset_s - vg_zone_offset_s(zone, plain_s);

        if (vg_zone_offset_s(zone, shifted_s) == vg_zone_offset_s(zone, plain_s))
                return shifted_s;
        /* The hour that spring leaves out: from the last instant before the change to the first
         * one after it. */
        while (plain_s - shifted_s > 1) {
                const int64_t middle_s = shifted_s + (plain_s - shifted_s) / 2;
                if (vg_zone_offset_s(zone, middle_s) == offset_s)
                        shifted_s = middle_s;
                else
                        plain_s = middle_s;
        }
        return plain_s;
}

static bool opens_on(const struct vg_window *window, const struct vg_period *period,
                     struct vg_date date)
{
        if (!(period->days & 1u << vg_weekday(date)))
                return false;
        if (period->weeks && !(period->weeks & 1u << ((date.day - 1) / 7 + 1)))
                return false;
        return window->on_holidays || !vg_is_holiday(date);
}

static void add_opening(const struct vg_contract *contract, const struct vg_window *window,
                        struct vg_date date, struct spans *spans)
{
        for (size_t i = 0; i < window->n_periods && spans->n < SPANS_MAX; i++) {
                const struct vg_period *p = &window->periods[i];
                const bool over_midnight = p->to_min <= p->from_min;

                if (opens_on(window, p, date))
                        spans->list[spans->n++] = (struct vg_span){
                                at_minute(contract->zone, date, p->from_min),
                                at_minute(contract->zone, vg_date_add_days(date, over_midnight),
                                          p->to_min),
                        };
        }
}

void hours_of(const struct vg_contract *contract, const struct vg_window *window,
              struct vg_date date, struct spans *spans)
{
        add_opening(contract, window, vg_date_add_days(date, -1), spans);
        add_opening(contract, window, date, spans);
}

bool hours_hold(const struct vg_span *spans, size_t n, int64_t at_s)
{
        for (size_t i = 0; i < n; i++)
                if (at_s >= spans[i].from_s && at_s < spans[i].to_s)
                        return true;
        return false;
}
