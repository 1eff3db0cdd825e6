/* SPDX-License-Identifier: Apache-2.0 */

/* check-net: segments that tenants share (NET-01 to NET-03) and what a port is allowed (04 to 09). */

#include <stdio.h>
#include <string.h>

#include "port.h"
#include "vigie/mem.h"

#define EACH_PORT(port, j)                               \
        for (const struct port *port = (j)->ports->list; \
             port && port < (j)->ports->list + (j)->ports->n; port++)

/* ---- NET-01 ---- */

/* A port that may be isolated or not was not seen; WHERE: it may be on any VLAN of its switch. */
enum { ROLE_OPEN, ROLE_ISOLATED, ROLE_MAYBE, ROLE_ANYWHERE, ROLE_SOMEWHERE };
enum {
        OPEN = 1 << ROLE_OPEN,
        ISOLATED = 1 << ROLE_ISOLATED,
        MAYBE = 1 << ROLE_MAYBE,
        ANYWHERE = 1 << ROLE_ANYWHERE,
        SOMEWHERE = 1 << ROLE_SOMEWHERE,
};

static const struct rule rule_together = {
        .status = VG_ISO_FAIL,
        .conflicts = { [ROLE_OPEN] = OPEN | ISOLATED | MAYBE,
                       [ROLE_ISOLATED] = OPEN,
                       [ROLE_MAYBE] = OPEN },
};
static const struct rule rule_unseen = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { [ROLE_ISOLATED] = MAYBE, [ROLE_MAYBE] = ISOLATED | MAYBE },
        .why = N_("l'isolation du port par le noyau n'a pas été vue"),
};
static const struct rule rule_switch = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { [ROLE_ANYWHERE] = ANYWHERE | SOMEWHERE, [ROLE_SOMEWHERE] = ANYWHERE },
        .why = N_("les ports du commutateur qui se joignent sont décidés hors de libvirt"),
};

static void judge_segment(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        cluster_judge(j, cluster, n, &rule_together, VG_ISO_HIGH);
        cluster_judge(j, cluster, n, &rule_unseen, VG_ISO_HIGH);
        cluster_judge(j, cluster, n, &rule_switch, VG_ISO_HIGH);
}

static void use_segment(struct judge *j, struct uses *uses, const struct port *port,
                        const char *tag, uint8_t role)
{
        uses_add(j, uses,
                 &(struct use){
                         .key = arena_printf(&j->arena, "%s#%s", port->segment, tag),
                         .name = *tag && *tag != '*'
                                         ? arena_printf(&j->arena, "%s vlan %s", port->name, tag)
                                         : port->name,
                         .domain = port->domain,
                         .role = role,
                         .where = port->where,
                 });
}

static void use_port(struct judge *j, struct uses *uses, const struct port *port)
{
        const bool is_switch =
                port->kind == PORT_OVS || port->kind == PORT_UNSURE || port->kind == PORT_MACVTAP;
        const bool anywhere =
                port->kind == PORT_UNSURE || (port->kind == PORT_OVS && !port->n_tags);
        const uint8_t role = port->isolated > 0   ? ROLE_ISOLATED
                             : port->isolated < 0 ? ROLE_MAYBE
                                                  : ROLE_OPEN;

        if (is_switch)
                use_segment(j, uses, port, "*", anywhere ? ROLE_ANYWHERE : ROLE_SOMEWHERE);
        for (size_t i = 0; !anywhere && i < port->n_tags; i++)
                use_segment(j, uses, port, port->tags[i], role);
        if (!anywhere && !port->n_tags)
                use_segment(j, uses, port, "", role);
}

/* Its segment has no name of which we know who else is on it. */
static bool is_lost(const struct port *port)
{
        return port->kind == PORT_UNSURE && strncmp(port->segment, "lower:", 6) != 0;
}

static bool has_neighbours(const struct judge *j, const struct port *port)
{
        EACH_DOMAIN(i, j)
        if (differs(j, port->domain, i) && !is_provider(&j->domains[i]))
                return true;
        return false;
}

