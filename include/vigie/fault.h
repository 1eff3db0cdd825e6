/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fault: what the hardware's sources saw, and what follows from it. Pure: no clock, no I/O.
 *
 *   documents --parsers--> rounds of sightings --vg_fault_book_apply--> changes to record
 *
 * A *sighting* is what one source saw of one component. A *round* is all that a source saw in one
 * look. The *book* remembers slots, units and faults, and says what changed. A fault belongs to a
 * slot (host, class, location) and to the unit in it (manufacturer, part, serial); its id is a hash
 * of slot and code, and each return is a new episode.
 *
 * - A live state stands until the same source says otherwise of that slot.
 * - A log entry opens a fault only where no live state says that the component is well; it ends by
 *   its deassertion, its resolution, a replacement, an acknowledgement, or a live state that says
 *   well; never by age.
 * - A level (temperature, fan, voltage) clears after two good readings in a row.
 * - Events are counted in buckets: the code's limit within the code's window opens the fault.
 * - A counter opens its fault when it grows; one of health WARNING or graver also where it is not zero
 *   when first seen.
 * - A roll-up is folded into any fault that it covers; unexplained, it is a fault of the system.
 * - On one slot, faults of one family are one: the graver takes the lesser's evidence and age.
 * - A component of a complete round that the next complete round does not have is missing.
 * - A source that cannot read makes its faults unobservable, never well. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/text.h"

struct vg_err;
struct vg_json;

/* ---- words ---- */

enum vg_fault_severity { VG_FAULT_WARNING, VG_FAULT_CRITICAL };
const char *vg_fault_severity_name(enum vg_fault_severity severity); /* "warning", "critical" */

enum vg_fault_state {
        VG_FAULT_UNKNOWN,
        VG_FAULT_OK,
        VG_FAULT_SUSPECT,
        VG_FAULT_DEGRADED,
        VG_FAULT_FAILED,
        VG_FAULT_RECOVERING,
        VG_FAULT_CLEARED,
        VG_FAULT_REPLACED,
        VG_FAULT_UNOBSERVABLE,
};
const char *vg_fault_state_name(enum vg_fault_state state); /* "unknown", "ok", … */

/* Classes of components: rows of agent/core/fault/classes.def, sorted by id. */
struct vg_class {
        const char *id;       /* "drive": first part of a location path */
        const char *missing;  /* code of a unit that vanished; "" where vanishing means nothing */
        const char *title[2]; /* French, English */
};
const struct vg_class *vg_class_find(const char *id);
const struct vg_class *vg_class_rows(size_t *ret_n);

/* Codes: rows of agent/core/fault/codes.def, sorted by id. */
struct vg_fault_code {
        const char *id;            /* "drive.failed" */
        const char *family;        /* codes of one family on one slot are one fault */
        int rank;                  /* within the family: the higher explains the lower */
        enum vg_fault_state state; /* SUSPECT, DEGRADED or FAILED while it stands */
        enum vg_fault_severity severity;
        int64_t limit, window_s; /* events: that many within that time open it */
        const char *title[2];    /* French, English */
};
const struct vg_fault_code *vg_fault_code_find(const char *id);
const struct vg_fault_code *vg_fault_code_rows(size_t *ret_n);

/* ---- what comes in ---- */

/* A component, as one source names it. Strings are never NULL; "" is not known. The same thing seen
 * by several sources is joined by device, by serial within its class, or by location. */
struct vg_component {
        const char *component_class; /* id of a row of classes.def */
        const char *location;        /* within the class: "Box 2:Bay 5", "CPU1/A1", "2" */
        const char *manufacturer, *model, *part, *serial, *firmware;
        const char *odata;  /* @odata.id, or "" */
        const char *device; /* the host's name for it: "sda", "nvme0", "eth0", "0000:01:00.0" */
};

