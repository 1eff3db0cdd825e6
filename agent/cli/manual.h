/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* manual: the pages vigie(1) and vigie.conf(5), printed from the tables in the reader's language. */

#include "cli/cli.h"

int cli_manual_vigie(struct cli *cli);
int cli_manual_settings(struct cli *cli);
const char *cli_section_title(enum cli_section section);
