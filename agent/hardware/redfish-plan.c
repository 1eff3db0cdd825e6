/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hardware/redfish-log.h"
#include "vigie/mem.h"

enum { ASKS_MAX = 2000 };

static bool is_seen(const struct redfish_walk *walk, const char *link)
{
        char key[REDFISH_LINK_MAX];

        return redfish_link_key(link, key) < 0 || documents_find(&walk->seen, key);
}

static int see(struct redfish_walk *walk, const char *link)
{
        char key[REDFISH_LINK_MAX];

        return redfish_link_key(link, key) < 0 ? 0 : documents_put(&walk->seen, key, "", 0);
}

int redfish_plan_add(struct redfish_walk *walk, const char *link, enum redfish_follow how,
                     bool expand)
{
        if (walk->n == ASKS_MAX)
                return -EFBIG;
        if (walk->n == walk->size) {
                const size_t size = walk->size ? 2 * walk->size : 64;
                struct ask *asks = reallocarray(walk->asks, size, sizeof(*asks));
                if (!asks)
                        return -ENOMEM;
                walk->asks = asks;
                walk->size = size;
        }

        char *copy = strdup(link);
        if (!copy)
                return -ENOMEM;
        walk->asks[walk->n++] = (struct ask){ .link = copy, .how = how, .expand = expand };
        return see(walk, link);
}

void redfish_plan_forget(struct redfish_walk *walk)
{
        for (size_t i = 0; i < walk->n; i++) {
                free(walk->asks[i].link);
                free(walk->asks[i].etag);
        }
        walk->n = walk->at = 0;
}

/* ---- what an answer leads to ---- */

struct leading {
        struct redfish_walk *walk;
        unsigned n_ones; /* resources that are not known yet */
        bool ones_wait;  /* they will come with the resource itself, asked for once more */
};

static int count_link(void *user, const char *link, enum redfish_follow how)
{
        struct leading *leading = user;

        leading->n_ones += how == REDFISH_ONE && !is_seen(leading->walk, link);
        return 0;
}

static int follow_link(void *user, const char *link, enum redfish_follow how)
{
        const struct leading *leading = user;
        struct redfish_walk *walk = leading->walk;

        if (is_seen(walk, link) || (leading->ones_wait && how == REDFISH_ONE))
                return 0;
        const bool is_set = how == REDFISH_SET || how == REDFISH_TOP;
        return redfish_plan_add(walk, link, how, is_set && *walk->expand);
}

/* Two links or more that $expand would bring at once: one request instead of many. */
static int follow(struct redfish_walk *walk, const char *link, const json_t *resource)
{
        const struct ask *ask = &walk->asks[walk->at];
        struct leading leading = { .walk = walk };

        redfish_links(resource, count_link, &leading);
        leading.ones_wait = *walk->expand && leading.n_ones > 1 &&
                            !(ask->expand && strcasecmp(ask->link, link) == 0);

        int r = redfish_links(resource, follow_link, &leading);
        return r == 0 && leading.ones_wait ? redfish_plan_add(walk, link, REDFISH_ONE, true) : r;
}

int redfish_plan_keep(struct redfish_walk *walk, const char *link, const json_t *resource)
{
        char path[REDFISH_LINK_MAX + 16];

        if (redfish_link_path(link, path) < 0)
                return 0; /* leads elsewhere: not ours to keep */
        _cleanup_free_ char *text = json_dumps(resource, JSON_COMPACT);
        return text ? documents_put(&walk->tree, path, text, strlen(text)) : -ENOMEM;
}

static int take_resource(void *user, const char *link, const json_t *resource)
{
        struct redfish_walk *walk = user;
        int r = redfish_plan_keep(walk, link, resource);

        if (walk->is_fast) { /* what is new needs a full poll */
                walk->changed |= !is_seen(walk, link);
                return r;
        }
        if (r == 0)
                r = see(walk, link);
        return r < 0 ? r : follow(walk, link, resource);
}

/* ---- the root's offer ---- */

static void read_offer(struct redfish_walk *walk, const json_t *root)
{
        const json_t *offer =
                json_object_get(json_object_get(root, "ProtocolFeaturesSupported"), "ExpandQuery");
        const bool subordinate = json_is_true(json_object_get(offer, "NoLinks"));
        const bool all = json_is_true(json_object_get(offer, "ExpandAll"));
        const bool levels = json_is_true(json_object_get(offer, "Levels"));

        walk->expand[0] = '\0';
        if (subordinate || all)
                snprintf(walk->expand, sizeof(walk->expand), "$expand=%c%s",
                         subordinate ? '.' : '*', levels ? "($levels=1)" : "");
}

int redfish_plan_take(struct redfish_walk *walk, struct ask *ask, json_t *tree, const char *etag)
{
        const uint64_t digest = redfish_health_digest(tree);

        free(ask->etag);
        ask->etag = etag ? strdup(etag) : NULL;
        walk->changed |= walk->is_fast && digest != ask->digest;
        ask->digest = digest;
        if (strcmp(ask->link, ROOT) == 0)
                read_offer(walk, tree);
        return redfish_take_apart(tree, ask->link, take_resource, walk);
}

void redfish_plan_fast(struct redfish_walk *walk)
{
        size_t n_logs = 0;

        walk->n_fast = walk->fast_at = 0;
        for (size_t i = 0; i < walk->n; i++) {
                if (walk->asks[i].how == REDFISH_TOP && walk->n_fast < 2)
                        walk->fast[walk->n_fast++] = i;
                n_logs += walk->asks[i].how == REDFISH_LOG;
        }
        for (size_t i = 0, log = 0; i < walk->n && n_logs; i++)
                if (walk->asks[i].how == REDFISH_LOG && log++ == walk->log_turn % n_logs)
                        walk->fast[walk->n_fast++] = i;
        walk->log_turn++;
        for (size_t i = 0; i < walk->n && walk->n_fast < REDFISH_FAST_REQUESTS; i++) {
                const size_t turn = walk->turn++ % walk->n;
                if (walk->asks[turn].how == REDFISH_ONE || walk->asks[turn].how == REDFISH_SET)
                        walk->fast[walk->n_fast++] = turn;
        }
}
