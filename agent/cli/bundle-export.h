/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bundle-export: what leaves, of whom it is for, sealed by the keeper; and what its parts share. */

#include "cli/bundle.h"
#include "cli/view.h"

enum audience { FOR_CLIENT = 1, FOR_SUPPLIER = 2, FOR_HAND_OVER = 4 };

struct export
{
        struct cli *cli;
        struct cli_view view;
        struct bundle *bundle;
        enum audience audience;
        char top[160];          /* its name, of letters that any file system takes */
        int64_t from_ns, to_ns; /* stamps of records; INT64_MIN, INT64_MAX: all */
        struct vg_hash digest;  /* of SHA256SUMS */
        struct vg_err err;
};

/* Fills, sums, has it sealed, and finishes it. is_folder: a folder at path instead of a tar. CLI_FINE
 * or an exit code after having said why; nothing is left behind then. */
int export_write(struct export *x, const char *path, bool is_folder);
/* x->top from these words, made plain. */
void export_name(struct export *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *export_audience(const struct export *x);

/* 0, an exit code after having said why, or -errno with err filled. */
typedef int part_fn(struct export *x);

part_fn export_readme; /* bundle-readme.c */
part_fn export_keys;   /* bundle-keys.c */
/* How many keys have signed, one after the other. 0 or -errno. */
int export_n_keys(struct export *x, unsigned *ret_n);
part_fn export_shared, export_client, export_seal; /* bundle-ledger.c */
/* bundle-documents.c */
part_fn export_contracts, export_statements, export_focus, export_alerts, export_dossier;
part_fn export_page; /* bundle-page.c */
