/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* partial: what a ledger tells of a contract under which several appliances are delivered: its own
 * part, and where it is the one that reports, what it received of the others. */

#include "cli/view.h"

struct partial {
        size_t n_listed, n_told; /* appliances of the contract; those that the figures are of */
        bool reports;            /* this one rates the contract */
        int64_t until_s;         /* up to when all of n_told have told; INT64_MAX: this one alone */
};
struct partial partial_read(const struct cli_view *view);
bool partial_is(const struct cli_view *view);
/* "1 de 6 appareils : partiel …" as a paragraph; nothing where there is but one. */
void partial_print(struct cli *cli, const struct cli_view *view, size_t indent);
/* "appliances":N, "appliances_told":N, "partial":true|false, "reporting_appliance":"…"|null, at their
 * places. */
void partial_write_count(const struct cli_view *view, struct vg_json *j);
void partial_write(const struct cli_view *view, struct vg_json *j);
void partial_write_reporting(const struct cli_view *view, struct vg_json *j);
