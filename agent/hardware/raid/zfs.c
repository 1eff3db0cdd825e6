/* SPDX-License-Identifier: Apache-2.0 */

/* `zpool list [-v]` and `zpool status`: pools are volumes, the leaves below them are drives. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/raid/room.h"
#include "vigie/mem.h"

enum { WORDS = 16 };

static bool is_health(const char *word)
{
        static const char *const words[] = { "ONLINE",  "DEGRADED", "FAULTED",
                                             "OFFLINE", "UNAVAIL",  "REMOVED" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcmp(words[i], word) == 0)
                        return true;
        return false;
}

struct zfs {
        struct vg_round *round;
        const char *path;
        size_t health;  /* the column; 0: not known yet */
        bool is_status; /* of `zpool status` */
        char pool[128];
        int pool_indent;
        bool found;
};

/* Vdevs that group others: their health repeats that of their leaves. */
static bool is_group(const char *name)
{
        static const char *const starts[] = { "mirror",    "raidz", "draid", "spare",
                                              "replacing", "logs",  "cache", "special" };

        for (size_t i = 0; i < ELEMENTSOF(starts); i++)
                if (text_starts(name, starts[i]))
                        return true;
        return false;
}

static int take_row(struct zfs *z, char **words, int indent, const char *line)
{
        struct raid_thing thing = { .component_class = "volume" };
        const char *state = words[z->health];

        if (indent <= z->pool_indent || !*z->pool) {
                snprintf(z->pool, sizeof(z->pool), "%s", words[0]);
                z->pool_indent = indent;
                snprintf(thing.location, sizeof(thing.location), "%s", words[0]);
        } else if (is_group(words[0])) {
                return 0;
        } else {
                thing.component_class = "drive";
                disk_of(words[0], thing.device, sizeof(thing.device));
                snprintf(thing.location, sizeof(thing.location), "%s",
                         *thing.device ? thing.device : words[0]);
                if (strcmp(state, "OFFLINE") == 0)
                        return 0; /* somebody took it out */
        }
        z->found = true;
        return raid_tell(z->round, z->path, &thing, state, line);
}

static int take_line(struct zfs *z, const char *text)
{
        char copy[RAID_LINE], *words[WORDS], *rest = copy;
        const int indent = (int)strspn(text, " \t");
        size_t n = 0;

        snprintf(copy, sizeof(copy), "%s", text);
        for (char *at = strtok_r(copy, " \t", &rest); at && n < WORDS;
             at = strtok_r(NULL, " \t", &rest))
                words[n++] = at;
        if (n > 1 && strcmp(words[0], "pool:") == 0) {
                z->pool[0] = '\0';
                return 0;
        }
        for (size_t i = 1; i < n && strcmp(words[0], "NAME") == 0; i++) {
                if (strcmp(words[i], "HEALTH") != 0 && strcmp(words[i], "STATE") != 0)
                        continue;
                z->health = i;
                z->is_status = strcmp(words[i], "STATE") == 0;
                z->pool[0] = '\0';
                return 0;
        }
        if (z->health && n > z->health && is_health(words[z->health]))
                return take_row(z, words, indent, text);
        return 0;
}

int raid_zfs(const char *path, const char *bytes, size_t n, struct vg_round *round, bool *ret_found)
{
        struct zfs z = { .round = round, .path = path };
        char line[RAID_LINE];
        size_t at = 0;
        int r = 0;

        while (r == 0 && next_line(bytes, n, &at, line, sizeof(line)))
                r = take_line(&z, line);
        *ret_found = z.found;
        return r;
}
