/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* closing: intervals that are over become records. An interval closes when the keeper's clock has
 * passed its end by the grace, and either observations tell of a later time already or nobody has
 * said anything for as long as the grace: a reader that catches up after an interruption is heard
 * to the end first. */

#include <stdbool.h>
#include <stdint.h>

struct keeper;
struct vg_err;
struct vg_now;

struct closing {
        int32_t interval_s;     /* the contract's, or the setting's */
        int64_t tried_s;        /* up to where it was last closed */
        uint64_t retry_boot_ns; /* not before, after a failure */
        bool said_absurd;       /* of the clock */
        bool owes_look;         /* intervals closed since look_from_s are not judged yet */
        int64_t look_from_s;
        uint64_t open_boot_ns; /* when open_usage was written */
        int64_t open_inbox_id; /* and what it held */
        char contract_id[80];  /* in force, "" for none: it is named in the records */
};

struct closing_view {
        int64_t now_utc_s, observed_utc_s, closed_until_s; /* the latter: INT64_MIN for never */
        int64_t interval_s, grace_s;
        int64_t quiet_s; /* since anything was heard */
};
struct closing_view closing_view_of(const struct keeper *keeper, const struct vg_now *now);
/* Somebody is still catching up, or may be about to after a start. Pure. */
bool closing_waits(const struct closing_view *view);
/* The end of the last interval that may be closed. It goes back with the clock: what comes late for
 * intervals that are closed already is then written at these instants. Pure. */
int64_t closing_upto(const struct closing_view *view);

/* What closed before a crash and was not looked at is owed a look. After the meter. */
int closing_init(struct keeper *keeper, struct vg_err *err);
/* Within the caller's transaction: intervals that are closed are looked at up to then. */
int closing_remember(struct keeper *keeper, int64_t look_from_s, int64_t utc_ns,
                     struct vg_err *err);
/* Once a second: closes what is due, keeps the snapshot young, and the open interval's projection
 * fresh. Failures are said and tried again. */
void closing_tick(struct keeper *keeper);
/* Alerts of what closed at the last tick: whoever waits for an answer need not wait for them too. */
void closing_look(struct keeper *keeper);
