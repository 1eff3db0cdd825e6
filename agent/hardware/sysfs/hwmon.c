/* SPDX-License-Identifier: Apache-2.0 */

/* hwmon: alarms that the chip itself raises, and readings beyond the vendor's limits. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/sysfs/room.h"
#include "vigie/mem.h"
#include "vigie/num.h"

/* The channel of "temp1_input" and "fan2_input"; "" for other files. */
static char *channel_of(const char *name, char *channel, size_t size)
{
        static const char *const kinds[] = { "temp", "fan" };

        channel[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                const size_t n = strlen(kinds[i]);
                const size_t digits =
                        text_starts(name, kinds[i]) ? strspn(name + n, "0123456789") : 0;

                if (digits && strcmp(name + n + digits, "_input") == 0)
                        snprintf(channel, size, "%.*s", (int)(n + digits), name);
        }
        return channel;
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
        int64_t limit; /* 0: none */
};

/* Zero is "not there", for readings and for limits; limits out of order prove nothing. */
static struct verdict judge(const struct sysfs_channel *c)
{
        const bool is_ordered = !c->high || !c->critical || c->high <= c->critical;

        if (c->is_fan && c->alarm)
                return (struct verdict){ VG_HEALTH_CRITICAL, 0 };
        if (c->is_broken || c->value == 0) /* the sensor itself is broken, or absent */
                return (struct verdict){ VG_HEALTH_UNKNOWN, 0 };
        if (!c->is_fan && c->critical > 0 && c->value >= c->critical && is_ordered)
                return (struct verdict){ VG_HEALTH_CRITICAL, c->critical };
        if (!c->is_fan && c->high > 0 && c->value > c->high && is_ordered &&
            (!c->has_alarm || c->alarm))
                return (struct verdict){ VG_HEALTH_WARNING, c->high };
        return (struct verdict){ VG_HEALTH_OK, 0 };
}

int sysfs_tell_channel(const struct sysfs *sysfs, const char *path, const char *place,
                       const struct sysfs_channel *c)
{
        static const struct {
                const char *component_class, *warning, *critical, *unit;
                double divisor;
        } kinds[] = {
                { "temperature", "temperature.warning", "temperature.critical", "°C", 1000 },
                { "fan", "fan.degraded", "fan.failed", "RPM", 1 },
        };
        const struct verdict v = judge(c);
        char value[64], threshold[64] = "";
        const size_t k = c->is_fan;

        number_text((double)c->value / kinds[k].divisor, kinds[k].unit, value, sizeof(value));
        if (v.limit)
                number_text((double)v.limit / kinds[k].divisor, kinds[k].unit, threshold,
                            sizeof(threshold));
        return vg_round_add(sysfs->round,
                            &(struct vg_sighting){
                                    .kind = VG_SIGHT_LEVEL,
                                    .health = v.health,
                                    .component = { .component_class = kinds[k].component_class,
                                                   .location = place },
                                    .code = v.health == VG_HEALTH_CRITICAL  ? kinds[k].critical
                                            : v.health == VG_HEALTH_WARNING ? kinds[k].warning
                                                                            : "",
                                    .text = place,
                                    .path = path,
                                    .value = value,
                                    .threshold = threshold,
                                    .threshold_from = v.limit ? "vendor" : "",
                            });
}

int sysfs_hwmon(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char text[SYSFS_TEXT], channel[32], chip[SYSFS_TEXT], label[SYSFS_TEXT], place[600],
                file[64];
        struct sysfs_channel c = { .is_fan = name[0] == 'f' };
        int64_t flag = 0;

        if (!strstr(document->path, "/hwmon") || !*channel_of(name, channel, sizeof(channel)) ||
            vg_i64_parse(sysfs_content(document, text), &c.value) < 0)
                return 0;
        if (!sysfs_beside(sysfs, document->path, "name", chip))
                sysfs_part(document->path, 1, chip, sizeof(chip));
        snprintf(file, sizeof(file), "%s_label", channel);
        if (!sysfs_beside(sysfs, document->path, file, label))
                snprintf(label, sizeof(label), "%s", channel);
        snprintf(place, sizeof(place), "%s %s", chip, label);
        member(sysfs, document, channel, "crit", &c.critical);
        member(sysfs, document, channel, "max", &c.high);
        c.is_broken = member(sysfs, document, channel, "fault", &flag) && flag;
        flag = 0;
        c.has_alarm = member(sysfs, document, channel, "alarm", &flag);
        c.alarm = flag != 0;
        return sysfs_tell_channel(sysfs, document->path, place, &c);
}
