/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* domains: those that the meter knows now, found as the keeper finds them: its last snapshot, and
 * what came in since. Nothing is written. */

#include "cli/view.h"
#include "vigie/book.h"

/* 0 or -errno. The pointers of vg_book_each() live as long as the book. */
int domains_read(const struct cli_view *view, struct vg_book **ret_book, struct vg_err *err);

/* The register map as the ledger has it, for attributing at an instant. */
struct domains_map {
        struct vg_tenant_row *rows; /* their texts are owned */
        size_t n;
};
int domains_map_read(const struct cli_view *view, struct domains_map *ret_map, struct vg_err *err);
void domains_map_done(struct domains_map *map);

/* "2026-11-23" (local midnight), "2026-11" or "…Z" as an instant; CLI_FINE or an exit code after
 * having said why. until: the end of the day or month. option: whose value it is; NULL: an
 * argument. (usage-time.c) */
int cli_parse_time(struct cli *cli, const struct cli_view *view, const char *option,
                   const char *text, bool until, int64_t *ret_s);
