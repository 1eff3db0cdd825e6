/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* partial: what a ledger tells of a contract under which several appliances are delivered: its own
 * part. */

#include "cli/view.h"

bool partial_is(const struct cli_view *view);
/* "1 de 6 appareils : partiel …" as a paragraph; nothing where the ledger tells all. */
void partial_print(struct cli *cli, const struct cli_view *view, size_t indent);
/* "appliances":N, "partial":true|false, "reporting_appliance":"…"|null, at their places. */
void partial_write_count(const struct cli_view *view, struct vg_json *j);
void partial_write(const struct cli_view *view, struct vg_json *j);
void partial_write_reporting(const struct cli_view *view, struct vg_json *j);
