/* SPDX-License-Identifier: Apache-2.0 */

/* Readings, ports and error counters: what has a value besides a health. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/redfish/resource.h"
#include "vigie/mem.h"

struct limits {
        bool has_value;
        double value;
        const char *unit;
        bool has_critical, has_warning;
        double critical, warning;
        bool is_below; /* the thresholds are lower ones */
};

static bool is_gone(const json_t *object)
{
        const char *state = member_text(json_object_get(object, "Status"), "State");

        return strcasecmp(state, "Absent") == 0 || strcasecmp(state, "Disabled") == 0;
}

/* Zero stands for "not there" in readings and in thresholds alike. */
static bool nonzero(const json_t *object, const char *const *names, size_t n, double *ret)
{
        for (size_t i = 0; i < n; i++) {
                const json_t *value = member_path(object, names[i]);

                if (json_is_number(value) && json_number_value(value) != 0) {
                        *ret = json_number_value(value);
                        return true;
                }
        }
        return false;
}

static struct limits limits_of(const json_t *object, const char *unit)
{
        static const char *const values[] = { "ReadingCelsius", "ReadingVolts", "Reading",
                                              "ReadingRPM", "CurrentReading" };
        static const char *const upper_critical[] = { "UpperThresholdCritical",
                                                      "UpperThresholdFatal",
                                                      "Thresholds.UpperCritical.Reading" };
        static const char *const upper_warning[] = { "UpperThresholdNonCritical",
                                                     "Thresholds.UpperCaution.Reading" };
        static const char *const lower_critical[] = { "LowerThresholdCritical",
                                                      "Thresholds.LowerCritical.Reading" };
        static const char *const lower_warning[] = { "LowerThresholdNonCritical",
                                                     "Thresholds.LowerCaution.Reading" };
        struct limits l = { .unit = unit };
        double low = 0, low_warning = 0;

        l.has_value = nonzero(object, values, ELEMENTSOF(values), &l.value);
        l.has_critical = nonzero(object, upper_critical, ELEMENTSOF(upper_critical), &l.critical);
        l.has_warning = nonzero(object, upper_warning, ELEMENTSOF(upper_warning), &l.warning);
        const bool has_low = nonzero(object, lower_critical, ELEMENTSOF(lower_critical), &low);
        const bool has_low_warning =
                nonzero(object, lower_warning, ELEMENTSOF(lower_warning), &low_warning);
        if (l.has_value &&
            ((has_low && l.value <= low) || (has_low_warning && l.value <= low_warning))) {
                l.is_below = true;
                l.has_critical = has_low;
                l.critical = low;
                l.has_warning = has_low_warning;
                l.warning = low_warning;
        }
        return l;
}

static bool is_over(const struct limits *l, bool has, double threshold)
{
        return l->has_value && has && (l->is_below ? l->value <= threshold : l->value >= threshold);
}

/* The vendor's own verdict; where it gives none, the reading against its thresholds. */
static enum vg_sight_health judge(const json_t *object, const struct limits *l)
{
        const enum vg_sight_health said =
                redfish_health(json_object_get(object, "Status"), "Health");

        if (said != VG_HEALTH_UNKNOWN || !l->has_value)
                return said;
        if (l->has_critical && l->has_warning && !l->is_below && l->critical < l->warning)
                return VG_HEALTH_UNKNOWN; /* thresholds that contradict each other */
        if (is_over(l, l->has_critical, l->critical))
                return VG_HEALTH_CRITICAL;
        if (is_over(l, l->has_warning, l->warning))
                return VG_HEALTH_WARNING;
        return l->has_critical || l->has_warning ? VG_HEALTH_OK : VG_HEALTH_UNKNOWN;
}

static int add_level(const struct place *place, const char *component_class, const char *warning,
                     const char *critical, const char *unit, const char *folded_into)
{
        const struct limits l = limits_of(place->object, unit);
        const enum vg_sight_health health = judge(place->object, &l);
        const bool bad = health >= VG_HEALTH_WARNING, worst = health == VG_HEALTH_CRITICAL;
        const bool has_threshold = worst ? l.has_critical : l.has_warning;
        char location[REDFISH_TEXT], value[64] = "", threshold[64] = "";
        struct vg_sighting s = {
                .kind = VG_SIGHT_LEVEL,
                .health = health,
                .component = redfish_component(place, component_class, location),
                .code = !bad    ? ""
                        : worst ? critical
                                : warning,
                .text = member_text(place->object, "Name"),
                .path = place->uri,
        };

        if (is_gone(place->object))
                return 0;
        if (l.has_value)
                s.value = number_text(l.value, unit, value, sizeof(value));
        if (bad && has_threshold) {
                s.threshold = number_text(worst ? l.critical : l.warning, unit, threshold,
                                          sizeof(threshold));
                s.threshold_from = "vendor";
        }
        if (bad && *folded_into) {
                s.kind = VG_SIGHT_ROLLUP;
                s.key = folded_into;
        }
        return vg_round_add(place->round, &s);
}

int redfish_level(const struct place *place, const struct role *role)
{
        const bool again =
                (strcmp(role->component_class, "temperature") == 0 &&
                 place->tree->has_temperatures) ||
                (strcmp(role->component_class, "voltage") == 0 && place->tree->has_voltages);

        return add_level(place, role->component_class, role->warning, role->critical,
                         strcmp(role->component_class, "voltage") == 0 ? "V" : "°C",
                         again ? role->component_class : "");
}

