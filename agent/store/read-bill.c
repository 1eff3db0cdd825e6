/* SPDX-License-Identifier: Apache-2.0 */

/* Closed statements, and the bill of a contract. */

#include <errno.h>

#include "store/internal.h"
#include "vigie/contract.h"
#include "vigie/rating.h"
#include "vigie/tenant.h"

struct statement_caller {
        store_statement_fn *fn;
        void *ctx;
};

static int statement_row(void *ctx, const struct sql_rows *rows, size_t i)
{
        const struct statement_caller *caller = ctx;
        const struct store_statement statement = {
                .contract_id = sql_cell_text(rows, i, 0),
                .month = (int32_t)sql_cell_int(rows, i, 1),
                .seq = (uint64_t)sql_cell_int(rows, i, 2),
                .utc_ns = sql_cell_int(rows, i, 3),
                .closes_s = sql_cell_int(rows, i, 4),
                .digest = sql_cell_text(rows, i, 5),
                .total_cents = sql_cell_int(rows, i, 6),
        };

        return caller->fn(caller->ctx, &statement);
}

int store_statement_each(struct store *store, const char *contract_id, store_statement_fn *fn,
                         void *ctx, struct vg_err *err)
{
        struct statement_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT contract_id, month, seq, utc_ns, closes_s, digest, total_cents"
                        " FROM statement WHERE ?1 IS NULL OR contract_id = ?1 ORDER BY 1, 2",
                        (const struct sql_value[]){ V_TEXT(contract_id) }, 1, statement_row,
                        &caller, err);
}

int store_late_count(struct store *store, int64_t from_s, int64_t to_s, int64_t known_s,
                     int64_t *ret_n, struct vg_err *err)
{
        return sql_int_of(store->db,
                          "SELECT count(*) FROM usage_part WHERE start_s >= ? AND start_s < ?"
                          " AND known_s >= ?",
                          VALUES(V_INT(from_s), V_INT(to_s), V_INT(known_s)), ret_n, err);
}

struct reading {
        const struct store_bill *query;
        struct vg_line *lines;
        size_t n, size;
        int32_t open_month;
};

static void reading_done(struct reading *reading)
{
        free(reading->lines);
}

static int add(struct reading *reading, const struct vg_line *line)
{
        if (reading->n == reading->size) {
                size_t size = reading->size ? 2 * reading->size : 256;
                struct vg_line *lines = reallocarray(reading->lines, size, sizeof(*lines));
                if (!lines)
                        return -ENOMEM;
                reading->lines = lines;
                reading->size = size;
        }
        reading->lines[reading->n++] = *line;
        return 0;
}

/* A line of the ledger, its texts replaced by the contract's own, which outlive the row. */
static int add_row(void *ctx, const struct store_line *row)
{
        struct reading *reading = ctx;
        const struct vg_contract *contract = reading->query->contract;
        const struct vg_tenant *tenant = vg_contract_tenant(contract, row->tenant);
        const struct vg_price *price = vg_contract_price(contract, row->sku);
        const int kind = vg_line_kind_find(row->kind);
        struct vg_line line = {
                .statement_month = row->statement_month,
                .period_month = row->period_month,
                .kind = (enum vg_line_kind)kind,
                .tenant = tenant ? tenant->id : VG_TENANT_NOBODY,
                .sku = price ? price->sku : NULL,
                .price_from_s = row->price_from_s,
        };

        if (!price || kind < 0 || vg_i128_parse(row->quantity_micro, &line.quantity_micro) < 0)
                return -EBADMSG;
        return add(reading, &line);
}

static int note_statement(void *ctx, const struct store_statement *statement)
{
        struct reading *reading = ctx;

        if (statement->month >= reading->open_month)
                reading->open_month = statement->month + 1;
        return 0;
}

static const char *text_or_null(const struct sql_rows *rows, size_t i, size_t column)
{
        const char *text = sql_cell_text(rows, i, column);

        return *text ? text : NULL;
}

/* *ret_charged borrows from rows. */
static int read_charged(struct store *store, const struct store_bill *query, struct sql_rows *rows,
                        struct vg_charged **ret_charged, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(store->db,
                            "SELECT statement_month, period_month, kind, tenant, sku, ref,"
                            " price_from_s, cents FROM charged WHERE contract_id = ?"
                            " AND statement_month <= ? ORDER BY seq, n",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_TEXT(query->contract->id), V_INT(query->to_month));
        if (r == 0)
                r = sql_fetch(stmt, 0, rows, err);
        if (r < 0)
                return r;

        struct vg_charged *charged = calloc(rows->n_rows + 1, sizeof(*charged));
        if (!charged)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < rows->n_rows; i++)
                charged[i] = (struct vg_charged){
                        .statement_month = (int32_t)sql_cell_int(rows, i, 0),
                        .period_month = (int32_t)sql_cell_int(rows, i, 1),
                        .kind = (enum vg_line_kind)vg_line_kind_find(sql_cell_text(rows, i, 2)),
                        .tenant = sql_cell_text(rows, i, 3),
                        .sku = text_or_null(rows, i, 4),
                        .ref = text_or_null(rows, i, 5),
                        .price_from_s = sql_cell_int(rows, i, 6),
                        .cents = sql_cell_int(rows, i, 7),
                };
        *ret_charged = charged;
        return 0;
}

static int read_lines(struct store *store, struct reading *reading, struct vg_err *err)
{
        const struct store_bill *query = reading->query;
        int r = store_line_each(store, query->contract->id, INT32_MIN, query->to_month, add_row,
                                reading, err);

        if (r == -EBADMSG)
                return vg_err_set(err, r,
                                  "une ligne du registre ne répond à aucun prix du contrat; "
                                  "« vigie ledger verify » le dira");
        for (size_t i = 0; i < query->n_more && r == 0; i++)
                r = add(reading, &query->more[i]);
        if (r == 0)
                r = store_statement_each(store, query->contract->id, note_statement, reading, err);
        return r;
}

int store_bill_read(struct store *store, const struct store_bill *query, struct vg_bill **ret_bill,
                    struct vg_err *err)
{
        _cleanup_(reading_done) struct reading reading = {
                .query = query,
                .open_month = vg_month_of(query->contract->start),
        };
        _cleanup_free_ struct vg_charged *charged = NULL;
        struct sql_rows rows = { 0 };
        int r = read_lines(store, &reading, err);

        if (r == 0)
                r = read_charged(store, query, &rows, &charged, err);
        if (r == 0) {
                const struct vg_bill_options options = {
                        .contract = query->contract,
                        .as_of_s = query->as_of_s,
                        .open_month = reading.open_month,
                        .charged = charged,
                        .n_charged = rows.n_rows,
                };
                r = vg_bill_new(&options, reading.lines, reading.n, ret_bill, err);
        }
        sql_rows_done(&rows);
        return r;
}
