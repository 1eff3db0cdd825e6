/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* alert: the catalogue, what a condition says now, and what becomes of an alert. Pure.
 *
 *   view (values) --vg_watch--> signals --vg_alert_apply--> changes to record
 *
 * The catalogue is agent/core/alert/alerts.def. The same evaluation serves the keeper (at the close
 * of an interval, at local midnights, when a contract is loaded, when a condition is reported, and
 * every few seconds for thresholds) and `vigie contract rate`, which replays it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/contract.h"
#include "vigie/num.h"

struct vg_bill;
struct vg_err;
struct vg_forecast;
struct vg_zone;

/* ---- the catalogue ---- */

enum vg_alert_end {                /* how an alert ends */
                    VG_END_QUIET,  /* its condition is no longer so (for quiet_s) */
                    VG_END_ACK,    /* it is a fact, told once: somebody acknowledges it */
                    VG_END_SETTLED /* only by a recorded settlement */
};

struct vg_alert {         /* a row of alerts.def */
        const char *code; /* "VIG-C-001" */
        enum vg_alert_class alert_class;
        enum vg_severity least, most; /* between which it moves */
        unsigned audience;            /* bit 1u << enum vg_role */
        enum vg_alert_end end;
        int32_t quiet_s;        /* VG_END_QUIET: quiet for that long before it is cleared */
        const char *message_id; /* of the journal, 32 hexadecimal digits */
        const char *params;     /* names, sorted, separated by a space */
        const char *title[2], *text[2], *action[2]; /* French, English */
};

/* Rows in order of code. */
const struct vg_alert *vg_alert_rows(size_t *ret_n);
const struct vg_alert *vg_alert_find(const char *code); /* NULL: no such code */
/* Recorded in the log that the supplier reads too (classes failure and inventory). */
bool vg_alert_is_shared(const struct vg_alert *alert);

/* ---- texts ---- */

enum vg_param_kind {
        VG_PARAM_TEXT,     /* as it stands, cleaned */
        VG_PARAM_CENTS,    /* "184 189,27"; "184,189.27" */
        VG_PARAM_MICRO,    /* a quantity in micro-units: "110,6" */
        VG_PARAM_PCT,      /* millionths of a percent: "75"; cut to two decimals */
        VG_PARAM_COUNT,    /* agrees in number */
        VG_PARAM_DATE,     /* days since 1970-01-01: "31 mars 2029" */
        VG_PARAM_INSTANT,  /* seconds UTC, in the zone: "5 septembre 2027 à 3 h" */
        VG_PARAM_MONTH,    /* vg_month_of(): "août 2027" */
        VG_PARAM_RESOURCE, /* id of a resource, in words where it is a known one */
        VG_PARAM_UNIT,     /* enum vg_unit, or one of the two below */
        VG_PARAM_SECONDS   /* nanoseconds shown as seconds: "7 200,0" */
};
enum { VG_PARAM_UNIT_TB_HOUR = VG_UNIT_N, VG_PARAM_UNIT_CAD };

enum { VG_ALERT_PARAMS = 8, VG_ALERT_KEY_SIZE = 192, VG_ALERT_TEXT_SIZE = 1024 };

struct vg_alert_param {
        const char *name; /* static */
        enum vg_param_kind kind;
        vg_i128 number;
        char text[2][256]; /* TEXT and RESOURCE: French, English */
};

struct vg_alert_params {
        struct vg_alert_param list[VG_ALERT_PARAMS];
        size_t n;
        const struct vg_zone *zone; /* for instants; NULL: UTC, and said so */
};

/* The sentence with its parameters. Returns buf. In texts, {name} is the value; {name:one|many} the
 * value and the word that agrees with it; {name?one|many} only the word. */
char *vg_alert_text(const struct vg_alert *alert, const struct vg_alert_params *params, bool french,
                    char *buf, size_t size);
