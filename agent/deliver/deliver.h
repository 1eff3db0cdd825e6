/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* deliver: what the ledger says, to whom the contract names, where the client allows it.
 *
 *   destinations.c  who is to be reached, by the contract in force, the settings and the acts
 *   courier.c       one destination: what leaves next, and what came of it
 *   lane.c          one stream of it over the ledger
 *   event.c         a record, written for one reader, whom audience.c lets have it
 *   sink-*.c        a way out
 *   memory.c        what is kept from one life to the next
 *   report.c        how it stands, for the keeper
 *
 * The ledger is read, never written. Nobody else's failure ends the process. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>

#include "deliver/courier.h"
#include "os/address.h"

struct vg_keeper;

struct deliver {
        const struct vg_settings *settings;
        sd_event *event;
        sd_event_source *tick;
        struct vg_keeper *keeper; /* NULL: nobody is told (tests) */
        struct memory *memory;
        int64_t now_s; /* of the last step */
        bool is_woken;

        char *ledger;
        struct store *store; /* NULL: not there yet */
        struct stat file;    /* the one that store has open */
        bool has_complained; /* of the ledger */

        struct vg_contract *contract; /* NULL: none in force */
        int64_t until_s;              /* when another one may be */
        uint64_t policy_seq; /* of the client log: contracts and acts before it are known */
        bool has_policy;
        struct courier **couriers;
        size_t n_couriers;
        struct vg_network *networks; /* [egress] networks */
        size_t n_networks;

        char *told; /* the last report */
        int64_t told_s;
};

/* Reads the settings; opens the memory. Nothing is connected to. */
int deliver_init(struct deliver *deliver, const struct vg_settings *settings, sd_event *event,
                 struct vg_err *err);
void deliver_done(struct deliver *deliver);
/* One look at everything, at an instant; returns when the next one is due at the latest. */
int64_t deliver_step(struct deliver *deliver, int64_t now_s);
/* Something happened: look again at once. */
void deliver_wake(struct deliver *deliver);
/* Steps by the wall clock from now on, once a second or when woken. */
int deliver_start(struct deliver *deliver, struct vg_err *err);

/* destinations.c: makes the couriers of the contract in force where it, or what was approved, has
 * changed. */
int destinations_update(struct deliver *deliver, struct vg_err *err);
void destinations_done(struct deliver *deliver);

/* report.c: tells the keeper how it stands, where that has changed or a minute is over. */
void report_send(struct deliver *deliver);
