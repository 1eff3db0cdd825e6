/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share: a round and the book, opened up. */

#include "vigie/fault.h"

/* ---- a round: its strings live as long as it does ---- */

struct round_chunk;
struct vg_round {
        struct round_chunk *chunks;
        const char *source, *cause;
        enum vg_round_status status;
        int64_t at_s;
        struct vg_sighting *sightings;
        size_t n_sightings, size_sightings;
        const char **notes;
        size_t n_notes, size_notes;
        struct vg_unread *unreads;
        size_t n_unreads, size_unreads;
        struct vg_component silent; /* whose silence is the fault `silence` ("": none) */
        const char *silence;
        int64_t parts_read;
        bool is_cut;
};
/* A copy that lives as long as the round, cleaned for people's eyes and cut at VG_SIGHT_TEXT_MAX;
 * "" for NULL. NULL: no memory. */
const char *round_text(struct vg_round *round, const char *text);

/* ---- the book: strings are owned one by one, never NULL once set; freed with their owner ---- */

enum {
        MOMENTS_MAX = 64, /* of one bucket; beyond, the two oldest become one */
        CLAIMS_MAX = 256, /* of one fault; beyond, no new ones: pages and wordings are strangers' */
        ALIASES_MAX = 16, /* names of one slot */
};

struct moment {
        int64_t at_s, count;
};

/* What one source says of one code on one slot. */
struct claim {
        char *source, *key; /* key: the bucket of events, or the pair of log entries */
        enum vg_sight_kind kind;
        enum vg_fault_severity severity;
        bool stands;
        bool fresh;    /* said again in the rounds that are being judged */
        int good;      /* good readings in a row, of a level */
        int64_t level; /* COUNTER: the count from which growth is told, */
        int64_t first_s, last_s, count;
        int64_t after_s; /* since when; LOG, EVENT: what is not later than this is settled */
        char *path, *text, *value, *threshold, *threshold_from;
        struct moment *moments; /* EVENT: within the window, oldest first */
        size_t n_moments;
};

struct entry { /* a fault, with what carries it */
        const struct vg_fault_code *code;
        enum vg_fault_state state, before;
        enum vg_fault_severity severity;
        int64_t episode, first_s, last_s, ended_s, count, acknowledged_s, on_site_s;
        char *how;
        char *manufacturer, *model, *part, *serial; /* the unit of this episode */
        struct claim *claims;
        size_t n_claims;
        int64_t n_sources; /* standing, when last told */
};

struct seen { /* a slot, as one source sees it */
        char *source, *location, *odata;
        bool present, fresh;
        enum vg_sight_health health; /* of its live states; UNKNOWN: none was told */
        enum vg_sight_health now;    /* the same, of the rounds that are being judged */
        bool told;                   /* a live state was told in these rounds */
};

struct slot {
        char *component_class, *location, *manufacturer, *model, *part, *serial, *firmware, *odata,
                *device;
        char *unit_source; /* who named the serial */
        bool missing;
        struct seen *seen;
        size_t n_seen;
        struct entry **entries; /* by pointer: settling may add to the list */
        size_t n_entries;
};

struct source {
        char *name, *cause;
        int64_t since_s, failures, last_s, last_good_s;
};

struct vg_fault_book {
        char *host;
        struct slot **slots;
        size_t n_slots;
        struct source *sources;
        size_t n_sources;
        bool failed; /* no memory: the book is of no further use */
};

/* Owned strings: replaces *where by a copy of text. */
void book_set(struct vg_fault_book *book, char **where, const char *text);
/* One more zeroed element behind the last; NULL: no memory. */
void *book_grow(struct vg_fault_book *book, void *list, size_t *n, size_t size);

struct source *source_of(struct vg_fault_book *book, const char *name);
bool source_is_failing(const struct vg_fault_book *book, const char *name);

/* The slot of a component that `source` names, made where there is none. NULL: no memory. */
struct slot *slot_of(struct vg_fault_book *book, const char *source,
                     const struct vg_component *component);
