/* SPDX-License-Identifier: Apache-2.0 */

/* Objects that sum up others into roll-ups, which what they sum up may explain. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/redfish/resource.h"
#include "vigie/mem.h"

int redfish_summary(const struct place *place, const struct role *role)
{
        const json_t *status = json_object_get(place->object, "Status");
        const enum vg_sight_health own = redfish_health(status, "Health");
        const enum vg_sight_health health =
                redfish_worst(own, redfish_worst(redfish_health(status, "HealthRollup"),
                                                 redfish_health(status, "HealthRollUp")));
        char location[REDFISH_TEXT], text[VG_SIGHT_TEXT_MAX];
        struct vg_sighting s = {
                .kind = VG_SIGHT_PRESENT,
                .component = redfish_component(place, role->component_class, location),
                .text = redfish_status_text(place, text, sizeof(text)),
                .value = member_text(status, "Health"),
        };
        const bool is_there = !redfish_state_is(place->object, "Absent");
        int r = is_there ? redfish_add(place, &s) : 0;

        if (r < 0 || !is_there || redfish_state_is(place->object, "Disabled"))
                return r;
        if (strcmp(role->component_class, "system") == 0) /* one fault, whoever sums up */
                s.component = (struct vg_component){ .component_class = "system",
                                                     .location = "system",
                                                     .odata = place->uri };
        s.kind = VG_SIGHT_ROLLUP;
        s.health = health;
        s.key = role->parts;
        s.code = health == VG_HEALTH_CRITICAL ? role->critical : role->warning;
        return redfish_add(place, &s);
}

int redfish_redundancy(const struct place *place)
{
        const bool is_fan = text_has(place->holder, "Thermal") || text_has(place->key, "Fan");
        const bool is_psu = text_has(place->holder, "Power") || text_has(place->key, "Power");
        char text[VG_SIGHT_TEXT_MAX];
        const struct vg_sighting s = {
                .kind = VG_SIGHT_ROLLUP,
                .health = redfish_own_health(place->object),
                .component = { .component_class = is_fan ? "fan" : "psu",
                               .location = "redundancy",
                               .odata = place->uri },
                .code = is_fan ? "fan.redundancy" : "psu.redundancy",
                .text = redfish_status_text(place, text, sizeof(text)),
                .key = is_fan ? "fan" : "psu",
        };

        if (!is_fan && !is_psu)
                return redfish_other(place);
        if (redfish_state_is(place->object, "Disabled") ||
            redfish_state_is(place->object, "Absent"))
                return 0;
        return redfish_add(place, &s);
}

/* Dell's roll-ups are members of their own: "FanRollupStatus": "Degraded". */
static int rollup_members(const struct place *place)
{
        const char *key;
        json_t *value;

        json_object_foreach ((json_t *)place->object, key, value) {
                const enum vg_sight_health health = redfish_health(place->object, key);
                char text[VG_SIGHT_TEXT_MAX];
                const struct vg_sighting s = {
                        .kind = VG_SIGHT_ROLLUP,
                        .health = health,
                        .component = { .component_class = "system", .location = "system" },
                        .text = text,
                        .value = json_string_value(value),
                        .key = role_guess(key),
                };

                if (!json_is_string(value) || !text_has(key, "RollupStatus") ||
                    health < VG_HEALTH_WARNING)
                        continue;
                snprintf(text, sizeof(text), "%s: %s", key, json_string_value(value));
                const int r = redfish_add(place, &s);
                if (r < 0)
                        return r;
        }
        return 0;
}

int redfish_other(const struct place *place)
{
        const json_t *status = json_object_get(place->object, "Status");
        const enum vg_sight_health health = redfish_worst(redfish_health(status, "Health"),
                                                          redfish_health(status, "HealthRollup"));
        const char *guess = role_guess(place->type);
        char text[VG_SIGHT_TEXT_MAX];
        const struct vg_sighting s = {
                .kind = VG_SIGHT_ROLLUP,
                .health = health,
                .component = { .component_class = "system", .location = "system" },
                .text = redfish_status_text(place, text, sizeof(text)),
                .value = member_text(status, "Health"),
                .key = *guess ? guess : role_guess(place->key),
        };
        int r = rollup_members(place);

        if (r < 0 || health < VG_HEALTH_WARNING || redfish_state_is(place->object, "Absent") ||
            redfish_state_is(place->object, "Disabled"))
                return r;
        return redfish_add(place, &s);
}
