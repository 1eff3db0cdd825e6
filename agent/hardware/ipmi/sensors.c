/* SPDX-License-Identifier: Apache-2.0 */

/* Sensors as they are now, into levels and states. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/ipmi/room.h"
#include "hardware/phrases.h"
#include "vigie/mem.h"

static const struct {
        const char *word; /* in the unit, the type or the name; in this order */
        const char *component_class, *warning, *critical;
} kinds[] = {
        { "degrees", "temperature", "temperature.warning", "temperature.critical" },
        { "RPM", "fan", "fan.degraded", "fan.failed" },
        { "Volts", "voltage", "voltage.warning", "voltage.critical" },
        { "Watts", "power", "power.warning", "power.critical" },
        { "Amps", "power", "power.warning", "power.critical" },
        { "Temperature", "temperature", "temperature.warning", "temperature.critical" },
        { "Voltage", "voltage", "voltage.warning", "voltage.critical" },
        { "Power Supply", "psu", "psu.degraded", "psu.failed" },
        { "Power Unit", "power", "power.warning", "power.critical" },
        { "Cooling", "fan", "fan.degraded", "fan.failed" },
        { "Fan", "fan", "fan.degraded", "fan.failed" },
        { "Memory", "dimm", "dimm.degraded", "dimm.failed" },
        { "DIMM", "dimm", "dimm.degraded", "dimm.failed" },
        { "Drive", "drive", "drive.degraded", "drive.failed" },
        { "HDD", "drive", "drive.degraded", "drive.failed" },
        { "Disk", "drive", "drive.degraded", "drive.failed" },
        { "PSU", "psu", "psu.degraded", "psu.failed" },
        { "PS Redundancy", "psu", "psu.degraded", "psu.failed" },
        { "PWS", "psu", "psu.degraded", "psu.failed" },
        { "Temp", "temperature", "temperature.warning", "temperature.critical" },
        { "Battery", "battery", "battery.degraded", "battery.failed" },
        { "VBAT", "voltage", "voltage.warning", "voltage.critical" },
        { "Intrusion", "enclosure", "enclosure.intrusion", "enclosure.intrusion" },
        { "Physical Security", "enclosure", "enclosure.intrusion", "enclosure.intrusion" },
        { "Processor", "cpu", "cpu.degraded", "cpu.failed" },
        { "CPU", "cpu", "cpu.degraded", "cpu.failed" },
        { "PS1", "psu", "psu.degraded", "psu.failed" },
        { "PS2", "psu", "psu.degraded", "psu.failed" },
        { "", "sensor", "sensor.warning", "sensor.critical" },
};

static size_t kind_of(const struct ipmi_sensor *s)
{
        const bool is_reading = *s->reading != '\0';

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                if (is_reading && text_has(s->unit, kinds[i].word) && *kinds[i].word)
                        return i;
                if (text_has(s->type, kinds[i].word) || text_has(s->name, kinds[i].word))
                        if (*kinds[i].word && (!is_reading || !*s->unit || *s->type))
                                return i;
        }
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) /* "Fan 3 | 0 percent": by its name */
                if (text_has(s->name, kinds[i].word))
                        return i;
        return ELEMENTSOF(kinds) - 1;
}

static enum vg_sight_health health_of(const char *state)
{
        static const struct {
                const char *word;
                enum vg_sight_health health;
        } words[] = {
                { "ok", VG_HEALTH_OK },
                { "Nominal", VG_HEALTH_OK },
                { "nc", VG_HEALTH_WARNING },
                { "lnc", VG_HEALTH_WARNING },
                { "unc", VG_HEALTH_WARNING },
                { "Warning", VG_HEALTH_WARNING },
                { "cr", VG_HEALTH_CRITICAL },
                { "nr", VG_HEALTH_CRITICAL },
                { "lcr", VG_HEALTH_CRITICAL },
                { "ucr", VG_HEALTH_CRITICAL },
                { "lnr", VG_HEALTH_CRITICAL },
                { "unr", VG_HEALTH_CRITICAL },
                { "Critical", VG_HEALTH_CRITICAL },
        };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(words[i].word, state) == 0)
                        return words[i].health;
        return VG_HEALTH_UNKNOWN;
}

static int tell(const struct ipmi_reading *r, const struct ipmi_sensor *s,
                const struct vg_sighting *sighting)
{
        struct vg_sighting copy = *sighting;

        if (!copy.component.location)
                copy.component.location = s->name;
        copy.path = r->path;
        return vg_round_add(r->round, &copy);
}

static int tell_level(const struct ipmi_reading *r, const struct ipmi_sensor *s)
{
        const size_t kind = kind_of(s);
        const enum vg_sight_health health = health_of(s->state);
        const bool is_critical = health == VG_HEALTH_CRITICAL;
        const char *limit = is_critical ? s->critical : s->warning;
        char value[96], threshold[96] = "";
        struct vg_sighting sighting = {
                .kind = VG_SIGHT_LEVEL,
                .health = health,
                .component = { .component_class = kinds[kind].component_class },
                .text = *s->events ? s->events : s->state,
                .value = value,
        };

        snprintf(value, sizeof(value), "%s %s", s->reading, s->unit);
        if (health >= VG_HEALTH_WARNING) {
                sighting.code = is_critical ? kinds[kind].critical : kinds[kind].warning;
                if (isdigit((unsigned char)limit[0])) {
                        snprintf(threshold, sizeof(threshold), "%s %s", limit, s->unit);
                        sighting.threshold = threshold;
                        sighting.threshold_from = "vendor";
                }
        }
        return tell(r, s, &sighting);
}

