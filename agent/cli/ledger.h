/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ledger: what the verbs of the ledger, of keys and of backups share. */

#include "cli/cli.h"
#include "store/store.h"

/* FILE where it was given, else the ledger of the settings. Caller frees. CLI_FINE or said why. */
int ledger_path(struct cli *cli, const char *given, char **ret_path);
/* For reading. CLI_FINE or said why. */
int ledger_open(struct cli *cli, const char *given, struct store **ret_store);
/* One sentence and exit code for an error of the store. */
int ledger_fail(struct cli *cli, const char *path, int r, const struct vg_err *err);
/* --log, or `otherwise`. */
enum vg_log ledger_log(const struct cli *cli, enum vg_log otherwise);

/* The key that signs: --key, else [keeper] signing_key, else <state_dir>/signing-key.pem. */
int ledger_key_path(struct cli *cli, char **ret_path);

/* The SHA-256 of a public key: of a PEM file, or the fingerprint itself, 64 hexadecimal digits,
 * spaces between them or not. 0 or -errno. */
int ledger_key_digest(const char *given, struct vg_hash *ret_digest, struct vg_err *err);

/* Hashes of a proof: an array of 64 hexadecimal digits each. -EINVAL. */
int ledger_read_proof(const json_t *list, struct vg_proof *ret_proof);

/* Says now and then how far long work has come; from its second second on. */
struct ledger_progress {
        const struct cli *cli;
        const char *format; /* a French msgid with two %llu */
        int64_t last_s;
};
int ledger_progress(void *ctx, uint64_t done, uint64_t total);

/* Checkpoints in a file, as `vigie ledger checkpoint` prints them: one after the other. */
struct ledger_notes {
        char **texts;
        size_t n;
};
int ledger_notes_read(struct cli *cli, const char *path, struct ledger_notes *ret_notes);
void ledger_notes_done(struct ledger_notes *notes);