struct seen *seen_by(struct vg_fault_book *book, struct slot *slot, const char *source);
struct vg_component slot_component(const struct slot *slot);
/* Whether the slot bears no more than the host's name for its unit ("sda"), no fault was told of it,
 * and the component says where it is. */
bool slot_has_better_place(const struct slot *slot, const struct vg_component *component);
void slot_rename(struct vg_fault_book *book, struct slot *slot,
                 const struct vg_component *component);
void slot_free(struct slot *slot);
bool slot_is_serial(const char *serial); /* not empty, and no word for "none" */
const struct seen *slot_seen_by(const struct slot *slot, const char *source); /* NULL: not yet */

struct entry *entry_of(struct vg_fault_book *book, struct slot *slot,
                       const struct vg_fault_code *code);
struct claim *claim_of(struct vg_fault_book *book, struct entry *entry, const char *source,
                       enum vg_sight_kind kind, const char *key);
void entry_free(struct entry *entry);
bool entry_is_active(const struct entry *entry);
void entry_id(const struct vg_fault_book *book, const struct slot *slot, const struct entry *entry,
              char id[17]);

/* What is being told while rounds are judged. */
struct judging {
        struct vg_fault_book *book;
        const struct vg_fault_sink *sink;
        int64_t now_s;
        struct vg_err *err;
};
/* When a round was taken. */
int64_t time_of(const struct judging *judging, const struct vg_round *round);

/* The unit that a sighting names is the one in this slot: found, replaced, returned, or as before. */
int see_unit(const struct judging *judging, struct slot *slot, const char *source,
             const struct vg_component *component);
/* A serial that comes late may show that another slot is this same unit: then *slot becomes the one
 * that is kept, and what was known of the other is told of it. */
int join_slots(const struct judging *judging, const char *source,
               const struct vg_component *component, struct slot **slot);
int tell_slot(const struct judging *judging, enum vg_slot_event event,
              const struct vg_component *before, const struct slot *slot);

/* What the rounds did not say again. */
int hear_silence(const struct judging *judging, const struct vg_round *const *rounds, size_t n);
int hear_source(const struct judging *judging, const struct vg_round *round);
/* The fault that the silence of a source is. */
void hear_reach(const struct judging *judging, const struct vg_round *round);
/* Summaries of one kind of thing before those of the whole system, which they may explain. */
void hear_rollups(const struct judging *judging, const struct vg_round *round, bool of_system);

/* One sighting into the claims of its slot; nothing is told yet. */
void claim_live(struct vg_fault_book *book, struct slot *slot, const char *source,
                const struct vg_sighting *sighting, int64_t at_s);
void claim_event(struct vg_fault_book *book, struct slot *slot, const char *source,
                 const struct vg_sighting *sighting, int64_t at_s);
enum { LOG_UNDATED = 1 }; /* at_s of an entry without a time: older than any */
/* Log entries are told at once, so that what began and ended in the past has its own times. */
int claim_log(const struct judging *judging, struct slot *slot, const char *source,
              const struct vg_sighting *sighting, int64_t at_s);
/* What is older than the code's window leaves the bucket of a rate. */
void claim_drain(struct claim *claim, const struct vg_fault_code *code, int64_t now_s);
/* The same, and the claim stands where what is left reaches the limit. */
void claim_weigh(struct claim *claim, const struct vg_fault_code *code, int64_t until_s);

/* From claims to states, one slot at a time. */
int settle_slot(const struct judging *judging, struct slot *slot, int64_t at_s, const char *how);
/* The unit of the slot was replaced: every open fault of it ends. */
int settle_replaced(const struct judging *judging, struct slot *slot, int64_t at_s);
/* The slot is another one's double: its open faults end here, and go on there. */
int settle_absorbed(const struct judging *judging, struct slot *slot, int64_t at_s);
int tell(const struct judging *judging, enum vg_fault_event event, struct slot *slot,
         struct entry *entry, int64_t at_s);
/* The public view of an entry; *ret_evidence is freed by the caller. */
int entry_show(const struct vg_fault_book *book, const struct slot *slot, const struct entry *entry,
               struct vg_fault *ret_fault, struct vg_evidence **ret_evidence);
