/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/evidence.h"
#include "os/files.h"
#include "os/log.h"
#include "os/loop.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { MOUNTINFO_MAX = 4 << 20, STEP_NS = 1000 * 1000 * 1000 };

/* Both slots hang: nothing but a restart can help, if the calls do not come back by themselves
 * before the watchdog's patience ends. */
static void feed_watchdog(struct reader *reader)
{
        sd_event_set_watchdog(reader->event, !calls_is_stuck(reader->calls));
}

void reader_lose(struct reader *reader, const char *cause)
{
        const struct vg_now at = vg_clock_now();

        answers_drop_held(reader);
        if (reader->is_ok)
                tiers_retry(reader, true);
        reader->is_ok = false;
        reader->pass_asked = false;
        calls_flush(reader->calls);
        outbox_give_up(&reader->outbox);
        if (reader->said_lost)
                return;
        reader->said_lost = true;
        vg_log_message(LOG_WARNING, &vg_message_LIBVIRT_LOST, NULL,
                       "libvirt ne répond plus (%s), nouvel essai chaque seconde", cause);
        observe_libvirt(&reader->outbox, &at, false, cause,
                        reader->answered_boot_ns ? reader->answered_boot_ns : at.at_boot_ns);
        observe_heartbeat(&reader->outbox, &at, false, 0);
}

void reader_find(struct reader *reader)
{
        const struct vg_now at = vg_clock_now();

        reader->is_ok = true;
        tiers_retry(reader, false);
        if (reader->said_lost) {
                vg_log_message(LOG_NOTICE, &vg_message_LIBVIRT_BACK, NULL,
                               "libvirt répond de nouveau");
                observe_libvirt(&reader->outbox, &at, true, "", at.at_boot_ns);
        }
        reader->said_lost = false;
        isolation_restart(reader);
        reader->is_bulky = true; /* a pass holds every domain's XML for a moment */
}

void reader_failed(struct reader *reader, const struct call *call)
{
        if (!reader->said_lost)
                vg_log(LOG_WARNING, "libvirt : %s", vg_err_text(&call->err));
        reader_lose(reader, call->r == -ECONNREFUSED ? "refused"
                            : call->r == -ECONNRESET ? "closed"
                                                     : "error");
}

void reader_confirm(struct reader *reader, const struct vg_now *at)
{
        observe_heartbeat(&reader->outbox, at, true, domains_count_active(&reader->domains));
}

static void on_expired(void *user, const struct call *call)
{
        struct reader *reader = user;

        if (call->careful)
                vg_log(LOG_WARNING, "deux appels de libvirt ont dépassé leur délai");
        else
                vg_log(LOG_WARNING, "un appel de libvirt a dépassé son délai, deuxième connexion");
        if (calls_is_blocked(reader->calls))
                reader_lose(reader, "frozen");
        feed_watchdog(reader);
}

static int on_events(_unused_ sd_event_source *s, _unused_ int fd, _unused_ uint32_t revents,
                     void *user)
{
        struct reader *reader = user;
        struct event *event = events_take(reader->events), *next;

        for (; event; event = next) {
                next = event->next;
                answers_take_event(reader, event);
                free(event);
        }
        return 0;
}

static void on_answer(void *user, uint64_t seq, _unused_ bool ok, const json_t *answer)
{
        struct reader *reader = user;

        if (vg_evidence_must_resend(answer))
                isolation_resend(reader);
        if (reader->is_ready || !reader->ready_seq || seq < reader->ready_seq)
                return;
        reader->is_ready = true;
        vg_loop_notify("READY=1");
        vg_log_message(LOG_INFO, &vg_message_STARTED, NULL, "prêt : %zu domaines",
                       reader->domains.n);
}

void reader_watch_clock(struct reader *reader)
{
        const struct vg_now at = vg_clock_now();
        const int64_t difference = at.at_utc_ns - (int64_t)at.at_boot_ns;
        const int64_t step = difference - reader->wall_minus_boot_ns;
        int64_t offset_ns;
        const int sync = (int)vg_clock_sync(&offset_ns);

        feed_watchdog(reader);
        if (reader->wall_minus_boot_ns && (step > STEP_NS || step < -STEP_NS))
                observe_clock(&reader->outbox, &at, "stepped", step);
        reader->wall_minus_boot_ns = difference;
        if (sync != reader->clock_sync && sync != VG_SYNC_UNKNOWN)
                observe_clock(&reader->outbox, &at, sync == VG_SYNC_YES ? "ok" : "unsynchronised",
                              offset_ns);
        reader->clock_sync = sync;
}

static int read_mounts(struct reader *reader, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r = vg_file_read("/proc/self/mountinfo", MOUNTINFO_MAX, &text, &n, err);

        if (r == 0)
                cgroup_mounts_parse(text, &reader->mounts);
        return r;
}

int reader_start(struct reader *reader, struct vg_err *err)
{
        _cleanup_free_ char *socket = vg_settings_socket_path(reader->settings);

        if (!socket)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        reader->proc = "/proc";
        reader->clock_sync = -1;
        reader->last_held = &reader->held;
        qemuproc_users_parse(reader->settings->qemu_users, &reader->users);

        int r = read_mounts(reader, err);
        if (r == 0)
                r = events_new(&reader->events, err);
        if (r == 0)
                r = vg_keeper_new(reader->event, socket, "hypervisor", on_answer, reader,
                                  &reader->keeper, err);
        reader->outbox.keeper = reader->keeper;
        if (r == 0)
                r = calls_new(reader->event, reader->settings->hypervisor_uri, reader->events,
                              reader->settings->call_deadline_s, on_expired, reader, &reader->calls,
                              err);
        if (r < 0)
                return r;
        r = sd_event_add_io(reader->event, &reader->events_io, events_fd(reader->events), EPOLLIN,
                            on_events, reader);
        /* What libvirt told unasked comes before what it answered: it was earlier. */
        if (r >= 0)
                r = sd_event_source_set_priority(reader->events_io, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return vg_err_set(err, r, "boucle d'événements impossible");
        r = isolation_start(reader, err);
        return r < 0 ? r : tiers_start(reader, err);
}

void reader_stop(struct reader *reader)
{
        while (reader->domains.n)
                domains_remove(&reader->domains, reader->domains.rows[0]);
        free(reader->domains.rows);
        answers_drop_held(reader);
        volumes_done(&reader->volumes);
        qemuprocs_done(&reader->processes);
        netdevs_done(&reader->netdevs);
        sd_event_source_disable_unref(reader->events_io);
        isolation_stop(reader);
        for (size_t i = 0; i < N_TIERS; i++)
                sd_event_source_disable_unref(reader->timers[i].source);
        outbox_done(&reader->outbox);
        vg_keeper_free(reader->keeper);
}
