/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rate-print: the answer of `vigie contract rate`. */

#include "cli/cli.h"
#include "vigie/rating.h"

int rate_print_json(struct cli *cli, const struct vg_rater *rater,
                    const struct vg_rate_result *result, bool local_days);
int rate_print(struct cli *cli, const struct vg_rate_result *result);
