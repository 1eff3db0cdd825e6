/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* verdict-page: a verdict for people, or as JSON. */

#include "cli/cli.h"

struct vg_verdict;

/* CLI_FINE; CLI_FOUND where a check fails. */
int verdict_page_print(struct cli *cli, const struct vg_verdict *verdict);