int redfish_sensor(const struct place *place)
{
        static const struct {
                const char *reads, *component_class, *warning, *critical, *unit, *folded_into;
        } rows[] = {
                { "Temperature", "temperature", "temperature.warning", "temperature.critical", "°C",
                  "" },
                { "Voltage", "voltage", "voltage.warning", "voltage.critical", "V", "" },
                { "Rotational", "fan", "fan.degraded", "fan.failed", "RPM", "fan" },
                { "Power", "power", "power.warning", "power.critical", "W", "psu power" },
                { "Current", "power", "power.warning", "power.critical", "A", "psu power" },
                { "", "sensor", "sensor.warning", "sensor.critical", "", "" },
        };
        const char *reads = member_text(place->object, "ReadingType");
        size_t row = 0;

        while (row + 1 < ELEMENTSOF(rows) && strcmp(rows[row].reads, reads) != 0)
                row++;
        return add_level(place, rows[row].component_class, rows[row].warning, rows[row].critical,
                         rows[row].unit, rows[row].folded_into);
}

/* ---- network ports ---- */

int redfish_port(const struct place *place)
{
        const json_t *object = place->object;
        const enum vg_sight_health health =
                redfish_health(json_object_get(object, "Status"), "Health");
        const char *link = member_text(object, "LinkStatus");
        const bool is_down = text_has(link, "Down") || strcasecmp(link, "NoLink") == 0;
        const bool is_managers = text_has(place->uri, "/managers/");
        char location[REDFISH_TEXT], text[VG_SIGHT_TEXT_MAX];
        const char *mac = member_text(object, "MACAddress");
        struct vg_sighting s = {
                .kind = VG_SIGHT_STATE,
                .health = health,
                .component = redfish_component(place, "link", location),
                .text = text,
                .path = place->uri,
                .value = link,
        };

        if (!*mac)
                mac = member_text(object, "MacAddress");
        if (!*s.component.serial)
                s.component.serial = mac;
        if (!*mac && strcmp(place->type, "EthernetInterface") != 0) /* "1" of many adapters */
                snprintf(location, sizeof(location), "%s", place->uri);
        snprintf(text, sizeof(text), "%s: LinkStatus %s, Health %s", member_text(object, "Name"),
                 *link ? link : "-", member_text(json_object_get(object, "Status"), "Health"));
        if (is_gone(object) || is_managers) {
                s.kind = VG_SIGHT_PRESENT;
                return is_managers ? 0 : vg_round_add(place->round, &s);
        }
        if (health >= VG_HEALTH_WARNING)
                s.code = is_down ? "link.down" : "link.degraded";
        return vg_round_add(place->round, &s);
}

/* ---- memory metrics ---- */

/* The module that they are of: the resource that holds them. */
static struct vg_component module_of(const struct place *place, char buf[REDFISH_TEXT])
{
        char uri[REDFISH_TEXT];
        struct place module = *place;
        char *slash;

        snprintf(uri, sizeof(uri), "%s", place->uri);
        slash = strrchr(uri, '/');
        if (slash && slash[1] == '\0') {
                *slash = '\0';
                slash = strrchr(uri, '/');
        }
        if (slash)
                *slash = '\0';
        module.object = redfish_tree_find(place->tree, uri);
        if (!module.object) {
                snprintf(buf, REDFISH_TEXT, "%s", slash ? strrchr(uri, '/') + 1 : uri);
                return (struct vg_component){ .component_class = "dimm", .location = buf };
        }
        module.uri = member_text(module.object, "@odata.id");
        return redfish_component(&module, "dimm", buf);
}

int redfish_errors(const struct place *place)
{
        static const struct {
                const char *trip, *code;
                enum vg_sight_health health;
        } trips[] = {
                { "UncorrectableECCError", "dimm.uncorrected", VG_HEALTH_CRITICAL },
                { "CorrectableECCError", "dimm.corrected", VG_HEALTH_WARNING },
                { "AddressParityError", "dimm.degraded", VG_HEALTH_WARNING },
        };
        const json_t *alarms = member_path(place->object, "HealthData.AlarmTrips");
        const json_t *period = json_object_get(place->object, "CurrentPeriod");
        char location[REDFISH_TEXT], value[32] = "";
        struct vg_sighting s = {
                .kind = VG_SIGHT_STATE,
                .component = module_of(place, location),
                .path = place->uri,
        };
        double n;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(trips) && r == 0; i++) {
                if (!member_true(alarms, trips[i].trip))
                        continue;
                s.code = trips[i].code;
                s.health = trips[i].health;
                s.text = trips[i].trip;
                s.value = "true";
                r = vg_round_add(place->round, &s);
        }
        if (r < 0 || !member_number(period, "UncorrectableECCErrorCount", &n) || n <= 0)
                return r;
        s.kind = VG_SIGHT_COUNTER;
        s.health = VG_HEALTH_CRITICAL;
        s.code = "dimm.uncorrected";
        s.text = "CurrentPeriod.UncorrectableECCErrorCount";
        s.count = n < 9e15 ? (int64_t)n : INT64_MAX;
        s.value = number_text(n, "", value, sizeof(value));
        s.threshold = "0";
        s.threshold_from = "vigie";
        return vg_round_add(place->round, &s);
}
