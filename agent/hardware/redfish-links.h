/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-links: which links of a resource lead to hardware and how an answer with $expand comes
 * apart. Values in, values out. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REDFISH_LINK_MAX = 512 };

/* A link as a key: a path of this service without its slash at the end, fragment or doubled
 * slashes, in lower case, for services write one link in several ways. -EINVAL: it leads elsewhere,
 * or is none. */
int redfish_link_key(const char *link, char key[REDFISH_LINK_MAX]);

/* Where a resource is kept: "redfish/v1/Systems/1/index.json". -EINVAL like redfish_link_key(). */
int redfish_link_path(const char *link, char path[REDFISH_LINK_MAX + 16]);

enum redfish_follow {
        REDFISH_SKIP,
        REDFISH_LOG, /* entries of a log: read as they come, not each time */
        REDFISH_ONE, /* a resource */
        REDFISH_SET, /* a collection of resources */
        REDFISH_TOP, /* the collection of systems or of chassis: their roll-ups */
};

/* For each link of the resource that a poll follows; a nonzero answer stops and is returned. */
typedef int redfish_link_fn(void *user, const char *link, enum redfish_follow how);
int redfish_links(const json_t *resource, redfish_link_fn *fn, void *user);

/* What the resource says of its health and that of its parts, as a number that changes with it. */
uint64_t redfish_health_digest(const json_t *resource);

/* Takes an answer apart: each resource that it holds inside is given to fn on its own, and a link is
 * left in its place; the outer one, which was asked for as `link`, comes last. A nonzero answer of fn
 * stops and is returned. -EFBIG: nested without end. */
typedef int redfish_resource_fn(void *user, const char *link, const json_t *resource);
int redfish_take_apart(json_t *answer, const char *link, redfish_resource_fn *fn, void *user);
