/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* reader: all the state of vigie-hypervisor, owned by its loop.
 *
 *   tiers.c    when to look: timers that re-arm from the plan
 *   answers*.c what libvirt's answers and events mean for what is known
 *   facing.c   one domain, known and shown
 *   kernel.c   the counters that need no libvirt
 *   reader.c   libvirt lost and found again */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "hypervisor/calls.h"
#include "hypervisor/cgroup.h"
#include "hypervisor/domains.h"
#include "hypervisor/events.h"
#include "hypervisor/isolation.h"
#include "hypervisor/look.h"
#include "hypervisor/netdev.h"
#include "hypervisor/observe.h"
#include "hypervisor/outbox.h"
#include "hypervisor/qemuproc.h"
#include "hypervisor/volumes.h"
#include "os/keeper.h"
#include "os/settings.h"

enum tier { TIER_KERNEL, TIER_QEMU, TIER_RETRY, TIER_STATE, TIER_STORAGE, N_TIERS };

struct reader;

struct timer { /* one tier's */
        struct reader *reader;
        sd_event_source *source;
        enum tier tier;
        uint64_t interval_us, next_us; /* CLOCK_BOOTTIME */
};

struct reader {
        const struct vg_settings *settings;
        sd_event *event;
        sd_event_source *events_io;
        struct vg_keeper *keeper;
        struct outbox outbox;
        struct events *events;
        struct calls *calls;
        struct timer timers[N_TIERS];

        struct domains domains;
        struct volumes volumes;
        bool has_volumes;

        bool has_qemu;  /* the driver runs QEMUs, whose processes can be found */
        bool is_ok;     /* libvirt answers, and all facts are with the keeper */
        bool said_lost; /* in this outage */
        bool pass_asked;
        struct event *held, **last_held; /* events that came while the pass was on its way */
        uint64_t source;                 /* the connection whose events count */
        uint64_t patience_ns;      /* what a bulk call may take, where that is more than usual */
        uint64_t qemu_boot_ns;     /* stamp of the last answer of that tier */
        uint64_t answered_boot_ns; /* when libvirt last answered, as of before the question */
        unsigned n_storage_looks;

        uint64_t ready_seq; /* READY once the keeper has answered this one; 0: not asked */
        bool is_ready;
        int64_t wall_minus_boot_ns; /* where the wall clock stood against elapsed time */
        int clock_sync;             /* as last told to the keeper; -1: never */

        const char *proc; /* "/proc" */
        struct cgroup_mounts mounts;
        struct qemuproc_users users;
        struct qemuprocs processes; /* as of the last scan */
        uint64_t scanned_boot_ns;
        struct netdevs netdevs;
        struct readings readings;
        bool is_bulky; /* large answers were let go of: give_back() when this turn ends */
        struct isolation *isolation;
};

/* reader.c */
int reader_start(struct reader *reader, struct vg_err *err);
void reader_stop(struct reader *reader);
void reader_lose(struct reader *reader, const char *cause);
void reader_find(struct reader *reader); /* the pass is through */
void reader_failed(struct reader *reader, const struct call *call);
/* All facts known held at that instant. */
void reader_confirm(struct reader *reader, const struct vg_now *at);
void reader_watch_clock(struct reader *reader);

/* tiers.c */
int tiers_start(struct reader *reader, struct vg_err *err);
void tiers_retry(struct reader *reader,
                 bool retry); /* the retry tier ticks while libvirt is lost */

/* answers.c */
void answers_ask(struct reader *reader, enum look_what what, const char *uuid,
                 const struct event *event);
void answers_ask_qemu(struct reader *reader);
/* A domain that shows a change of which no event told, as of that instant. */
void answers_ask_missed(struct reader *reader, const char *uuid, const struct vg_now *at);
void answers_ask_storage(struct reader *reader);
void answers_ask_volumes(struct reader *reader);
void answers_take_event(struct reader *reader, const struct event *event);
void answers_drop_held(struct reader *reader);
bool answers_storage_is_stuck(struct reader *reader);

/* facing.c: one domain */
/* Takes the facts out of sight. Positive: something changed that the keeper should know. */
int facing_take(struct reader *reader, struct domain *domain, struct sight *sight,
                enum domain_state state, int libvirt_id, const struct vg_now *at);
void facing_forget(struct reader *reader, struct domain *domain, const struct vg_now *at);

/* kernel.c */
void kernel_sample(struct reader *reader);
/* A run without a process here, or with an interface that is no device of this host: libvirt must
 * be asked what they count. */
bool kernel_lacks(const struct reader *reader);
void kernel_count_told(struct reader *reader, const struct sights *seen, const struct sight *sight,
                       struct domain *domain);
