/* SPDX-License-Identifier: Apache-2.0 */

#include "port.h"

#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"

const struct node *port_child(const struct port *port, const char *name)
{
        const struct node *child = node_child(port->xml, name);

        if (!child)
                child = node_child(port->portgroup, name);
        return child ? child : node_child(port->network, name);
}

const char *port_attr(const struct port *port, const char *name)
{
        const char *value = node_attr(port->xml, name);

        if (!value)
                value = node_attr(port->portgroup, name);
        return value ? value : node_attr(port->network, name);
}

static bool virtualport_is(const struct port *port, const char *wanted)
{
        const struct node *levels[] = { port->xml, port->portgroup, port->network };

        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                if (node_attr_is(node_child(levels[i], "virtualport"), "type", wanted))
                        return true;
        return false;
}

static void set_unsure(struct port *port, const char *why)
{
        port->kind = PORT_UNSURE;
        port->unsure = why;
}

static void set_segment(struct judge *j, struct port *port, enum port_kind kind, const char *family,
                        const char *name)
{
        port->kind = kind;
        port->name = name;
        port->segment = arena_printf(&j->arena, "%s:%s", family, name);
}

static void set_bridge(struct judge *j, struct port *port, const char *bridge)
{
        set_segment(j, port, PORT_BRIDGE, "bridge", bridge);
        if (virtualport_is(port, "openvswitch"))
                port->kind = PORT_OVS;
        if (virtualport_is(port, "midonet"))
                set_unsure(port, N_("port d'un réseau virtuel que cet hôte ne décrit pas"));
}

static void set_macvtap(struct judge *j, struct port *port, const char *device, const char *mode)
{
        if (strcmp(mode, "private") == 0 || strcmp(mode, "passthrough") == 0)
                return;
        set_segment(j, port, PORT_MACVTAP, "lower", device);
        if (strcmp(mode, "bridge") != 0)
                set_unsure(port, N_("macvtap en mode vepa : le commutateur extérieur décide"));
}

/* ---- networks of libvirt ---- */

static const struct node *find_portgroup(const struct node *network, const char *name)
{
        NODE_EACH(portgroup, network, "portgroup")
        if (name ? node_attr_is(portgroup, "name", name)
                 : node_attr_is(portgroup, "default", "yes"))
                return portgroup;
        return NULL;
}

/* Bridge, private, vepa and passthrough, without a bridge: macvtap on one of the devices. */
static void set_direct(struct judge *j, struct port *port, const char *mode)
{
        const struct node *forward = node_child(port->network, "forward");
        const struct node *first = node_child(forward, "interface");
        const char *device = node_value(port->xml, "source", "dev");

        if (!device && !node_next(forward, first, "interface"))
                device = node_attr(first, "dev");
        if (!device && !first)
                device = node_attr(forward, "dev");
        if (device)
                set_macvtap(j, port, device, mode);
        else if (strcmp(mode, "bridge") == 0 || strcmp(mode, "vepa") == 0)
                set_unsure(port,
                           N_("réseau à plusieurs appareils : celui qui sert n'est pas connu"));
}

static void set_network(struct judge *j, struct port *port)
{
        const struct node *source = node_child(port->xml, "source");
        const char *name = node_attr(source, "network"), *live = node_attr(source, "bridge");

        port->network_name = name ? name : "";
        port->network = host_document(j->host, "network", "", port->network_name);
        port->portgroup = find_portgroup(port->network, node_attr(source, "portgroup"));
        port->segment = arena_printf(&j->arena, "network:%s", port->network_name);
        port->name = port->network_name;

        const char *mode = node_value(port->network, "forward", "mode");
        const char *bridge = node_value(port->network, "bridge", "name");
        const bool has_forward = node_child(port->network, "forward") != NULL;
        if (!port->network && !live)
                set_unsure(port, N_("la définition d'un réseau n'a pas été vue"));
        else if (live || bridge)
                set_bridge(j, port, live ? live : bridge);
        else if (mode && strcmp(mode, "hostdev") == 0)
                port->kind = PORT_VF;
        else if (virtualport_is(port, "openvswitch"))
                port->kind = PORT_OVS;
        else if (mode && (strcmp(mode, "bridge") == 0 || strcmp(mode, "vepa") == 0 ||
                          strcmp(mode, "private") == 0 || strcmp(mode, "passthrough") == 0))
                set_direct(j, port, mode);
        else /* nat, route, open, or none: libvirt makes a bridge for it */
                port->kind = has_forward || port->network ? PORT_BRIDGE : PORT_UNSURE;
}

/* ---- one interface ---- */

static void set_mcast(struct judge *j, struct port *port)
{
        const struct node *source = node_child(port->xml, "source");
        const char *address = node_attr(source, "address"), *number = node_attr(source, "port");

        set_segment(j, port, PORT_MCAST, "mcast",
                    arena_printf(&j->arena, "%s:%s", address ? address : "", number ? number : ""));
}

