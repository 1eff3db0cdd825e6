/* SPDX-License-Identifier: Apache-2.0 */

/* rounds: when to look. All of it every [inspect] interval, from the plan; what the kernel or
 * vigie-hypervisor points at, at once, but not more often than a burst of changes deserves. */

#include <errno.h>
#include <string.h>

#include "inspect/guard.h"
#include "inspect/inspect.h"
#include "inspect/notices.h"
#include "os/evidence.h"
#include "os/keeper.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { TICK_US = 1000 * 1000, SOON_US = 150 * 1000 };

static void look_at_filters(struct inspect *inspect)
{
        struct vg_err err = { 0 };
        const int r = filters_look(inspect->evidence, "/sys/module", &err);
        const bool fails = r < 0 || mirrors_look(inspect->evidence, &err) < 0;

        if (fails && !inspect->filters_fail)
                vg_log(LOG_WARNING, "%s", vg_err_text(&err));
        if (r == FILTERS_LEGACY && !inspect->filters_legacy)
                vg_log(LOG_WARNING, "les anciennes tables d'ebtables sont chargées et ne peuvent "
                                    "être lues : choisir ebtables-nft (update-alternatives), "
                                    "redémarrer libvirt, décharger les modules ebtable_*");
        inspect->filters_fail = fails;
        inspect->filters_legacy = r == FILTERS_LEGACY;
}

static void look_at_processes(struct vg_evidence *evidence, struct guard *guard, void *user)
{
        processes_look(evidence, &((struct inspect *)user)->wanted, guard);
}

static void look_at_paths(struct vg_evidence *evidence, struct guard *guard, void *user)
{
        paths_look(evidence, &((struct inspect *)user)->wanted, guard);
}

/* Files, and what processes hold open, may lie on storage that does not answer. */
static void look_guarded(struct inspect *inspect, const char *const *scopes, guard_fn *look)
{
        const int r = guard_run(inspect->guard, inspect->evidence, scopes, look, inspect);

        if (r < 0 && !inspect->guard_fails)
                vg_log(LOG_WARNING, "examen des fichiers impossible : %s", strerror(-r));
        inspect->guard_fails = r < 0;
}

void inspect_look(struct inspect *inspect, unsigned what)
{
        static const char *const processes[] = { "process", "processes", NULL };
        static const char *const paths[] = { "path", NULL };

        if (what & LOOK_TEXTS)
                texts_look(inspect->evidence);
        if (what & LOOK_FILTERS)
                look_at_filters(inspect);
        if (what & LOOK_PROCESSES)
                look_guarded(inspect, processes, look_at_processes);
        if (what & LOOK_PATHS)
                look_guarded(inspect, paths, look_at_paths);
}

static void look_and_send(struct inspect *inspect, unsigned what)
{
        const struct vg_now at = vg_clock_now(); /* of before: what is seen held then, at least */

        if (inspect->resend) {
                vg_evidence_forget(inspect->evidence);
                what = LOOK_ALL;
                inspect->resend = false;
        }
        inspect_look(inspect, what);
        vg_evidence_send(inspect->evidence, &at);
}

static bool read_wanted(struct inspect *inspect)
{
        return wanted_read(&inspect->wanted, inspect->settings->inspect_wanted,
                           inspect->settings->reader_user);
}

static int on_tick(sd_event_source *source, uint64_t due_us, void *user)
{
        struct inspect *inspect = user;
        const uint64_t now_us = vg_clock_now().at_boot_ns / 1000;
        const uint64_t interval_us = inspect->settings->inspect_interval_s * (uint64_t)TICK_US;
        unsigned what = read_wanted(inspect) ? LOOK_PATHS | LOOK_PROCESSES : 0;

        if (now_us >= inspect->next_us) {
                what = LOOK_ALL;
                inspect->next_us += interval_us;
                if (inspect->next_us <= now_us) /* after a pause nothing is made up for */
                        inspect->next_us = now_us + interval_us;
        }
        if (what || inspect->resend)
                look_and_send(inspect, what);
        return sd_event_source_set_time(source, due_us + TICK_US > now_us ? due_us + TICK_US
                                                                          : now_us + TICK_US);
}

static int on_soon(_unused_ sd_event_source *source, _unused_ uint64_t due_us, void *user)
{
        struct inspect *inspect = user;
        const unsigned what = inspect->due;

        inspect->due = 0;
        look_and_send(inspect, what);
        return 0;
}

void rounds_ask(struct inspect *inspect, unsigned what)
{
        if (!inspect->due) {
                sd_event_source_set_time_relative(inspect->soon, SOON_US);
                sd_event_source_set_enabled(inspect->soon, SD_EVENT_ONESHOT);
        }
        inspect->due |= what;
}

static void on_notice(void *user, unsigned what)
{
        rounds_ask(user, what);
}

int rounds_start(struct inspect *inspect, struct vg_err *err)
{
        const uint64_t now_us = vg_clock_now().at_boot_ns / 1000;
        int r = notices_new(inspect->event, on_notice, inspect, &inspect->notices, err);

        if (r == -EPERM) /* a first try, without CAP_NET_ADMIN: changes are seen a round later */
                vg_log(LOG_WARNING, "%s; relecture toutes les %u s seulement", vg_err_text(err),
                       inspect->settings->inspect_interval_s);
        else if (r < 0)
                return r;
        inspect->next_us = now_us;
        r = sd_event_add_time(inspect->event, &inspect->round, CLOCK_BOOTTIME, now_us, 1000,
                              on_tick, inspect);
        if (r >= 0)
                r = sd_event_source_set_enabled(inspect->round, SD_EVENT_ON);
        if (r >= 0)
                r = sd_event_add_time(inspect->event, &inspect->soon, CLOCK_BOOTTIME, 0, 1000,
                                      on_soon, inspect);
        if (r >= 0)
                r = sd_event_source_set_enabled(inspect->soon, SD_EVENT_OFF);
        return r < 0 ? vg_err_set(err, r, "boucle d'événements impossible") : 0;
}

void rounds_stop(struct inspect *inspect)
{
        sd_event_source_disable_unref(inspect->round);
        sd_event_source_disable_unref(inspect->soon);
        notices_free(inspect->notices);
}
