/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* port: every network interface, and the segment that it is on. */

#include "cluster.h"

enum port_kind {
        PORT_APART,  /* on no segment that a guest may share */
        PORT_BRIDGE, /* of the kernel */
        PORT_OVS,
        PORT_MACVTAP, /* in bridge mode */
        PORT_MCAST,
        PORT_VF,
        PORT_UNSURE /* `unsure` says why */
};

struct port {
        uint32_t domain;
        enum port_kind kind;
        const struct node *xml, *network, *portgroup; /* NULL: none */
        const char *network_name;                     /* "" */
        const char *segment, *name; /* "bridge:br0", "br0"; "" where none is known */
        const char *unsure;         /* NULL: the segment is known */
        const char *where;          /* "interface vnet0", or by its MAC */
        const char *target;         /* the host's end, of a running domain; "" */
        const char *const *tags;    /* VLANs; none: untagged */
        size_t n_tags;
        bool declares_isolated;
        int isolated;       /* what counts: 0, 1, or -1 for not seen */
        const char *filter; /* "" */
};

struct ports {
        struct port *list;
        size_t n, size;
};

struct ports *ports_new(struct judge *j);
void ports_free(struct ports *ports);

/* The network's, portgroup's or interface's: the nearest one that has it; NULL: none. */
const struct node *port_child(const struct port *port, const char *name);
const char *port_attr(const struct port *port, const char *name);

/* Whether the names of networks (and bridges and devices) hold this port's segment. */
bool port_is_on(const struct judge *j, const struct port *port, const struct words *names);

/* filter.c: what a filter and those that it refers to hold. */
enum { FILTER_MAC = 1, FILTER_IP = 2, FILTER_UNSEEN = 4 };
unsigned filter_closure(const struct judge *j, const char *name);
/* Whether the kernel has chains of the filter: 1, 0, or -1 for not seen. */
int filter_effective(const struct judge *j, const struct port *port);