static void set_kind(struct judge *j, struct port *port)
{
        const struct node *source = node_child(port->xml, "source");
        const char *type = node_attr(port->xml, "type"), *bridge = node_attr(source, "bridge");
        const char *device = node_attr(source, "dev"), *mode = node_attr(source, "mode");

        if (!type)
                set_unsure(port, N_("interface sans type"));
        else if (strcmp(type, "bridge") == 0)
                set_bridge(j, port, bridge ? bridge : "");
        else if (strcmp(type, "network") == 0)
                set_network(j, port);
        else if (strcmp(type, "direct") == 0)
                set_macvtap(j, port, device ? device : "", mode ? mode : "vepa");
        else if (strcmp(type, "mcast") == 0)
                set_mcast(j, port);
        else if (strcmp(type, "hostdev") == 0)
                port->kind = PORT_VF;
        else if (strcmp(type, "vhostuser") == 0 || strcmp(type, "vdpa") == 0 ||
                 strcmp(type, "ethernet") == 0 || strcmp(type, "vds") == 0 ||
                 strcmp(type, "internal") == 0)
                set_unsure(port,
                           N_("segment que le commutateur de l'hôte connaît, et non libvirt"));
}

static void set_tags(struct judge *j, struct port *port)
{
        const struct node *vlan = port_child(port, "vlan");
        const char **tags = vlan ? arena_array(&j->arena, vlan->n_children, sizeof(*tags)) : NULL;

        port->tags = tags;
        NODE_EACH(tag, vlan, "tag")
        if (tags && node_attr(tag, "id"))
                tags[port->n_tags++] = node_attr(tag, "id");
}

/* Declared on the interface, else on the network; of a running domain the kernel has the last word,
 * and of what it was not seen to do nothing is known. */
static void set_isolation(struct judge *j, struct port *port)
{
        const char *own = node_value(port->xml, "port", "isolated");
        const char *network = node_value(port->network, "port", "isolated");
        const char *declared = own ? own : network;

        if (port->kind != PORT_BRIDGE)
                return;
        port->declares_isolated = declared && strcmp(declared, "yes") == 0;
        port->isolated = port->declares_isolated;
        if (!j->domains[port->domain].running)
                return;

        const char *path =
                arena_printf(&j->arena, "/sys/class/net/%s/brport/isolated", port->target);
        const char *is = *port->target ? host_text(j->host, path) : NULL;
        if (is)
                port->isolated = *is == '1';
        else if (port->declares_isolated)
                port->isolated = -1;
}

static void add_port(struct judge *j, uint32_t domain, const struct node *xml)
{
        struct ports *ports = j->ports;
        const char *mac = node_value(xml, "mac", "address");
        const char *target = node_value(xml, "target", "dev");
        const char *filter = node_value(xml, "filterref", "filter");

        if (ports->n == ports->size) {
                const size_t size = ports->size ? ports->size * 2 : 256;
                struct port *more = reallocarray(ports->list, size, sizeof(*more));
                if (!more) {
                        j->failed = true;
                        return;
                }
                ports->list = more;
                ports->size = size;
        }

        struct port *port = &ports->list[ports->n++];
        *port = (struct port){
                .domain = domain,
                .xml = xml,
                .network_name = "",
                .segment = "",
                .name = "",
                .target = target && j->domains[domain].running ? target : "",
                .filter = filter ? filter : "",
        };
        set_kind(j, port);
        set_tags(j, port);
        set_isolation(j, port);
        port->where = arena_printf(&j->arena, "interface %s%s%s%s",
                                   *port->target ? port->target
                                   : mac         ? mac
                                                 : "?",
                                   *port->name ? " = " : "", port->name,
                                   port->isolated == 1 ? ", port isolated=yes" : "");
}

struct ports *ports_new(struct judge *j)
{
        j->ports = calloc(1, sizeof(*j->ports));
        if (!j->ports)
                return NULL;
        EACH_DOMAIN(i, j)
        NODE_EACH(xml, j->domains[i].devices, "interface")
        add_port(j, i, xml);
        return j->ports;
}

void ports_free(struct ports *ports)
{
        if (ports)
                free(ports->list);
        free(ports);
}

/* The bridge or lower device behind a network's name. */
static const char *network_device(const struct node *network)
{
        const char *bridge = node_value(network, "bridge", "name");
        const char *device = node_value(network, "forward", "dev");

        return bridge ? bridge : device ? device : node_value(network, "forward/interface", "dev");
}

bool port_is_on(const struct judge *j, const struct port *port, const struct words *names)
{
        for (size_t i = 0; i < names->n; i++) {
                const char *name = names->at[i];
                const char *device = network_device(host_document(j->host, "network", "", name));
                if ((*port->network_name && strcmp(port->network_name, name) == 0) ||
                    (*port->name && (strcmp(port->name, name) == 0 ||
                                     (device && strcmp(port->name, device) == 0))))
                        return true;
        }
        return false;
}
