/* SPDX-License-Identifier: Apache-2.0 */

/* tiers: when to look (METERING's table). Timers re-arm from the plan, not from "now": a late look
 * does not shift the ones after it, and those that were slept through are not made up for. */

#include <malloc.h>

#include "hypervisor/reader.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { RETRY_S = 1 };

static void tick_kernel(struct reader *reader)
{
        kernel_sample(reader);
}

static void tick_state(struct reader *reader)
{
        reader_watch_clock(reader);
        if (!reader->is_ok) {
                const struct vg_now at = vg_clock_now();
                observe_heartbeat(&reader->outbox, &at, false, 0);
                return;
        }
        answers_ask(reader, LOOK_STATE, NULL, NULL);
}

static void tick_qemu(struct reader *reader)
{
        if (reader->is_ok)
                answers_ask_qemu(reader);
}

/* Where the last look still hangs on dead storage, another would hang too. */
static void tick_storage(struct reader *reader)
{
        if (!reader->is_ok || answers_storage_is_stuck(reader))
                return;
        answers_ask_storage(reader);
        answers_ask_volumes(reader);
}

static void tick_retry(struct reader *reader)
{
        if (reader->pass_asked || calls_is_blocked(reader->calls))
                return;
        reader->pass_asked = true;
        answers_ask(reader, LOOK_FACTS | LOOK_QEMU | LOOK_OFF, NULL, NULL);
}

static int on_timer(_unused_ sd_event_source *s, uint64_t planned_us, void *user)
{
        static void (*const ticks[N_TIERS])(struct reader *) = {
                [TIER_KERNEL] = tick_kernel,   [TIER_QEMU] = tick_qemu,
                [TIER_RETRY] = tick_retry,     [TIER_STATE] = tick_state,
                [TIER_STORAGE] = tick_storage,
        };
        struct timer *timer = user;
        const uint64_t now_us = vg_clock_now().at_boot_ns / 1000;

        timer->next_us = planned_us + timer->interval_us;
        if (timer->next_us <= now_us)
                timer->next_us +=
                        (now_us - timer->next_us) / timer->interval_us * timer->interval_us +
                        timer->interval_us;
        sd_event_source_set_time(timer->source, timer->next_us);
        ticks[timer->tier](timer->reader);
        return 0;
}

void tiers_retry(struct reader *reader, bool retry)
{
        struct timer *timer = &reader->timers[TIER_RETRY];

        timer->next_us = vg_clock_now().at_boot_ns / 1000 + timer->interval_us;
        if (retry)
                sd_event_source_set_time(timer->source, timer->next_us);
        sd_event_source_set_enabled(timer->source, retry ? SD_EVENT_ON : SD_EVENT_OFF);
}

/* After each turn of the loop. What stays allocated lies between what does not: the heap would never
 * shrink by itself. */
static int give_back(_unused_ sd_event_source *s, void *user)
{
        struct reader *reader = user;

        if (reader->is_bulky)
                malloc_trim(0);
        reader->is_bulky = false;
        return 0;
}

int tiers_start(struct reader *reader, struct vg_err *err)
{
        const uint32_t intervals_s[N_TIERS] = {
                [TIER_KERNEL] = reader->settings->kernel_interval_s,
                [TIER_QEMU] = reader->settings->qemu_interval_s,
                [TIER_RETRY] = RETRY_S,
                [TIER_STATE] = reader->settings->state_interval_s,
                [TIER_STORAGE] = reader->settings->storage_interval_s,
        };
        const uint64_t now_us = vg_clock_now().at_boot_ns / 1000;

        for (size_t i = 0; i < N_TIERS; i++) {
                struct timer *timer = &reader->timers[i];
                *timer = (struct timer){ .reader = reader,
                                         .tier = (enum tier)i,
                                         .interval_us = intervals_s[i] * UINT64_C(1000000) };
                /* The first retry, which is the first look, is at once. */
                uint64_t first_us = now_us + (i == TIER_RETRY ? 0 : timer->interval_us);
                int r = sd_event_add_time(reader->event, &timer->source, CLOCK_BOOTTIME, first_us,
                                          1000, on_timer, timer);
                if (r >= 0)
                        r = sd_event_source_set_enabled(timer->source, SD_EVENT_ON);
                if (r < 0)
                        return vg_err_set(err, r, "minuterie impossible");
        }
        int r = sd_event_add_post(reader->event, NULL, give_back, reader);
        return r < 0 ? vg_err_set(err, r, "boucle d'événements impossible") : 0;
}
