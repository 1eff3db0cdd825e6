/* SPDX-License-Identifier: Apache-2.0 */

/* What is known of the wall clock: what readers say of it, and how far it moved by itself. */

#include <string.h>

#include "keeper/keeper.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/json.h"

#define CLOCK_STEP_NS (120 * (uint64_t)VG_NS_PER_S)     /* a step is looked at for that long */
#define CLOCK_PATIENCE_NS (900 * (uint64_t)VG_NS_PER_S) /* without discipline, after a start */

static void hear_clock(struct watch *w, bool is_synchronised, uint64_t now_boot_ns)
{
        w->has_clock = true;
        if (is_synchronised)
                w->unsynchronised_boot_ns = 0;
        else if (!w->unsynchronised_boot_ns)
                w->unsynchronised_boot_ns = now_boot_ns;
}

void watch_hear(struct keeper *k, const struct vg_observation *o, const json_t *body)
{
        struct watch *w = &k->watch;
        const uint64_t now_boot_ns = vg_clock_now().at_boot_ns;

        if (o->kind == VG_SAYS_HEARTBEAT)
                hear_clock(w, o->heartbeat.clock != VG_CLOCK_UNSYNCHRONISED, now_boot_ns);
        if (o->kind != VG_SAYS_CONDITION || o->condition.subject != VG_ABOUT_CLOCK)
                return;

        int64_t offset_ns = 0;
        (void)vg_json_get_int(body, "offset_ns", &offset_ns);
        w->clock_offset_ns = offset_ns;
        if (strcmp(o->condition.state, "stepped") == 0) {
                w->has_clock = true;
                w->stepped_boot_ns = now_boot_ns;
        } else {
                hear_clock(w, strcmp(o->condition.state, "ok") == 0, now_boot_ns);
        }
        w->wanted = true;
}

/* A step is told at once. A clock that nobody disciplines yet is given the time that a daemon needs
 * for it after a start. */
bool watch_clock_ok(const struct watch *w, uint64_t now_boot_ns)
{
        if (w->stepped_boot_ns && now_boot_ns < w->stepped_boot_ns + CLOCK_STEP_NS)
                return false;
        return !w->unsynchronised_boot_ns ||
               now_boot_ns < w->unsynchronised_boot_ns + CLOCK_PATIENCE_NS;
}

/* No duration comes from the wall clock: what was counted by it moves with it when it is stepped. A
 * step beyond the bridge corrects a clock that was wrong: time is then what it says. */
void watch_follow_clock(struct watch *w, const struct vg_now *now)
{
        const int64_t ahead_ns = now->at_utc_ns - (int64_t)now->at_boot_ns;
        const int64_t step_s = vg_floor_div(ahead_ns - w->wall_ahead_ns, VG_NS_PER_S);

        if (w->wall_ahead_ns && (step_s > 1 || step_s < -1) && step_s <= VG_CLOCK_BRIDGE_S &&
            step_s >= -VG_CLOCK_BRIDGE_S) {
                vg_alert_states_shift(&w->states, step_s);
                w->ahead_s = w->ahead_s + step_s > 0 ? w->ahead_s + step_s : 0;
        }
        w->wall_ahead_ns = ahead_ns;
}
