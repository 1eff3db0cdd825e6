/* SPDX-License-Identifier: Apache-2.0 */

/* check-vf: virtual functions of one card (NET-07). */

#include <string.h>

#include "device.h"
#include "port.h"
#include "vigie/mem.h"

enum { ROLE_SAME, ROLE_UNTAGGED, ROLE_TAGGED };

static const struct rule rule_mixed = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { [ROLE_UNTAGGED] = 1 << ROLE_TAGGED, [ROLE_TAGGED] = 1 << ROLE_UNTAGGED },
        .why = N_("une VF sans étiquette à côté d'une étiquetée : rien n'a montré si elle peut "
                  "étiqueter elle-même"),
};

/* The card's PCI address; of a network of VFs whose card was not seen, the network's name. */
static const char *find_card(struct judge *j, const struct devices *devices,
                             const struct port *port)
{
        const struct node *forward = node_child(port->network, "forward");
        const char *own = device_pci(j, node_at(port->xml, "source/address"));
        const char *listed = device_pci(j, node_child(forward, "address"));
        const char *name = node_value(forward, "pf", "dev");
        const char *card = own ? uses_look(&devices->functions, own) : NULL;

        if (!card && name)
                card = uses_look(&devices->names, name);
        if (!card && listed)
                card = uses_look(&devices->functions, listed);
        if (!card && name)
                return arena_printf(&j->arena, "card %s", name);
        if (!card && port->network)
                return arena_printf(&j->arena, "network %s", port->network_name);
        return card;
}

static void use_card(struct judge *j, struct uses *uses, const struct port *port, const char *card,
                     const char *tag, uint8_t role)
{
        uses_add(j, uses,
                 &(struct use){
                         .key = arena_printf(&j->arena, "%s#%s", card, tag),
                         .name = card,
                         .domain = port->domain,
                         .role = role,
                         .where = arena_printf(&j->arena, "%s, vlan %s", port->where,
                                               port->n_tags ? tag : "-"),
                 });
}

static void judge_card(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        cluster_judge(j, cluster, n, &rule_any, VG_ISO_HIGH);
        cluster_judge(j, cluster, n, &rule_mixed, VG_ISO_HIGH);
}

void check_net_07(struct judge *j)
{
        struct devices devices;
        struct uses uses = { 0 };

        devices_read(j, &devices);
        for (size_t i = 0; i < j->ports->n; i++) {
                const struct port *port = &j->ports->list[i];
                const char *card = port->kind == PORT_VF ? find_card(j, &devices, port) : NULL;
                /* It may be one of VFs. */
                if (port->unsure && *port->network_name && !port->network)
                        judge_unknown(j, port->domain, port->unsure);
                if (port->kind != PORT_VF)
                        continue;
                judge_pass(j, port->domain);
                /* What the card lets it do, no piece of evidence tells yet. */
                if (j->domains[port->domain].running)
                        judge_unknown(j, port->domain,
                                      N_("le contrôle d'usurpation et la confiance d'une fonction "
                                         "virtuelle n'ont pas été vus"));
                if (!card) {
                        judge_unknown(j, port->domain,
                                      N_("la carte d'une fonction virtuelle n'a pas été vue"));
                        continue;
                }
                use_card(j, &uses, port, card, "*", port->n_tags ? ROLE_TAGGED : ROLE_UNTAGGED);
                for (size_t k = 0; k < port->n_tags; k++)
                        use_card(j, &uses, port, card, port->tags[k], ROLE_SAME);
                if (!port->n_tags)
                        use_card(j, &uses, port, card, "", ROLE_SAME);
        }
        uses_clusters(j, &uses, judge_card, NULL);
        uses_done(&uses);
        hostdevs_done(&devices);
}
