/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fact-words: what was recorded with a fact of the contract, in the reader's words. */

#include <stddef.h>

#include "cli/cli.h"

#define FACT_VALUES 13 /* kinds of values that a fact may have, in the order they are told */

struct fact_word {
        const char *label; /* in the reader's language */
        const char *text;  /* borrowed from values, or buf */
};

/* The i-th kind of value, of the object `values` of a fact (NULL: none). text is NULL where the fact
 * has none. */
struct fact_word fact_word(const struct cli *cli, const json_t *values, size_t i,
                           char buf[CLI_TEXT]);
