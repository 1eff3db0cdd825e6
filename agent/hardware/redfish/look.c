/* SPDX-License-Identifier: Apache-2.0 */

/* Objects with a health of their own into sightings. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/redfish/resource.h"
#include "vigie/mem.h"

/* ---- health ---- */

/* Vendors use words of their own beside the standard three. */
enum vg_sight_health redfish_health(const json_t *status, const char *member)
{
        static const struct {
                const char *word;
                enum vg_sight_health health;
        } words[] = {
                { "OK", VG_HEALTH_OK },           { "Good", VG_HEALTH_OK },
                { "Normal", VG_HEALTH_OK },       { "Healthy", VG_HEALTH_OK },
                { "Warning", VG_HEALTH_WARNING }, { "Degraded", VG_HEALTH_WARNING },
                { "Minor", VG_HEALTH_WARNING },   { "Critical", VG_HEALTH_CRITICAL },
                { "Error", VG_HEALTH_CRITICAL },  { "Failed", VG_HEALTH_CRITICAL },
                { "Major", VG_HEALTH_CRITICAL },  { "NonRecoverable", VG_HEALTH_CRITICAL },
                { "Fatal", VG_HEALTH_CRITICAL },  { "Failure", VG_HEALTH_CRITICAL },
        };
        const char *word = member_text(status, member);

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(words[i].word, word) == 0)
                        return words[i].health;
        return VG_HEALTH_UNKNOWN;
}

bool redfish_state_is(const json_t *object, const char *state)
{
        return strcasecmp(member_text(json_object_get(object, "Status"), "State"), state) == 0;
}

enum vg_sight_health redfish_worst(enum vg_sight_health a, enum vg_sight_health b)
{
        return a > b ? a : b;
}

enum vg_sight_health redfish_own_health(const json_t *object)
{
        const json_t *status = json_object_get(object, "Status");
        const enum vg_sight_health health = redfish_health(status, "Health");

        if (health != VG_HEALTH_UNKNOWN)
                return health;
        if (redfish_state_is(object, "Degraded"))
                return VG_HEALTH_WARNING;
        return redfish_health(object, "PrimaryStatus"); /* Dell's own resources */
}

/* ---- sightings ---- */

int redfish_add(const struct place *place, const struct vg_sighting *sighting)
{
        struct vg_sighting s = *sighting;

        s.path = place->uri;
        return vg_round_add(place->round, &s);
}

char *redfish_status_text(const struct place *place, char *buf, size_t size)
{
        const json_t *status = json_object_get(place->object, "Status");
        const char *name = member_text(place->object, "Name");
        const char *health = member_text(status, "Health"), *state = member_text(status, "State");
        const char *rollup = member_text(status, "HealthRollup");

        snprintf(buf, size, "%s%sHealth %s%s%s%s%s", name, *name ? ": " : "",
                 *health ? health : "-", *rollup ? ", HealthRollup " : "", rollup,
                 *state ? ", State " : "", state);
        return buf;
}

/* A bay that some services call "Warning" though nothing is in it. */
static bool is_empty_bay(const json_t *object)
{
        static const char *const names[] = { "Model", "Manufacturer", "SerialNumber", "PartNumber",
                                             "FirmwareVersion" };
        static const char *const sizes[] = { "PowerCapacityWatts", "LastPowerOutputWatts",
                                             "PowerOutputWatts",   "LineInputVoltage",
                                             "CapacityBytes",      "CapacityMiB",
                                             "EfficiencyPercent" };
        double value;
        bool has_member = false;

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                const char *text = member_text(object, names[i]);

                has_member |= json_object_get(object, names[i]) != NULL;
                if (*text && strcasecmp(text, "N/A") != 0 && strcasecmp(text, "Unknown") != 0)
                        return false;
        }
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++)
                if (member_number(object, sizes[i], &value) && value > 0)
                        return false;
        return has_member;
}

/* The older of two ways to show the same part: folded into any fault of the newer one. */
static bool is_shown_again(const struct place *place, const char *component_class)
{
        const struct redfish_tree *t = place->tree;
        const bool old =
                strcmp(place->holder, "Thermal") == 0 || strcmp(place->holder, "Power") == 0;

        return old && ((strcmp(component_class, "fan") == 0 && t->has_fans) ||
                       (strcmp(component_class, "psu") == 0 && t->has_supplies) ||
                       (strcmp(component_class, "temperature") == 0 && t->has_temperatures) ||
                       (strcmp(component_class, "voltage") == 0 && t->has_voltages));
}

/* More exact codes than the health gives. */
static const char *exact_code(const json_t *object, const char *component_class, const char *code)
{
        const char *light = member_text(object, "StatusIndicator");

        if (strcmp(component_class, "drive") == 0 && strcmp(code, "drive.failed") != 0 &&
            (member_true(object, "FailurePredicted") ||
             strcmp(light, "PredictiveFailureAnalysis") == 0))
                return "drive.predicted";
        if (strcmp(component_class, "drive") == 0 && strcmp(light, "Fail") == 0)
                return "drive.failed";
        if (strcmp(component_class, "psu") == 0 &&
            strcmp(member_text(object, "LineInputStatus"), "LossOfInput") == 0)
                return "psu.input-lost";
        return code;
}

