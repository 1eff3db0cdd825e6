/* SPDX-License-Identifier: Apache-2.0 */

/* place: where in the calendar a stretch of CLOCK_BOOTTIME lies.
 *
 * Between two stamps of which the wall clock tells the same story (it was slewed at most), wall
 * time is stretched evenly over boot time, so that an hour has no seam. Where it was stepped, the
 * earlier stamp's clock holds until the later stamp. Either way each boot nanosecond is placed
 * once, whatever the wall clock does: it can move an amount, never change a total. */

#include <assert.h>

#include "vigie/civil.h"

#include "room.h"

bool place_steady(struct vg_stamp from, struct vg_stamp to)
{
        const int64_t boot = (int64_t)(to.boot_ns - from.boot_ns), wall = to.utc_ns - from.utc_ns;
        const int64_t off = wall > boot ? wall - boot : boot - wall;

        /* A second, or a tenth: no daemon slews faster. */
        return wall > 0 && off <= VG_NS_PER_S + boot / 10;
}

int32_t place_interval_s(const struct vg_book *book, int64_t utc_s)
{
        size_t i = book->n_regimes - 1;

        while (i > 0 && book->regimes[i].from_s > utc_s)
                i--;
        return book->regimes[i].interval_s;
}

int64_t place_start_s(const struct vg_book *book, int64_t utc_ns)
{
        const int64_t utc_s = vg_floor_div(utc_ns, VG_NS_PER_S);
        const int32_t interval_s = place_interval_s(book, utc_s);

        return vg_floor_div(utc_s, interval_s) * interval_s;
}

uint64_t place_boot_at(struct vg_stamp from, struct vg_stamp to, int64_t utc_ns)
{
        if (utc_ns <= from.utc_ns)
                return from.boot_ns;
        if (utc_ns >= to.utc_ns)
                return to.boot_ns;

        const vg_i128 boot = (vg_i128)(to.boot_ns - from.boot_ns);
        return from.boot_ns + (uint64_t)(boot * (utc_ns - from.utc_ns) / (to.utc_ns - from.utc_ns));
}

void place_begin(struct placing *p, const struct vg_book *book, struct vg_stamp from,
                 struct vg_stamp to)
{
        assert(from.boot_ns <= to.boot_ns);

        if (!place_steady(from, to))
                to.utc_ns = from.utc_ns + (int64_t)(to.boot_ns - from.boot_ns);
        *p = (struct placing){ book, from, to, from.boot_ns, from.utc_ns };

        /* A stretch longer than we spread over: what came before is placed in its first interval. */
        const int64_t most = place_interval_s(book, to.utc_ns / VG_NS_PER_S) * VG_NS_PER_S;
        if (p->to.utc_ns - p->at_utc_ns > SPREAD_MAX * most)
                p->at_utc_ns = p->to.utc_ns - SPREAD_MAX * most;
}

bool place_next(struct placing *p, struct piece *ret_piece)
{
        if (p->at_boot_ns >= p->to.boot_ns)
                return false;

        uint64_t boot_ns;
        int64_t start_s, next_ns;
        do { /* a wall nanosecond may be less than a boot one: skip what has no length */
                start_s = place_start_s(p->book, p->at_utc_ns);
                next_ns = (start_s + place_interval_s(p->book, start_s)) * VG_NS_PER_S;
                if (next_ns > p->to.utc_ns)
                        next_ns = p->to.utc_ns;
                boot_ns = place_boot_at(p->from, p->to, next_ns);
                *ret_piece = (struct piece){ start_s, p->at_boot_ns, boot_ns,
                                             next_ns - p->at_utc_ns, next_ns };
                p->at_utc_ns = next_ns;
        } while (boot_ns == p->at_boot_ns);
        p->at_boot_ns = boot_ns;
        return true;
}
