/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* reattribute: usage that is in the ledger already, given to another tenant. Records are never
 * changed: a later part takes it from one tenant, another gives it to the other. */

#include <stddef.h>
#include <stdint.h>

#include "vigie/tenant.h"

struct records;
struct store;
struct vg_err;

/* The register map, in the order in which it was recorded. */
struct map {
        struct vg_tenant_row *row;
        size_t n, size;
};
int map_load(struct store *store, struct map *ret_map, struct vg_err *err);
void map_done(struct map *map);

/* Moves what the map's last row concerns, in all closed intervals that begin at or after from_s.
 * Within the caller's transaction. *ret_n: records written. */
int reattribute(struct records *records, const struct map *map, int64_t from_s, size_t *ret_n,
                struct vg_err *err);
