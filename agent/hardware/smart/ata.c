/* SPDX-License-Identifier: Apache-2.0 */

/* ATA: the attributes that foretell, and those at their thresholds. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/smart/drive.h"
#include "os/lang.h"
#include "vigie/mem.h"

/* Vendors give numbers to other things too: the name must agree. */
static const struct {
        int id;
        const char *word;
        const char *code;
        bool at_once;
} counters[] = {
        { 5, "realloc", "drive.media", false },  { 187, "uncorrect", "drive.media", true },
        { 197, "pending", "drive.media", true }, { 198, "uncorrect", "drive.media", true },
        { 199, "crc", "drive.cabling", false },
};

/* Raw values of more than 32 bits hold several numbers; the count is the lowest. */
static int64_t raw_count(const json_t *attribute)
{
        double value;

        if (!member_number(json_object_get(attribute, "raw"), "value", &value) || value < 0)
                return 0;
        return value < 4294967296.0 ? (int64_t)value
                                    : (value < 9e15 ? (int64_t)value & 0xffffffff : 0);
}

static int look_at_counter(struct smart_drive *drive, const json_t *attribute, int id,
                           const char *name)
{
        char text[96];

        for (size_t i = 0; i < ELEMENTSOF(counters); i++) {
                if (counters[i].id != id || !text_has(name, counters[i].word))
                        continue;
                snprintf(text, sizeof(text), "attribute %d %s", id, name);
                return smart_count(drive, counters[i].code, counters[i].at_once, text,
                                   raw_count(attribute));
        }
        return 0;
}

static int look_at_threshold(struct smart_drive *drive, const json_t *attribute, int id,
                             const char *name)
{
        const char *when = member_text(attribute, "when_failed");
        const bool is_prefail = member_true(json_object_get(attribute, "flags"), "prefailure");
        const bool is_heat = text_has(name, "temp");
        const bool is_wear =
                text_has(name, "wear") || text_has(name, "life") || text_has(name, "endurance");
        char text[96], value[32], threshold[32];
        double now = 0, limit = 0;

        member_number(attribute, "value", &now);
        member_number(attribute, "thresh", &limit);
        snprintf(text, sizeof(text), "attribute %d %s at its threshold", id, name);
        number_text(now, "", value, sizeof(value));
        number_text(limit, "", threshold, sizeof(threshold));
        if (strcmp(when, "now") == 0 || (is_prefail && limit > 0 && now > 0 && now <= limit))
                return smart_bad(drive,
                                 is_heat      ? "drive.temperature"
                                 : is_prefail ? "drive.failed"
                                 : is_wear    ? "drive.wear"
                                              : "drive.predicted",
                                 is_prefail && !is_heat ? VG_HEALTH_CRITICAL : VG_HEALTH_WARNING,
                                 text, value, threshold, "vendor");
        if (*when)
                return vg_round_note(drive->round,
                                     _("drive/%s : attribut %d %s déjà tombé à son seuil"),
                                     drive->location, id, name);
        return 0;
}

int smart_ata(struct smart_drive *drive)
{
        const json_t *table = member_path(drive->tree, "ata_smart_attributes.table");
        const size_t n = json_array_size(table);
        int r = 0;

        drive->has_table = n > 0;
        drive->has_log |= n > 0;
        for (size_t i = 0; i < n && r == 0; i++) {
                const json_t *attribute = json_array_get(table, i);
                const char *name = member_text(attribute, "name");
                double id;

                if (!member_number(attribute, "id", &id) || id < 1 || id > 255)
                        continue;
                r = look_at_counter(drive, attribute, (int)id, name);
                if (r == 0)
                        r = look_at_threshold(drive, attribute, (int)id, name);
        }
        return r;
}
