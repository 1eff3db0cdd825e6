/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* focus: statements in the FinOps Open Cost and Usage Specification. Null is an empty cell. The cents
 * of the statement stand in BilledCost and EffectiveCost; ContractedCost and ListCost are the exact
 * product of the two decimals that stand beside them. */

#include "cli/month.h"

enum focus_version { FOCUS_1_2 = 12, FOCUS_1_3 = 13, FOCUS_1_4 = 14 };

/* One charge a line of the statements. */
void focus_cost_and_usage(const struct cli *cli, const struct months_read *months,
                          enum focus_version version, struct vg_buf *text);
/* Names the invoice of each month that has one and only one. 0 or -errno. */
int focus_invoices(const struct cli_view *view, struct months_read *months, struct vg_err *err);
/* 1.3 and later: the minimum commitments. 0 or -errno. */
int focus_commitments(const struct cli *cli, const struct cli_view *view,
                      enum focus_version version, struct vg_buf *text, struct vg_err *err);
/* 1.4: the months, open or closed. */
void focus_periods(const struct cli *cli, const struct cli_view *view,
                   const struct months_read *months, struct vg_buf *text);
