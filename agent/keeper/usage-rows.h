/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* usage-rows: what tenants used, copied out of the book or of the ledger. */

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct vg_book;
struct vg_err;

struct usage_rows {
        struct store_usage *list; /* tenants are owned; resources are the meter's or owned too */
        size_t n, size;
};
void usage_rows_done(struct usage_rows *rows);

/* All that is not closed yet. part is 0, or 1 for what comes late. */
int usage_rows_open(struct vg_book *book, struct usage_rows *ret_rows, struct vg_err *err);
/* An interval of the ledger. */
int usage_rows_closed(struct store *store, int64_t start_s, struct usage_rows *ret_rows,
                      struct vg_err *err);
