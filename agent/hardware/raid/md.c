/* SPDX-License-Identifier: Apache-2.0 */

/* /proc/mdstat. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/raid/room.h"
#include "vigie/mem.h"

struct md {
        struct vg_round *round;
        const char *path;
        struct raid_thing array;
        bool is_inactive, is_spares_only;
};

/* "sdb2[2](F)": a member that has failed. */
static int take_member(const struct md *md, const char *word, const char *line)
{
        struct raid_thing disk = { .component_class = "drive" };

        if (!strstr(word, "(F)"))
                return 0;
        disk_of(word, disk.device, sizeof(disk.device));
        snprintf(disk.location, sizeof(disk.location), "%.*s", (int)strcspn(word, "["), word);
        if (*disk.device)
                snprintf(disk.location, sizeof(disk.location), "%s", disk.device);
        return raid_tell(md->round, md->path, &disk, "failed", line);
}

static int take_array(struct md *md, char *line)
{
        char whole[RAID_LINE], *rest = line;
        size_t n_members = 0, n_spares = 0;
        const char *name = strtok_r(line, " ", &rest);
        const char *word;
        int r = 0;

        snprintf(whole, sizeof(whole), "%s %s", name, rest);
        md->array = (struct raid_thing){ .component_class = "volume" };
        snprintf(md->array.location, sizeof(md->array.location), "%s", name);
        snprintf(md->array.device, sizeof(md->array.device), "%.31s", name);
        md->is_inactive = false;
        for (word = strtok_r(NULL, " ", &rest); word && r == 0; word = strtok_r(NULL, " ", &rest)) {
                md->is_inactive |= strcmp(word, "inactive") == 0;
                n_members += strchr(word, '[') != NULL;
                n_spares += strstr(word, "(S)") != NULL;
                r = take_member(md, word, whole);
        }
        /* A container of external metadata holds spares only, and is never active. */
        md->is_spares_only = n_members > 0 && n_spares == n_members;
        return r;
}

/* "195310144 blocks [2/1] [U_]" */
static int take_blocks(struct md *md, const char *line)
{
        const char *map = strrchr(line, '[');
        const bool has_map = map && (map[1] == 'U' || map[1] == '_');
        int r;

        if (md->is_inactive && md->is_spares_only && strstr(line, "external:"))
                return 0;
        if (md->is_inactive)
                r = raid_tell(md->round, md->path, &md->array, "inactive", line);
        else if (has_map && strchr(map, '_'))
                r = raid_tell(md->round, md->path, &md->array, "degraded", line);
        else
                r = raid_tell(md->round, md->path, &md->array, "optimal", line);
        md->array.location[0] = '\0';
        return r;
}

int raid_md(const char *path, const char *bytes, size_t n, struct vg_round *round, bool *ret_found)
{
        struct md md = { .round = round, .path = path };
        char line[RAID_LINE];
        size_t at = 0;
        int r = 0;

        *ret_found = memmem(bytes, n, "Personalities :", 15) != NULL ||
                     memmem(bytes, n, "unused devices:", 15) != NULL;
        while (*ret_found && r == 0 && next_line(bytes, n, &at, line, sizeof(line))) {
                if (text_starts(line, "md") && strstr(line, " : "))
                        r = take_array(&md, line);
                else if (*md.array.location && strstr(line, " blocks"))
                        r = take_blocks(&md, line);
        }
        return r;
}
