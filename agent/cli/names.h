/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* names: texts met many times, each kept once and known by a number. */

#include <stddef.h>
#include <stdint.h>

struct cli_names {
        char **texts;
        uint32_t *slots; /* open addressing: number + 1, 0 where free */
        size_t n, size, n_slots;
};

/* The number of a text, the same for the same text. -ENOMEM. */
int cli_names_add(struct cli_names *names, const char *text, uint32_t *ret_number);
/* Sorts the texts by bytes. *ret_moved[old number] is the new one; caller frees. -ENOMEM. No text
 * may be added afterwards. */
int cli_names_sort(struct cli_names *names, uint32_t **ret_moved);
void cli_names_done(struct cli_names *names);