/* One parameter for the record: the same in every language ("184189.27", "2029-03-31"). */
char *vg_alert_param_plain(const struct vg_alert_params *params, size_t i, char *buf, size_t size);
/* One parameter for people, as vg_alert_text() writes it. */
char *vg_alert_param_text(const struct vg_alert_params *params, size_t i, bool french, char *buf,
                          size_t size);

/* ---- what is so now ---- */

struct vg_signal {
        const struct vg_alert *alert;
        char key[VG_ALERT_KEY_SIZE]; /* of RATE-IO: "amount-75", "quota-Q1-80", "gap-<from>" ... */
        bool active;
        bool only_holds; /* active: it keeps an alert that is up from ending, and raises none */
        enum vg_severity severity;
        struct vg_alert_params params;
};

struct vg_watch_view;
struct vg_signals { /* zero-initialised is empty; vg_signals_done() after use */
        struct vg_signal *list;
        size_t n, size;
        /* What was looked at: an alert that the view or the list covers and that no signal names is
         * quiet. Of others nothing is said. NULL: nothing is covered. Borrowed. */
        const struct vg_watch_view *view;
        const char *const
                *covers; /* "VIG-H-001", or "VIG-H-003/redfish": keys that begin so; NULL ends it */
};
void vg_signals_done(struct vg_signals *signals);
bool vg_signals_cover(const struct vg_signals *signals, const struct vg_alert *alert,
                      const char *key);
/* For whoever observes what no view tells (hardware, isolation, deliveries, certificates): an entry
 * with alert, key, severity and zone set, and no parameter. NULL: no memory. The way of it:
 *
 *   static const char *const looked_at[] = { "VIG-H-001", NULL };
 *   struct vg_signals signals = { .covers = looked_at };
 *   for each fault that is open: vg_signal_add(), then one vg_signal_*() for each name of `params`
 *   watch_tell(keeper, &signals, utc_ns); vg_signals_done(&signals);
 *
 * What is named active fires or is raised; what is covered and not named ends. Telling it again
 * changes nothing, so it is told whole whenever it is looked at. */
struct vg_signal *vg_signal_add(struct vg_signals *signals, const char *code, const char *key,
                                bool active, enum vg_severity severity, const struct vg_zone *zone);
void vg_signal_text(struct vg_signal *signal, const char *name, const char *text);
void vg_signal_both(struct vg_signal *signal, const char *name, const char *fr, const char *en);
void vg_signal_resource(struct vg_signal *signal, const char *name, const char *id);
void vg_signal_number(struct vg_signal *signal, const char *name, enum vg_param_kind kind,
                      vg_i128 number);

struct vg_watch_usage {
        const char *tenant, *resource;
        int64_t micro;
};

struct vg_watch_quota { /* of the contract's quota with the same index */
        bool is_known;
        bool is_partial; /* of an interval that is still open: may fire, never clears */
        vg_i128 value;   /* micro-units of the quota's unit, or cents for month_amount */
};

struct vg_watch_shortfall { /* VIG-C-005 */
        const char *commitment;
        bool is_contract; /* the contract's own, due at its end */
        int32_t month;
        int64_t cents;
};

struct vg_watch_day { /* what a tenant used of a resource on one whole day */
        const char *tenant, *resource;
        int64_t micro, low, high; /* expected: from low to high; vg_usual_range() */
};

struct vg_watch_ledger {
        const char *ledger; /* "client", "shared" */
        uint64_t seq;       /* the first entry that does not match */
};

/* What is known at now_s. What was not looked at this time is left zero: nothing is said of it. */
struct vg_watch_view {
        const struct vg_contract *contract; /* NULL: none in force */
        const struct vg_contract *const
                *adding; /* that only add to it, and price what it does not */
        size_t n_adding;
        const char *appliance;
        int64_t now_s;