void check_net_01(struct judge *j)
{
        struct uses uses = { 0 };

        EACH_PORT(port, j)
        {
                const bool is_exempt = is_provider(&j->domains[port->domain]);
                if (port->kind == PORT_VF)
                        continue;
                judge_pass(j, port->domain);
                if (is_exempt || (j->reg && port_is_on(j, port, &j->reg->networks)))
                        continue;
                if (is_lost(port) && has_neighbours(j, port))
                        judge_unknown(j, port->domain, port->unsure);
                if (port->kind != PORT_APART && *port->segment)
                        use_port(j, &uses, port);
        }
        uses_clusters(j, &uses, judge_segment, NULL);
        uses_done(&uses);
}

/* ---- NET-02 ---- */

/* Why a port of a segment of several tenants is not held to its addresses; NULL: it is. */
static void judge_spoofing(struct judge *j, const struct port *port)
{
        const unsigned holds = filter_closure(j, port->filter);
        const int effective =
                j->domains[port->domain].running && *port->filter ? filter_effective(j, port) : 1;
        const bool mac = holds & FILTER_MAC, ip = holds & FILTER_IP;

        if (effective > 0 && mac && ip)
                judge_pass(j, port->domain);
        else if (effective < 0 && mac && ip)
                judge_unknown(j, port->domain,
                              N_("la présence du filtre dans le noyau n'a pas été vue"));
        else if (effective != 0 && holds & FILTER_UNSEEN)
                judge_unknown(j, port->domain,
                              N_("la définition d'un filtre réseau n'a pas été vue"));
        else
                judge_fail_as(j, port->domain, mac && effective != 0 ? VG_ISO_MEDIUM : VG_ISO_HIGH,
                              port->name,
                              !*port->filter   ? N_("aucun filtre")
                              : effective == 0 ? N_("filtre absent du noyau")
                                               : N_("filtre qui laisse passer l'usurpation"),
                              *port->filter ? arena_printf(&j->arena, "%s: filterref %s",
                                                           port->where, port->filter)
                                            : port->where);
}

static void judge_spoofers(struct judge *j, const struct use *cluster, size_t n,
                           _unused_ void *user)
{
        bool shared = false;

        for (size_t i = 1; i < n; i++)
                shared |= differs(j, cluster[0].domain, cluster[i].domain);
        for (size_t i = 0; shared && i < n; i++) {
                const struct port *port = &j->ports->list[strtoull(cluster[i].part, NULL, 10)];
                if (port->kind == PORT_OVS || port->kind == PORT_UNSURE)
                        judge_unknown(j, port->domain,
                                      N_("port d'un commutateur qui filtre lui-même"));
                else
                        judge_spoofing(j, port);
        }
}

static void judge_vf(struct judge *j, const struct port *port)
{
        if (has_neighbours(j, port))
                judge_unknown(j, port->domain, N_("port qui n'est sur aucun pont de cet hôte"));
}

void check_net_02(struct judge *j)
{
        struct uses uses = { 0 };

        for (size_t i = 0; i < j->ports->n; i++) {
                const struct port *port = &j->ports->list[i];
                struct use use = {
                        .name = port->name,
                        .domain = port->domain,
                        .part = arena_printf(&j->arena, "%zu", i),
                        .where = port->where,
                };
                if (is_provider(&j->domains[port->domain]) || port->kind == PORT_APART)
                        continue;
                if (port->kind == PORT_VF || !*port->segment)
                        judge_vf(j, port);
                /* A VLAN of a switch is a segment of its own; ports of a bridge see the bridge. */
                for (size_t k = 0; port->kind == PORT_OVS && k < port->n_tags; k++) {
                        use.key = arena_printf(&j->arena, "%s#%s", port->segment, port->tags[k]);
                        uses_add(j, &uses, &use);
                }
                use.key = port->segment;
                if (*port->segment && (port->kind != PORT_OVS || !port->n_tags))
                        uses_add(j, &uses, &use);
        }
        uses_clusters(j, &uses, judge_spoofers, NULL);
        uses_done(&uses);
}

