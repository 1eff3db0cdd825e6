/* SPDX-License-Identifier: Apache-2.0 */

/* check-vf: virtual functions of one card (NET-07). */

#include <string.h>

#include "device.h"
#include "port.h"
#include "vf.h"
#include "vigie/mem.h"

enum { ROLE_SAME, ROLE_UNTAGGED, ROLE_TAGGED };

struct cards {
        struct devices devices;
        struct vfs vfs;
        struct uses uses;
};

static const struct rule rule_mixed = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { [ROLE_UNTAGGED] = 1 << ROLE_TAGGED, [ROLE_TAGGED] = 1 << ROLE_UNTAGGED },
        .why = N_("une VF sans étiquette à côté d'une étiquetée : rien n'a montré si elle peut "
                  "étiqueter elle-même"),
};

static const char *const not_seen =
        N_("le contrôle d'usurpation et la confiance d'une fonction virtuelle n'ont pas été vus");

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
                         .name = role == ROLE_SAME && *tag
                                         ? arena_printf(&j->arena, "%s vlan %s", card, tag)
                                         : card,
                         .domain = port->domain,
                         .role = role,
                         .where = arena_printf(&j->arena, "%s, vlan %s", port->where,
                                               role == ROLE_SAME && *tag ? tag : "-"),
                 });
}

/* What the card lets a running guest's function do. */
static void judge_freedom(struct judge *j, const struct port *port, const char *pci,
                          const struct vf *vf)
{
        if (vf->spoof_check == 0)
                judge_fail(j, port->domain, arena_printf(&j->arena, "%s, spoof checking off", pci),
                           N_("la carte ne contrôle pas l'usurpation de cette fonction virtuelle"));
        if (vf->trust == 1)
                judge_fail(j, port->domain, arena_printf(&j->arena, "%s, trust on", pci),
                           N_("la carte fait confiance à cette fonction virtuelle"));
        if (vf->spoof_check < 0 || vf->trust < 0)
                judge_unknown(j, port->domain, not_seen);
}

/* The tags that count: of a running domain those that the card really has. */
static void use_tags(struct judge *j, struct cards *cards, const struct port *port,
                     const char *card)
{
        const char *pci = device_pci(j, node_at(port->xml, "source/address"));
        const char *const *tags = port->tags;
        size_t n_tags = port->n_tags;
        struct vf vf;

        if (j->domains[port->domain].running && vfs_look(j, &cards->vfs, pci, &vf)) {
                judge_freedom(j, port, pci, &vf);
                tags = &vf.vlan;
                n_tags = vf.vlan != NULL;
        } else if (j->domains[port->domain].running) {
                judge_unknown(j, port->domain, not_seen);
        }
        if (!card) {
                judge_unknown(j, port->domain,
                              N_("la carte d'une fonction virtuelle n'a pas été vue"));
                return;
        }
        use_card(j, &cards->uses, port, card, "*", n_tags ? ROLE_TAGGED : ROLE_UNTAGGED);
        for (size_t k = 0; k < n_tags; k++)
                use_card(j, &cards->uses, port, card, tags[k], ROLE_SAME);
        if (!n_tags)
                use_card(j, &cards->uses, port, card, "", ROLE_SAME);
}

static void judge_card(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        cluster_judge(j, cluster, n, &rule_any, VG_ISO_HIGH);
        cluster_judge(j, cluster, n, &rule_mixed, VG_ISO_HIGH);
}

void check_net_07(struct judge *j)
{
        struct cards cards = { 0 };

        devices_read(j, &cards.devices);
        vfs_read(j, &cards.vfs);
        for (size_t i = 0; i < j->ports->n; i++) {
                const struct port *port = &j->ports->list[i];
                /* It may be one of VFs. */
                if (port->unsure && *port->network_name && !port->network)
                        judge_unknown(j, port->domain, port->unsure);
                if (port->kind != PORT_VF)
                        continue;
                judge_pass(j, port->domain);
                use_tags(j, &cards, port, find_card(j, &cards.devices, port));
        }
        uses_clusters(j, &cards.uses, judge_card, NULL);
        uses_done(&cards.uses);
        vfs_done(&cards.vfs);
        hostdevs_done(&cards.devices);
}