        bool has_amounts; /* VIG-C-001, C-002 */
        int64_t consumed_cents, authorised_cents;
        const struct vg_watch_quota *quotas; /* n_quotas of the contract; VIG-N-001 */
        bool has_shortfalls;                 /* VIG-C-005 */
        const struct vg_watch_shortfall *shortfalls;
        size_t n_shortfalls;
        bool has_term; /* VIG-T-001 .. T-004, T-006, C-008: from contract and now_s alone */
        /* VIG-T-005, T-007 .. T-010: the same, with the facts that were recorded of the contract */
        bool has_deadlines;
        /* Another appliance rates the contract: nothing of it, of its term or of a tenant's quota is
         * said here, and what was said ends. */
        bool is_partial;

        bool has_usage; /* VIG-C-006, Q-001, N-002: what was used in the interval from usage_s on */
        int64_t usage_s;
        const struct vg_watch_usage *usage;
        size_t n_usage;

        bool has_measured;  /* VIG-D-001 */
        int64_t measured_s; /* end of the last interval of which anything was measured */
        int64_t ahead_s;    /* how far the clock was set forward since: no time that passed */
        int32_t interval_s; /* has_usage too */

        bool has_clock, clock_ok; /* VIG-D-002 */
        int64_t clock_offset_ns;  /* 0: not known */

        bool has_increase;                  /* VIG-C-007: from contract alone */
        const struct vg_forecast *forecast; /* VIG-C-003, C-004; NULL: not looked at */
        const struct vg_watch_day *days;    /* VIG-C-009: of local day `day`; NULL: not looked at */
        size_t n_days;
        int64_t day; /* days since 1970-01-01 */

        bool has_ledger; /* VIG-L-001: an audit was made */
        const struct vg_watch_ledger *ledger;
        size_t n_ledger;
};

/* Adds what the view says to *signals, which then points to the view. 0 or -ENOMEM. */
int vg_watch(const struct vg_watch_view *view, struct vg_signals *signals);
/* Whether an alert that is silent under this view is quiet (else: not looked at). */
bool vg_watch_covers(const struct vg_watch_view *view, const struct vg_alert *alert,
                     const char *key);

/* Of the same weekday of earlier weeks, whole days only: what is usual. False: too few of them, or
 * nothing used on most. Sorts the values. */
bool vg_usual_range(int64_t *micro, size_t n, int64_t *ret_low, int64_t *ret_high);

/* ---- what whoever takes measurements in tells ----
 * Facts, each told once for its key, and states of what the fleet keeps. Each adds one signal: 0 or
 * -ENOMEM. */

/* VIG-D-004: two values for one key, "<tenant>/<resource>/<timestamp>" and, of another appliance,
 * "/<appliance>"; the first is kept. */
int vg_tell_conflict(struct vg_signals *signals, const char *key, int64_t kept_micro,
                     int64_t refused_micro);
/* VIG-D-005: reason in French and English. */
int vg_tell_refused(struct vg_signals *signals, const char *key, const char *reason_fr,
                    const char *reason_en);
/* VIG-L-002: the last checkpoint of a ledger that a witness signed is so many days old. */
int vg_tell_witness(struct vg_signals *signals, const char *ledger, int64_t cosigned_day,
                    int64_t days);
/* VIG-L-003: a month of an appliance comes to something else in the consolidated database. */
int vg_tell_difference(struct vg_signals *signals, const char *appliance, int32_t month,
                       int64_t consolidated_cents, int64_t ledger_cents);

/* For the keeper: fills has_amounts, quotas (n_quotas of the contract, the caller's array) and
 * has_shortfalls of a view from a bill and the usage rows of one interval (usage NULL: interval
 * quotas stay unknown). is_open: the interval is not over. *ret_shortfalls: the caller frees. */
int vg_watch_bill(struct vg_watch_view *view, const struct vg_bill *bill,
                  const struct vg_watch_usage *usage, size_t n_usage, bool is_open,
                  struct vg_watch_quota *quotas, struct vg_watch_shortfall **ret_shortfalls);
/* The same without a bill: quotas on an interval alone, by the usage of a view that has it. Those on a
 * month stay unknown. */
