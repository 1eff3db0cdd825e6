/* SPDX-License-Identifier: Apache-2.0 */

/* seen: what the ledger tells of a period, and what it does not. */

#include <errno.h>
#include <string.h>

#include "store/internal.h"
#include "store/statements.h"
#include "vigie/civil.h"
#include "vigie/mem.h"
#include "vigie/statement.h"

/* Room for one more: NULL where memory is exhausted. */
static void *more(void *list, size_t n, size_t *size, size_t item)
{
        if (n < *size)
                return list;
        const size_t wanted = *size ? 2 * *size : 64;
        void *grown = reallocarray(list, wanted, item);
        if (grown)
                *size = wanted;
        return grown;
}

static int take_gap(void *ctx, const struct store_gap *row)
{
        struct store_seen *seen = ctx;
        struct vg_statement_gap *rows =
                more(seen->rows, seen->n_rows, &seen->size_rows, sizeof(*rows));

        if (!rows)
                return -ENOMEM;
        seen->rows = rows;
        struct vg_statement_gap *gap = &rows[seen->n_rows++];
        *gap = (struct vg_statement_gap){ row->from_s, row->to_s, strdup(row->cause),
                                          strdup(row->scope) };
        return gap->cause && gap->scope ? 0 : -ENOMEM;
}

static int take_interval(void *ctx, const struct store_interval *row)
{
        struct store_seen *seen = ctx;
        struct vg_statement_interval *list = seen->intervals;

        if (seen->n_intervals && list[seen->n_intervals - 1].from_s == row->start_s) {
                list[seen->n_intervals - 1].covered_s += row->covered_s;
                return 0;
        }
        list = more(list, seen->n_intervals, &seen->size_intervals, sizeof(*list));
        if (!list)
                return -ENOMEM;
        seen->intervals = list;
        list[seen->n_intervals++] =
                (struct vg_statement_interval){ row->start_s, row->start_s + row->length_s,
                                                row->covered_s };
        return 0;
}

/* From what is recorded to all that was not measured. */
static int add_up(struct store_seen *seen, int64_t from_s, int64_t to_s, int64_t due_s)
{
        seen->gaps = calloc(2 * seen->n_rows + seen->n_intervals + 1, sizeof(*seen->gaps));
        if (!seen->gaps)
                return -ENOMEM;
        if (seen->n_rows)
                memcpy(seen->gaps, seen->rows, seen->n_rows * sizeof(*seen->gaps));

        const size_t n = vg_statement_gaps(seen->gaps, seen->n_rows, from_s, to_s);
        const struct vg_statement_seen told = { seen->intervals, seen->gaps, seen->n_intervals, n };
        const int64_t until_s = due_s < to_s ? due_s : to_s;

        seen->not_measured_s = vg_statement_uncovered_s(&told, from_s, to_s);
        seen->n_gaps = n + vg_statement_unrecorded(&told, from_s, until_s, seen->gaps + n);
        seen->n_gaps = vg_statement_gaps(seen->gaps, seen->n_gaps, from_s, to_s);
        seen->not_measured_s += vg_statement_gap_s(seen->gaps, seen->n_gaps);
        return 0;
}

int store_seen_read(struct store *store, int64_t from_s, int64_t to_s, int64_t due_s,
                    struct store_seen *ret_seen, struct vg_err *err)
{
        /* One that began before may reach into it: half an hour, where the zone is so. */
        int r = store_interval_each(store, from_s - VG_HOUR_S, to_s, take_interval, ret_seen, err);

        if (r == 0)
                r = store_gap_each(store, from_s, to_s, take_gap, ret_seen, err);
        if (r == 0 && add_up(ret_seen, from_s, to_s, due_s) < 0)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return r;
}

void store_seen_done(struct store_seen *seen)
{
        for (size_t i = 0; i < seen->n_rows; i++) {
                free((char *)seen->rows[i].cause);
                free((char *)seen->rows[i].scope);
        }
        free(seen->rows);
        free(seen->gaps);
        free(seen->intervals);
        *seen = (struct store_seen){ 0 };
}
