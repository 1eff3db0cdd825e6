/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* book: the meter's memory. It takes observations in the order in which the keeper accepted them and
 * keeps, in exact integers, what each tenant used in each interval. Pure and deterministic: the same
 * observations give the same book, byte for byte, whether or not it was saved and loaded between.
 *
 * Rules:
 * - An allocation counts between two confirmations: from its fact to the next fact of that domain
 *   or the next heartbeat with libvirt ok. Losing libvirt, the reader or the boot leaves a gap.
 * - Time is CLOCK_BOOTTIME, in whole ticks of the resource. The wall clock only places it: evenly
 *   between two stamps of which the wall clock tells the same story, else by the earlier one.
 * - What a counter gained between two readings of one run is whole, whatever lies between, and is
 *   spread evenly over that time where an interval or a change of tenant cuts it.
 * - A run that began after our last complete look counts from zero; one that was there before we
 *   first looked counts from its first reading. A counter that runs backwards is based anew. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/meter.h"
#include "vigie/num.h"
#include "vigie/tenant.h"
#include "vigie/text.h"

struct vg_err;
struct vg_book;

/* ---- What comes in (kinds and bodies of the keeper protocol) ---- */

struct vg_stamp {
        uint64_t boot_ns;
        int64_t utc_ns;
};

struct vg_disk {
        const char *key, *target; /* target "" for a volume */
        uint64_t capacity_kib;
        bool writable;
};

enum vg_domain_state {
        VG_DOMAIN_GONE,
        VG_DOMAIN_OFF,
        VG_DOMAIN_RUNNING,
        VG_DOMAIN_PAUSED,
        VG_DOMAIN_CRASHED
};

struct vg_facts {                /* of a domain, or of a volume that no domain uses */
        bool by_pass;            /* "why":"pass"; else an event */
        const char *uuid, *name; /* volume: uuid "", name "pool/name", one disk */
        struct vg_hints hints;
        enum vg_domain_state state; /* volume: OFF */
        const char *run;            /* "" when off or gone */
        uint64_t vcpus, memory_kib;
        const struct vg_disk *disks;
        size_t n_disks;
        const char *const *nics; /* targets */
        size_t n_nics;
};

struct vg_facts_end {
        bool volumes; /* scope "volume"; else "domain" */
        uint64_t count;
        const char *digest; /* 64 hex digits */
};

struct vg_counter {
        const char *name; /* "cpu_ns", "rss_kib", "rd:vda", "rx:vnet0#2" ... */
        uint64_t value;
};

struct vg_domain_readings {
        const char *uuid, *run;
        const struct vg_counter *counters;
        size_t n_counters;
};

enum vg_clock { VG_CLOCK_OK, VG_CLOCK_UNSYNCHRONISED, VG_CLOCK_STEPPED };
const char *vg_clock_name(enum vg_clock clock); /* "ok", "unsynchronised", "stepped" */

struct vg_condition {
        enum { VG_ABOUT_LIBVIRT, VG_ABOUT_CLOCK, VG_ABOUT_DOMAIN, VG_ABOUT_BUFFER } subject;
        const char *state, *cause, *uuid; /* "" where absent */
};

enum vg_observation_kind {
        VG_SAYS_FACTS,
        VG_SAYS_FACTS_END,
        VG_SAYS_READINGS,
        VG_SAYS_HEARTBEAT,
        VG_SAYS_CONDITION
};

struct vg_observation {
        const char *instance, *boot_id;
        uint64_t seq;
        struct vg_stamp at; /* both clocks, taken before looking */
        enum vg_observation_kind kind;
        union {
                struct vg_facts facts;
                struct vg_facts_end facts_end;
                struct {
                        const struct vg_domain_readings *domains;
                        size_t n_domains;
                } readings;
                struct {
                        bool libvirt_ok;
                        enum vg_clock clock;
                } heartbeat;
                struct vg_condition condition;
        };
};