void vg_watch_interval(struct vg_watch_view *view, struct vg_watch_quota *quotas);
/* Whether a contract limits what its intervals use of a resource, for a tenant. */
bool vg_watch_has_interval_quota(const struct vg_contract *contract, const char *tenant,
                                 const char *resource);

/* ---- what becomes of it ---- */

enum vg_alert_status { VG_ALERT_NONE, VG_ALERT_FIRING, VG_ALERT_ACKNOWLEDGED, VG_ALERT_CLEARED };
const char *vg_alert_status_name(enum vg_alert_status status);

struct vg_alert_state { /* one a key; kept by the store */
        const struct vg_alert *alert;
        char key[VG_ALERT_KEY_SIZE];
        enum vg_alert_status status;
        enum vg_severity severity;
        int64_t first_s, last_s; /* first and last time that it was seen, of this firing */
        int64_t count;           /* times seen, of this firing */
        int64_t change;          /* number of the last recorded event, from 1 */
        int64_t changed_s;       /* when it was */
        int64_t notified_s;      /* when somebody was last told of this firing; 0: never */
};

enum vg_alert_input { VG_INPUT_ACTIVE, VG_INPUT_QUIET, VG_INPUT_ACK, VG_INPUT_SETTLED };
enum vg_alert_event { /* what must be recorded */
                      VG_EVENT_NONE,
                      VG_EVENT_FIRED,
                      VG_EVENT_RAISED,
                      VG_EVENT_CLEARED,
                      VG_EVENT_ACKNOWLEDGED,
                      VG_EVENT_REMINDED /* told again, or at last: vigie/notify.h */
};
const char *vg_alert_event_name(enum vg_alert_event event); /* "fired" ... */

bool vg_alert_is_up(const struct vg_alert_state *state); /* firing or acknowledged */

/* Steps of the clock up to this are bridged: what the calendar raised or ended while the clock was
 * ahead (a false midnight) stays so until it gets there again. */
enum { VG_CLOCK_BRIDGE_S = 3 * 3600 };

/* One step. severity counts for VG_INPUT_ACTIVE only. */
enum vg_alert_event vg_alert_step(struct vg_alert_state *state, enum vg_alert_input input,
                                  enum vg_severity severity, int64_t at_s);

struct vg_alert_change {
        const struct vg_alert_state *state; /* after the change */
        enum vg_alert_event event;
        const struct vg_signal *signal; /* NULL: the key was not among the signals */
        int64_t at_s;
};
typedef int vg_alert_change_fn(void *user, const struct vg_alert_change *change,
                               struct vg_err *err);

struct vg_alert_states { /* zero-initialised is empty; vg_alert_states_done() after use */
        struct vg_alert_state *list; /* any order */
        size_t n, size;
};
void vg_alert_states_done(struct vg_alert_states *states);
/* The state of a key, made (VG_ALERT_NONE) where there is none. NULL: no memory. The pointer holds
 * until the next call. */
struct vg_alert_state *vg_alert_state_of(struct vg_alert_states *states,
                                         const struct vg_alert *alert, const char *key);

/* Steps the states by the signals at at_s, and those on which the signals are silent though the
 * view covers them; an alert stays up until it has been quiet for its quiet_s. fn is called once for
 * each event; a negative answer stops and is passed up (the states are then half stepped: load them
 * again). */
int vg_alert_apply(struct vg_alert_states *states, const struct vg_signals *signals, int64_t at_s,
                   vg_alert_change_fn *fn, void *user, struct vg_err *err);

/* Whether vg_alert_apply() would call fn. */
bool vg_alert_would_change(const struct vg_alert_states *states, const struct vg_signals *signals,
                           int64_t at_s);

/* The key of the ledger and of `vigie alerts ack`: "VIG-C-001/<contract or appliance>/amount-75".
 * Returns buf; VG_ALERT_KEY_SIZE + 96 suffice. */
char *vg_alert_dedup_key(const struct vg_alert *alert, const char *contract, const char *appliance,
                         const char *key, char *buf, size_t size);
