/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the book share. Nothing here is seen outside this room.
 *
 * Tables are sorted arrays of pointers to structs that begin with their key: what comes out is in
 * order without a hash, and the same after a load. A failed allocation sets book->failed; the code
 * then goes on harmlessly and vg_book_apply() answers -ENOMEM. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/book.h"

enum {
        SPREAD_MAX = 168, /* intervals over which one amount is spread at most: a week of hours */
        TENURES_MAX = 64, /* changes of tenant remembered between two readings */
        TENANTS_MAX = 10000,
        KNOWN_MAX = 50000, /* domains with those that are gone but not closed yet */
        ALL_DISKS_MAX = 100000,
        GAPS_MAX = 1024,
        SEEN_MAX = 1024, /* stretches of disks of one domain in one interval */
        REGIMES_MAX = 64,
        ROWS_MAX = 100000,
};
#define BOOT_NS_MAX (INT64_C(1) << 61)          /* 73 years */
#define UTC_NS_MAX INT64_C(5680281600000000000) /* 2150 */
#define KIB_MAX (INT64_C(1) << 43)              /* 8 EiB */
#define VALUE_MAX ((uint64_t)INT64_MAX)

#define VG_MIN(a, b) ((a) < (b) ? (a) : (b))

/* table.c */
struct table {
        void **at; /* each begins with char *key */
        size_t n, size;
};
void *table_find(const struct table *table, const char *key);
bool table_insert(struct table *table, void *item); /* false: no memory */
void table_remove(struct table *table, const char *key);
void table_done(struct table *table);

struct tenant {
        char *id;
        vg_i128 carry[VG_N_RESOURCES]; /* what rounding left, in 1/denominator micro-units */
};

struct seen { /* a disk, while it counted */
        struct store *store;
        int32_t from_s, to_s; /* of the interval */
        int64_t kib;
};

struct cell { /* amounts of one domain in one interval for one tenant */
        int64_t start_s;
        struct tenant *tenant;
        struct seen *seen;
        uint32_t n_seen;
        uint16_t present, restarted, gap; /* a bit per resource */
        vg_i128 amount[VG_N_RESOURCES];
};

enum slot_kind { SLOT_CPU, SLOT_RSS, SLOT_RD, SLOT_RX, SLOT_TX, SLOT_WR, N_SLOT_KINDS };

struct slot {         /* the last reading of one counter of the run */
        char *device; /* "" for the domain's own */
        enum slot_kind kind;
        bool based;          /* there is something to compare with */
        uint32_t generation; /* 0: not known */
        uint64_t value;
        struct vg_stamp at;
};

struct tenure { /* whose the domain is, from that instant of this boot */
        uint64_t since_boot_ns;
        struct tenant *tenant;
};

struct store { /* one storage key and who counts it: users sorted by kind, tenant, id */
        char *key;
        struct domain **users;
        size_t n_users;
        size_t n_seen; /* stretches of cells that name it */
};

struct disk { /* a writable one; the others cost nothing */
        struct store *store;
        uint64_t capacity_kib;
        bool counted; /* this domain is the one of its tenant that counts it */
};

enum { HINT_METADATA, HINT_NOVA, HINT_OPENNEBULA, HINT_KUBEVIRT, N_HINTS };

struct domain {   /* or a volume */
        char *id; /* uuid; storage key of a volume */
        char *name;
        char *run; /* NULL: none */
        char *hints[N_HINTS];
        bool volume, hostile, reopened; /* reopened: the next amounts follow a gap */
        enum vg_domain_state state;
        enum vg_tenant_by by;
        uint32_t epoch;           /* facts hold while it is the book's; 0: never */
        uint32_t listed, touched; /* the pass that named it; that saw it in any way */
        uint64_t vcpus, memory_kib, block_kib;
        struct vg_stamp counted; /* spans are settled up to here */
        int64_t stuck_utc_ns;    /* 0: not stuck */
        struct tenant *tenant;
        struct disk *disks;
        struct slot *slots; /* sorted by kind and device */
        struct tenure *tenures;
        struct cell *cells; /* sorted by start and tenant */
        uint32_t n_disks, n_slots, n_tenures, n_cells, size_cells;
};

