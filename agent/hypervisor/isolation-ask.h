/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation-ask: one question to libvirt about documents, answered as pieces. What cannot be had is
 * left out; what is not there is said to be gone. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/calls.h"
#include "hypervisor/facts.h"

enum ask_what {
        ASK_DOMAINS, /* those that are listed, with their snapshots */
        ASK_HOUSE,   /* networks, filters, pools, secrets */
        ASK_SLOW,    /* capabilities, devices, volumes */
};

struct ask {
        struct call call; /* first */
        enum ask_what what;
        char (*uuids)[UUID_TEXT];
        size_t n;
        bool is_pass;       /* a piece of the pass over all domains */
        const char *folder; /* where the documents are also written as they are; NULL: nowhere */

        /* The answer. */
        json_t *pieces;  /* array */
        json_t *wants;   /* {key of a document: [paths and, of a running domain, "/"]} */
        json_t *gone;    /* array of UUIDs that libvirt does not know any more */
        json_t *whole;   /* array of kinds of which everything is among the pieces */
        uint64_t cpu_ns; /* of ours, that it cost */
};

/* NULL: no memory. uuids are copied. */
struct ask *ask_new(enum ask_what what, const char (*uuids)[UUID_TEXT], size_t n,
                    const struct call_kind *kind);
int ask_work(struct call *call, struct connection *connection, struct vg_err *err);
void ask_free(struct call *call);
