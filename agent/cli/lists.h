/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lists: what `vigie complete` can propose for a word of words.def. */

#include "cli/cli.h"

/* One candidate, where it goes on from what is typed. */
void cli_offer(struct cli *cli, const char *typed, const char *candidate);
void cli_offer_list(struct cli *cli, const char *typed, const char *list);
