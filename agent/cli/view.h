/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* view: the ledger as a verb reads it: the store, the contract in force, its zone, and now. */

#include "store/store.h"
#include "cli/cli.h"
#include "vigie/contract.h"

struct cli_view {
        struct store *store;
        struct vg_contract *contract; /* NULL: none is loaded */
        const struct vg_zone *zone;   /* the contract's; Quebec's where there is none */
        const char *zone_name;
        struct vg_zone *own_zone;
        const struct vg_settings *settings;
        int64_t now_s;
};

/* The contract is that in force, or the one that --contract-id names. CLI_FINE, or an exit code after
 * having said why. */
int cli_view_open(struct cli *cli, struct cli_view *ret_view);
/* The same, saying nothing: 0 or -errno. The settings must have been read. */
int cli_view_try(struct cli *cli, struct cli_view *ret_view, struct vg_err *err);
void cli_view_done(struct cli_view *view);
/* Its row in the ledger. As store_contract_now(); -ESRCH: there is none of that name. */
int cli_view_contract(struct cli *cli, const struct cli_view *view, store_contract_fn *fn,
                      void *ctx, struct vg_err *err);

/* Says that the store failed, with what it said. */
int cli_view_fail(struct cli *cli, const struct vg_err *err);

/* The name of a tenant in the reader's language, of a resource, and of a unit as people write it.
 * What no table knows is returned as it is. */
const char *cli_tenant_name(const struct cli *cli, const struct cli_view *view, const char *tenant);
const char *cli_resource_name(const struct cli *cli, const struct cli_view *view,
                              const char *resource);
const char *cli_resource_unit(const struct cli *cli, const struct cli_view *view,
                              const char *resource);
/* The same for programs: "vcpu_hour", "tb_hour" (quantities are kept so), "gb". */
const char *cli_resource_unit_id(const struct cli_view *view, const char *resource);
/* Until when records are due: the last interval whose grace has passed. A minute is left to the
 * keeper to write them. */
int64_t cli_due_s(const struct cli_view *view);
/* Why nobody looked, as a sentence's end. */
const char *cli_gap_cause(const struct cli *cli, const char *cause);