enum vg_sight_kind {
        VG_SIGHT_PRESENT, /* inventory: it is there; says nothing of its health */
        VG_SIGHT_STATE,   /* live state of the component itself */
        VG_SIGHT_LEVEL,   /* live reading against thresholds */
        VG_SIGHT_COUNTER, /* cumulative count that should not grow: `count`; it may stop without
                             anything being missing */
        VG_SIGHT_EVENT,   /* something happened at `at_s`, `count` times */
        VG_SIGHT_LOG,     /* entry of a log of the machine (IML, SEL, LogService) */
        VG_SIGHT_ROLLUP,  /* summary of others; component: what it summarises for */
        VG_SIGHT_ABSENT,  /* its place is empty, or the source says that it is gone */
        VG_SIGHT_MENTION, /* live state of what the source does not list: not said again it is over */
};

enum vg_sight_health { VG_HEALTH_UNKNOWN, VG_HEALTH_OK, VG_HEALTH_WARNING, VG_HEALTH_CRITICAL };

struct vg_sighting {
        enum vg_sight_kind kind;
        enum vg_sight_health health; /* EVENT, LOG: WARNING or CRITICAL; deasserted: OK */
        struct vg_component component;
        /* The fault that this is, or of which it says that it is over. "" with health OK: every
         * fault of the slot that this source had seen live; PRESENT, ABSENT: "" too, or for ABSENT
         * the fault that the absence is (else: missing only where a unit was there before). */
        const char *code;
        const char *text;           /* what the source said, for people: raw, cleaned, bounded */
        const char *path;           /* URI, file or sysfs path */
        const char *value;          /* observed: "93 °C", "12" */
        const char *threshold;      /* "90 °C" */
        const char *threshold_from; /* "vendor", "vigie", a standard; "" without threshold */
        int64_t count;              /* EVENT: times (at least 1); COUNTER: the count */
        int64_t at_s;               /* EVENT, LOG: when it happened; 0: not known */
        int64_t end_s;   /* LOG: when it ended, where the entry itself says so; 0: not said */
        const char *key; /* EVENT: bucket within the code (a page); LOG: pairs assert and deassert;
                             ROLLUP: classes that may explain it, spaces between; "" all */
        const char *entry; /* LOG: the entry's own id, so that it counts once; "" none */
        bool resolved; /* LOG: marked Resolved or Repaired by the machine; STATE of health UNKNOWN:
                              what it said before is over, which is not to say that all is well */
};

enum vg_round_status {
        VG_ROUND_COMPLETE, /* what it does not hold is not there */
        VG_ROUND_PARTIAL,  /* what it does not hold was not looked at */
        VG_ROUND_FAILED,   /* nothing could be read, for `cause` */
};
const char *vg_round_status_name(enum vg_round_status status); /* "complete", … */

/* One look of one source. Owns its strings. */
struct vg_round;
int vg_round_new(const char *source, struct vg_round **ret_round); /* "redfish:bmc0", "smart" */
void vg_round_free(struct vg_round *round);
static inline void vg_round_freep(struct vg_round **round)
{
        vg_round_free(*round);
}

enum {
        VG_ROUND_SIGHTINGS_MAX = 100000, /* beyond: cut, and said in the notes */
        VG_SIGHT_TEXT_MAX = 480,         /* bytes of each string; longer ones are cut */
        VG_ROUND_NOTES_MAX = 1000,
};

/* Copies the sighting in; strings that are NULL become "", foreign text is cleaned and cut. -ENOMEM.
 * Past the limit nothing is added, a note says so, and 0 is returned. */
