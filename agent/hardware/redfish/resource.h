/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this folder share: the tree of one service, and what each resource in it is. */

#include <jansson.h>

#include "vigie/fault.h"

struct documents;

enum { REDFISH_DEPTH = 24, REDFISH_TEXT = 256 };

struct resource {
        char *uri; /* as the resource says itself, else by its path */
        char *key; /* in lower case, without its slash at the end */
        json_t *tree;
};

struct redfish_tree {
        struct resource *list; /* sorted by key */
        size_t n, size;
        bool has_fans, has_supplies, has_temperatures, has_voltages; /* as resources of their own */
};

void redfish_tree_done(struct redfish_tree *tree);
/* Parses the documents below redfish/; what cannot be read is told in the round. */
int redfish_tree_read(struct redfish_tree *tree, const struct documents *documents,
                      struct vg_round *round);
const json_t *redfish_tree_find(const struct redfish_tree *tree, const char *uri);

/* What a resource, or a part of one, is. */
enum role_kind {
        ROLE_IGNORED, /* no hardware, or nothing that has a health of its own */
        ROLE_STATE,   /* a component with a health */
        ROLE_LEVEL,   /* a reading */
        ROLE_SENSOR,  /* a reading of which ReadingType says what it is */
        ROLE_PORT,    /* a network port */
        ROLE_SUMMARY, /* a component whose health may be that of its parts */
        ROLE_REDUNDANCY,
        ROLE_ERRORS, /* memory metrics */
        ROLE_LOG,    /* a log entry */
};

struct role {
        const char *type; /* last part of @odata.type, or "" */
        const char *key;  /* member in which it stands where it has no type, or "" */
        enum role_kind kind;
        const char *component_class;    /* "" for none */
        const char *warning, *critical; /* codes; "" : a roll-up of the system */
        const char *parts;              /* SUMMARY: classes that explain it; "" all */
};
/* NULL: neither type nor key says it. */
const struct role *role_find(const char *type, const char *key);
/* Classes that a name points to ("FanRollupStatus", "StorageSummary"), for a summary of theirs; ""
 * where it says nothing. */
const char *role_guess(const char *name);

/* One place in the tree. */
struct place {
        const struct redfish_tree *tree;
        struct vg_round *round;
        const json_t *object;
        const char *uri;    /* of the object, else of the resource in which it stands */
        const char *type;   /* last part of its @odata.type, "" */
        const char *holder; /* type of the resource in which it stands */
        const char *key;    /* member in which it stands */
};

enum vg_sight_health redfish_health(const json_t *status, const char *member);
/* Of its Status, or what a vendor has in its place. */
enum vg_sight_health redfish_own_health(const json_t *object);
enum vg_sight_health redfish_worst(enum vg_sight_health a, enum vg_sight_health b);
bool redfish_state_is(const json_t *object, const char *state);
/* "Drive x: Health Critical, State Enabled" */
char *redfish_status_text(const struct place *place, char *buf, size_t size);
/* Adds a sighting with this place's URI for its path. */
int redfish_add(const struct place *place, const struct vg_sighting *sighting);
/* Location, unit and address of what stands here. Strings of the tree, or in buf. */
struct vg_component redfish_component(const struct place *place, const char *component_class,
                                      char buf[REDFISH_TEXT]);

/* Each adds what it sees to the round. 0 or -ENOMEM. */
int redfish_state(const struct place *place, const struct role *role);
int redfish_level(const struct place *place, const struct role *role);
int redfish_sensor(const struct place *place);
int redfish_port(const struct place *place);
int redfish_summary(const struct place *place, const struct role *role);
int redfish_conditions(const struct place *place);
int redfish_redundancy(const struct place *place);
int redfish_errors(const struct place *place);
int redfish_entry(const struct place *place);
/* A Status of something that no role names: a summary, of what its names point to. */
int redfish_other(const struct place *place);
