/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* facts: between the store's files: a contract's text with the facts that were recorded of it. */

#include "store/sql.h"
#include "store/store.h"
#include "vigie/contract.h"

/* As store_contract_read(), on a database that has the projection. */
int facts_contract(sqlite3 *db, const char *text, size_t n, store_zone_fn *load_zone,
                   struct vg_contract **ret_contract, struct vg_refusals *refusals,
                   struct vg_err *err);
