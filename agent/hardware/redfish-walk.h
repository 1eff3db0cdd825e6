/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-walk: reads the resources of one BMC, one request at a time, within bounds.
 *
 * A *full* poll follows the links from the root, taking collections whole where $expand is offered
 * (at most 30 requests then, for one server). A *fast* one asks again for the roll-ups and, in turn,
 * for some of the rest, most of which is answered by "not changed"; a *knock* asks for the system alone,
 * to learn that the BMC is there: at most 5 requests together. Entries of logs are read once: by their
 * ETag, from the first page that is not known.
 *
 * Where an answer does not come the system is asked for, or where it is not known yet the root: a
 * resource that takes for ever is left out, a BMC that says nothing more than its root is gone. */

#include <stdbool.h>
#include <stddef.h>

#include "hardware/documents.h"
#include "hardware/redfish-session.h"

struct redfish_walk;
struct vg_err;

enum { REDFISH_FAST_REQUESTS = 4, REDFISH_KNOCK_S = 6 };
enum redfish_poll { REDFISH_FULL, REDFISH_FAST, REDFISH_KNOCK };

struct redfish_walk_unread {
        char *link, *why;
};

struct redfish_walk_end {
        int r; /* 0: documents and unreads hold. -errno: nothing could be read, `why` */
        const char *why;
        bool changed;    /* a fast poll: some health is another than it was */
        bool is_knock;   /* it is there; nothing was read */
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

/* fn is called at its end, once. What is not full is so without a full one before. in_doubt: the BMC
 * did not answer a moment ago, and is given up unless it answers promptly now. -EBUSY. */
int redfish_walk_start(struct redfish_walk *walk, enum redfish_poll poll, bool in_doubt);

/* All that is known, log entries that are new with this poll included. Borrowed until the next. */
const struct documents *redfish_walk_documents(const struct redfish_walk *walk);