/* From a parsed envelope. Its strings stay the tree's, which must outlive the observation; one
 * free() lets go of all the rest. -EINVAL: *err names the member that is missing or wrong. */
int vg_observation_parse(const json_t *envelope, struct vg_observation **ret_observation,
                         struct vg_err *err);

/* ---- The book ---- */

/* SHA-256 of some bytes: core does not link a library for it. */
typedef void vg_book_sha256_fn(const void *bytes, size_t n, unsigned char ret_digest[32]);

struct vg_book_options {
        int32_t interval_s;        /* 300, 900, 1800 or 3600; anything that divides an hour */
        uint64_t gauge_hold_ns;    /* a gauge holds no longer than this (3 x the kernel tier) */
        uint64_t silence_ns;       /* heartbeats further apart leave a gap */
        const char *name_pattern;  /* NULL or as in struct vg_tenant_rules; copied */
        vg_book_sha256_fn *sha256; /* NULL: digests of passes are not compared */
};

enum {                              /* bounds on what strangers may make us keep */
       VG_BOOK_DOMAINS_MAX = 10000, /* with volumes: as many again */
       VG_BOOK_DISKS_MAX = 256,     /* and as many NICs, of one domain */
       VG_BOOK_NAME_MAX = 4096,
};

int vg_book_new(const struct vg_book_options *options, struct vg_book **ret_book,
                struct vg_err *err);
void vg_book_free(struct vg_book *book);
static inline void vg_book_freep(struct vg_book **book)
{
        vg_book_free(*book);
}

enum {                         /* outcomes of vg_book_apply */
       VG_BOOK_SEEN = 1,       /* delivered before: nothing changed */
       VG_BOOK_INCOMPLETE = 2, /* the pass lacked lines: nothing is gone, a new pass is wanted */
       VG_BOOK_REFUSED = 3,    /* beyond a bound: not counted, *err says why; the rest goes on */
};

/* 0 or an outcome: the observation is part of the book's story and must be replayed with the
 * others. -ENOMEM: load the book again. */
int vg_book_apply(struct vg_book *book, const struct vg_observation *o, struct vg_err *err);

/* The register map as it stands after an act (copied). Amounts of intervals that are still in the
 * book and begin at or after a row's `from` move with it; those of closed intervals are the
 * ledger's: vg_reattribute(). Part of the story, like an observation. */
int vg_book_set_map(struct vg_book *book, const struct vg_tenant_row *rows, size_t n_rows,
                    struct vg_err *err);

/* A contract with another interval was loaded: it holds from the first full hour after `now`. Part
 * of the story. */
int vg_book_set_interval(struct vg_book *book, int32_t interval_s, int64_t now_utc_s,
                         struct vg_err *err);

/* ---- What comes out ---- */

struct vg_disk_seen { /* one piece of storage, while it counted on a line */
        const char *key;
        int32_t from_s, to_s; /* seconds of the interval, by the wall clock */
        int64_t kib;          /* below zero: taken back */
};

struct vg_usage_line { /* one domain (or volume: uuid "") */
        const char *uuid, *name;
        struct vg_hints hints; /* lawful ids; none where it changed hands since */
        vg_i128 base[VG_N_RESOURCES];
        uint16_t present;                 /* bit per resource: measured, be it zero */
        const struct vg_disk_seen *disks; /* what block_tb is of; by key, then time */
        size_t n_disks;                   /* 0: not known, as in records of before */
};

struct vg_usage_total {
        vg_i128 base;
        int64_t micro;
        enum vg_quality quality;
};

struct vg_usage_entry {
        int64_t start_s;
        int32_t interval_s;
        bool late; /* the interval closed before: the next part (1, 2 ...) of its key */
        enum vg_clock clock;
        const char *tenant;
        uint16_t present;
        struct vg_usage_total total[VG_N_RESOURCES];
        const struct vg_usage_line *lines; /* sorted by uuid, then name */
        size_t n_lines;
};

