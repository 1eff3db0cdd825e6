/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-links.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "vigie/mem.h"

enum { DEPTH_MAX = 32 };

int redfish_link_key(const char *link, char key[REDFISH_LINK_MAX])
{
        const size_t n_link = strcspn(link, "#");
        size_t n = 0;

        if (strncasecmp(link, "/redfish/", 9) != 0 || n_link >= REDFISH_LINK_MAX)
                return -EINVAL;
        for (size_t i = 0; i < n_link; i++) {
                const unsigned char c = (unsigned char)link[i];
                if (c <= ' ' || c >= 0x7f || c == '\\')
                        return -EINVAL;
                if (c == '/' && n && key[n - 1] == '/')
                        continue;
                key[n++] = (char)tolower(c);
        }
        while (n > 1 && key[n - 1] == '/')
                n--;
        key[n] = '\0';
        return strstr(key, "/.") ? -EINVAL : 0;
}

int redfish_link_path(const char *link, char path[REDFISH_LINK_MAX + 16])
{
        char key[REDFISH_LINK_MAX];
        size_t n = 0;

        if (redfish_link_key(link, key) < 0)
                return -EINVAL;
        for (const char *c = link + 1; *c && *c != '#' && *c != '?'; c++)
                if (*c != '/' || path[n - 1] != '/')
                        path[n++] = *c;
        while (n && path[n - 1] == '/')
                n--;
        memcpy(path + n, "/index.json", sizeof("/index.json"));
        return 0;
}

/* Names of the properties that lead from the root to a component, its sensors or its log. What is
 * not here leads to settings, accounts, jobs and schemas. `unless`: a resource that has this
 * property too says the same by it, in one answer instead of many. */
static const struct {
        const char *name;
        enum redfish_follow how;
        const char *unless;
} rows[] = {
        { "Batteries", REDFISH_SET, NULL },
        { "Chassis", REDFISH_TOP, NULL },
        { "Controllers", REDFISH_SET, NULL },
        { "Drives", REDFISH_SET, NULL },
        { "Entries", REDFISH_LOG, NULL },
        { "EthernetInterfaces", REDFISH_SET, NULL },
        { "Fans", REDFISH_SET, NULL },
        { "FirmwareInventory", REDFISH_SET, NULL },
        { "LeakDetection", REDFISH_ONE, NULL },
        { "LeakDetectors", REDFISH_SET, NULL },
        { "LogServices", REDFISH_SET, NULL },
        { "Managers", REDFISH_SET, NULL },
        { "Memory", REDFISH_SET, NULL },
        { "NetworkAdapters", REDFISH_SET, NULL },
        { "NetworkPorts", REDFISH_SET, "Ports" },
        { "PCIeDevices", REDFISH_SET, NULL },
        { "Ports", REDFISH_SET, NULL },
        { "Power", REDFISH_ONE, NULL },
        { "PowerEquipment", REDFISH_ONE, NULL },
        { "PowerShelves", REDFISH_SET, NULL },
        { "PowerSubsystem", REDFISH_ONE, "Power" },
        { "PowerSupplies", REDFISH_SET, NULL },
        { "Processors", REDFISH_SET, NULL },
        { "Pumps", REDFISH_SET, NULL },
        { "Sensors", REDFISH_SET, NULL },
        { "SimpleStorage", REDFISH_SET, "Storage" },
        { "Storage", REDFISH_SET, NULL },
        { "Systems", REDFISH_TOP, NULL },
        { "Thermal", REDFISH_ONE, NULL },
        { "ThermalEquipment", REDFISH_ONE, NULL },
        { "ThermalSubsystem", REDFISH_ONE, NULL },
        { "UpdateService", REDFISH_ONE, NULL },
        { "Volumes", REDFISH_SET, NULL },
};

static const char *link_of(const json_t *value)
{
        return json_string_value(json_object_get(value, "@odata.id"));
}

static enum redfish_follow how_to_follow(const json_t *resource, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].name, name) == 0)
                        return rows[i].unless && json_object_get(resource, rows[i].unless)
                                       ? REDFISH_SKIP
                                       : rows[i].how;
        return REDFISH_SKIP;
}