/* Discrete states, as `ipmitool sensor` prints them: "0x0300". */
static const char *bits_of(const struct ipmi_sensor *s, char *buf, size_t size)
{
        static const struct {
                const char *component_class;
                unsigned bit;
                const char *text;
        } bits[] = {
                { "psu", 1, "Power Supply Failure detected" }, { "psu", 2, "Predictive failure" },
                { "psu", 3, "Power Supply AC lost" },          { "drive", 1, "Drive Fault" },
                { "drive", 2, "Predictive Failure" },          { "dimm", 1, "Uncorrectable ECC" },
        };
        const size_t kind = kind_of(s);
        unsigned states = 0;

        buf[0] = '\0';
        for (int i = 2; i < 4; i++) /* the first of the two bytes: states 0 to 7 */
                states = states * 16 + (unsigned)(isdigit((unsigned char)s->state[i])
                                                          ? s->state[i] - '0'
                                                          : (s->state[i] | 0x20) - 'a' + 10);
        for (size_t i = 0; i < ELEMENTSOF(bits); i++)
                if (strcmp(bits[i].component_class, kinds[kind].component_class) == 0 &&
                    states & 1u << bits[i].bit)
                        snprintf(buf, size, "%s", bits[i].text);
        return buf;
}

/* Words of discrete sensors that say that all is well. No event is, where the sensor holds its state;
 * memory and processors tell of what happened, and forget it. */
static bool says_well(const char *component_class, const char *events)
{
        static const char *const words[] = { "presence detected", "drive present",
                                             "fully redundant", "drive presence",
                                             "limit not exceeded" };
        const bool forgets =
                strcmp(component_class, "dimm") == 0 || strcmp(component_class, "cpu") == 0;

        return text_has_any(events, words, ELEMENTSOF(words)) ||
               (!forgets && text_has(events, "'OK'"));
}

static int tell_discrete(const struct ipmi_reading *r, const struct ipmi_sensor *s)
{
        const size_t kind = kind_of(s);
        const enum vg_sight_health said = health_of(s->state);
        const char *sensor = *s->type ? s->type : s->name;
        char bits[64], subject[160];
        const char *events =
                text_starts(s->state, "0x") ? bits_of(s, bits, sizeof(bits)) : s->events;
        struct vg_sighting sighting = {
                .kind = VG_SIGHT_STATE,
                .component = { .component_class = kinds[kind].component_class },
                .text = *events ? events : s->state,
                .value = events,
        };
        struct phrase phrase;

        snprintf(subject, sizeof(subject), "%s %s", kinds[kind].word, sensor);
        if (said <= VG_HEALTH_OK && strcmp(kinds[kind].component_class, "enclosure") == 0 &&
            *s->type)
                events = "";
        if (*events && !text_has(events, "OEM Event") && !text_has(events, "deasserted") &&
            !text_has(events, "transition to OK") && phrase_find(subject, events, said, &phrase) &&
            phrase.health >= VG_HEALTH_WARNING && phrase.kind == VG_SIGHT_LOG) {
                sighting.health = phrase.health;
                sighting.code = phrase.code;
                sighting.component.component_class = phrase.component_class;
                if (text_has(phrase.code, "redundancy")) {
                        sighting.kind = VG_SIGHT_ROLLUP;
                        sighting.key = phrase.component_class;
                }
                return tell(r, s, &sighting);
        }
        if (said >= VG_HEALTH_WARNING) {
                sighting.health = said;
                sighting.code =
                        said == VG_HEALTH_CRITICAL ? kinds[kind].critical : kinds[kind].warning;
                return tell(r, s, &sighting);
        }
        if (said == VG_HEALTH_OK && says_well(kinds[kind].component_class, events))
                sighting.health = VG_HEALTH_OK;
        else
                sighting.resolved = said == VG_HEALTH_OK; /* its bit is no longer set */
        return tell(r, s, &sighting);
}

int ipmi_tell_sensor(const struct ipmi_reading *reading, const struct ipmi_sensor *sensor)
{
        if (strcasecmp(sensor->state, "ns") == 0 || strcasecmp(sensor->state, "na") == 0 ||
            strcmp(sensor->state, "N/A") == 0)
                return 0; /* nothing is there, or it is not read now */
        if (*sensor->reading)
                return tell_level(reading, sensor);
        return tell_discrete(reading, sensor);
}

int ipmi_tell_chassis(const struct ipmi_reading *reading, const char *line)
{
        static const struct {
                const char *name, *bad, *component_class, *code;
        } rows[] = {
                { "Power Overload", "true", "power", "power.critical" },
                { "Main Power Fault", "true", "power", "power.critical" },
                { "Power Control Fault", "true", "power", "power.critical" },
                { "Chassis Intrusion", " active", "enclosure", "enclosure.intrusion" },
                { "Drive Fault", "true", "drive", "drive.failed" },
                { "Cooling/Fan Fault", "true", "fan", "fan.failed" },
                { "Selftest", "fail", "bmc", "bmc.self-test" },
                { "Selftest", "corrupt", "bmc", "bmc.self-test" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_sighting s = {
                        .kind = VG_SIGHT_ROLLUP,
                        .health = VG_HEALTH_CRITICAL,
                        .component = { .component_class = rows[i].component_class,
                                       .location = "chassis" },
                        .code = rows[i].code,
                        .text = line,
                        .path = reading->path,
                        .key = rows[i].component_class,
                };

                if (text_starts(line, rows[i].name) && strchr(line, ':') &&
                    text_has(strchr(line, ':'), rows[i].bad))
                        return vg_round_add(reading->round, &s);
        }
        return 0;
}