static const char *class_of(const struct place *place, const struct role *role)
{
        static const char *const others[] = { "GPU", "Accelerator", "FPGA", "DSP" };
        const char *type = member_text(place->object, "ProcessorType");

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (strcmp(role->component_class, "cpu") == 0 && strcmp(type, others[i]) == 0)
                        return "gpu";
        return role->component_class;
}

static const char *code_of(const struct role *role, const char *component_class,
                           enum vg_sight_health health)
{
        const bool is_gpu = strcmp(component_class, "gpu") == 0;

        if (health == VG_HEALTH_CRITICAL)
                return is_gpu ? "gpu.failed" : role->critical;
        return is_gpu ? "gpu.degraded" : role->warning;
}

/* HPE: {"PowerSupplies": {"Status": …}} sums up those that have a name. */
static bool is_nameless(const json_t *object)
{
        static const char *const names[] = { "@odata.id", "@odata.type", "Id",
                                             "MemberId",  "Name",        "SerialNumber" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (json_object_get(object, names[i]))
                        return false;
        return true;
}

int redfish_state(const struct place *place, const struct role *role)
{
        if (is_nameless(place->object))
                return redfish_other(place);

        const char *component_class = class_of(place, role);
        enum vg_sight_health health = redfish_own_health(place->object);
        char location[REDFISH_TEXT], text[VG_SIGHT_TEXT_MAX];
        struct vg_sighting s = {
                .kind = VG_SIGHT_STATE,
                .component = redfish_component(place, component_class, location),
                .text = redfish_status_text(place, text, sizeof(text)),
        };

        if (redfish_state_is(place->object, "Absent") ||
            (health >= VG_HEALTH_WARNING && is_empty_bay(place->object) &&
             (strcmp(component_class, "psu") == 0 || strcmp(component_class, "drive") == 0 ||
              strcmp(component_class, "dimm") == 0))) {
                s.kind = VG_SIGHT_ABSENT;
                return redfish_add(place, &s);
        }
        if (strcmp(component_class, "leak") == 0)
                health = redfish_worst(health, redfish_health(place->object, "DetectorState"));
        if (redfish_state_is(place->object, "Disabled")) {
                s.kind = VG_SIGHT_PRESENT;
                return redfish_add(place, &s);
        }
        s.code = exact_code(place->object, component_class,
                            health >= VG_HEALTH_WARNING ? code_of(role, component_class, health)
                                                        : "");
        if (*s.code && health < VG_HEALTH_WARNING)
                health = VG_HEALTH_WARNING;
        s.health = health;
        if (health >= VG_HEALTH_WARNING && is_shown_again(place, component_class)) {
                s.kind = VG_SIGHT_ROLLUP;
                s.key = component_class;
        }
        s.value = member_text(json_object_get(place->object, "Status"), "Health");
        return redfish_add(place, &s);
}

/* ---- what needs attention ---- */

/* Status.Conditions says what needs attention, and of which component: its health may not (yet) show
 * it. Of one that is no component of ours, it is a summary of the whole. */
int redfish_conditions(const struct place *place)
{
        const json_t *list =
                json_object_get(json_object_get(place->object, "Status"), "Conditions");
        int r = 0;

        for (size_t i = 0; i < json_array_size(list) && r == 0; i++) {
                const json_t *condition = json_array_get(list, i);
                const char *uri =
                        member_text(json_object_get(condition, "OriginOfCondition"), "@odata.id");
                const json_t *origin = *uri ? redfish_tree_find(place->tree, uri) : NULL;
                const char *type = strrchr(member_text(origin, "@odata.type"), '.');
                const struct role *role = type ? role_find(type + 1, "") : NULL;
                const struct place at = { .tree = place->tree,
                                          .round = place->round,
                                          .object = origin,
                                          .uri = uri,
                                          .type = type ? type + 1 : "" };
                char location[REDFISH_TEXT];
                struct vg_sighting s = {
                        .kind = VG_SIGHT_ROLLUP,
                        .health = redfish_health(condition, "Severity"),
                        .component = { .component_class = "system", .location = "system" },
                        .text = member_text(condition, "Message"),
                        .value = member_text(condition, "Severity"),
                };

                if (s.health < VG_HEALTH_WARNING)
                        continue;
                if (role && role->kind == ROLE_STATE) {
                        const char *component_class = class_of(&at, role);

                        if (redfish_state_is(origin, "Absent") ||
                            redfish_state_is(origin, "Disabled"))
                                continue;
                        s.kind = VG_SIGHT_STATE;
                        s.component = redfish_component(&at, component_class, location);
                        s.code = exact_code(origin, component_class,
                                            code_of(role, component_class, s.health));
                }
                r = redfish_add(*uri && origin ? &at : place, &s);
        }
        return r;
}