enum cause {
#define VG_GAP_CAUSE(NAME, ...) CAUSE_##NAME,
#include "vigie/gap-causes.def"
        N_CAUSES
};
enum scope { SCOPE_ALL, SCOPE_ALLOCATION, SCOPE_COUNTERS, N_SCOPES };

struct gap {
        int64_t from_utc_ns, to_utc_ns;
        enum cause cause;
        enum scope scope;
};

struct coverage { /* of one interval */
        int64_t start_s, covered_ns;
        enum vg_clock clock;
};

struct regime { /* intervals have this length from that instant */
        int64_t from_s;
        int32_t interval_s;
};

struct pass {
        uint32_t number;
        uint64_t named, refused;
};

struct vg_book {
        struct vg_book_options options; /* name_pattern is owned */
        bool failed;

        /* The story so far. */
        char *instance, *boot_id; /* NULL: nothing heard yet */
        uint64_t seq;
        struct vg_stamp heard, spoke; /* of this boot: any observation, the last heartbeat */
        enum vg_clock clock;

        /* Trust: facts of this epoch hold; complete since a whole pass. */
        uint32_t epoch;
        bool complete, ever_complete;
        struct vg_stamp covered; /* complete: covered up to here */
        struct vg_stamp born;    /* else: what is new since is younger than this */
        struct gap hole;         /* else: the gap that is open; its to_utc_ns means nothing */
        struct pass pass[2];     /* domains, volumes */

        struct table domains, volumes, stores, tenants;
        size_t n_live[2], n_disks;
        struct tenant *nobody;

        struct vg_tenant_row *rows;
        size_t n_rows;
        int64_t map_from_s, map_until_s; /* the same rows hold in [from, until) */

        int64_t closed_s; /* INT64_MIN: nothing observed */
        struct regime *regimes;
        size_t n_regimes;
        struct coverage *coverage; /* sorted by start */
        size_t n_coverage;
        struct gap *gaps;
        size_t n_gaps;
};

/* place.c: cuts the time between two stamps where intervals begin */
struct piece {
        int64_t start_s;
        uint64_t from_boot_ns, to_boot_ns;
        int64_t covered_ns, to_utc_ns; /* wall time: its length, its end */
};
struct placing {
        const struct vg_book *book;
        struct vg_stamp from, to;
        uint64_t at_boot_ns;
        int64_t at_utc_ns;
};
bool place_steady(struct vg_stamp from, struct vg_stamp to); /* the wall clock was not stepped */
void place_begin(struct placing *p, const struct vg_book *book, struct vg_stamp from,
                 struct vg_stamp to);
bool place_next(struct placing *p, struct piece *ret_piece);
uint64_t place_boot_at(struct vg_stamp from, struct vg_stamp to, int64_t utc_ns);
int32_t place_interval_s(const struct vg_book *book, int64_t utc_s);
int64_t place_start_s(const struct vg_book *book, int64_t utc_ns);

/* cell.c: amounts */
struct cell *cell_at(struct vg_book *book, struct domain *d, int64_t start_s,
                     struct tenant *tenant);
struct cell *cell_find(struct domain *d, int64_t start_s, const struct tenant *tenant);
void cell_add(struct cell *cell, enum vg_resource resource, vg_i128 amount);
void settle(struct vg_book *book, struct domain *d, struct vg_stamp at);
void spread_counter(struct vg_book *book, struct domain *d, enum vg_resource resource,
                    struct vg_stamp from, struct vg_stamp to, uint64_t amount);
void spread_gauge(struct vg_book *book, struct domain *d, enum vg_resource resource,
                  struct vg_stamp from, struct vg_stamp to, uint64_t value);
/* Marks what is measured in the interval of that instant, if something is. */
void mark_quality(struct vg_book *book, struct domain *d, int64_t utc_ns, uint16_t resources,
                  enum vg_quality quality);
extern const uint16_t span_resources;

/* seen.c: which disks counted in a cell, and when */
void seen_add(struct vg_book *book, struct cell *cell, struct store *store, struct seen seen);
void seen_all(struct vg_book *book, struct cell *cell, const struct domain *d, int64_t from_utc_ns,
              int64_t to_utc_ns);
void seen_move(struct vg_book *book, struct cell *from, struct cell *to);
void seen_clear(struct vg_book *book, struct cell *cell);
void seen_list(const struct cell *cell, struct vg_disk_seen *list); /* cell->n_seen of them */

