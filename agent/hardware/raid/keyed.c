/* SPDX-License-Identifier: Apache-2.0 */

/* Tools that print "key : value" in blocks: MegaCli, ssacli, arcconf, sas2ircu, mdadm --detail. A
 * heading says which thing the lines below it are about. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/raid/room.h"
#include "vigie/mem.h"

/* Headings, and what they open. The location is what follows, up to one of `end`. */
static const struct heading {
        const char *start, *component_class, *end;
} headings[] = {
        { "Adapter #", "controller", " " },
        { "Virtual Drive:", "volume", "(" },
        { "PD:", "drive", " " },
        { "Enclosure Device ID:", "drive", "" },
        { "BBU status for Adapter:", "battery", "" },
        { "physicaldrive ", "drive", " (" },
        { "logicaldrive ", "volume", " (" },
        { "Logical Drive:", "volume", "" },
        { "Array:", "", "" },
        { "Internal Drive Cage", "enclosure", "," },
        { "Logical device number", "volume", "" },
        { "Device #", "drive", "" },
        { "IR volume", "volume", "" },
        { "IR Volume", "volume", "" },
        { "Device is a Hard disk", "drive", "" },
        { "/dev/md", "volume", ":" },
};

/* Keys that say a state, and of what where it is not the thing at hand. */
static const struct {
        const char *key, *component_class; /* "": of the thing at hand */
} states[] = {
        { "Firmware state", "" },
        { "State", "" },
        { "Status", "" },
        { "Status of logical device", "volume" },
        { "Status of volume", "volume" },
        { "Controller Status", "controller" },
        { "Cache Status", "battery" },
        { "Battery/Capacitor Status", "battery" },
        { "Battery State", "battery" },
        { "Fan Status", "fan" },
        { "Temperature Status", "temperature" },
};

/* Keys whose "Yes" is bad. */
static const struct {
        const char *key, *component_class, *state;
} flags[] = {
        { "Battery Pack Missing", "battery", "missing" },
        { "Battery Replacement required", "battery", "replace" },
        { "Pack is about to fail & should be replaced", "battery", "replace" },
        { "Drive has flagged a S.M.A.R.T alert", "drive", "predictive failure" },
        { "Failed stripes", "volume", "degraded" },
};

static const char *const counters[] = { "Media Error Count", "Predictive Failure Count",
                                        "S.M.A.R.T. warnings" };

struct keyed {
        struct vg_round *round;
        const char *path;
        struct raid_thing thing;
        char adapter[64];
        bool found;
};

static struct raid_thing other(const struct keyed *k, const char *component_class)
{
        struct raid_thing thing = { .component_class = component_class };

        snprintf(thing.location, sizeof(thing.location), "%s", k->adapter);
        return thing;
}

static int tell(struct keyed *k, const char *component_class, const char *state, const char *line)
{
        const bool is_at_hand =
                !*component_class || strcmp(component_class, k->thing.component_class) == 0;
        const struct raid_thing thing = is_at_hand ? k->thing : other(k, component_class);

        if (!*thing.component_class)
                return 0;
        k->found = true;
        return raid_tell(k->round, k->path, &thing, state, line);
}

/* "physicaldrive 2I:1:1 (port 2I:box 1:bay 1, SATA SSD, 960 GB, OK)" says the state itself. */
static int tell_in_brackets(struct keyed *k, const char *line)
{
        const char *open = strchr(line, '('), *close = strrchr(line, ')');
        const char *comma = close ? memrchr(line, ',', (size_t)(close - line)) : NULL;
        char state[64];

        if (!open || !close || !comma || comma < open)
                return 0;
        /* "…, Recovering, 30% complete": the state is the word before */
        text_trim(comma + 1, close, state, sizeof(state));
        if (isdigit((unsigned char)state[0])) {
                const char *before = memrchr(open, ',', (size_t)(comma - open));

                if (!before)
                        return 0;
                text_trim(before + 1, comma, state, sizeof(state));
        }
        return tell(k, "", state, line);
}

static bool open_thing(struct keyed *k, const char *line)
{
        for (size_t i = 0; i < ELEMENTSOF(headings); i++) {
                const size_t n = strlen(headings[i].start);
                const char *at = line + n;

                if (strncasecmp(line, headings[i].start, n) != 0)
                        continue;
                k->thing = (struct raid_thing){ .component_class = headings[i].component_class };
                text_trim(at, at + strcspn(at, headings[i].end), k->thing.location,
                          sizeof(k->thing.location));
                if (text_starts(headings[i].start, "/dev/")) {
                        snprintf(k->thing.device, sizeof(k->thing.device), "md%.24s",
                                 k->thing.location);
                        snprintf(k->thing.location, sizeof(k->thing.location), "%s",
                                 k->thing.device);
                }
                return true;
        }
        if (strstr(line, "Smart Array ") || strstr(line, "Smart HBA ")) {
                const char *slot = strstr(line, " in Slot ");

                if (!slot)
                        return false;
                text_trim(slot + 4, slot + 9 + strcspn(slot + 9, " ("), k->adapter,
                          sizeof(k->adapter));
                k->thing = other(k, "controller");
                text_trim(line, slot, k->thing.model, sizeof(k->thing.model));
                return true;
        }
        return false;
}

