/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* backup: a copy of a ledger in one file, taken while the keeper works. */

#include "store/store.h"

/* to must not exist (-EEXIST); it is made 0640, complete and synced, or not at all. The copy is of one
 * instant. Read transactions are short while the ledger rests; one that is written to all the
 * time is copied, after some tries, in one read of its own length: the one place of this house
 * that may read for longer than 2 s. */
int store_backup(const char *from, const char *to, store_progress_fn *progress, void *ctx,
                 struct vg_err *err);