int vg_round_add(struct vg_round *round, const struct vg_sighting *sighting);
/* Something that a person should know and that is no fault. Beyond the limit: dropped. */
int vg_round_note(struct vg_round *round, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Something that could not be read (path or component, and why): the round turns PARTIAL. */
int vg_round_unread(struct vg_round *round, const char *what, const char *cause);
void vg_round_fail(struct vg_round *round, const char *cause);
void vg_round_set_partial(struct vg_round *round);
void vg_round_set_time(struct vg_round *round, int64_t at_s);
/* The fault that silence is: opened when more than three rounds in a row have failed. */
int vg_round_set_silence(struct vg_round *round, const struct vg_component *component,
                         const char *code);

const char *vg_round_source(const struct vg_round *round);
enum vg_round_status vg_round_status(const struct vg_round *round);
int64_t vg_round_time(const struct vg_round *round);
const struct vg_sighting *vg_round_sightings(const struct vg_round *round, size_t *ret_n);
const char *const *vg_round_notes(const struct vg_round *round, size_t *ret_n);
struct vg_unread {
        const char *what, *cause;
};
const struct vg_unread *vg_round_unreads(const struct vg_round *round, size_t *ret_n);

/* Canonical JSON: {"at_s","cause","notes","part","parts","silence","sightings","source","status",
 * "unread"}; members that are empty or zero are left out. A round too large for one line is written
 * in parts, each at most `max_bytes`; *ret_next is where the next part starts (sighting index), and
 * equals the number of sightings after the last one. */
int vg_round_write(const struct vg_round *round, size_t from, size_t max_bytes, struct vg_json *j,
                   size_t *ret_next);
/* Reads a body. *round NULL: a new one is made; else the part is added to it. 0: whole.
 * VG_ROUND_MORE: parts are still to come. -EINVAL: *err names the member. */
enum { VG_ROUND_MORE = 1 };
int vg_round_read(const json_t *body, struct vg_round **round, struct vg_err *err);

/* ---- what comes out ---- */

struct vg_evidence {
        const char *source, *path, *text, *value, *threshold, *threshold_from;
        enum vg_sight_kind kind;
        int64_t first_s, last_s, count;
        bool stands; /* the source still says so */
};

struct vg_fault {
        char id[17];     /* 16 hex digits: hash of host, class, location and code */
        int64_t episode; /* from 1 */
        const struct vg_fault_code *code;
        enum vg_fault_severity severity;
        enum vg_fault_state state;
        enum vg_fault_state before;       /* UNOBSERVABLE: what it was */
        int64_t first_s, last_s, ended_s; /* ended_s 0: not over */
        int64_t count;
        int64_t acknowledged_s, on_site_s; /* 0: not */
        const char *how; /* of its end: "state", "deasserted", "resolved", "replaced", "ack",
                            "readings", "quiet", "absorbed", "returned"; "" while open */
        struct vg_component component; /* slot and unit when it was opened */
        const struct vg_evidence *evidence;
        size_t n_evidence;
};
/* suspect, degraded, failed or recovering; or unobservable having been one of these. */
bool vg_fault_is_active(const struct vg_fault *fault);
/* "drive/Box 2:Bay 5". Returns buf. */
char *vg_component_path(const struct vg_component *component, char *buf, size_t size);

enum vg_fault_event {
        VG_FAULT_EVENT_OPENED,
        VG_FAULT_EVENT_RAISED,   /* graver state or severity */
        VG_FAULT_EVENT_EVIDENCE, /* a further source says so */
        VG_FAULT_EVENT_RECOVERING,
        VG_FAULT_EVENT_CLEARED,
        VG_FAULT_EVENT_REPLACED,
        VG_FAULT_EVENT_ACKNOWLEDGED,
        VG_FAULT_EVENT_ON_SITE,
        VG_FAULT_EVENT_UNOBSERVABLE,
        VG_FAULT_EVENT_OBSERVABLE,
};
const char *vg_fault_event_name(enum vg_fault_event event); /* "opened", … */

enum vg_slot_event {
        VG_SLOT_FOUND,    /* a unit seen for the first time */
        VG_SLOT_CHANGED,  /* the same unit, better known or with another name */
        VG_SLOT_FIRMWARE, /* the same unit, another firmware */
        VG_SLOT_REPLACED, /* another unit in the same slot */
        VG_SLOT_MISSING,
        VG_SLOT_RETURNED, /* the same unit, after having been missing */
};
const char *vg_slot_event_name(enum vg_slot_event event); /* "found", … */

/* Pointers are valid during the call. A negative answer stops and is passed up; the book is then
 * half changed: load the last saved one again. */
struct vg_fault_sink {
        int (*fault)(void *user, enum vg_fault_event event, const struct vg_fault *fault,
                     int64_t at_s, struct vg_err *err);
        /* before: the unit that was there; NULL where there was none. NULL: nobody listens. */
        int (*slot)(void *user, enum vg_slot_event event, const struct vg_component *before,
                    const struct vg_component *now, int64_t at_s, struct vg_err *err);
        void *user;
};

/* ---- the book ---- */

struct vg_fault_book;
/* host: UUID of the machine (or any stable name); part of each fault's id. */
int vg_fault_book_new(const char *host, struct vg_fault_book **ret_book);
void vg_fault_book_free(struct vg_fault_book *book);
static inline void vg_fault_book_freep(struct vg_fault_book **book)
{
        vg_fault_book_free(*book);
}

/* Judges rounds that belong together (all of one capture, or one of a live source). now_s places
 * what has no time of its own, and ends buckets. -ENOMEM or the sink's answer. */
int vg_fault_book_apply(struct vg_fault_book *book, const struct vg_round *const *rounds,
                        size_t n_rounds, int64_t now_s, const struct vg_fault_sink *sink,
                        struct vg_err *err);
/* Time alone: buckets that ran dry. Every few minutes. */
int vg_fault_book_tick(struct vg_fault_book *book, int64_t now_s, const struct vg_fault_sink *sink,
                       struct vg_err *err);

enum vg_fault_act {
        VG_FAULT_ACT_ACKNOWLEDGE, /* also ends what only log entries or events say */
        VG_FAULT_ACT_ON_SITE,
        VG_FAULT_ACT_REPLACED,
};
int vg_fault_act_parse(const char *name, enum vg_fault_act *ret_act); /* "acknowledge", … */
/* -ENOENT: no such fault; -EALREADY: it is over, or was done already. */
int vg_fault_book_act(struct vg_fault_book *book, const char *id, enum vg_fault_act act,
                      int64_t now_s, const struct vg_fault_sink *sink, struct vg_err *err);

/* Calls fn for each fault (its last episode), sorted by id; a nonzero answer stops and is returned.
 * Pointers are valid during the call. */
int vg_fault_book_each(const struct vg_fault_book *book,
                       int (*fn)(void *user, const struct vg_fault *fault), void *user);
/* Each unit that is there, sorted by class and location. */
int vg_fault_book_each_slot(const struct vg_fault_book *book,
                            int (*fn)(void *user, const struct vg_component *component,
                                      bool is_missing),
                            void *user);

struct vg_source_state {
        const char *source, *cause;
        int64_t since_s; /* first failed round in a row; 0: it can be read */
        int64_t failures, last_s, last_good_s;
};
int vg_fault_book_each_source(const struct vg_fault_book *book,
                              int (*fn)(void *user, const struct vg_source_state *source),
                              void *user);

/* Canonical JSON of the whole memory, to be kept with the records that it led to, in one
 * transaction. Load takes what save wrote: -EINVAL, *err names the member. */
int vg_fault_book_save(const struct vg_fault_book *book, struct vg_buf *buf, struct vg_err *err);
int vg_fault_book_load(const json_t *tree, struct vg_fault_book **ret_book, struct vg_err *err);

/* ---- the body of a `fault` record ---- */

/* {"at_s","code","component":{…},"count","episode","event","evidence":[…],"first_s","how","id",
 * "last_s","severity","state",…}; members that are empty or zero are left out. */
void vg_fault_write(struct vg_json *j, enum vg_fault_event event, const struct vg_fault *fault,
                    int64_t at_s);
/* Members of a component, inside an object that is open. */
void vg_component_write(struct vg_json *j, const struct vg_component *component);
/* Strings stay the tree's. -EINVAL: not an object, or a member that is no string. */
int vg_component_read(const json_t *object, struct vg_component *ret_component);
