/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* notify: what of the life of alerts is told to people, and when. Pure.
 *
 *   signals --vg_alert_turn--> notices to record, each saying whether it is to be sent
 *
 * Whoever sends needs nothing else: the key and the number of the change identify it for ever. */

#include "vigie/alert.h"

enum vg_notify {
        VG_NOTIFY_NONE, /* nobody needs to hear: an acknowledgement, the end of what was not told */
        VG_NOTIFY_NOW,  /* major and critical */
        VG_NOTIFY_DIGEST,    /* info and warning: with the others of the day */
        VG_NOTIFY_GROUPED,   /* told with the one that `head` names */
        VG_NOTIFY_SILENCED,  /* somebody asked for silence */
        VG_NOTIFY_INHIBITED, /* `head` says it all, and is up */
        VG_NOTIFY_OBSERVED,  /* before go-live */
        VG_NOTIFY_N
};
const char *vg_notify_name(enum vg_notify notify); /* "none", "now" ... */
/* Somebody hears of it: now, in the digest, or with its head. */
bool vg_notify_is_told(enum vg_notify notify);

/* A silence covers one key of the ledger ("VIG-D-001/vigie-1/gap-…"), or, where it ends in a star,
 * all that begin alike ("VIG-D-001/vigie-1/gap*"). */
struct vg_silence {
        const char *key;
        int64_t until_s; /* exclusive */
};
enum {
        VG_SILENCE_CONTRACT_DAYS = 30, /* of the contract and its term, at most */
        VG_SILENCE_DAYS = 366,         /* of any other */
        VG_OBSERVE_DAYS = 7,           /* the observation ends by itself after that */
};
bool vg_silence_covers(const char *silence_key, const char *key);
/* Whether a silence may have such a key: a code of the catalogue, its "/", and what follows. Its
 * alert, or NULL. */
const struct vg_alert *vg_silence_alert(const char *key);

struct vg_notify_policy {
        bool is_live;
        const char *contract, *appliance; /* as vg_alert_dedup_key() wants them */
        const struct vg_silence *silences;
        size_t n_silences;
        const int *renotify_hours; /* by severity; 0 never, -1 not said; NULL: no contract */
};

/* Hours after which an alert that nobody has acknowledged is told again; 0: never. for_s: how long
 * it has been up. What the contract says comes first, then the table of notify.c. */
int vg_renotify_hours(const struct vg_alert *alert, enum vg_severity severity, int64_t for_s,
                      const int *contract_hours);

/* Of the end of an alert that no turn brought about (another contract is in force). */
enum vg_notify vg_notify_of_end(const struct vg_notify_policy *policy, const char *dedup_key,
                                enum vg_severity severity, int64_t notified_s, int64_t at_s);

struct vg_notice {
        struct vg_alert_state state; /* after the change */
        enum vg_alert_event event;
        const struct vg_signal *signal; /* NULL: only what was told before is known of it */
        enum vg_notify notify;
        const struct vg_alert *head; /* of GROUPED and INHIBITED; else NULL */
        char head_key[VG_ALERT_KEY_SIZE];
};

struct vg_notices { /* zero-initialised is empty; vg_notices_done() after use */
        struct vg_notice *list;
        size_t n, size;
};
void vg_notices_done(struct vg_notices *notices);

/* Steps the states by the signals, reminds of what is due, and decides about each change; in the
 * order in which they are to be recorded. -ENOMEM: the states are half stepped, load them again. */
int vg_alert_turn(struct vg_alert_states *states, const struct vg_signals *signals,
                  const struct vg_notify_policy *policy, int64_t at_s,
                  struct vg_notices *ret_notices);

/* The clock was stepped: what was counted from its old time goes on as if it had not been. */
void vg_alert_states_shift(struct vg_alert_states *states, int64_t step_s);
