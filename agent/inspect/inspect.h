/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* inspect: the evidence of isolation that needs eyes of its own, as pieces (vigie/isolation.h).
 *
 *   texts.c    small files of the kernel and of libvirt
 *   path.c     images, directories and sockets, to the end of their chains
 *   process.c  the QEMUs in /proc
 *   functions.c  the virtual functions of network cards
 *   filters.c  what filters frames on bridges, in the kernel
 *   mirrors.c  what copies them from port to port
 *   wanted.c   what vigie-hypervisor has found worth looking at
 *   notices.c  what the kernel tells by itself
 *   guard.c    what hangs stays out of the way of the rest
 *   rounds.c   when to look
 *
 * Every look puts what it sees; what has changed leaves with the next sending. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "inspect/wanted.h"
#include "os/clock.h"

struct vg_err;
struct vg_evidence;
struct vg_keeper;
struct vg_settings;
struct guard;
struct notices;

struct inspect {
        const struct vg_settings *settings;
        sd_event *event;
        sd_event_source *round, *soon;
        struct vg_keeper *keeper;
        struct vg_evidence *evidence;
        struct notices *notices;
        struct guard *guard;
        struct wanted wanted;

        uint64_t next_us; /* CLOCK_BOOTTIME: the next full round */
        unsigned due;     /* LOOK_* of the next short one */
        bool resend, is_ready, filters_fail, filters_legacy, guard_fails;
};

enum look {
        LOOK_TEXTS = 1 << 0,
        LOOK_PATHS = 1 << 1,
        LOOK_PROCESSES = 1 << 2,
        LOOK_FILTERS = 1 << 3,
        LOOK_ALL = 15
};

/* One round: looks, and puts what it sees. */
void inspect_look(struct inspect *inspect, unsigned what);

/* rounds.c */
int rounds_start(struct inspect *inspect, struct vg_err *err);
void rounds_stop(struct inspect *inspect);
void rounds_ask(struct inspect *inspect, unsigned what); /* within half a second */

/* Each puts its pieces and takes back those of before that are no more. */
void texts_look(struct vg_evidence *evidence);
void paths_look(struct vg_evidence *evidence, const struct wanted *wanted, struct guard *guard);
void processes_look(struct vg_evidence *evidence, const struct wanted *wanted, struct guard *guard);
/* FILTERS_LEGACY: one of the old ebtables' modules is among the folders of `modules`; then no filter is
 * told of, and all that asks about them is unknown. */
enum { FILTERS_LEGACY = 1 };
int filters_look(struct vg_evidence *evidence, const char *modules, struct vg_err *err);
int mirrors_look(struct vg_evidence *evidence, struct vg_err *err);