/* disk.c: who counts which storage */
struct store *store_intern(struct vg_book *book, const char *key); /* NULL: no memory */
void store_drop(struct vg_book *book, struct store *store);        /* where nobody names it */

void disks_replace(struct vg_book *book, struct domain *d, const struct vg_disk *disks, size_t n,
                   struct vg_stamp at);
bool disks_differ(const struct domain *d, const struct vg_disk *disks, size_t n);
bool disk_fits(const struct vg_disk *disk);
void disks_leave(struct vg_book *book, struct domain *d, struct vg_stamp at); /* before a change */
void disks_enter(struct vg_book *book, struct domain *d, struct vg_stamp at); /* of tenant */

/* book.c: tables of domains and tenants */
struct tenant *tenant_intern(struct vg_book *book, const char *id); /* nobody where full */
struct domain *domain_new(struct vg_book *book, const char *id, bool volume);
void domain_free(struct vg_book *book, struct domain *d);
char *copy_text(struct vg_book *book, const char *text);
bool set_text(struct vg_book *book, char **text, const char *now); /* true: it changed */
struct vg_identity domain_identity(const struct domain *d);
/* As far as it holds for these amounts: a domain that changed hands has other hints since. */
struct vg_identity cell_identity(const struct domain *d, const struct cell *cell);
void *grow(struct vg_book *book, void *array, size_t n, size_t size); /* array kept on failure */
static inline struct domain *domain_of(const struct table *table, size_t i)
{
        return table->at[i];
}
static inline struct table *table_for(struct vg_book *book, bool volume)
{
        return volume ? &book->volumes : &book->domains;
}
static inline bool is_active(const struct domain *d)
{
        return d->state >= VG_DOMAIN_RUNNING;
}

/* map.c: whose is it, now */
void tenure_set(struct vg_book *book, struct domain *d, struct tenant *tenant, uint64_t boot_ns);
void attribute(struct vg_book *book, struct domain *d, struct vg_stamp at);
void map_cross(struct vg_book *book, struct vg_stamp at); /* rows that begin to hold meanwhile */
void rows_free(struct vg_tenant_row *rows, size_t n);
void map_window(struct vg_book *book, int64_t utc_s);

/* confirm.c: trust in facts, gained and lost */
void lose(struct vg_book *book, enum cause cause, enum scope scope);
void lose_boot(struct vg_book *book, struct vg_stamp at);
void first_heard(struct vg_book *book, struct vg_stamp at);
void regain(struct vg_book *book, struct vg_stamp at);
void resume(struct vg_book *book, struct vg_stamp at);
void confirm(struct vg_book *book, struct vg_stamp at);

/* gap.c */
void gap_push(struct vg_book *book, struct gap gap);
void clock_mark(struct vg_book *book, int64_t utc_ns, enum vg_clock clock);
struct coverage *coverage_at(struct vg_book *book, int64_t start_s);
enum cause cause_find(const char *id, enum cause fallback);
const char *cause_id(enum cause cause);
const char *scope_id(enum scope scope);
int scope_find(const char *id);
/* Gaps within [start, end), merged and sorted. The caller frees. */
struct vg_book_gap *gaps_within(const struct vg_book *book, int64_t start_s, int64_t end_s,
                                size_t *ret_n);

/* facts.c, reading.c */
int facts_apply(struct vg_book *book, const struct vg_facts *facts, struct vg_stamp at,
                struct vg_err *err);
int facts_end_apply(struct vg_book *book, const struct vg_facts_end *end, struct vg_stamp at,
                    struct vg_err *err);
void readings_apply(struct vg_book *book, const struct vg_observation *o);
/* The run ended or is hidden; witnessed: its facts were known to hold until then. */
void slots_leave(struct vg_book *book, struct domain *d, struct vg_stamp at, bool witnessed);
void run_end(struct vg_book *book, struct domain *d, struct vg_stamp at, bool witnessed);
void slots_clear(struct domain *d);
struct slot *slot_find(const struct domain *d, enum slot_kind kind, const char *device,
                       size_t n_device);
struct slot *slot_add(struct vg_book *book, struct domain *d, enum slot_kind kind,
                      const char *device, size_t n_device);
void slots_match(struct vg_book *book, struct domain *d, const struct vg_facts *facts,
                 const struct vg_stamp *zero);
const char *slot_prefix(enum slot_kind kind); /* "rd" ... */
