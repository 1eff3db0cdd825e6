/* SPDX-License-Identifier: Apache-2.0 */

/* Reading usage: millions of rows, so ids and integers up to the last moment. Rows come in chunks;
 * between two chunks no transaction is open, and the next one starts behind the last key. */

#include <errno.h>

#include "store/internal.h"
#include "store/names.h"
#include "vigie/num.h"

enum { CHUNK_ROWS = 8192 };

struct raw {
        int64_t start_s, tenant, resource, part, micro;
        enum vg_quality quality;
};

struct scan {
        struct store *store;
        const struct store_usage_query *query;
        int64_t tenant, resource; /* of the query, as ids; 0: all */
        sqlite3_stmt *rows, *next_start;
        struct raw chunk[CHUNK_ROWS];
        size_t n;
};

/* Rows of a chunk, with all their names known. Negative or positive: stop. */
typedef int chunk_fn(void *consumer, const struct raw *rows, size_t n);

static int load_names(struct store *store, struct vg_err *err)
{
        names_free(TAKE_PTR(store->tenants));
        names_free(TAKE_PTR(store->resources));
        int r = names_load(store->db, "tenant_name", &store->tenants, err);

        return r < 0 ? r : names_load(store->db, "resource_name", &store->resources, err);
}

static void take_row(struct scan *scan)
{
        sqlite3_stmt *s = scan->rows;

        scan->chunk[scan->n++] = (struct raw){
                .start_s = sqlite3_column_int64(s, 0),
                .tenant = sqlite3_column_int64(s, 1),
                .resource = sqlite3_column_int64(s, 2),
                .part = sqlite3_column_int64(s, 3),
                .micro = sqlite3_column_int64(s, 4),
                .quality = (enum vg_quality)sqlite3_column_int(s, 5),
        };
}

/* Steps the bound statement until the chunk is full. 1: there may be more. */
static int fill(struct scan *scan, struct vg_err *err)
{
        int r = 0;

        while (scan->n < CHUNK_ROWS && (r = sql_step(scan->rows, err)) == 1)
                take_row(scan);
        sqlite3_reset(scan->rows);
        return r < 0 ? r : scan->n == CHUNK_ROWS;
}

/* Hands the chunk over, of the wanted resource only, and empties it. */
static int hand_over(struct scan *scan, chunk_fn *fn, void *consumer, struct vg_err *err)
{
        struct store *store = scan->store;
        const size_t n_tenants = names_count(store->tenants),
                     n_resources = names_count(store->resources);
        bool known = true;
        size_t kept = 0;

        for (size_t i = 0; i < scan->n; i++) {
                const struct raw *row = &scan->chunk[i];
                known = known && (uint64_t)row->tenant - 1 < n_tenants &&
                        (uint64_t)row->resource - 1 < n_resources;
                if (!scan->resource || row->resource == scan->resource)
                        scan->chunk[kept++] = *row;
        }
        int r = known ? 0 : load_names(store, err);
        for (size_t i = 0; i < kept && !known && r == 0; i++)
                if (!names_text(store->tenants, scan->chunk[i].tenant) ||
                    !names_text(store->resources, scan->chunk[i].resource))
                        r = vg_err_set(err, -EBADMSG, "la table des noms est endommagée");
        scan->n = 0;
        return r < 0 || !kept ? r : fn(consumer, scan->chunk, kept);
}

#define USAGE_COLUMNS "SELECT start_s, tenant, resource, part, micro, quality FROM usage "

