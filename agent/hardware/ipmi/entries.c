/* SPDX-License-Identifier: Apache-2.0 */

/* Entries of the system event log. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/ipmi/room.h"
#include "hardware/phrases.h"
#include "vigie/mem.h"

/* Types of sensors (IPMI 2.0, table 42-3), as ipmitool prints them before a sensor's name. */
static const char *const types[] = {
        "Temperature",
        "Voltage",
        "Current",
        "Fan",
        "Physical Security",
        "Platform Security",
        "Processor",
        "Power Supply",
        "Power Unit",
        "Cooling Device",
        "Memory",
        "Drive Slot / Bay",
        "POST Memory Resize",
        "System Firmwares",
        "System Firmware Error",
        "System Firmware Progress",
        "Event Logging Disabled",
        "Watchdog2",
        "Watchdog1",
        "System Event",
        "Critical Interrupt",
        "Button",
        "Module / Board",
        "Microcontroller",
        "Add-in Card",
        "Chassis",
        "Chip Set",
        "Other FRU",
        "Cable / Interconnect",
        "Terminator",
        "System Boot Initiated",
        "Boot Error",
        "OS Boot",
        "OS Critical Stop",
        "Slot / Connector",
        "System ACPI Power State",
        "Platform Alert",
        "Entity Presence",
        "Monitor ASIC",
        "LAN",
        "Management Subsys Health",
        "Battery",
        "Session Audit",
        "Version Change",
        "FRU State",
        "Unknown",
        "OEM",
};

/* "Power Supply PSU1 Status": type and name; "Power Supply #0x65": type and number. */
static const char *split_type(const char *text, char *type, size_t size)
{
        type[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                const size_t n = strlen(types[i]);

                if (strncmp(text, types[i], n) == 0 && (text[n] == ' ' || !text[n])) {
                        snprintf(type, size, "%s", types[i]);
                        return text + n + strspn(text + n, " ");
                }
        }
        return text;
}

static const char *name_of(const struct ipmi_reading *r, const char *name)
{
        unsigned long number;

        if (!text_starts(name, "#0x"))
                return name;
        number = strtoul(name + 3, NULL, 16);
        for (size_t i = 0; i < r->n_names; i++)
                if (r->names[i].number == number)
                        return r->names[i].name;
        return name;
}

static int64_t time_of(const struct ipmi_entry *e)
{
        char text[96];
        int64_t at_s;

        snprintf(text, sizeof(text), "%s %s", e->date, e->time);
        return time_parse(text, &at_s) == 0 ? at_s : 0;
}

/* "State Asserted" says what its sensor's name says. */
static bool find_phrase(const char *kind, const char *name, const char *event,
                        enum vg_sight_health said, struct phrase *ret)
{
        char text[IPMI_LINE];

        if (phrase_find(kind, event, said, ret) || phrase_find(name, event, said, ret))
                return true;
        if (!text_has(event, "State Asserted") && !text_has(event, "Limit Exceeded"))
                return false;
        snprintf(text, sizeof(text), "%s %s", name, event);
        return phrase_find(kind, text, said, ret);
}

/* What was seen to be there, and then not any more. */
static bool find_presence(const char *kind, const struct ipmi_entry *e, struct phrase *ret)
{
        static const struct {
                const char *kind, *event, *component_class, *code;
        } rows[] = {
                { "Power Supply", "Presence detected", "psu", "psu.missing" },
                { "Drive Slot", "Drive Present", "drive", "drive.missing" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (!text_has(kind, rows[i].kind) || !text_has(e->event, rows[i].event))
                        continue;
                *ret = (struct phrase){ .component_class = rows[i].component_class,
                                        .code = rows[i].code,
                                        .kind = VG_SIGHT_LOG,
                                        .health = e->is_end ? VG_HEALTH_WARNING : VG_HEALTH_OK };
                return true;
        }
        return false;
}

/* "Uncorrectable ECC (@DIMM7A (CPU2))": the module, as the tool reads it in the event's bytes; a sensor
 * may stand for all of them. */
static bool find_module(const char *event, char *buf, size_t size)
{
        const char *from = strcasestr(event, "(@DIMM") ?: strcasestr(event, "(DIMM");
        const char *end = from ? strrchr(from, ')') : NULL;

        if (!end)
                return false;
        text_trim(from + 1 + (from[1] == '@'), end, buf, size);
        return true;
}

int ipmi_tell_entry(struct ipmi_reading *r, const struct ipmi_entry *e)
{
        char type[64], place[128];
        const char *name = *e->type ? e->name : split_type(e->name, type, sizeof(type));
        const char *kind = *e->type ? e->type : type;
        const enum vg_sight_health said = strcmp(e->state, "Critical") == 0 ? VG_HEALTH_CRITICAL
                                          : strcmp(e->state, "Nominal") == 0 && !e->is_end
                                                  ? VG_HEALTH_OK
                                                  : VG_HEALTH_WARNING;
        struct phrase phrase;
        struct vg_sighting s;

        s = (struct vg_sighting){ .at_s = time_of(e) };
        if (s.at_s > r->last_s)
                r->last_s = s.at_s;
        name = name_of(r, name);
        const bool is_presence = find_presence(kind, e, &phrase);
        if (!is_presence &&
            (said == VG_HEALTH_OK || !find_phrase(kind, name, e->event, said, &phrase)))
                return 0;
        if (phrase.kind == VG_SIGHT_EVENT && e->is_end)
                return 0;
        if (!find_module(e->event, place, sizeof(place)))
                snprintf(place, sizeof(place), "%s", *name ? name : "unnamed");
        s.kind = phrase.kind;
        s.health = e->is_end && !is_presence ? VG_HEALTH_OK : phrase.health;
        s.component = (struct vg_component){ .component_class = phrase.component_class,
                                             .location = place };
        s.code = phrase.code;
        s.text = e->event;
        s.path = r->path;
        s.value = e->values;
        s.count = 1;
        s.key = s.kind == VG_SIGHT_LOG ? e->event : "";
        s.entry = e->id;
        return vg_round_add(r->round, &s);
}
