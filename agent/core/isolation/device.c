/* SPDX-License-Identifier: Apache-2.0 */

#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/num.h"

#define GROUPS "/sys/kernel/iommu_groups/"

static const char *pci_text(struct judge *j, uint64_t domain, uint64_t bus, uint64_t slot,
                            uint64_t function)
{
        if (domain > 0xffffffff || bus > 0xff || slot > 0x1f || function > 7)
                return NULL;
        return arena_printf(&j->arena, "%04x:%02x:%02x.%x", (unsigned)domain, (unsigned)bus,
                            (unsigned)slot, (unsigned)function);
}

const char *device_pci(struct judge *j, const struct node *address)
{
        uint64_t domain = 0, bus, slot, function = 0;

        if (!node_number(address, "bus", &bus) || !node_number(address, "slot", &slot))
                return NULL;
        (void)node_number(address, "domain", &domain);
        (void)node_number(address, "function", &function);
        return pci_text(j, domain, bus, slot, function);
}

/* <capability type='pci'> spells its address in elements, in decimal. */
static const char *own_pci(struct judge *j, const struct node *capability)
{
        uint64_t part[4];
        static const char *const names[] = { "domain", "bus", "slot", "function" };

        for (int i = 0; i < 4; i++) {
                const char *text = node_text(capability, names[i]);
                const int base = strncmp(text, "0x", 2) == 0 ? 16 : 10;
                char *end;
                part[i] = strtoull(text, &end, base);
                if (end == text || *end)
                        return NULL;
        }
        return pci_text(j, part[0], part[1], part[2], part[3]);
}

static void map_add(struct judge *j, struct uses *map, const char *key, const char *part)
{
        if (key && part && *part)
                uses_add(j, map, &(struct use){ .key = key, .part = part });
}

static void read_pci(struct judge *j, const struct node *capability, struct devices *devices)
{
        const char *own = own_pci(j, capability);
        const struct node *group = node_child(capability, "iommuGroup");

        map_add(j, &devices->groups, own, node_attr(group, "number"));
        NODE_EACH(address, group, "address")
        map_add(j, &devices->groups, device_pci(j, address), node_attr(group, "number"));
        NODE_EACH(inner, capability, "capability")
        {
                if (node_attr_is(inner, "type", "phys_function"))
                        map_add(j, &devices->functions, own,
                                device_pci(j, node_child(inner, "address")));
                NODE_EACH(address, inner, "address")
                if (node_attr_is(inner, "type", "virt_functions"))
                        map_add(j, &devices->functions, device_pci(j, address), own);
        }
}

/* In the element since libvirt 7.3, else in the name: mdev_<uuid with '_'>. */
static const char *mdev_uuid(struct judge *j, const struct node *device,
                             const struct node *capability)
{
        const char *name = node_text(device, "name"), *uuid = node_text(capability, "uuid");

        if (*uuid || strncmp(name, "mdev_", 5) != 0 || strlen(name) < 5 + 36)
                return uuid;

        char *copy = (char *)arena_text_n(&j->arena, name + 5, 36);
        for (char *at = copy; *at; at++)
                if (*at == '_')
                        *at = '-';
        return copy;
}

static void read_net(struct judge *j, const struct node *device, const struct node *capability,
                     struct devices *devices)
{
        const struct node *parent =
                host_document(j->host, "nodedev", "", node_text(device, "parent"));

        NODE_EACH(pci, parent, "capability")
        map_add(j, &devices->names, node_text(capability, "interface"), own_pci(j, pci));
}

struct grouping {
        struct judge *j;
        struct devices *devices;
};

/* ".../iommu_groups/9/devices/0000:03:00.0": what the kernel lists, whatever libvirt tells. */
static void take_group(void *user, const char *path, _unused_ const char *content)
{
        const struct grouping *grouping = user;
        struct arena *arena = &grouping->j->arena;
        const char *number = path + strlen(GROUPS), *devices = strstr(number, "/devices/");

        if (devices)
                map_add(grouping->j, &grouping->devices->groups, devices + strlen("/devices/"),
                        arena_text_n(arena, number, (size_t)(devices - number)));
}

void devices_read(struct judge *j, struct devices *ret_devices)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        struct devices devices = { 0 };
        size_t from, to;

        host_documents(j->host, "nodedev", &from, &to);
        for (size_t i = from; i < to; i++) {
                const struct node *device = &documents->at[i]->tree;
                NODE_EACH(capability, device, "capability")
                {
                        if (node_attr_is(capability, "type", "pci"))
                                read_pci(j, capability, &devices);
                        if (node_attr_is(capability, "type", "mdev"))
                                map_add(j, &devices.parents,
                                        arena_lower(&j->arena, mdev_uuid(j, device, capability)),
                                        node_text(device, "parent"));
                        if (node_attr_is(capability, "type", "net"))
                                read_net(j, device, capability, &devices);
                }
        }
        host_texts_under(j->host, GROUPS, take_group,
                         &(struct grouping){ .j = j, .devices = &devices });
        uses_sort(&devices.groups);
        uses_sort(&devices.functions);
        uses_sort(&devices.parents);
        uses_sort(&devices.names);
        *ret_devices = devices;
}

void hostdevs_done(struct devices *devices)
{
        uses_done(&devices->groups);
        uses_done(&devices->functions);
        uses_done(&devices->parents);
        uses_done(&devices->names);
}

const char *devices_group(struct judge *j, const struct devices *devices, const char *pci)
{
        const char *group = uses_look(&devices->groups, pci);
        const char *link =
                group ? NULL
                      : host_text(j->host,
                                  arena_printf(&j->arena, "/sys/bus/pci/devices/%s/iommu_group",
                                               pci));
        const char *slash = link ? strrchr(link, '/') : NULL;

        if (group || !link)
                return group;
        link = slash ? slash + 1 : link;
        return arena_text_n(&j->arena, link, strcspn(link, "\n"));
}
