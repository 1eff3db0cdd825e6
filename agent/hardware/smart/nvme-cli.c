/* SPDX-License-Identifier: Apache-2.0 */

/* The health log as nvme-cli writes it: the same members under other names, numbers at times as
 * texts, and the critical warning at times taken apart into its bits. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/smart/drive.h"
#include "vigie/json.h"
#include "vigie/mem.h"

bool smart_is_nvme_cli(const json_t *tree)
{
        return json_object_get(tree, "avail_spare") && json_object_get(tree, "critical_warning");
}

static double number_of(const json_t *value)
{
        if (json_is_object(value))
                return number_of(json_object_get(value, "value"));
        if (json_is_string(value))
                return decimal_at(json_string_value(value));
        return json_number_value(value);
}

/* "nvme/nvme0-smart-log.json" is of nvme0; a file that names no controller names its log itself. */
static json_t *device_of(const char *path)
{
        const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
        char name[64];

        for (const char *at = strstr(file, "nvme"); at; at = strstr(at + 1, "nvme"))
                if (isdigit((unsigned char)at[4])) {
                        snprintf(name, sizeof(name), "/dev/nvme%.*s",
                                 (int)strspn(at + 4, "0123456789"), at + 4);
                        return json_pack("{s:s, s:s}", "name", name, "protocol", "NVMe");
                }
        return json_pack("{s:s}", "protocol", "NVMe");
}

json_t *smart_of_nvme_cli(const json_t *log, const char *path)
{
        static const struct {
                const char *here, *there;
        } members[] = {
                { "critical_warning", "critical_warning" },
                { "avail_spare", "available_spare" },
                { "spare_thresh", "available_spare_threshold" },
                { "percent_used", "percentage_used" },
                { "media_errors", "media_errors" },
        };
        _cleanup_(vg_json_decrefp) json_t *health = json_object();
        json_t *device = device_of(path);

        for (size_t i = 0; health && i < ELEMENTSOF(members); i++) {
                const json_t *value = json_object_get(log, members[i].here);

                if (value)
                        json_object_set_new(health, members[i].there, json_real(number_of(value)));
        }
        return json_pack("{s:o?, s:O?}", "device", device, "nvme_smart_health_information_log",
                         health);
}