/* All tenants: along the key. */
static int scan_all(struct scan *scan, chunk_fn *fn, void *consumer, struct vg_err *err)
{
        struct raw last = { .start_s = scan->query->from_s };
        int r = sql_prepare(scan->store->db,
                            USAGE_COLUMNS "WHERE (start_s, tenant, resource, part) >"
                                          " (?, ?, ?, ?) AND start_s < ?"
                                          " ORDER BY start_s, tenant, resource, part",
                            &scan->rows, err);

        for (int more = 1; more && r == 0;) {
                r = sql_bind(scan->rows, err, V_INT(last.start_s), V_INT(last.tenant),
                             V_INT(last.resource), V_INT(last.part), V_INT(scan->query->to_s));
                if (r == 0)
                        r = more = fill(scan, err);
                if (r < 0)
                        return r;
                if (scan->n)
                        last = scan->chunk[scan->n - 1];
                r = hand_over(scan, fn, consumer, err);
        }
        return r;
}

/* One tenant: from start to start, so that the others' rows are leapt over. */
static int scan_tenant(struct scan *scan, chunk_fn *fn, void *consumer, struct vg_err *err)
{
        int64_t start_s = scan->query->from_s;
        int r = sql_prepare(scan->store->db,
                            "SELECT min(start_s) FROM usage WHERE start_s >= ? AND start_s < ?",
                            &scan->next_start, err);

        if (r == 0)
                r = sql_prepare(scan->store->db,
                                USAGE_COLUMNS "WHERE start_s = ? AND tenant = ?"
                                              " ORDER BY resource, part",
                                &scan->rows, err);
        while (r == 0) {
                r = sql_bind(scan->next_start, err, V_INT(start_s), V_INT(scan->query->to_s));
                if (r == 0)
                        r = sql_step(scan->next_start, err);
                const bool none = r <= 0 || sqlite3_column_type(scan->next_start, 0) == SQLITE_NULL;
                start_s = sqlite3_column_int64(scan->next_start, 0);
                sqlite3_reset(scan->next_start);
                if (r < 0 || none)
                        return r < 0 ? r : 0;
                r = sql_bind(scan->rows, err, V_INT(start_s), V_INT(scan->tenant));
                if (r == 0)
                        r = fill(scan, err);
                if (r == 1) /* never: a tenant has not thousands of resources and parts an hour */
                        r = vg_err_set(err, -ERANGE, "trop de lignes pour un intervalle");
                if (r == 0)
                        r = hand_over(scan, fn, consumer, err);
                start_s++;
        }
        return r;
}

/* Nothing can match a name that was never met. */
static bool matches_nothing(const struct scan *scan)
{
        return (scan->query->tenant && !scan->tenant) || (scan->query->resource && !scan->resource);
}

static int scan_usage(struct store *store, const struct store_usage_query *query, chunk_fn *fn,
                      void *consumer, struct vg_err *err)
{
        _cleanup_free_ struct scan *scan = calloc(1, sizeof(*scan));
        int r = scan ? load_names(store, err) : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        if (r < 0)
                return r;
        scan->store = store;
        scan->query = query;
        scan->tenant = query->tenant ? names_find(store->tenants, query->tenant) : 0;
        scan->resource = query->resource ? names_find(store->resources, query->resource) : 0;
        if (matches_nothing(scan))
                return 0;
        r = scan->tenant ? scan_tenant(scan, fn, consumer, err) : scan_all(scan, fn, consumer, err);
        sqlite3_finalize(scan->rows);
        sqlite3_finalize(scan->next_start);
        return r;
}

struct each {
        struct store *store;
        store_usage_fn *fn;
        void *ctx;
};

static int each_chunk(void *consumer, const struct raw *rows, size_t n)
{
        const struct each *each = consumer;
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                const struct store_usage row = {
                        .start_s = rows[i].start_s,
                        .tenant = names_text(each->store->tenants, rows[i].tenant),
                        .resource = names_text(each->store->resources, rows[i].resource),
                        .part = rows[i].part,
                        .micro = rows[i].micro,
                        .quality = rows[i].quality,
                };
                r = each->fn(each->ctx, &row);
        }
        return r;
}

int store_usage_each(struct store *store, const struct store_usage_query *query, store_usage_fn *fn,
                     void *ctx, struct vg_err *err)
{
        struct each each = { store, fn, ctx };

        return scan_usage(store, query, each_chunk, &each, err);
}

