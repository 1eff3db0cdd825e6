/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/redfish/resource.h"
#include "vigie/mem.h"

static const struct role roles[] = {
#define VG_ROLE(type, key, kind, component_class, warning, critical, parts) \
        { type, key, ROLE_##kind, component_class, warning, critical, parts },
#include "hardware/redfish/roles.def"
};

const struct role *role_find(const char *type, const char *key)
{
        for (size_t i = 0; i < ELEMENTSOF(roles); i++)
                if (*type ? strcasecmp(roles[i].type, type) == 0
                          : !*roles[i].type && strcasecmp(roles[i].key, key) == 0)
                        return &roles[i];
        return NULL;
}

const char *role_guess(const char *name)
{
        static const struct {
                const char *word, *classes;
        } guesses[] = {
                { "Battery", "battery" },
                { "Processor", "cpu gpu" },
                { "CPU", "cpu" },
                { "Accelerator", "gpu" },
                { "GPU", "gpu" },
                { "Memory", "dimm" },
                { "Dimm", "dimm" },
                { "SysMem", "dimm" },
                { "Fan", "fan" },
                { "Cooling", "fan temperature" },
                { "Thermal", "fan temperature" },
                { "Temp", "temperature" },
                { "Volt", "voltage" },
                { "PowerSuppl", "psu" },
                { "Psu", "psu" },
                { "PSRollup", "psu" },
                { "Power", "psu power voltage" },
                { "Storage", "drive volume controller battery enclosure" },
                { "Drive", "drive" },
                { "Disk", "drive volume" },
                { "Volume", "volume" },
                { "Cache", "controller battery" },
                { "Raid", "drive volume controller battery" },
                { "Controller", "controller drive volume battery" },
                { "Network", "nic link" },
                { "Ethernet", "nic link" },
                { "Leak", "leak" },
                { "PCI", "pcie nic link gpu drive controller" },
                { "Device", "pcie nic link gpu drive controller" },
                { "Intrusion", "enclosure" },
        };

        for (size_t i = 0; i < ELEMENTSOF(guesses); i++)
                if (text_has(name, guesses[i].word))
                        return guesses[i].classes;
        return "";
}
