/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* egress: where the client lets the agent connect to. Pure. A destination is an endpoint,
 * "host:port". It is open where the settings list it, somebody has approved it by an act of the
 * ledger, and the contract does not forbid it; where an address that its name was resolved to may be
 * is asked again at each connection. */

#include <stdbool.h>
#include <stddef.h>

enum { VG_ENDPOINT_SIZE = 272 };

/* "Host.Example.:0443" as "host.example:443"; "[::1]:443" keeps its brackets. -EINVAL: no endpoint. */
int vg_endpoint_parse(const char *text, char ret_endpoint[VG_ENDPOINT_SIZE]);

struct vg_egress {
        const char *mode;          /* "none", "listed"; anything else is none */
        const char *hosts;         /* endpoints, separated by spaces or commas */
        bool is_approved;          /* by the last act about this endpoint */
        bool is_public_cloud;      /* somebody said so when it was approved */
        bool public_cloud_allowed; /* by the contract */
        bool is_supplier;          /* its maintenance: that link is part of every offer */
};

enum vg_egress_verdict {
        VG_EGRESS_OPEN,
        VG_EGRESS_OFF,          /* mode none: nothing goes out */
        VG_EGRESS_NOT_LISTED,   /* in [egress] hosts */
        VG_EGRESS_NOT_APPROVED, /* by an act */
        VG_EGRESS_PUBLIC_CLOUD, /* which the contract forbids */
};
enum vg_egress_verdict vg_egress_judge(const struct vg_egress *egress, const char *endpoint);
/* What to say and do, in French: a msgid with one %s, the endpoint. NULL: it is open. */
const char *vg_egress_text(enum vg_egress_verdict verdict);

/* Whether the host is one of a public cloud by its name. */
bool vg_egress_is_public_cloud(const char *endpoint);
/* Calls fn for each endpoint of a list, as it is written. Stops where fn answers other than 0. */
int vg_egress_each(const char *hosts, int (*fn)(void *ctx, const char *text), void *ctx);