/* What names the thing at hand better than its heading. */
static void learn(struct keyed *k, const char *key, const char *value)
{
        char *location = k->thing.location;
        const size_t size = sizeof(k->thing.location);

        if (strcasecmp(key, "Slot Number") == 0 && strcmp(k->thing.component_class, "drive") == 0) {
                const size_t n = strlen(location);
                snprintf(location + n, size - n, ":%s", value);
        } else if (strcmp(key, "Enclosure #") == 0 &&
                   strcmp(k->thing.component_class, "drive") == 0) {
                snprintf(location, size, "%.60s", value);
        } else if (strcmp(key, "Slot #") == 0 && strcmp(k->thing.component_class, "drive") == 0) {
                const size_t n = strlen(location);
                snprintf(location + n, size - n, ":%s", value);
        } else if (strcasecmp(key, "Reported Location") == 0) {
                snprintf(location, size, "%.127s", value);
        } else if (strcasecmp(key, "Serial number") == 0 || strcasecmp(key, "Serial No") == 0) {
                snprintf(k->thing.serial, sizeof(k->thing.serial), "%.127s", value);
        } else if (strcasecmp(key, "Model") == 0) {
                snprintf(k->thing.model, sizeof(k->thing.model), "%.127s", value);
        }
}

static int take_pair(struct keyed *k, const char *key, const char *value, const char *line)
{
        int r = 0;

        learn(k, key, value);
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (strcasecmp(states[i].key, key) == 0)
                        return tell(k, states[i].component_class, value, line);
        for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                if (strcasecmp(flags[i].key, key) == 0 && strcasecmp(value, "Yes") == 0)
                        return tell(k, flags[i].component_class, flags[i].state, line);
        for (size_t i = 0; i < ELEMENTSOF(counters) && r == 0; i++)
                if (strcasecmp(counters[i], key) == 0 && isdigit((unsigned char)value[0]) &&
                    strcmp(k->thing.component_class, "drive") == 0) {
                        k->found = true;
                        r = raid_tell_count(k->round, k->path, &k->thing, counters[i],
                                            number_at(value));
                }
        return r;
}

/* mdadm: "1       8       16        -      faulty   /dev/sdb" */
static int take_member(struct keyed *k, const char *line)
{
        struct raid_thing disk = { .component_class = "drive" };
        const char *path = strstr(line, "/dev/");

        disk_of(path, disk.device, sizeof(disk.device));
        snprintf(disk.location, sizeof(disk.location), "%s", *disk.device ? disk.device : path + 5);
        k->found = true;
        return raid_tell(k->round, k->path, &disk, "failed", line);
}

static int take_line(struct keyed *k, const char *text)
{
        char line[RAID_LINE], key[128], value[256];
        const char *colon;

        text_trim(text, text + strlen(text), line, sizeof(line));
        colon = strstr(line, ": ");
        if (open_thing(k, line)) {
                const char *c = k->thing.component_class;

                if (strcmp(c, "controller") == 0 && text_starts(line, "Adapter #"))
                        snprintf(k->adapter, sizeof(k->adapter), "%.60s", k->thing.location);
                return strchr(line, '(') ? tell_in_brackets(k, line) : 0;
        }
        if (!colon && isdigit((unsigned char)line[0]) && strstr(line, " faulty ") &&
            strstr(line, "/dev/"))
                return take_member(k, line);
        if (!colon)
                return 0;
        text_trim(line, colon, key, sizeof(key));
        text_trim(colon + 1, line + strlen(line), value, sizeof(value));
        return take_pair(k, key, value, line);
}

int raid_keyed(const char *path, const char *bytes, size_t n, struct vg_round *round,
               bool *ret_found)
{
        struct keyed k = { .round = round, .path = path, .thing = { .component_class = "" } };
        char line[RAID_LINE];
        size_t at = 0;
        int r = 0;

        snprintf(k.adapter, sizeof(k.adapter), "0");
        while (r == 0 && next_line(bytes, n, &at, line, sizeof(line)))
                r = take_line(&k, line);
        *ret_found = k.found;
        return r;
}
