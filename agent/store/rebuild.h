/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rebuild: projections made again from the records, for the command; the writer does it by itself
 * when it finds those of another release. */

#include "store/store.h"

/* Names of the projections, sorted, NULL at the end. */
extern const char *const store_projections[];

/* -EBUSY: the keeper has the ledger. progress may be NULL. */
int store_rebuild(const char *path, store_zone_fn *load_zone, store_progress_fn *progress,
                  void *ctx, struct vg_err *err);
/* Only looks whether what is there is what would come out. The file must be at rest. -EBADMSG: SQLite
 * finds the file damaged, be it where nobody reads. STORE_NONE: the tables are another release's. */
int store_rebuild_compare(const char *path, store_zone_fn *load_zone, store_progress_fn *progress,
                          void *ctx, bool *ret_same, struct vg_err *err);