/* ---- NET-03 ---- */

static void judge_isolation(struct judge *j, const struct port *port)
{
        if (!port->declares_isolated)
                return;
        if (port->isolated < 0)
                judge_unknown(j, port->domain,
                              N_("l'isolation du port par le noyau n'a pas été vue"));
        else
                judge_say(j, port->domain, port->isolated, port->target,
                          N_("isolé dans sa définition, pas dans le noyau"));
}

static void judge_filter(struct judge *j, const struct port *port)
{
        const int effective = filter_effective(j, port);

        if (!*port->filter)
                return;
        if (effective < 0)
                judge_unknown(j, port->domain,
                              N_("la présence du filtre dans le noyau n'a pas été vue"));
        else if (effective)
                judge_pass(j, port->domain);
        else
                judge_fail_as(j, port->domain, VG_ISO_CRITICAL, port->target,
                              N_("filtre absent du noyau"), port->filter);
}

void check_net_03(struct judge *j)
{
        EACH_PORT(port, j)
        {
                if (!j->domains[port->domain].running)
                        continue;
                judge_pass(j, port->domain);
                judge_isolation(j, port);
                judge_filter(j, port);
        }
}

/* ---- NET-04 to NET-06, NET-08 ---- */

static bool is_undefined(const struct port *port)
{
        return port->kind == PORT_UNSURE && *port->network_name && !port->network;
}

void check_net_04(struct judge *j)
{
        EACH_PORT(port, j)
        {
                const char *trust = port_attr(port, "trustGuestRxFilters");
                if (!trust && is_undefined(port))
                        judge_unknown(j, port->domain, port->unsure);
                else
                        judge_say(j, port->domain, !trust || strcmp(trust, "yes") != 0, port->name,
                                  port->where);
        }
}

void check_net_05(struct judge *j)
{
        struct uses uses = { 0 };

        EACH_PORT(port, j)
        {
                const char *mac = node_value(port->xml, "mac", "address");
                const char *key = mac ? arena_lower(&j->arena, mac) : NULL;
                if (key)
                        uses_add(j, &uses,
                                 &(struct use){ .key = key,
                                                .name = key,
                                                .domain = port->domain,
                                                .where = port->where });
        }
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
}

/* A name that is no network seen, no bridge of the host and nothing that a port is on may be that of a
 * network, and any port on its bridge. */
static bool has_unseen_name(const struct judge *j, const struct words *names)
{
        for (size_t i = 0; i < names->n; i++) {
                char path[256];
                const struct words one = { .at = &names->at[i], .n = 1 };
                bool seen = host_document(j->host, "network", "", names->at[i]) != NULL;
                if (snprintf(path, sizeof(path), "/sys/class/net/%s/bridge/bridge_id",
                             names->at[i]) < (int)sizeof(path))
                        seen |= host_text(j->host, path) != NULL;
                EACH_PORT(port, j)
                seen |= port_is_on(j, port, &one);
                if (!seen)
                        return true;
        }
        return false;
}

void check_net_06(struct judge *j)
{
        const bool unseen = j->reg && has_unseen_name(j, &j->reg->management);

        EACH_PORT(port, j)
        {
                if (!j->reg)
                        judge_unknown(j, port->domain, N_("tenants.json n'a pas été vu"));
                else if (port->kind == PORT_UNSURE && j->reg->management.n && is_lost(port) &&
                         !port_is_on(j, port, &j->reg->management))
                        judge_unknown(j, port->domain, port->unsure);
                else if (unseen && !port_is_on(j, port, &j->reg->management))
                        judge_unknown(j, port->domain,
                                      N_("un réseau d'administration n'a pas été vu"));
                else
                        judge_say(j, port->domain, !port_is_on(j, port, &j->reg->management),
                                  port->name, port->where);
        }
}

