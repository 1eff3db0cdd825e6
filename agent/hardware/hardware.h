/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* hardware: all the state of vigie-hardware, owned by its loop.
 *
 *   sources.def   the sources, one row and one file source-*.c each
 *   hardware.c    when each looks, and what becomes of what it saw
 *   report.c      rounds to the keeper
 *   sysfs.c       reading files by patterns
 *   runner.c      commands of others
 *   redfish-*.c   the BMC over HTTPS
 *
 * A source looks, and gathers what it read as documents; the parsers (agent/hardware/<room>/) turn
 * them into a round of sightings, which goes to the keeper. `vigie hardware capture` writes the same
 * documents to a folder instead. A source that hangs delays no other; its silence is a round too. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "hardware/documents.h"
#include "hardware/report.h"

struct hardware;
struct runner;
struct source;
struct vg_err;
struct vg_keeper;
struct vg_round;
struct vg_settings;

/* A row of sources.def, filled in by its file. Members may be NULL where nothing is said. */
struct vg_source {
        const char *name;
        /* Seconds between two looks. NULL: one look at the start; it then speaks when it hears. */
        uint32_t (*interval_s)(const struct vg_settings *settings);
        /* A look that takes longer counts as silence, though it may still come back. */
        unsigned patience_s;
        const char *const *files; /* what it reads: patterns, of those who look by sysfs_look() */
        bool is_bmc;              /* where it cannot be reached, that is a fault of the BMC */
        const char *const *subsystems; /* whose uevents bring a look forward; ends in NULL */
        bool is_hint;                  /* what it hears brings a look of the next ones forward */
        bool takes_hints;
        /* It misses what the kernel does not show: no look within two minutes of the boot, while
         * disks are still found, arrays put together and links come up. */
        bool waits_for_boot;
        /* Before the first look. Positive: there is nothing here for it. A failure switches it off,
         * which is said and reported as silence. */
        int (*start)(struct source *source, struct vg_err *err);
        /* Begins a look, which ends with one source_end(), now or later. */
        void (*look)(struct source *source);
        /* The time of a look has come while one is still on. */
        void (*knock)(struct source *source);
        /* Ends what it holds outside this process, then calls source_stopped(). */
        void (*stop)(struct source *source);
        void (*free)(struct source *source);
        int (*parse)(const struct documents *documents, struct vg_round *round);
};
#define VG_SOURCE(name) extern const struct vg_source vg_source_##name;
#include "hardware/sources.def"
#undef VG_SOURCE

struct source {
        const struct vg_source *row;
        struct hardware *hardware;
        void *state; /* its file's own */
        sd_event_source *timer, *patience;
        bool is_off, is_looking, has_looked, is_wanted, is_silent, is_stopping;
        bool is_again;                 /* this look follows at once on one that found no BMC */
        unsigned n_again;              /* looks in a row that found a BMC out of reach */
        uint64_t look_us, interval_us; /* CLOCK_BOOTTIME */
        struct documents documents;    /* of the look that is on */
        struct report report;
};

struct hardware {
        const struct vg_settings *settings;
        sd_event *event;
        struct vg_keeper *keeper; /* NULL: a capture */
        struct runner *runner;
        const char *root; /* "" or, in tests, a folder that stands for / */
        struct source *sources;
        size_t n_sources;
        struct uevents *uevents;
        const char *password; /* of the BMC; NULL: none given */

        void (*idle)(void *user); /* all looks are over, or all sources stopped */
        void *idle_user;
        const char *folder; /* of a capture */
        int capture_r;
};

/* settings, event and keeper are borrowed. */
int hardware_new(struct hardware *hardware, struct vg_err *err);
/* Begins to end sessions and the like; idle is called when that is done, now or later. */
void hardware_stop(struct hardware *hardware);
void hardware_done(struct hardware *hardware);

/* ---- for source-*.c ---- */

/* Looks soon: something was heard. Where a look is on, another follows it. */
void source_want(struct source *source);
/* The look is over. r < 0: nothing could be read, for why. SOURCE_AS_BEFORE: it only made sure that
 * there is something to look at, and has nothing to say. */
enum { SOURCE_AS_BEFORE = 1 };
void source_end(struct source *source, int r, const char *why);
/* Of this look: one thing that could not be read. */
void source_unread(struct source *source, const char *what, const char *why);
/* The next look is not before that many seconds. */
void source_wait(struct source *source, unsigned seconds);
void source_stopped(struct source *source);
/* "<state_dir>/<name>"; caller frees. NULL in a capture, or no memory. */
char *source_state_path(const struct source *source, const char *name);
