/* SPDX-License-Identifier: Apache-2.0 */

/* filter: libvirt's network filters. The 24 that libvirt brings are always there; a definition of
 * the host goes before them. */

#include <stdlib.h>
#include <string.h>

#include "port.h"
#include "vigie/mem.h"

enum { VISITS_MAX = 256, DEPTH_MAX = 32 };

/* Sorted. What their closures hold of what we ask about. */
static const struct built_in {
        const char *name;
        unsigned holds;
} built_in[] = {
        { "allow-arp", 0 },
        { "allow-dhcp", 0 },
        { "allow-dhcp-server", 0 },
        { "allow-dhcpv6", 0 },
        { "allow-dhcpv6-server", 0 },
        { "allow-incoming-ipv4", 0 },
        { "allow-incoming-ipv6", 0 },
        { "allow-ipv4", 0 },
        { "allow-ipv6", 0 },
        { "clean-traffic", FILTER_MAC | FILTER_IP },
        { "clean-traffic-gateway", FILTER_MAC | FILTER_IP },
        { "no-arp-ip-spoofing", 0 },
        { "no-arp-mac-spoofing", 0 },
        { "no-arp-spoofing", 0 },
        { "no-ip-multicast", 0 },
        { "no-ip-spoofing", FILTER_IP },
        { "no-ipv6-multicast", 0 },
        { "no-ipv6-spoofing", 0 },
        { "no-mac-broadcast", 0 },
        { "no-mac-spoofing", FILTER_MAC },
        { "no-other-l2-traffic", 0 },
        { "no-other-rarp-traffic", 0 },
        { "qemu-announce-self", 0 },
        { "qemu-announce-self-rarp", 0 },
};

static int by_name(const void *name, const void *row)
{
        return strcmp(name, ((const struct built_in *)row)->name);
}

static unsigned visit(const struct judge *j, const char *name, int depth, int *visits)
{
        const struct node *filter = host_document(j->host, "nwfilter", "", name);
        const struct built_in *row =
                filter ? NULL
                       : bsearch(name, built_in, ELEMENTSOF(built_in), sizeof(*built_in), by_name);
        unsigned holds = 0;

        if (row)
                return row->holds;
        if (!filter) /* all were seen: there is none of that name, and it holds nothing */
                return host_is_complete(j->host, "nwfilter") ? 0 : FILTER_UNSEEN;
        if (depth == DEPTH_MAX || ++*visits > VISITS_MAX)
                return FILTER_UNSEEN;
        if (strcmp(name, "no-mac-spoofing") == 0)
                holds |= FILTER_MAC;
        if (strcmp(name, "no-ip-spoofing") == 0)
                holds |= FILTER_IP;
        NODE_EACH(reference, filter, "filterref")
        {
                const char *next = node_attr(reference, "filter");
                holds |= next ? visit(j, next, depth + 1, visits) : 0;
        }
        return holds;
}

unsigned filter_closure(const struct judge *j, const char *name)
{
        int visits = 0;

        return *name ? visit(j, name, 0, &visits) : 0;
}

static int by_text(const void *name, const void *text)
{
        return strcmp(name, *(const char *const *)text);
}

static bool has_chain(const struct words *chains, const char *prefix, const char *target)
{
        char name[128];

        if (strlen(prefix) + strlen(target) >= sizeof(name) || !chains->n)
                return false;
        stpcpy(stpcpy(name, prefix), target);
        return bsearch(name, (const void *)chains->at, chains->n, sizeof(*chains->at), by_text);
}

/* What comes from the guest is held by its I chain; a filter of what goes to it has an O chain. */
int filter_effective(const struct judge *j, const struct port *port)
{
        const struct table *seen = &j->host->tables[SCOPE_FILTERS];
        const bool guards = filter_closure(j, port->filter) & (FILTER_MAC | FILTER_IP);

        if (!seen->n || !*port->target)
                return -1;
        for (size_t i = 0; i < seen->n; i++) {
                const struct words *chains = &seen->at[i]->words;
                if (has_chain(chains, "libvirt-I-", port->target) ||
                    (!guards && has_chain(chains, "libvirt-O-", port->target)))
                        return 1;
        }
        return 0;
}
