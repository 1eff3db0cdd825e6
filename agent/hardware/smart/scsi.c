/* SPDX-License-Identifier: Apache-2.0 */

/* SAS and SCSI: error counters, grown defects, informational exceptions. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/smart/drive.h"
#include "vigie/mem.h"

static int look_at_errors(struct smart_drive *drive)
{
        static const char *const kinds[] = { "read", "write", "verify" };
        const json_t *log = json_object_get(drive->tree, "scsi_error_counter_log");
        char text[96];
        double errors;
        int r = 0;

        drive->has_log |= json_is_object(log);
        for (size_t i = 0; i < ELEMENTSOF(kinds) && r == 0; i++) {
                const json_t *counts = json_object_get(log, kinds[i]);

                if (!member_number(counts, "total_uncorrected_errors", &errors) || errors < 0)
                        continue;
                snprintf(text, sizeof(text), "uncorrected %s errors", kinds[i]);
                r = smart_count(drive, "drive.media", true, text,
                                errors < 9e15 ? (int64_t)errors : INT64_MAX);
        }
        return r;
}

/* ASC 0x5D: the drive foretells its own failure; 0x0B: it warns of its surroundings. */
static int look_at_exception(struct smart_drive *drive)
{
        const json_t *scsi = member_path(drive->tree, "smart_status.scsi");
        const char *said = member_text(scsi, "ie_string");
        char value[32];
        double asc;

        if (!member_number(scsi, "asc", &asc) || asc < 0 || asc > 255)
                return 0;
        snprintf(value, sizeof(value), "ASC 0x%02x", (unsigned)asc);
        if ((unsigned)asc == 0x5d)
                return smart_bad(drive, "drive.failed", VG_HEALTH_CRITICAL,
                                 *said ? said : "failure prediction threshold exceeded", value, "",
                                 "");
        if ((unsigned)asc == 0x0b)
                return smart_bad(drive,
                                 text_has(said, "temp") ? "drive.temperature" : "drive.predicted",
                                 VG_HEALTH_WARNING, *said ? said : "warning", value, "", "");
        return 0;
}

/* A trip of 0 or 255 is none. */
static int look_at_heat(struct smart_drive *drive)
{
        const json_t *heat = json_object_get(drive->tree, "temperature");
        char value[32], limit[32];
        double now, trip;

        if (!member_number(heat, "drive_trip", &trip) || !member_number(heat, "current", &now) ||
            trip <= 0 || trip >= 200 || now < trip || now >= 200)
                return 0;
        return smart_bad(drive, "drive.temperature", VG_HEALTH_WARNING, "temperature",
                         number_text(now, "°C", value, sizeof(value)),
                         number_text(trip, "°C", limit, sizeof(limit)), "vendor");
}

int smart_scsi(struct smart_drive *drive)
{
        const json_t *pending = json_object_get(drive->tree, "scsi_pending_defects");
        char value[32];
        double n;
        int r = look_at_errors(drive);

        if (r == 0 && member_number(drive->tree, "scsi_grown_defect_list", &n) && n >= 0)
                r = smart_count(drive, "drive.media", false, "grown defects",
                                n < 9e15 ? (int64_t)n : INT64_MAX);
        if (r == 0 && member_number(pending, "count", &n) && n >= 0)
                r = smart_count(drive, "drive.media", true, "pending defects",
                                n < 9e15 ? (int64_t)n : INT64_MAX);
        if (r == 0 && member_number(drive->tree, "scsi_percentage_used_endurance_indicator", &n) &&
            n >= 100)
                r = smart_bad(drive, "drive.wear", VG_HEALTH_WARNING, "endurance used",
                              number_text(n, "%", value, sizeof(value)), "100 %", "SCSI");
        if (r == 0)
                r = look_at_heat(drive);
        return r < 0 ? r : look_at_exception(drive);
}
