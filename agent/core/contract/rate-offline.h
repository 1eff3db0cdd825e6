/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rate-offline: between the files that rate a usage CSV.
 *
 * Every accepted quantity is kept once, in a grid of series (tenant, resource, appliance) by
 * interval: eight bytes a row, its place being its natural key (R2). Lines add up while rows come
 * in; gaps and alerts are read from the grid afterwards, in order of time, so that the order of
 * arrival does not matter. */

#include "vigie/civil.h"
#include "vigie/rating.h"
#include "vigie/tenant.h"

enum { GRID_SLOTS = 64 }; /* intervals in a chunk */
#define GRID_EMPTY INT64_C(-1)

enum row_fate { FATE_RATED, FATE_UNPRICED, FATE_OUTSIDE, FATE_N };

struct series {
        const char *name; /* as in the file: "tenant,resource", then the appliance */
        uint32_t n_name, n_appliance;
        const char *tenant, *resource, *appliance; /* cleaned; appliance NULL: no such column */
        uint32_t next;                             /* the series that stood below it last time */
        bool is_heartbeat;
        bool is_known; /* its tenant is in the contract */

        /* Where it goes, for intervals that begin in [from_s, until_s). */
        int64_t from_s, until_s;
        enum row_fate fate;
        uint32_t sum; /* of struct rater_sum, where it is rated */

        int64_t first_s[FATE_N]; /* first interval with a quantity, by fate; INT64_MAX: none */

        int64_t chunk; /* the one used last */
        int64_t *slots;
};

struct grid_entry {
        uint32_t series;
        int64_t chunk;
        int64_t *slots; /* NULL: free */
};

struct arena { /* blocks that are freed together */
        struct arena_block *blocks;
        size_t left;
        char *at;
};
void *arena_take(struct arena *arena, size_t n); /* aligned to 8; NULL: no memory */
void arena_done(struct arena *arena);

struct grid {
        struct arena arena;
        struct series *series;
        uint32_t n_series, size_series;
        uint32_t *names; /* hash: place in series + 1 */
        uint32_t size_names;
        struct grid_entry *entries; /* hash */
        uint32_t n_entries, size_entries;
        int64_t *chunks; /* numbers of all chunks, rising, each once; after grid_sort() */
        size_t n_chunks;
};

enum { GRID_SERIES_MAX = 1000000 };

/* -E2BIG: too many series. The pointer holds until the next call. */
int grid_series(struct grid *grid, const char *name, size_t n_name, const char *appliance,
                size_t n_appliance, bool has_appliance, struct series **ret_series);
/* The slot of an interval number, made where there is none. NULL: no memory. */
int64_t *grid_slot(struct grid *grid, struct series *series, int64_t interval);
/* GRID_EMPTY where there is none. */
int64_t grid_get(const struct grid *grid, struct series *series, int64_t interval);
/* Slots of a chunk, or NULL. The series remembers it. */
const int64_t *grid_chunk(const struct grid *grid, struct series *series, int64_t chunk);
int grid_sort(struct grid *grid);
/* First interval number >= `from` whose chunk has anything; INT64_MAX: none. */
int64_t grid_next(const struct grid *grid, int64_t from);
uint64_t grid_hash(uint64_t seed, const char *bytes, size_t n);
void grid_done(struct grid *grid);

struct rater_sum { /* a line as it adds up */
        struct vg_line line;
        vg_i128 most; /* what still fits the line */
        bool has_rows;
};

struct rater_fact { /* a row that raises an alert by itself */
        int64_t start_s;
        const char *code, *tenant, *resource;
};

struct list { /* grows up to VG_RATE_LIST_MAX */
        void *items;
        size_t n, size, item;
        uint64_t more;
};
/* Room for one more, zeroed. NULL: the list is full (counted) or, where *ret_failed, no memory. */
void *list_add(struct list *list, bool *ret_failed);

struct vg_rater {
        const struct vg_contract *contract;
        int64_t as_of_s, end_s;
        int64_t step_s;

        bool has_appliance;
        uint64_t line;    /* number of the row at hand */
        char carry[4096]; /* the beginning of a row whose end is still to come */
        size_t n_carry;
        size_t n_row; /* bytes of the row whose end is still to come */

        char stamp[20]; /* of the last row */
        int64_t stamp_s;
        bool is_stamp_good;
        uint32_t last; /* series of the last row */

        int64_t month_from_s, month_until_s; /* of the month last asked for */
        int32_t month;

        struct grid grid;
        struct rater_sum *sums;
        uint32_t n_sums, size_sums;
        uint32_t *sum_places; /* hash: place in sums + 1; twice size_sums */
        struct list refused, outside, facts, gaps, alerts;
        uint64_t rows_rated, duplicates_ignored, rows_later;
        struct vg_bill *bill;
        struct vg_rate_result result;
};

/* One row, without its line end. 0 or a negative errno that ends it all. */
/* Fields in quotes as they would stand without; nobody needs a comma or a quote inside one. plain has
 * room for n bytes. Returns how many it holds. */
size_t row_unquote(const char *row, size_t n, char *plain);
int rater_row(struct vg_rater *rater, const char *row, size_t n, struct vg_err *err);
/* A row of sizeof(carry) bytes or more. */
int rater_endless(struct vg_rater *rater);
/* Brings from_s, until_s, fate and sum of a series up to date for an interval. 0 or -ENOMEM. */
int rater_place(struct vg_rater *rater, struct series *series, int64_t start_s);
int rater_gaps(struct vg_rater *rater);
/* End of the first interval collected after a gap, be it after the term; INT64_MAX: none yet. */
int64_t rater_collected_again(const struct vg_rater *rater, const struct vg_rate_gap *gap);
int rater_replay(struct vg_rater *rater, struct vg_err *err);
