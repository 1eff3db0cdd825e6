/* SPDX-License-Identifier: Apache-2.0 */

/* dmi: the machine's parts as its firmware lists them (SMBIOS). Serial numbers are for root alone in
 * /sys; where the unit is not allowed to read them (units/vigie-hardware.service.d), the machine's
 * name and firmware are all there is. */

#include "hardware/hardware.h"
#include "hardware/smbios.h"
#include "hardware/sysfs.h"
#include "vigie/err.h"

enum { INTERVAL_S = 3600, PATIENCE_S = 10 };

static uint32_t interval_s(const struct vg_settings *settings)
{
        (void)settings;
        return INTERVAL_S;
}

/* What is for root alone is not asked for, it is taken where it is given. */
static void look(struct source *source)
{
        static const char *const files[] = {
                "/sys/class/dmi/id/bios_*",     "/sys/class/dmi/id/product_*",
                "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/board_name",
                "/sys/firmware/dmi/tables/DMI", NULL,
        };
        struct vg_err err = { 0 };

        (void)sysfs_gather(source->hardware->root, files, &source->documents, &err);
        source_end(source, 0, "");
}

const struct vg_source vg_source_dmi = {
        .name = "dmi",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .look = look,
        .parse = smbios_parse,
};
