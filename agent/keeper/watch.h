/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* watch: what the alerts are judged by, gathered from the ledger, the book and the readers. Looked
 * at when intervals close, when a contract or a map changes, when a condition is reported, when an
 * audit ends, and every LOOK_EVERY_S: local midnights and amounts of the open interval come by
 * there. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "keeper/alert-policy.h"
#include "vigie/alert.h"

struct keeper;
struct vg_err;
struct vg_now;
struct vg_observation;

enum { LOOK_EVERY_S = 30, LOOK_BESIDE_S = 60 };

struct watch {
        struct vg_alert_states states;
        struct alert_policy policy;
        int64_t wall_ahead_ns; /* of the wall clock over the boot clock, when last looked; 0: never */
        uint64_t looked_boot_ns, beside_boot_ns;
        bool wanted; /* at the next tick */
        int64_t measured_s;
        int64_t ahead_s;          /* how far the clock was set forward since */
        int64_t day;              /* local day on which the day before was looked at; 0: not yet */
        bool has_clock;           /* a reader has told of it */
        uint64_t stepped_boot_ns; /* when the clock last stepped; 0: never */
        uint64_t unsynchronised_boot_ns; /* since when it has been so; 0: it is not */
        int64_t clock_offset_ns;         /* 0: nobody knows how far */
        bool bill_fails;                 /* and that was said */
};

int watch_init(struct keeper *keeper, struct vg_err *err);
void watch_done(struct watch *watch);

/* An observation that the book has taken. */
void watch_hear(struct keeper *keeper, const struct vg_observation *observation,
                const json_t *body);
/* Intervals of [from_s, to_s) were closed. */
void watch_closed(struct keeper *keeper, int64_t from_s, int64_t to_s);
/* Usage was imported into an interval of the past: what that fires, it does not end elsewhere. */
void watch_imported(struct keeper *keeper, int64_t start_s);
/* Looks now. Failures are said, and the next look tries again. */
void watch_look(struct keeper *keeper);
/* What another room of the keeper has judged (vg_signal_add() says how). In a transaction of its
 * own: call it once what was judged is durable, and again after a start, since an alert that was not
 * recorded before a crash is recorded by the next telling. 0 or -errno, which has been said. */
int watch_tell(struct keeper *keeper, const struct vg_signals *signals, int64_t utc_ns);
/* Another contract is in force: alerts of the one before end with it. */
void watch_contract(struct keeper *keeper);
/* Where several appliances are delivered under a contract, one speaks for all: is it another? */
bool watch_is_partial(const struct keeper *keeper);
/* States were changed by an act. */
void watch_reload(struct keeper *keeper);
void watch_tick(struct keeper *keeper);

/* watch-beside.c: at contracts beside the one in force. */
void watch_beside(struct keeper *keeper);
/* watch-clock.c */
bool watch_clock_ok(const struct watch *watch, uint64_t now_boot_ns);
void watch_follow_clock(struct watch *watch, const struct vg_now *now);
/* watch-day.c: once a local day, when the last interval of the day before is closed. Looks at what
 * is to be expected, and at what was not as usual. */
void watch_day(struct keeper *keeper);