struct vg_book_gap {
        int64_t from_utc_s, to_utc_s; /* cut to the interval, outwards to whole seconds */
        const char *cause;            /* id of a row of gap-causes.def */
        const char *scope;            /* "all", "allocation", "counters" */
};

struct vg_interval_entry {
        int64_t start_s;
        int32_t interval_s, covered_s; /* late: to add to earlier records', at most interval_s */
        bool late;
        enum vg_clock clock;
        const struct vg_book_gap *gaps;
        size_t n_gaps;
};

struct vg_book_sink { /* negative stops and is passed up; pointers are valid during the call */
        int (*usage)(void *user, const struct vg_usage_entry *entry, struct vg_err *err);
        int (*interval)(void *user, const struct vg_interval_entry *entry, struct vg_err *err);
        void *user;
};

enum { VG_BOOK_MORE = 1, VG_BOOK_CLOSE_MAX = 1000 };

/* Closes each interval that ends at or before `upto`: first late amounts of intervals closed before,
 * then interval by interval its usage entries sorted by tenant and its interval entry, measured or
 * not. VG_BOOK_MORE: a thousand intervals were closed and more wait: call again. Failure of the sink
 * leaves the book as it was. Part of the story: replay with the same `upto`, or from a snapshot
 * taken after it. */
int vg_book_close(struct vg_book *book, int64_t upto_utc_s, const struct vg_book_sink *sink,
                  struct vg_err *err);

/* The same entries for all that is not closed yet; changes nothing. */
int vg_book_open(struct vg_book *book, const struct vg_book_sink *sink, struct vg_err *err);

/* End of the last closed interval; INT64_MIN while nothing was observed. */
int64_t vg_book_closed_until(const struct vg_book *book);

struct vg_book_domain { /* for `tenants propose` and the console */
        struct vg_identity who;
        enum vg_domain_state state;
        const char *tenant;
        enum vg_tenant_by by;
        bool hostile, volume;
        uint64_t vcpus, memory_kib, disk_kib;
};
int vg_book_each(const struct vg_book *book,
                 int (*fn)(void *user, const struct vg_book_domain *domain), void *user);

/* Canonical JSON. Load takes what save wrote: -EINVAL, *err names the member; options but the
 * functions come from the snapshot. */
int vg_book_save(const struct vg_book *book, struct vg_buf *buf, struct vg_err *err);
int vg_book_load(const json_t *tree, const struct vg_book_options *options,
                 struct vg_book **ret_book, struct vg_err *err);

/* ---- Re-attribution of closed intervals ---- */

/* All parts of one interval of one tenant, as the ledger holds them, under the map as it stands
 * after an act whose row is rules->rows[row]. Yields pairs of entries (late): what the old tenant
 * loses, negative, then the same lines and micro-units for the new one. An interval moves when it
 * begins at or after the row's `from`. Lines move whole, and both sides of a pair carry the same
 * micro-units, so that no total over tenants changes. Volumes and domains match as they did. */
int vg_reattribute(const struct vg_usage_entry *parts, size_t n_parts,
                   const struct vg_tenant_rules *rules, size_t row, const struct vg_book_sink *sink,
                   struct vg_err *err);

/* ---- The body of a `usage` record ---- */
struct vg_json;

/* {"appliance","clock","contract","domains":[{"amounts":{resource:base},"disks":[[key,from_s,to_s,
 * kib]],"hints":{...},"name","uuid"}],"interval_s","part","resources":{resource:{"base":"text",
 * "micro":N,"quality"}},"start","tenant"}. An amount beyond int64 is decimal text. "disks" and "hints"
 * only where there are some. */
void vg_usage_write(struct vg_json *j, const char *appliance, const char *contract, int64_t part,
                    const struct vg_usage_entry *entry);
/* Reads it back; strings stay the tree's; one free() lets go. -EINVAL. */
int vg_usage_parse(const json_t *body, struct vg_usage_entry **ret_entry, struct vg_err *err);
