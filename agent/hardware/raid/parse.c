/* SPDX-License-Identifier: Apache-2.0 */

/* What RAID tools printed, recognised by content. */

#include <string.h>

#include "hardware/documents.h"
#include "hardware/foreign.h"
#include "hardware/parse.h"
#include "hardware/raid/room.h"
#include "vigie/mem.h"

/* The folder of captures, the kernel's own list of arrays, and texts beside that say "md" or
 * "RAID" by their form. */
static bool may_be_ours(const struct document *document)
{
        const char *path = document->path;

        return text_starts(path, "raid/") || strcmp(path, "mdstat") == 0 ||
               strcmp(path, "proc/mdstat") == 0 || strcmp(path, "sys/mdstat") == 0;
}

static int read_one(const struct document *document, struct vg_round *round)
{
        typedef int reader(const char *path, const char *bytes, size_t n, struct vg_round *round,
                           bool *ret_found);
        static reader *const readers[] = { raid_md, raid_zfs, raid_storcli, raid_keyed };
        bool found = false;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(readers) && r == 0 && !found; i++)
                r = readers[i](document->path, document->bytes, document->n, round, &found);
        return r;
}

int raid_parse(const struct documents *documents, struct vg_round *round)
{
        int r = 0;

        for (size_t i = 0; i < documents->n && r == 0; i++)
                if (may_be_ours(&documents->rows[i]))
                        r = read_one(&documents->rows[i], round);
        return r;
}
