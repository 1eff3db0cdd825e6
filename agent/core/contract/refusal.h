/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* refusal: gathering what is wrong with one file, each with its place. */

#include <stddef.h>

#include "core/contract/where.h"
#include "vigie/contract.h"

struct vg_buf;

struct report { /* of one file, while it is read */
        const char *bytes;
        size_t n;
        struct vg_refusals *refusals;
        struct vg_refusal *highest; /* of a full list; NULL: to be looked for */
        bool no_memory;
};

/* Whether one more of that reason would be kept; if not, it is counted herewith. For those who want
 * to spare themselves the words. */
bool report_keeps(struct report *report, enum vg_refusal_reason reason);

/* Adds a refusal. args: as many as the reason's text names, the rest NULL; cleaned and shortened
 * here. */
void report_at(struct report *report, enum vg_refusal_reason reason, const struct where_path *path,
               const char *a, const char *b, const char *c);
/* The same, of one byte of a file that may be broken: the path is as much of it as can be told. */
void report_byte(struct report *report, enum vg_refusal_reason reason, size_t offset,
                 const char *a);
/* The same, with the path in text: report_member(r, REASON, a, b, c, "quotas[%zu].tenant", i). */
void report_member(struct report *report, enum vg_refusal_reason reason, const char *a,
                   const char *b, const char *c, const char *path, ...)
        __attribute__((format(printf, 6, 7)));
/* Lowest code first, then in the order of the file. */
void report_sort(struct vg_refusals *refusals);
