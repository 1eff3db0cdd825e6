/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* envelope: one line of the socket, read strictly (DESIGN §1). What is inside is judged by those
 * whom it concerns: the book its observations, acts theirs. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keeper/peers.h"

struct vg_err;

struct envelope {
        json_t *tree; /* all of it; owned */
        enum kind kind;
        uint64_t seq;
        const char *source, *instance; /* the tree's */
        bool has_stamp;                /* the three that follow are there */
        const char *boot_id;
        int64_t at_boot_ns, at_utc_ns;
        const json_t *body;
};

enum { ENVELOPE_SOURCE_MAX = 32 };

/* 0, or *ret_code says what is wrong ("not-json", "bad-envelope", "unknown-kind") and ret_envelope
 * holds what could be read (its seq, or 0), without a tree. -ENOMEM. */
int envelope_parse(const char *line, size_t n, struct envelope *ret_envelope, const char **ret_code,
                   struct vg_err *err);
void envelope_done(struct envelope *envelope);
