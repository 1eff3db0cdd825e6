/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* keeper: what the parts of vigied share. One loop owns all of it. */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "keeper/access.h"
#include "keeper/audit.h"
#include "keeper/closing.h"
#include "keeper/delivery.h"
#include "keeper/faults.h"
#include "keeper/isolation.h"
#include "keeper/meter.h"
#include "keeper/months.h"
#include "keeper/peers.h"
#include "keeper/watch.h"
#include "os/clock.h"

struct clients;
struct store;
struct store_key;
struct vg_contract;
struct vg_err;
struct vg_settings;

struct keeper {
        struct vg_settings *settings;
        sd_event *event;
        sd_event_source *tick, *hangup;
        struct store *store;
        struct peers peers;
        struct clients *clients;
        int listen_fd;
        char boot_id[40];

        struct meter meter;
        struct vg_contract *contract; /* in force, or NULL */
        struct vg_contract **adding;  /* those that only add to it */
        size_t n_adding;
        struct vg_contract **over; /* followed, or at an end, with deadlines still to come */
        size_t n_over;
        int64_t in_force_until_s; /* when another one may be */
        struct closing closing;
        struct months months;
        struct watch watch;
        struct faults faults;
        struct audit audit;
        struct access access;
        struct isolation isolation;
        struct delivery delivery;

        uint64_t given_back_boot_ns; /* when free memory last went back to the kernel */
        uint64_t checkpoint_boot_ns; /* when the heads were last signed */
        bool owes_import_look;       /* usage-import.h: so it may be after a start */
        bool store_fails;            /* and that was said */
        bool purge_unfinished;       /* projections are to be made again */
        uint64_t over_boot_ns;       /* decommissioned: when the process is to end; 0: it is not */
};

/* Everything up to the first durable round: the meter from its snapshot, the start in the ledger,
 * the socket, the timers. store and settings are borrowed; SIGHUP reads the settings again. */
int keeper_new(struct vg_settings *settings, struct store *store, sd_event *event,
               struct keeper **ret_keeper, struct vg_err *err);
/* The last round: a snapshot, the stop in the ledger, its head signed. */
int keeper_stop(struct keeper *keeper, struct vg_err *err);
void keeper_free(struct keeper *keeper);
static inline void keeper_freep(struct keeper **keeper)
{
        keeper_free(*keeper);
}

/* Writing may fail for a while (a full disk). Says so once, and once when it works again. */
void keeper_store_failed(struct keeper *keeper, const struct vg_err *err);
void keeper_store_works(struct keeper *keeper);
/* Ends a transaction: commits where r is 0 or an outcome, else undoes it. Returns r, or why it could
 * not be committed. */
int keeper_finish(struct keeper *keeper, int r, struct vg_err *err);
/* The ledger is closed for good: nothing more is heard or remembered, and the process ends soon. */
void keeper_end(struct keeper *keeper);
/* The book in memory may be ahead of what was undone: from the ledger again. Ends the process
 * where even that fails; systemd starts it anew. */
void keeper_reload_meter(struct keeper *keeper);
