/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-plan: what a walk asks for: all that a resource leads to, once; and of that, the few
 * requests of a fast poll. For redfish-walk.c, which asks. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hardware/documents.h"
#include "hardware/redfish-links.h"
#include "hardware/redfish-walk.h"

enum { UNREADS_MAX = 100 };
#define ROOT "/redfish/v1/"

struct ask { /* one request of a full poll, kept for the fast ones */
        char *link, *etag;
        enum redfish_follow how;
        bool expand;
        uint64_t digest; /* of the health in its last answer */
};

struct redfish_walk {
        struct redfish_session *session;
        redfish_walk_end_fn *fn;
        void *user;

        struct ask *asks;
        size_t n, size, at; /* at: the one on its way */
        size_t fast[REDFISH_FAST_REQUESTS], n_fast, fast_at, turn, log_turn;
        bool is_running, is_fast, is_knock, has_full, changed;
        bool in_doubt;   /* nothing but the root has been answered yet */
        bool asks_again; /* for the same, once it is known that the BMC is there */

        char expand[40]; /* "$expand=.($levels=1)"; "": not offered */
        unsigned n_expand_failures, n_failures, n_pages, n_before;
        uint64_t deadline_boot_ns;

        struct documents tree, seen; /* seen: keys of links asked for, or held in an answer */
        struct redfish_log *log;
        json_t *paged; /* a collection whose pages are being gathered */
        struct redfish_walk_unread unreads[UNREADS_MAX];
        size_t n_unreads, n_unread_more;
};

/* -EFBIG: the BMC leads to more than is sensible. */
int redfish_plan_add(struct redfish_walk *walk, const char *link, enum redfish_follow how,
                     bool expand);
void redfish_plan_forget(struct redfish_walk *walk);
/* Keeps a resource for the parser. */
int redfish_plan_keep(struct redfish_walk *walk, const char *link, const json_t *resource);
/* Keeps the answer, notes what it leads to, and whether a health changed. */
int redfish_plan_take(struct redfish_walk *walk, struct ask *ask, json_t *tree, const char *etag);
/* Chooses what the next fast poll asks for. */
void redfish_plan_fast(struct redfish_walk *walk);
