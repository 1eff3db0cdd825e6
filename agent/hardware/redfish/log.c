/* SPDX-License-Identifier: Apache-2.0 */

/* Log entries: standard ones, and those of vendors who keep the essential beside it. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/phrases.h"
#include "hardware/redfish/resource.h"
#include "vigie/mem.h"

enum { MESSAGE = 2048 }; /* of what a machine writes more, the rest is not read */

/* The vendor's own part: Oem.Hpe, Oem.Supermicro … */
static const json_t *vendor_of(const json_t *entry)
{
        const json_t *oem = json_object_get(entry, "Oem");
        const char *name;
        json_t *part;

        json_object_foreach ((json_t *)oem, name, part) {
                if (json_is_object(part))
                        return part;
        }
        return NULL;
}

static enum vg_sight_health severity_of(const json_t *entry, const json_t *vendor)
{
        static const struct {
                const char *word;
                enum vg_sight_health health;
        } own[] = { { "Caution", VG_HEALTH_WARNING },
                    { "Critical", VG_HEALTH_CRITICAL },
                    { "Repaired", VG_HEALTH_OK } };
        const char *word = member_text(vendor, "Severity");

        for (size_t i = 0; i < ELEMENTSOF(own); i++)
                if (strcasecmp(own[i].word, word) == 0)
                        return own[i].health;
        return redfish_health(entry, "Severity");
}

/* A text, or as older services of Dell's write it: [{"Member": "Deassert"}]. */
static const char *text_of(const json_t *entry, const char *key)
{
        const json_t *first = json_array_get(json_object_get(entry, key), 0);

        return json_is_object(first) ? member_text(first, "Member") : member_text(entry, key);
}

static int64_t time_of(const json_t *object, const char *member)
{
        int64_t at_s;

        return time_parse(member_text(object, member), &at_s) == 0 ? at_s : 0;
}

/* The component that the entry says it is about, where that is a resource of its own. */
static const json_t *origin_of(const struct place *place)
{
        const json_t *link = member_path(place->object, "Links.OriginOfCondition");
        const char *uri = member_text(link, "@odata.id");

        return *uri ? redfish_tree_find(place->tree, uri) : NULL;
}

static struct vg_component component_of(const struct place *place, const struct phrase *phrase,
                                        const char *message, char buf[REDFISH_TEXT])
{
        const json_t *origin = origin_of(place);
        const char *type = member_text(origin, "@odata.type");
        const char *dot = strrchr(type, '.');
        const struct role *role = dot ? role_find(dot + 1, "") : NULL;

        if (role && strcmp(role->component_class, phrase->component_class) == 0) {
                struct place at = *place;

                at.object = origin;
                at.type = dot + 1;
                at.uri = member_text(origin, "@odata.id");
                return redfish_component(&at, phrase->component_class, buf);
        }
        phrase_place(phrase->component_class, message, buf, REDFISH_TEXT);
        if (!*buf)
                snprintf(buf, REDFISH_TEXT, "unnamed");
        return (struct vg_component){ .component_class = phrase->component_class, .location = buf };
}

int redfish_entry(const struct place *place)
{
        const json_t *entry = place->object, *vendor = vendor_of(entry);
        char message[MESSAGE];
        const char *sensor = text_of(entry, "SensorType");
        const enum vg_sight_health severity = severity_of(entry, vendor);

        snprintf(message, sizeof(message), "%s", member_text(entry, "Message"));

        const bool is_end = strcasecmp(text_of(entry, "EntryCode"), "Deassert") == 0 ||
                            text_has(message, "has deasserted") ||
                            text_has(message, "was deasserted") ||
                            text_has(message, "- Deassertion");
        const bool is_repaired = member_true(entry, "Resolved") || member_true(vendor, "Repaired");
        char location[REDFISH_TEXT];
        struct phrase phrase;
        struct vg_sighting s;

        if (!*sensor)
                sensor = member_text(vendor, "ClassDescription");
        /* "OK" on a deassertion or on what was repaired says nothing of what it was. */
        if (!phrase_find(sensor, message,
                         severity == VG_HEALTH_OK && !is_end && !is_repaired ? VG_HEALTH_OK
                         : severity >= VG_HEALTH_WARNING                     ? severity
                                                                             : VG_HEALTH_WARNING,
                         &phrase))
                return 0;
        if (severity == VG_HEALTH_OK && !is_end && !is_repaired &&
            phrase.health >= VG_HEALTH_WARNING)
                return 0; /* the machine itself finds nothing bad in it */
        s = (struct vg_sighting){
                .kind = phrase.kind,
                .health = is_end ? VG_HEALTH_OK : phrase.health,
                .component = component_of(place, &phrase, message, location),
                .code = phrase.code,
                .text = message,
                .path = place->uri,
                .value = member_text(entry, "Severity"),
                .count = 1,
                .at_s = time_of(entry, "Created"),
                .entry = member_text(entry, "Id"),
                .resolved = is_repaired,
        };
        if (is_repaired)
                s.end_s = time_of(vendor, "Updated");
        if (!s.at_s)
                s.at_s = time_of(entry, "EventTimestamp");
        if (s.kind == VG_SIGHT_EVENT && (is_end || is_repaired))
                return 0;
        return vg_round_add(place->round, &s);
}
