/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What single lines of the kernel mean, and what a few lines mean together. */

#include <stdbool.h>
#include <stdint.h>

#include "vigie/fault.h"

struct kernel_line;

enum { KERNEL_PLACE = 128 };

struct kernel_finding {
        const char *component_class, *code;
        enum vg_sight_health health;
        char location[KERNEL_PLACE], device[32];
        char key[40]; /* of the bucket: a page of memory */
        int64_t count;
};

/* False: nothing about hardware. */
bool kernel_rule_find(const char *message, struct kernel_finding *ret_finding);

/* Machine checks: "Machine Check: 0 Bank 5: 8c00…". False: no such line. has_edac: the log tells
 * memory errors by EDAC too; has_ghes: the firmware reports them. */
bool kernel_mce_find(const char *message, bool has_edac, bool has_ghes,
                     struct kernel_finding *ret_finding);

/* Blocks of lines in which the firmware reports an error (APEI/GHES). Zero-initialised is empty. */
struct kernel_ghes {
        bool is_open;
        int64_t at_s;
        char severity[24], section[48], fru[KERNEL_PLACE], place[KERNEL_PLACE], text[160];
};
/* Takes a line. True: *ret_finding, of the block that this line ends (NULL line: the log's end). */
bool kernel_ghes_take(struct kernel_ghes *ghes, const struct kernel_line *line,
                      struct kernel_finding *ret_finding, int64_t *ret_at_s);
