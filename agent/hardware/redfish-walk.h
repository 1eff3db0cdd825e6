/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-walk: reads the resources of one BMC, one request at a time, within bounds.
 *
 * A *full* poll follows the links from the root, taking collections whole where $expand is offered
 * (at most 30 requests then, for one server). A *fast* one asks again for the roll-ups and, in turn,
 * for some of the rest: at most 5 requests, most of them answered by "not changed". Entries of logs
 * are read once: by their ETag, from the first page that is not known. */

#include <stdbool.h>
#include <stddef.h>

#include "hardware/documents.h"
#include "hardware/redfish-session.h"

struct redfish_walk;
struct vg_err;

enum { REDFISH_FAST_REQUESTS = 5 };

struct redfish_walk_unread {
        char *link, *why;
};

struct redfish_walk_end {
        int r; /* 0: documents and unreads hold. -errno: nothing could be read, `why` */
        const char *why;
        bool changed;    /* a fast poll: some health is another than it was */
        unsigned wait_s; /* -EAGAIN: not before */
        unsigned n_requests;
        const struct redfish_walk_unread *unreads;
        size_t n_unreads;
        size_t n_unread_more; /* that had no room in the list */
};
typedef void redfish_walk_end_fn(void *user, const struct redfish_walk_end *end);

int redfish_walk_new(struct redfish_session *session, redfish_walk_end_fn *fn, void *user,
                     struct redfish_walk **ret_walk, struct vg_err *err);
void redfish_walk_free(struct redfish_walk *walk);

/* fn is called at its end, once. A fast poll without a full one before is a full one. -EBUSY. */
int redfish_walk_start(struct redfish_walk *walk, bool fast);

/* All that is known, log entries that are new with this poll included. Borrowed until the next. */
const struct documents *redfish_walk_documents(const struct redfish_walk *walk);
