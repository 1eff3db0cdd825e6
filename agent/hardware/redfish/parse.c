/* SPDX-License-Identifier: Apache-2.0 */

/* A Redfish tree into sightings: each object that has a health is looked at once, wherever a version
 * or a vendor has put it. */

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/parse.h"
#include "hardware/redfish/resource.h"
#include "os/lang.h"
#include "vigie/mem.h"

/* "#Power.v1_7_1.PowerSupply" is a "PowerSupply". */
static const char *type_of(const json_t *object)
{
        const char *type = member_text(object, "@odata.type");
        const char *dot = strrchr(type, '.');

        return dot ? dot + 1 : *type == '#' ? type + 1 : type;
}

static int walk(const struct place *place, int depth);

/* An object that is no more than a link, or a copy of a resource that we have. */
static bool is_elsewhere(const struct place *place, const json_t *object)
{
        const char *uri = member_text(object, "@odata.id");

        if (!*uri)
                return false;
        return json_object_size(object) == 1 ||
               (!strchr(uri, '#') && redfish_tree_find(place->tree, uri) != NULL);
}

static int walk_child(const struct place *place, const char *key, const json_t *child, int depth)
{
        struct place next = *place;

        if (!json_is_object(child) || is_elsewhere(place, child))
                return 0;
        next.object = child;
        next.key = key;
        next.type = type_of(child);
        if (*member_text(child, "@odata.id"))
                next.uri = member_text(child, "@odata.id");
        if (*place->type && strcasecmp(place->key, "Oem") != 0)
                next.holder = place->type;
        return walk(&next, depth + 1);
}

static int walk_children(const struct place *place, int depth)
{
        const char *key;
        json_t *child;
        int r = 0;

        if (depth >= REDFISH_DEPTH)
                return vg_round_note(place->round,
                                     _("%s : imbriqué trop profondément, le reste est laissé"),
                                     place->uri);
        json_object_foreach ((json_t *)place->object, key, child) {
                size_t n = json_array_size(child);

                if (strcmp(key, "Links") == 0 || strcmp(key, "Actions") == 0 ||
                    strcmp(key, "Status") == 0)
                        continue;
                for (size_t i = 0; i < n && r == 0; i++)
                        r = walk_child(place, key, json_array_get(child, i), depth);
                if (r == 0 && json_is_object(child))
                        r = walk_child(place, key, child, depth);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int look(const struct place *place, const struct role *role)
{
        if (!role)
                return redfish_other(place);
        switch (role->kind) {
        case ROLE_STATE:
                return redfish_state(place, role);
        case ROLE_LEVEL:
                return redfish_level(place, role);
        case ROLE_SENSOR:
                return redfish_sensor(place);
        case ROLE_PORT:
                return redfish_port(place);
        case ROLE_SUMMARY:
                return redfish_summary(place, role);
        case ROLE_REDUNDANCY:
                return redfish_redundancy(place);
        case ROLE_ERRORS:
                return redfish_errors(place);
        case ROLE_LOG:
                return redfish_entry(place);
        case ROLE_IGNORED:
                break;
        }
        return 0;
}

static int walk(const struct place *place, int depth)
{
        const struct role *role = role_find(place->type, place->key);
        int r;

        if (!role && *place->type)
                role = role_find("", place->key);
        r = redfish_conditions(place);
        if (r == 0)
                r = look(place, role);
        if (r < 0 || (role && (role->kind == ROLE_IGNORED || role->kind == ROLE_LOG)))
                return r;
        return walk_children(place, depth);
}

/* Members that a collection of components names and that nobody has read. */
static int tell_unread(const struct redfish_tree *tree, const json_t *collection,
                       struct vg_round *round)
{
        static const char *const kinds[] = { "DriveCollection",     "MemoryCollection",
                                             "ProcessorCollection", "PowerSupplyCollection",
                                             "FanCollection",       "VolumeCollection",
                                             "StorageCollection",   "ComputerSystemCollection",
                                             "ChassisCollection" };
        const json_t *members = json_object_get(collection, "Members");
        const char *type = type_of(collection);
        bool is_ours = false;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                is_ours |= strcmp(kinds[i], type) == 0;
        for (size_t i = 0; i < json_array_size(members) && is_ours && r == 0; i++) {
                const json_t *member = json_array_get(members, i);
                const char *uri = member_text(member, "@odata.id");

                if (*uri && json_object_size(member) == 1 && !redfish_tree_find(tree, uri))
                        r = vg_round_unread(round, uri, _("nommé par sa collection, absent"));
        }
        return r;
}

int redfish_parse(const struct documents *documents, struct vg_round *round)
{
        _cleanup_(redfish_tree_done) struct redfish_tree tree = { 0 };
        int r = redfish_tree_read(&tree, documents, round);

        for (size_t i = 0; i < tree.n && r == 0; i++) {
                const json_t *object = tree.list[i].tree;
                const struct place place = {
                        .tree = &tree,
                        .round = round,
                        .object = object,
                        .uri = tree.list[i].uri,
                        .type = type_of(object),
                        .holder = "",
                        .key = "",
                };

                if (i > 0 && strcmp(tree.list[i].key, tree.list[i - 1].key) == 0)
                        continue; /* the same resource in two files */
                r = walk(&place, 0);
                if (r == 0)
                        r = tell_unread(&tree, object, round);
        }
        return r;
}
