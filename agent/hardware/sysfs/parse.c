/* SPDX-License-Identifier: Apache-2.0 */

/* Files of /sys into sightings, and what lm-sensors printed of them; each source brings the part that
 * is its own. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/parse.h"
#include "hardware/sysfs/room.h"
#include "vigie/mem.h"
#include "vigie/num.h"

char *sysfs_content(const struct document *document, char buf[SYSFS_TEXT])
{
        return text_trim(document->bytes,
                         document->bytes +
                                 (document->n < SYSFS_TEXT ? document->n : SYSFS_TEXT - 1),
                         buf, SYSFS_TEXT);
}

bool sysfs_beside(const struct sysfs *sysfs, const char *path, const char *name,
                  char buf[SYSFS_TEXT])
{
        const char *slash = strrchr(path, '/');
        const struct document *document;
        char beside[512];

        buf[0] = '\0';
        if (!slash || (size_t)snprintf(beside, sizeof(beside), "%.*s/%s", (int)(slash - path), path,
                                       name) >= sizeof(beside))
                return false;
        document = documents_find(sysfs->documents, beside);
        return document && *sysfs_content(document, buf);
}

bool sysfs_number_beside(const struct sysfs *sysfs, const char *path, const char *name,
                         int64_t *ret_value)
{
        char text[SYSFS_TEXT];

        return sysfs_beside(sysfs, path, name, text) && vg_i64_parse(text, ret_value) == 0;
}

char *sysfs_part(const char *path, size_t depth, char *buf, size_t size)
{
        const char *end = path + strlen(path), *from = end;

        for (size_t i = 0; i <= depth; i++) {
                end = i ? from - (from > path) : end;
                from = end;
                while (from > path && from[-1] != '/')
                        from--;
        }
        return text_trim(from, end, buf, size);
}

int sysfs_parse(const struct documents *documents, struct vg_round *round)
{
        static int (*const lookers[])(const struct sysfs *, const struct document *,
                                      const char *) = { sysfs_aer,  sysfs_edac,    sysfs_hwmon,
                                                        sysfs_md,   sysfs_net,     sysfs_nvme,
                                                        sysfs_scsi, sysfs_throttle };
        const struct sysfs sysfs = { documents, round };
        int r = 0;

        for (size_t i = 0; i < documents->n && r == 0; i++) {
                const struct document *document = &documents->rows[i];
                const char *slash = strrchr(document->path, '/');

                if (!text_starts(document->path, "sys/") || !slash) {
                        r = sysfs_sensors(&sysfs, document);
                        continue;
                }
                for (size_t k = 0; k < ELEMENTSOF(lookers) && r == 0; k++)
                        r = lookers[k](&sysfs, document, slash + 1);
        }
        return r;
}
