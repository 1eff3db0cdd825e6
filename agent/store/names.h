/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* names: tenants and resources as small numbers from 1, in the order first met. A usage row then
 * takes some 20 bytes, and seven years of hours stay within the disk of one server. */

#include "store/sql.h"

struct names;

/* table: tenant_name or resource_name. What it holds now is read. */
int names_load(sqlite3 *db, const char *table, struct names **ret_names, struct vg_err *err);
void names_free(struct names *names);
static inline void names_freep(struct names **names)
{
        names_free(*names);
}
size_t names_count(const struct names *names);
/* NULL: no such number. Lives as long as names. */
const char *names_text(const struct names *names, int64_t id);
/* 0: no such name. */
int64_t names_find(const struct names *names, const char *name);
/* Finds, or writes a new one to the table. */
int names_intern(struct names *names, const char *name, int64_t *ret_id, struct vg_err *err);
