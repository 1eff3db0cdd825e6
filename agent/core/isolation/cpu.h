/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cpu: on which of the host's processors the threads of each domain may run. */

#include "judge.h"

enum { CPUS_MAX = 4096 };

struct mask {
        uint64_t *guest; /* of its vCPUs */
        uint64_t *all;   /* of all of its threads */
        bool unsure;   /* it runs, and its threads were not seen: what is declared may not be so */
        bool unpinned; /* a vCPU has neither pin nor cpuset */
};

struct masks {
        size_t n_words;
        uint64_t *host;
        struct mask *of;           /* by domain */
        const uint64_t **siblings; /* by processor; NULL where not known */
        size_t n_cpus;             /* bits of a mask */
        bool knows_cores, has_smt;
        uint64_t *words; /* all of the above */
};

struct masks *masks_new(struct judge *j);
void masks_free(struct masks *masks);

bool mask_meets(const struct masks *masks, const uint64_t *a, const uint64_t *b);
/* "0-3,^2,8" into the bits; what is no list is left out. */
void mask_read(const struct masks *masks, const char *list, uint64_t *bits);
/* The processors of a mask and those that share a core with them. */
void mask_widen(const struct masks *masks, const uint64_t *mask, uint64_t *ret_wide);
/* The first of both, for people; -1: none. */
int mask_first(const struct masks *masks, const uint64_t *a, const uint64_t *b);
