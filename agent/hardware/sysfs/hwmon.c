/* SPDX-License-Identifier: Apache-2.0 */

/* hwmon: alarms that the chip itself raises, and readings beyond the vendor's limits. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/sysfs/room.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static const struct kind {
        const char *prefix, *component_class, *warning, *critical, *unit;
        int64_t divisor;
} kinds[] = {
        { "temp", "temperature", "temperature.warning", "temperature.critical", "°C", 1000 },
        { "fan", "fan", "fan.degraded", "fan.failed", "RPM", 1 },
};

static const struct kind *kind_of(const char *name, char *channel, size_t size)
{
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                const size_t n = strlen(kinds[i].prefix);
                const size_t digits = strspn(name + n, "0123456789");

                if (strncmp(name, kinds[i].prefix, n) != 0 || !digits ||
                    strcmp(name + n + digits, "_input") != 0)
                        continue;
                snprintf(channel, size, "%.*s", (int)(n + digits), name);
                return &kinds[i];
        }
        return NULL;
}

static bool member(const struct sysfs *sysfs, const struct document *document, const char *channel,
                   const char *what, int64_t *ret_value)
{
        char name[64];

        snprintf(name, sizeof(name), "%s_%s", channel, what);
        return sysfs_number_beside(sysfs, document->path, name, ret_value);
}

struct verdict {
        enum vg_sight_health health;
        bool has_limit;
        int64_t limit;
};

/* Zero is "not there", for readings and for limits; limits out of order prove nothing. */
static struct verdict judge(const struct sysfs *sysfs, const struct document *document,
                            const char *channel, bool is_fan, int64_t value)
{
        struct verdict v = { .health = VG_HEALTH_OK };
        int64_t critical = 0, high = 0, alarm = 0;

        if ((member(sysfs, document, channel, "fault", &alarm) && alarm) || value == 0)
                v.health = VG_HEALTH_UNKNOWN; /* the sensor itself is broken, or absent */
        if (is_fan) {
                if (member(sysfs, document, channel, "alarm", &alarm) && alarm)
                        v.health = VG_HEALTH_CRITICAL;
                return v;
        }
        if (v.health == VG_HEALTH_UNKNOWN)
                return v;
        member(sysfs, document, channel, "crit", &critical);
        member(sysfs, document, channel, "max", &high);
        if (critical > 0 && value >= critical && (!high || high <= critical)) {
                v = (struct verdict){ VG_HEALTH_CRITICAL, true, critical };
        } else if (high > 0 && value > high && (!critical || high <= critical) &&
                   (!member(sysfs, document, channel, "alarm", &alarm) || alarm)) {
                v = (struct verdict){ VG_HEALTH_WARNING, true, high };
        }
        return v;
}

int sysfs_hwmon(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char text[SYSFS_TEXT], channel[32], chip[SYSFS_TEXT], label[SYSFS_TEXT], place[600];
        char value[64], threshold[64] = "", file[64];
        const struct kind *kind = kind_of(name, channel, sizeof(channel));
        struct verdict v;
        int64_t reading;

        if (!kind || !strstr(document->path, "/hwmon"))
                return 0;
        if (vg_i64_parse(sysfs_content(document, text), &reading) < 0)
                return 0;
        if (!sysfs_beside(sysfs, document->path, "name", chip))
                sysfs_part(document->path, 1, chip, sizeof(chip));
        snprintf(file, sizeof(file), "%s_label", channel);
        if (!sysfs_beside(sysfs, document->path, file, label))
                snprintf(label, sizeof(label), "%s", channel);
        snprintf(place, sizeof(place), "%s %s", chip, label);
        v = judge(sysfs, document, channel, strcmp(kind->prefix, "fan") == 0, reading);
        number_text((double)reading / (double)kind->divisor, kind->unit, value, sizeof(value));
        if (v.has_limit)
                number_text((double)v.limit / (double)kind->divisor, kind->unit, threshold,
                            sizeof(threshold));
        return vg_round_add(sysfs->round,
                            &(struct vg_sighting){
                                    .kind = VG_SIGHT_LEVEL,
                                    .health = v.health,
                                    .component = { .component_class = kind->component_class,
                                                   .location = place },
                                    .code = v.health == VG_HEALTH_CRITICAL  ? kind->critical
                                            : v.health == VG_HEALTH_WARNING ? kind->warning
                                                                            : "",
                                    .text = place,
                                    .path = document->path,
                                    .value = value,
                                    .threshold = threshold,
                                    .threshold_from = v.has_limit ? "vendor" : "",
                            });
}
