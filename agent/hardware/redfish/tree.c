/* SPDX-License-Identifier: Apache-2.0 */

/* The documents of one service as a tree of resources, found by what they call themselves. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/documents.h"
#include "hardware/foreign.h"
#include "hardware/redfish/resource.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/mem.h"

void redfish_tree_done(struct redfish_tree *tree)
{
        for (size_t i = 0; i < tree->n; i++) {
                free(tree->list[i].uri);
                free(tree->list[i].key);
                json_decref(tree->list[i].tree);
        }
        free(tree->list);
        *tree = (struct redfish_tree){ 0 };
}

/* Services write one link in several ways: letter case, and a slash at the end. */
static char *key_of(const char *uri)
{
        size_t n = strlen(uri);
        char *key;

        while (n > 1 && uri[n - 1] == '/')
                n--;
        key = strndup(uri, n);
        for (char *at = key; at && *at; at++)
                *at = (char)tolower((unsigned char)*at);
        return key;
}

static int compare(const void *a, const void *b)
{
        return strcmp(((const struct resource *)a)->key, ((const struct resource *)b)->key);
}

const json_t *redfish_tree_find(const struct redfish_tree *tree, const char *uri)
{
        _cleanup_free_ char *key = key_of(uri);
        const struct resource wanted = { .key = key }, *found = NULL;

        if (key && tree->n)
                found = bsearch(&wanted, tree->list, tree->n, sizeof(*tree->list), compare);
        return found ? found->tree : NULL;
}

/* "redfish/v1/Systems/1/index.json" is "/redfish/v1/Systems/1". */
static char *uri_of_path(const char *path)
{
        static const char *const ends[] = { "/index.json", ".json" };
        char *uri;

        if (asprintf(&uri, "/%s", path) < 0)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
                const size_t n = strlen(uri), m = strlen(ends[i]);

                if (n > m && strcmp(uri + n - m, ends[i]) == 0) {
                        uri[n - m] = '\0';
                        break;
                }
        }
        return uri;
}

/* What a service says instead of a resource. */
static const char *error_of(const json_t *tree)
{
        const json_t *error = json_object_get(tree, "error");
        const json_t *info = json_object_get(error, "@Message.ExtendedInfo");
        const char *message = member_text(json_array_get(info, 0), "Message");

        if (!json_is_object(error) || json_object_get(tree, "@odata.id"))
                return NULL;
        if (*message)
                return message;
        message = member_text(error, "message");
        return *message ? message : "error";
}

static int add(struct redfish_tree *tree, const char *path, json_t *document)
{
        const char *own = member_text(document, "@odata.id");
        struct resource resource = { .tree = document };

        if (tree->n == tree->size) {
                const size_t size = tree->size ? 2 * tree->size : 64;
                void *list = reallocarray(tree->list, size, sizeof(*tree->list));

                if (!list)
                        goto out_of_memory;
                tree->list = list;
                tree->size = size;
        }
        resource.uri = *own ? strdup(own) : uri_of_path(path);
        resource.key = resource.uri ? key_of(resource.uri) : NULL;
        if (!resource.key)
                goto out_of_memory;
        tree->list[tree->n++] = resource;
        return 0;

out_of_memory:
        free(resource.uri);
        json_decref(document);
        return -ENOMEM;
}

static int read_one(struct redfish_tree *tree, const struct document *document,
                    struct vg_round *round)
{
        struct vg_err err = { 0 };
        const char *refusal;
        json_t *json = NULL;

        if (foreign_json(document->bytes, document->n, &json, &err) < 0)
                return vg_round_unread(round, document->path, vg_err_text(&err));
        refusal = error_of(json);
        if (refusal || !json_is_object(json)) {
                const int r = vg_round_unread(round, document->path,
                                              refusal ? refusal : _("pas un objet JSON"));
                json_decref(json);
                return r;
        }
        return add(tree, document->path, json);
}

static void note_kinds(struct redfish_tree *tree)
{
        for (size_t i = 0; i < tree->n; i++) {
                const char *type = member_text(tree->list[i].tree, "@odata.type");
                const char *reads = member_text(tree->list[i].tree, "ReadingType");

                tree->has_fans |= text_starts(type, "#Fan.");
                tree->has_supplies |= text_starts(type, "#PowerSupply.");
                tree->has_temperatures |=
                        text_starts(type, "#Sensor.") && strcmp(reads, "Temperature") == 0;
                tree->has_voltages |=
                        text_starts(type, "#Sensor.") && strcmp(reads, "Voltage") == 0;
        }
}

int redfish_tree_read(struct redfish_tree *tree, const struct documents *documents,
                      struct vg_round *round)
{
        int r = 0;

        for (size_t i = 0; i < documents->n && r == 0; i++) {
                const struct document *document = &documents->rows[i];
                const size_t n = strlen(document->path);

                if (text_starts(document->path, "redfish/") && n > 5 &&
                    strcasecmp(document->path + n - 5, ".json") == 0)
                        r = read_one(tree, document, round);
        }
        if (tree->n)
                qsort(tree->list, tree->n, sizeof(*tree->list), compare);
        note_kinds(tree);
        return r;
}
