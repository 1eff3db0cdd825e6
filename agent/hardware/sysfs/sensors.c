/* SPDX-License-Identifier: Apache-2.0 */

/* What `sensors` of lm-sensors printed: its page, `-u` and `-j`, told apart by their form. The chip's
 * name stands before its "Adapter". */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/sysfs/room.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { LINE = 512 };

struct report {
        const struct sysfs *sysfs;
        const char *path;
        char chip[96], label[96];
        struct sysfs_channel channel; /* of -u and -j: members come one by one */
};

static int end_channel(struct report *report)
{
        char place[200];
        int r;

        if (!report->channel.has_value)
                return 0;
        snprintf(place, sizeof(place), "%s %s", report->chip, report->label);
        r = sysfs_tell_channel(report->sysfs, report->path, place, &report->channel);
        report->channel = (struct sysfs_channel){ 0 };
        return r;
}

/* Thousandths, as the kernel counts temperatures; a fan's turns as they are. */
static int64_t scaled(double value, bool is_fan)
{
        const double thousandths = is_fan ? value : value * 1000;

        return thousandths > -1e12 && thousandths < 1e12 ? (int64_t)thousandths : 0;
}

/* "temp1_input", 45.0 */
static void take_member(struct report *report, const char *name, double value)
{
        const char *what = strchr(name, '_');
        struct sysfs_channel *c = &report->channel;

        if (!what || !(text_starts(name, "temp") || text_starts(name, "fan")))
                return;
        c->is_fan = name[0] == 'f';
        if (strcmp(what, "_input") == 0) {
                c->has_value = true;
                c->value = scaled(value, c->is_fan);
        } else if (strcmp(what, "_crit") == 0) {
                c->critical = scaled(value, c->is_fan);
        } else if (strcmp(what, "_max") == 0) {
                c->high = scaled(value, c->is_fan);
        } else if (strcmp(what, "_fault") == 0) {
                c->is_broken = value != 0;
        } else if (strcmp(what, "_alarm") == 0) {
                c->has_alarm = true;
                c->alarm = value != 0;
        }
}

/* ---- the page ---- */

static double number_behind(const char *line, const char *name)
{
        const char *at = strstr(line, name);

        return at ? decimal_at(at + strlen(name) + strspn(at + strlen(name), " =+")) : 0;
}

/* "Core 0:  +43.0°C  (high = +84.0°C, crit = +100.0°C)  ALARM (CRIT)"; "fan2: 0 RPM (min = 600 RPM)" */
static int take_reading(struct report *report, const char *line)
{
        const char *colon = strchr(line, ':'), *limits = strchr(line, '(');
        const char *value_at = colon ? colon + 1 + strspn(colon + 1, " +") : "";
        const bool is_fan = strstr(line, " RPM") != NULL;
        const char *degrees = strstr(value_at, "C ");
        struct sysfs_channel *c = &report->channel;

        if (!isdigit((unsigned char)*value_at) || (!is_fan &&
                                                   !strstr(value_at, "\xc2\xb0"
                                                                     "C") &&
                                                   (!degrees || !limits || degrees > limits)))
                return 0;
        text_trim(line, colon, report->label, sizeof(report->label));
        *c = (struct sysfs_channel){
                .has_value = true,
                .is_fan = is_fan,
                .value = scaled(decimal_at(value_at), is_fan),
                .high = limits ? scaled(number_behind(limits, "high"), false) : 0,
                .critical = limits ? scaled(number_behind(limits, "crit "), false) : 0,
                .is_broken = strstr(line, "FAULT") != NULL,
                .alarm = strstr(line, "ALARM") != NULL,
        };
        c->has_alarm = c->alarm || is_fan;
        return end_channel(report);
}

static int take_line(struct report *report, const char *line, const char *before)
{
        const size_t n = strlen(line);
        const char *colon = strchr(line, ':');
        char name[64];

        if (text_starts(line, "Adapter:")) {
                snprintf(report->chip, sizeof(report->chip), "%s", before);
                return end_channel(report);
        }
        if (!*report->chip || !colon)
                return n ? 0 : end_channel(report);
        if (isspace((unsigned char)line[0]) && strchr(line, '_')) { /* "  temp1_input: 45.000" */
                text_trim(line, colon, name, sizeof(name));
                take_member(report, name, decimal_at(colon + 1 + strspn(colon + 1, " ")));
                return 0;
        }
        if (colon[1] == '\0') { /* "Core 0:" of -u */
                const int r = end_channel(report);
                text_trim(line, colon, report->label, sizeof(report->label));
                return r;
        }
        return take_reading(report, line);
}

static int read_page(struct report *report, const char *bytes, size_t n)
{
        char line[LINE], before[LINE] = "";
        size_t at = 0;
        int r = 0;

        while (r == 0 && next_line(bytes, n, &at, line, sizeof(line))) {
                r = take_line(report, line, before);
                if (r == 0 && !*line)
                        r = end_channel(report);
                snprintf(before, sizeof(before), "%s", line);
        }
        return r < 0 ? r : end_channel(report);
}

/* ---- -j ---- */

static int read_tree(struct report *report, const json_t *tree)
{
        const char *chip, *label, *name;
        json_t *channels, *members, *value;
        int r = 0;

        json_object_foreach ((json_t *)tree, chip, channels) {
                snprintf(report->chip, sizeof(report->chip), "%s", chip);
                json_object_foreach (channels, label, members) {
                        snprintf(report->label, sizeof(report->label), "%s", label);
                        json_object_foreach (members, name, value) {
                                take_member(report, name, json_number_value(value));
                        }
                        r = end_channel(report);
                        if (r < 0)
                                return r;
                }
        }
        return r;
}

int sysfs_sensors(const struct sysfs *sysfs, const struct document *document)
{
        static const char *const others[] = { "redfish/", "smartctl/", "raid/", "ipmi/" };
        struct report report = { .sysfs = sysfs, .path = document->path };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (text_starts(document->path, others[i]))
                        return 0;
        if (!memmem(document->bytes, document->n, "\nAdapter: ", 10) &&
            !memmem(document->bytes, document->n, "\"Adapter\"", 9))
                return 0;
        if (document->bytes[strspn(document->bytes, " \t\r\n")] != '{')
                return read_page(&report, document->bytes, document->n);
        if (foreign_json(document->bytes, document->n, &tree, NULL) < 0)
                return vg_round_unread(sysfs->round, document->path, "JSON");
        return read_tree(&report, tree);
}