static bool has_type(const json_t *resource, const char *type)
{
        const char *full = json_string_value(json_object_get(resource, "@odata.type"));
        const size_t n = strlen(type);

        return full && full[0] == '#' && strncmp(full + 1, type, n) == 0 && full[1 + n] == '.';
}

/* Several links in an array lead to a resource each; a single one as its name says. */
static int each_of(const json_t *value, enum redfish_follow how, redfish_link_fn *fn, void *user)
{
        const json_t *item;
        size_t i;
        int r = 0;

        if (json_is_object(value) && link_of(value))
                return fn(user, link_of(value), how);
        json_array_foreach (value, i, item) {
                if (r == 0 && link_of(item) && !strchr(link_of(item), '#'))
                        r = fn(user, link_of(item), how == REDFISH_LOG ? how : REDFISH_ONE);
        }
        return r;
}

int redfish_links(const json_t *resource, redfish_link_fn *fn, void *user)
{
        const json_t *value;
        const char *name;
        int r = 0;

        json_object_foreach ((json_t *)resource, name, value) {
                enum redfish_follow how = how_to_follow(resource, name);
                if (strcmp(name, "Members") == 0)
                        how = has_type(resource, "LogEntryCollection") ? REDFISH_LOG : REDFISH_ONE;
                if (r == 0 && how != REDFISH_SKIP)
                        r = each_of(value, how, fn, user);
        }
        return r;
}

/* FNV-1a over every text that stands under a "Status" or "Health…" property. */
static void digest(const json_t *value, bool counts, unsigned depth, uint64_t *sum)
{
        const json_t *member;
        const char *name;
        size_t i;

        if (depth > DEPTH_MAX)
                return;
        if (counts && json_is_string(value))
                for (const char *c = json_string_value(value); *c; c++)
                        *sum = (*sum ^ (unsigned char)*c) * UINT64_C(1099511628211);
        json_array_foreach (value, i, member)
                digest(member, counts, depth + 1, sum);
        json_object_foreach ((json_t *)value, name, member) {
                const bool tells = strcmp(name, "Status") == 0 || strstr(name, "Health");
                digest(member, counts || tells, depth + 1, sum);
        }
}

uint64_t redfish_health_digest(const json_t *resource)
{
        uint64_t sum = UINT64_C(14695981039346656037);

        digest(resource, false, 0, &sum);
        return sum;
}

/* ---- taking apart ---- */

static bool is_resource(const json_t *value)
{
        return link_of(value) &&
               (json_object_get(value, "@odata.type") || json_object_get(value, "Id")) &&
               !strchr(link_of(value), '#');
}

struct taking {
        redfish_resource_fn *fn;
        void *user;
};

static json_t *link_to(const json_t *resource)
{
        json_t *link = json_object();

        json_object_set(link, "@odata.id", json_object_get(resource, "@odata.id"));
        return link;
}

static int give(const struct taking *taking, const json_t *resource)
{
        return taking->fn(taking->user, link_of(resource), resource);
}

static int take_members(const struct taking *taking, json_t *value, unsigned depth)
{
        const char *name;
        json_t *member;
        size_t i;
        void *next;
        int r = 0;

        if (depth > DEPTH_MAX)
                return -EFBIG;
        json_array_foreach (value, i, member) {
                if (r == 0)
                        r = take_members(taking, member, depth + 1);
                if (r == 0 && is_resource(member)) {
                        r = give(taking, member);
                        json_array_set_new(value, i, link_to(member));
                }
        }
        json_object_foreach_safe(value, next, name, member)
        {
                if (r == 0)
                        r = take_members(taking, member, depth + 1);
                if (r == 0 && is_resource(member)) {
                        r = give(taking, member);
                        json_object_set_new(value, name, link_to(member));
                }
        }
        return r;
}

int redfish_take_apart(json_t *answer, const char *link, redfish_resource_fn *fn, void *user)
{
        const struct taking taking = { fn, user };
        int r = take_members(&taking, answer, 0);

        return r ? r : fn(user, link, answer);
}
