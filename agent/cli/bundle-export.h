/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bundle-export: what the parts of `vigie bundle export` share. */

#include "cli/bundle.h"
#include "cli/view.h"

enum audience { FOR_CLIENT = 1, FOR_SUPPLIER = 2 };

struct export
{
        struct cli *cli;
        struct cli_view view;
        struct bundle *bundle;
        enum audience audience;
        char top[160];
        int64_t from_ns, to_ns; /* stamps of records */
        struct vg_hash digest;  /* of SHA256SUMS */
        struct vg_err err;
};

/* 0, an exit code after having said why, or -errno with err filled. */
typedef int part_fn(struct export *x);

part_fn export_readme;                             /* bundle-readme.c */
part_fn export_shared, export_client, export_seal; /* bundle-ledger.c */
