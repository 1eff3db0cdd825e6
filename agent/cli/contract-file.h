/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* contract-file: a contract read from a file by a verb, refusals told. */

#include "cli/cli.h"
#include "vigie/contract.h"

struct contract_file { /* zero-initialised is empty; contract_file_done() after use */
        char *bytes;
        size_t n;
        struct vg_contract *contract;
};
void contract_file_done(struct contract_file *file);

/* CLI_FINE and a contract that the rules let through, or an exit code after having said why. */
int contract_file_read(struct cli *cli, const char *path, struct contract_file *file);
/* The same of bytes that are there already; name stands in front of what is told. */
int contract_file_parse(struct cli *cli, const char *name, struct contract_file *file);
/* SHA-256, in hexadecimal, and size of a file that a fact has as its document. */
int contract_digest_document(struct cli *cli, const char *path, char ret_digest[65],
                             int64_t *ret_size);
/* Member `document` of an act: name, SHA-256 and size of a file (verb-contract-record.c). */
int contract_put_document(struct cli *cli, struct vg_json *j, const char *path);
