/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* print: what table and text share. */

#include "cli/cli.h"

const char *cli_style_code(const struct cli *cli, enum cli_style style); /* "" without colour */
void cli_pad(FILE *out, size_t n);
/* Prints words, the cursor being at column `indent`, and goes on below at the same column. */
void cli_wrap_here(struct cli *cli, enum cli_style style, size_t indent, const char *text);
