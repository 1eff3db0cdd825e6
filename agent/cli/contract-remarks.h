/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* contract-remarks: what is lawful in a contract and still worth a second look, told beside it. */

#include "cli/cli.h"
#include "vigie/contract.h"

/* For people, a paragraph a remark. bytes: those of its file; "" where nobody has them. */
int contract_remarks_print(struct cli *cli, const struct vg_contract *contract, const char *bytes,
                           size_t n);
/* Member `remarks`: [{"code","line","message","path"}…]. */
int contract_remarks_json(struct cli *cli, struct vg_json *j, const struct vg_contract *contract,
                          const char *bytes, size_t n);
/* What is left to do of the contract that another one follows: its alerts end with it. Nothing where
 * the ledger cannot be read, or does not hold it. */
void contract_remarks_left(struct cli *cli, const char *previous_id);
