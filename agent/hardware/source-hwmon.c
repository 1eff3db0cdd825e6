/* SPDX-License-Identifier: Apache-2.0 */

/* hwmon: temperatures, fans and voltages through libsensors, which knows how each board scales and
 * names them. Reading a sensor of a dead device may hang in the kernel, so a child of ours reads
 * (`vigie-hardware --read hwmon`), with a deadline. */

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sensors/sensors.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/read.h"
#include "hardware/runner.h"
#include "os/lang.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { READ_S = 20, OUT_MAX = 4 << 20, PATIENCE_S = 30 };

static uint32_t interval_s(const struct vg_settings *settings)
{
        return settings->hardware_hwmon_interval_s;
}

/* ---- in the child ---- */

/* What /sys counts in one unit of what libsensors returns. */
static double scale_of(sensors_feature_type type)
{
        switch (type) {
        case SENSORS_FEATURE_FAN:
        case SENSORS_FEATURE_INTRUSION:
        case SENSORS_FEATURE_BEEP_ENABLE:
                return 1;
        case SENSORS_FEATURE_POWER:
        case SENSORS_FEATURE_ENERGY:
                return 1000000;
        default:
                return 1000;
        }
}

/* Alarms, faults and beeps are flags in whatever unit the reading is. */
static bool is_flag(const char *name)
{
        const char *what = strchr(name, '_');

        return what && (strstr(what, "alarm") || strstr(what, "fault") || strstr(what, "beep"));
}

static void print_feature(const sensors_chip_name *chip, const sensors_feature *feature)
{
        _cleanup_free_ char *label = sensors_get_label(chip, feature);
        const sensors_subfeature *sub;
        char path[512], text[64];
        int n = 0;

        if (label) {
                snprintf(path, sizeof(path), "%s/%s_label", chip->path + 1, feature->name);
                read_print(path, label, strlen(label));
        }
        while ((sub = sensors_get_all_subfeatures(chip, feature, &n))) {
                double value;
                if (!(sub->flags & SENSORS_MODE_R) ||
                    sensors_get_value(chip, sub->number, &value) < 0)
                        continue;
                const double scale = is_flag(sub->name) ? 1 : scale_of(feature->type);
                snprintf(path, sizeof(path), "%s/%s", chip->path + 1, sub->name);
                snprintf(text, sizeof(text), "%.0f\n", round(value * scale));
                read_print(path, text, strlen(text));
        }
}

/* Asking a disk how warm it is may wake it; smartctl, which asks whether it sleeps, tells it too. */
static bool is_of_a_disk(const sensors_chip_name *chip)
{
        return strcmp(chip->prefix, "drivetemp") == 0;
}

/* As /sys would show it: "sys/class/hwmon/hwmon0/temp1_input" in thousandths of a degree. */
int read_hwmon(void)
{
        const sensors_chip_name *chip;
        int n = 0;

        if (sensors_init(NULL) != 0)
                return -EIO;
        while ((chip = sensors_get_detected_chips(NULL, &n))) {
                const sensors_feature *feature;
                char path[512];
                int m = 0;
                if (!chip->path || chip->path[0] != '/' || is_of_a_disk(chip))
                        continue;
                snprintf(path, sizeof(path), "%s/name", chip->path + 1);
                read_print(path, chip->prefix, strlen(chip->prefix));
                while ((feature = sensors_get_features(chip, &m)))
                        print_feature(chip, feature);
        }
        sensors_cleanup();
        return 0;
}

/* ---- in the parent ---- */

static void on_read(void *user, const struct run_answer *answer)
{
        struct source *source = user;
        int r = answer->r;

        if (r == 0 && answer->status != 0)
                r = -EIO;
        if (r == 0)
                r = read_take(answer->out, answer->n, &source->documents);
        source_end(source, r,
                   r == -ETIMEDOUT ? _("un capteur ne répond pas")
                   : *answer->said ? answer->said
                                   : _("capteurs illisibles"));
}

static void look(struct source *source)
{
        char program[PATH_MAX];
        struct vg_err err = { 0 };
        const struct run_request request = {
                .key = "hwmon",
                .argv = (const char *const[]){ read_program(program, sizeof(program)), "--read",
                                               "hwmon", NULL },
                .deadline_s = READ_S,
                .out_max = OUT_MAX,
                .done = on_read,
                .user = source,
        };
        int r = request.argv[0] ? runner_start(source->hardware->runner, &request, &err)
                                : vg_err_set(&err, -ENOENT, "vigie-hardware : introuvable");

        if (r < 0)
                source_end(source, r, vg_err_text(&err));
}

const struct vg_source vg_source_hwmon = {
        .name = "hwmon",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .waits_for_boot = true,
        .look = look,
        .parse = sysfs_parse,
};
