/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* look: one question to libvirt about one domain or about all of them, in one bulk call whatever
 * their number (and the XML of each, where facts are wanted). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/calls.h"
#include "hypervisor/events.h"
#include "hypervisor/facts.h"
#include "os/clock.h"

enum look_what {
        LOOK_STATE = 0,      /* who is there, and in which state: costs libvirt nothing */
        LOOK_QEMU = 1 << 0,  /* and what QEMU alone knows: disks, balloon (running domains) */
        LOOK_OFF = 1 << 1,   /* and the disks of domains that are off: reads their files */
        LOOK_FACTS = 1 << 2, /* and XML */
        LOOK_TOLD = 1 << 3,  /* with LOOK_QEMU: also what the kernel did not show us itself */
};

struct block {
        char target[32];
        uint64_t rd_bytes, wr_bytes, capacity_bytes;
        bool has_counters, has_capacity;
};

struct link { /* an interface, as its guest counts */
        char target[32];
        uint64_t rx_bytes, tx_bytes;
        bool has_counters;
};

struct sight { /* one domain as libvirt showed it */
        char uuid[UUID_TEXT];
        int libvirt_id; /* -1: off */
        enum domain_state state;
        bool answered;          /* its QEMU was asked and did answer */
        uint64_t balloon_kib;   /* 0: not told */
        uint64_t blocks_digest; /* of the names and paths of its disks; 0: not told */
        size_t first_block, n_blocks;
        bool has_cpu, has_rss;
        uint64_t cpu_ns, rss_kib;
        size_t first_link, n_links;
        struct facts *facts; /* NULL: not asked, or not to be had */
};

struct sights {
        struct sight *rows; /* sorted by uuid */
        size_t n;
        struct block *blocks;
        size_t n_blocks, size_blocks;
        struct link *links;
        size_t n_links;
};

struct look {
        struct call call; /* first */
        enum look_what what;
        char uuid[UUID_TEXT];     /* "": all domains */
        struct event event;       /* why, for one domain */
        char (*known)[UUID_TEXT]; /* of all domains those whose XML need not be read; sorted */
        size_t n_known;
        struct vg_now at; /* taken before libvirt was asked */
        char *mounts;     /* of this look (storekey.h); NULL: not asked for yet */
        bool asked_qemu;  /* the driver has QEMUs that can be asked */
        struct sights seen;
};

/* A question for calls_submit(). done: the loop's side. NULL: no memory. */
struct look *look_new(enum look_what what, const char *uuid, const struct event *event,
                      const struct call_kind *kind);
void sights_done(struct sights *sights);
struct sight *sights_find(const struct sights *sights, const char *uuid);

/* The pieces of a struct call_kind. */
int look_work(struct call *call, struct connection *connection, struct vg_err *err);
struct call *look_again(const struct call *call);
void look_free(struct call *call);
