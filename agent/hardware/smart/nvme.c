/* SPDX-License-Identifier: Apache-2.0 */

/* NVMe: the health information log. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/smart/drive.h"
#include "os/lang.h"
#include "vigie/mem.h"

static const struct {
        int bit;
        const char *code;
        enum vg_sight_health health;
        const char *text;
} warnings[] = {
        { 0, "drive.failed", VG_HEALTH_CRITICAL, "critical warning: spare below its threshold" },
        { 1, "drive.temperature", VG_HEALTH_WARNING, "critical warning: temperature" },
        { 2, "drive.failed", VG_HEALTH_CRITICAL, "critical warning: reliability degraded" },
        { 3, "drive.failed", VG_HEALTH_CRITICAL, "critical warning: media read only" },
        { 4, "drive.failed", VG_HEALTH_CRITICAL, "critical warning: volatile backup failed" },
        { 5, "drive.failed", VG_HEALTH_CRITICAL, "critical warning: persistent memory region" },
};

static int look_at_warnings(struct smart_drive *drive, const json_t *log)
{
        char value[32];
        double bits = 0;
        int r = 0;

        if (!member_number(log, "critical_warning", &bits))
                member_number(member_path(drive->tree, "smart_status.nvme"), "value", &bits);
        snprintf(value, sizeof(value), "0x%02x", bits >= 0 && bits < 256 ? (unsigned)bits : 0);
        for (size_t i = 0; i < ELEMENTSOF(warnings) && r == 0 && bits >= 0 && bits < 256; i++)
                if ((unsigned)bits & 1u << warnings[i].bit)
                        r = smart_bad(drive, warnings[i].code, warnings[i].health, warnings[i].text,
                                      value, "", "");
        return r;
}

static int look_at_spare(struct smart_drive *drive, const json_t *log)
{
        char value[32], limit[32];
        double spare, threshold;

        /* 0 under a threshold of 0 is what drives say that have no spare to count. */
        if (!member_number(log, "available_spare", &spare) ||
            !member_number(log, "available_spare_threshold", &threshold) || spare >= threshold)
                return 0;
        return smart_bad(drive, "drive.failed", VG_HEALTH_CRITICAL, "available spare",
                         number_text(spare, "%", value, sizeof(value)),
                         number_text(threshold, "%", limit, sizeof(limit)), "vendor");
}

static int look_at_wear(struct smart_drive *drive, const json_t *log)
{
        char value[32];
        double used;

        if (!member_number(log, "percentage_used", &used))
                return 0;
        number_text(used, "%", value, sizeof(value));
        if (used >= 100)
                return smart_bad(drive, "drive.wear", VG_HEALTH_WARNING, "percentage used", value,
                                 "100 %", "NVMe");
        if (used >= 90)
                return vg_round_note(drive->round, _("drive/%s : %s de son endurance utilisés"),
                                     drive->location, value);
        return 0;
}

int smart_nvme(struct smart_drive *drive)
{
        const json_t *log = json_object_get(drive->tree, "nvme_smart_health_information_log");
        double errors;
        int r;

        if (!json_is_object(log))
                return 0;
        drive->has_log = true;
        r = look_at_warnings(drive, log);
        if (r == 0)
                r = look_at_spare(drive, log);
        if (r == 0)
                r = look_at_wear(drive, log);
        if (r == 0 && member_number(log, "media_errors", &errors) && errors >= 0)
                r = smart_count(drive, "drive.media", false, "media errors",
                                errors < 9e15 ? (int64_t)errors : INT64_MAX);
        return r;
}