void check_net_08(struct judge *j)
{
        static const char *const types[] = { "user", "mcast", "server", "client", "udp" };

        EACH_PORT(port, j)
        {
                bool bypasses = false;
                for (size_t i = 0; i < ELEMENTSOF(types); i++)
                        bypasses |= node_attr_is(port->xml, "type", types[i]);
                judge_say(j, port->domain, !bypasses, port->name,
                          arena_printf(&j->arena, "%s: type %s", port->where,
                                       node_attr(port->xml, "type") ? node_attr(port->xml, "type")
                                                                    : "?"));
        }
}

/* ---- NET-09 ---- */

static const struct port *find_target(const struct judge *j, const char *target)
{
        EACH_PORT(port, j)
        if (*port->target && strcmp(port->target, target) == 0)
                return port;
        return NULL;
}

void check_net_09(struct judge *j)
{
        const struct table *seen = &j->host->tables[SCOPE_MIRRORS];

        EACH_PORT(port, j)
        {
                if (!j->domains[port->domain].running)
                        continue;
                if (!seen->n)
                        judge_unknown(j, port->domain,
                                      N_("les recopies de port du noyau n'ont pas été vues"));
                else
                        judge_pass(j, port->domain);
        }
        for (size_t i = 0; i < seen->n; i++)
                for (size_t k = 0; k + 1 < seen->at[i]->words.n; k += 2) {
                        const char *const *pair = &seen->at[i]->words.at[k];
                        const struct port *from = find_target(j, pair[0]);
                        const struct port *to = find_target(j, pair[1]);
                        if (from && to && differs(j, from->domain, to->domain))
                                judge_fail(j, from->domain, pair[0],
                                           arena_printf(&j->arena, "%s -> %s (%s)", pair[0],
                                                        pair[1], j->domains[to->domain].name));
                }
}

/* ---- NET-10 ---- */

static bool is_routed(const struct node *network)
{
        const char *mode = node_value(network, "forward", "mode");

        return mode && (strcmp(mode, "route") == 0 || strcmp(mode, "open") == 0);
}

/* Bridges of routed networks: key the bridge, part the network. */
static void find_routed(struct judge *j, struct uses *routed)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        size_t from, to;

        host_documents(j->host, "network", &from, &to);
        for (size_t i = from; i < to; i++) {
                const struct node *network = &documents->at[i]->tree;
                const char *bridge = node_value(network, "bridge", "name");
                if (bridge && is_routed(network))
                        uses_add(
                                j, routed,
                                &(struct use){ .key = bridge, .part = node_text(network, "name") });
        }
        uses_sort(routed);
}

/* The routed network that a port is on, by its name or by its bridge's. NULL: none. */
static const char *routed_network(const struct port *port, const struct uses *routed)
{
        if (port->network)
                return is_routed(port->network) ? port->network_name : NULL;
        return port->kind == PORT_BRIDGE ? uses_look(routed, port->name) : NULL;
}

void check_net_10(struct judge *j)
{
        static const struct rule apart = { .status = VG_ISO_FAIL,
                                           .conflicts = { 1 },
                                           .parts_differ = true };
        static const struct rule unseen = {
                .status = VG_ISO_UNKNOWN,
                .conflicts = { 1 },
                .parts_differ = true,
                .why = N_("/proc/sys/net/ipv4/ip_forward n'a pas été vu"),
        };
        const char *forward = host_text(j->host, "/proc/sys/net/ipv4/ip_forward");
        struct uses uses = { 0 }, routed = { 0 };

        find_routed(j, &routed);
        EACH_PORT(port, j)
        {
                const char *network = routed_network(port, &routed);
                if (network)
                        uses_add(j, &uses,
                                 &(struct use){ .key = "routed",
                                                .name = network,
                                                .domain = port->domain,
                                                .part = network,
                                                .where = port->where });
                else if (is_undefined(port))
                        judge_unknown(j, port->domain, port->unsure);
        }
        if (forward && *forward != '1')
                for (size_t i = 0; i < uses.n; i++)
                        judge_pass(j, uses.list[i].domain);
        else
                uses_judge(j, &uses, forward ? &apart : &unseen);
        uses_done(&routed);
        uses_done(&uses);
}
