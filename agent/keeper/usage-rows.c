/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/usage-rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/book.h"
#include "vigie/err.h"
#include "vigie/mem.h"

void usage_rows_done(struct usage_rows *rows)
{
        for (size_t i = 0; i < rows->n; i++) {
                free((char *)rows->list[i].tenant);
                free((char *)rows->list[i].resource);
        }
        free(rows->list);
        *rows = (struct usage_rows){ 0 };
}

static int add(struct usage_rows *rows, const struct store_usage *row)
{
        if (rows->n == rows->size) {
                size_t size = rows->size ? 2 * rows->size : 64;
                struct store_usage *list = reallocarray(rows->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                rows->list = list;
                rows->size = size;
        }
        struct store_usage *copy = &rows->list[rows->n++];
        *copy = *row;
        copy->tenant = strdup(row->tenant);
        copy->resource = strdup(row->resource);
        return copy->tenant && copy->resource ? 0 : -ENOMEM;
}

static int add_entry(void *user, const struct vg_usage_entry *entry, struct vg_err *err)
{
        for (int i = 0; i < VG_N_RESOURCES; i++) {
                const struct store_usage row = {
                        .start_s = entry->start_s,
                        .tenant = entry->tenant,
                        .resource = vg_resource_row((enum vg_resource)i)->id,
                        .part = entry->late,
                        .micro = entry->total[i].micro,
                        .quality = entry->total[i].quality,
                };
                if (entry->present & 1u << i && add(user, &row) < 0)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        return 0;
}

static int pass_interval(_unused_ void *user, _unused_ const struct vg_interval_entry *entry,
                         _unused_ struct vg_err *err)
{
        return 0;
}

int usage_rows_open(struct vg_book *book, struct usage_rows *ret_rows, struct vg_err *err)
{
        struct usage_rows rows = { 0 };
        const struct vg_book_sink sink = { add_entry, pass_interval, &rows };
        int r = vg_book_open(book, &sink, err);

        if (r < 0)
                usage_rows_done(&rows);
        else
                *ret_rows = rows;
        return r;
}

static int add_closed(void *ctx, const struct store_usage *row)
{
        return add(ctx, row);
}

int usage_rows_closed(struct store *store, int64_t start_s, struct usage_rows *ret_rows,
                      struct vg_err *err)
{
        const struct store_usage_query query = { .from_s = start_s, .to_s = start_s + 1 };
        struct usage_rows rows = { 0 };
        int r = store_usage_each(store, &query, add_closed, &rows, err);

        if (r < 0)
                usage_rows_done(&rows);
        else
                *ret_rows = rows;
        return r;
}
