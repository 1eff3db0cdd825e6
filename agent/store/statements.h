/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* statements: a month's statement (vigie/statement.h) from the ledger. */

#include <stdbool.h>
#include <stdint.h>

struct store;
struct vg_bill;
struct vg_err;
struct vg_json;
struct vg_statement;

struct store_statement_write {
        const struct vg_bill *bill;
        const struct vg_statement *statement; /* of the bill */
        const char *appliance, *contract_digest, *tzdata;
        bool is_closed; /* with its digest; else as it stands now */
};
/* Writes the object, gaps of the month included. The caller lets go of *ret_json, also after a
 * failure. */
int store_statement_write(struct store *store, const struct store_statement_write *write,
                          struct vg_json *ret_json, struct vg_err *err);
/* SHA-256 of n bytes, in hexadecimal. */
int store_digest(const void *bytes, size_t n, char ret_hex[65], struct vg_err *err);