struct cell {
        int64_t micro, n_rows;
        enum vg_quality quality;
};

struct adder {
        struct store *store;
        const int64_t *edge_s;
        size_t bin;
        struct cell *cells; /* of the current bin: [tenant - 1][resource - 1] */
        size_t n_tenants, n_resources;
        store_sum_fn *fn;
        void *ctx;
        struct vg_err *err;
};

/* Gives the sums of the current bin and clears them. */
static int flush(struct adder *adder)
{
        int r = 0;

        for (size_t i = 0; i < adder->n_tenants * adder->n_resources && r == 0; i++) {
                struct cell *cell = &adder->cells[i];
                if (!cell->n_rows)
                        continue;
                const int64_t tenant = (int64_t)(i / adder->n_resources) + 1,
                              resource = (int64_t)(i % adder->n_resources) + 1;
                const struct store_sum sum = {
                        .bin = adder->bin,
                        .tenant = names_text(adder->store->tenants, tenant),
                        .resource = names_text(adder->store->resources, resource),
                        .micro = cell->micro,
                        .quality = cell->quality,
                        .n_rows = cell->n_rows,
                };
                *cell = (struct cell){ 0 };
                r = adder->fn(adder->ctx, &sum);
        }
        return r;
}

/* Makes room for names that a chunk brought, keeping what is added up so far. */
static int grow(struct adder *adder)
{
        const size_t n_tenants = names_count(adder->store->tenants),
                     n_resources = names_count(adder->store->resources);

        if (n_tenants == adder->n_tenants && n_resources == adder->n_resources)
                return 0;
        struct cell *cells = calloc(n_tenants * n_resources + 1, sizeof(*cells));
        if (!cells)
                return vg_err_set(adder->err, -ENOMEM, "mémoire épuisée");
        for (size_t t = 0; t < adder->n_tenants; t++)
                memcpy(cells + t * n_resources, adder->cells + t * adder->n_resources,
                       adder->n_resources * sizeof(*cells));
        free(adder->cells);
        adder->cells = cells;
        adder->n_tenants = n_tenants;
        adder->n_resources = n_resources;
        return 0;
}

static int add_chunk(void *consumer, const struct raw *rows, size_t n)
{
        struct adder *adder = consumer;
        int r = grow(adder);

        for (size_t i = 0; i < n && r == 0; i++) {
                while (rows[i].start_s >= adder->edge_s[adder->bin + 1] && r == 0) {
                        r = flush(adder);
                        adder->bin++;
                }
                struct cell *cell =
                        &adder->cells[(size_t)(rows[i].tenant - 1) * adder->n_resources +
                                      (size_t)(rows[i].resource - 1)];
                if (r == 0 && vg_add_i64(cell->micro, rows[i].micro, &cell->micro) < 0)
                        r = vg_err_set(adder->err, -ERANGE, "somme hors bornes");
                cell->n_rows++;
                if (rows[i].quality > cell->quality)
                        cell->quality = rows[i].quality;
        }
        return r;
}

int store_usage_sum(struct store *store, const struct store_usage_query *query,
                    const int64_t *edge_s, size_t n_edges, store_sum_fn *fn, void *ctx,
                    struct vg_err *err)
{
        struct store_usage_query within = *query;
        struct adder adder = {
                .store = store,
                .edge_s = edge_s,
                .fn = fn,
                .ctx = ctx,
                .err = err,
        };

        if (n_edges < 2)
                return 0;
        if (within.from_s < edge_s[0])
                within.from_s = edge_s[0];
        if (within.to_s > edge_s[n_edges - 1])
                within.to_s = edge_s[n_edges - 1];
        int r = scan_usage(store, &within, add_chunk, &adder, err);
        if (r == 0)
                r = flush(&adder);
        free(adder.cells);
        return r;
}
