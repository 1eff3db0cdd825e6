/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* events: what libvirt tells by itself, stamped with both clocks the moment it arrives, handed to
 * the loop through a descriptor. A thread of its own runs libvirt's event loop for ever. */

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/facts.h"
#include "os/clock.h"

struct vg_err;
struct events;

enum event_kind {
        EVENT_LIFECYCLE, /* detail: VIR_DOMAIN_EVENT_STARTED… */
        EVENT_DEVICE_ADDED,
        EVENT_DEVICE_REMOVED,
        EVENT_CHANGED, /* metadata, balloon, a block job, a medium: read the domain again */
        EVENT_MISSED,  /* our own: what libvirt shows is not what its events said */
        EVENT_CLOSED,  /* the connection; detail: virConnectCloseReason */
};

struct event {
        struct event *next;
        enum event_kind kind;
        int detail;
        int libvirt_id;  /* as the event carried it; -1: off */
        uint64_t source; /* which connection */
        char uuid[UUID_TEXT];
        char device[64]; /* alias; "" where it was longer */
        struct vg_now at;
};

/* Before any connection is opened (METERING, trap 8). */
int events_new(struct events **ret_events, struct vg_err *err);
int events_fd(const struct events *events);       /* readable: there is something to take */
struct event *events_take(struct events *events); /* all there is, oldest first; free() each */
/* Registers for all of them on a fresh connection, under the number `source`. */
int events_register(struct events *events, virConnectPtr conn, uint64_t source, struct vg_err *err);
