/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* two-people: acts that one person asks for and another performs, within thirty days. The record of
 * each has {"contract_id","step":"asked|done",…} in its detail. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct act;
struct vg_err;

struct two_people {
        bool asked_by_me, asked_by_other; /* by other: I may perform it */
        char other[64];                   /* the name, or the uid, of who asked last */
};

/* Who asked for this very act upon that contract. */
int two_people_read(struct act *act, const char *contract_id, struct two_people *ret,
                    struct vg_err *err);
