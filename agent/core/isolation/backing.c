/* SPDX-License-Identifier: Apache-2.0 */

/* backing: the names by which an image's header names another image, as QEMU takes them: a path,
 * "file:...", "json:{...}", or an object of the network: "nbd://host/export", "rbd:pool/image:...". */

#include "backing.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { JSON_DEPTH = 8 };

/* {"driver":"qcow2","file":{"driver":"file","filename":"/x"}}, or {"file.filename":"/x"}. */
static const char *filename_in(const json_t *node)
{
        for (int depth = 0; json_is_object(node) && depth < JSON_DEPTH; depth++) {
                const json_t *flat = json_object_get(node, "file.filename");
                const json_t *name = flat ? flat : json_object_get(node, "filename");

                if (json_is_string(name))
                        return json_string_value(name);
                node = json_object_get(node, "file");
        }
        return NULL;
}

static bool has_protocol(const char *name)
{
        const char *colon = strchr(name, ':'), *slash = strchr(name, '/');

        return colon && (!slash || colon < slash);
}

bool vg_backing_resolve(const char *name, const char *image, char *path, size_t size)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        const char *slash = strrchr(image, '/');

        if (strncmp(name, "json:", 5) == 0) {
                const char *json = name + 5;
                name = vg_json_parse(json, strlen(json), &tree, NULL, NULL, NULL) == 0
                               ? filename_in(tree)
                               : NULL;
        }
        if (name && strncmp(name, "file:", 5) == 0)
                name += strncmp(name, "file://", 7) == 0 ? 7 : 5;
        if (!name || !name[0])
                return false;

        const int n = name[0] == '/' || has_protocol(name) || !slash
                              ? snprintf(path, size, "%s", name)
                              : snprintf(path, size, "%.*s/%s", (int)(slash - image), image, name);
        return n > 0 && (size_t)n < size && (path[0] == '/' || has_protocol(path));
}

/* ---- objects of the network ---- */

/* "rbd:pool/image[@snapshot][:key=value...]"; its colons and semicolons have a backslash before. */
static void read_rbd(struct arena *arena, const char *text, struct backing *ret)
{
        const char *options = text + strcspn(text, ":"), *hosts = strstr(options, ":mon_host=");

        ret->protocol = "rbd";
        ret->name = arena_text_n(arena, text, strcspn(text, ":@"));
        if (!hosts)
                return;
        hosts += strlen(":mon_host=");

        char *to = arena_alloc(arena, strlen(hosts) + 1);
        if (!to)
                return;
        ret->hosts = to;
        for (const char *at = hosts; *at && *at != ':'; at++) {
                at += *at == '\\' && at[1];
                *to++ = *at;
        }
}

/* "scheme[+transport]://[user@]host[:port]/name[?socket=/path]" */
static void read_uri(struct arena *arena, const char *text, const char *authority,
                     struct backing *ret)
{
        const size_t n = strcspn(authority, "/?");
        const char *at = memchr(authority, '@', n);
        const char *host = at ? at + 1 : authority, *name = authority + n + (authority[n] == '/');
        const char *query = strchr(name, '?'), *socket = query ? strstr(query, "socket=") : NULL;

        ret->protocol = arena_text_n(arena, text, strcspn(text, "+:"));
        ret->name = arena_text_n(arena, name, query ? (size_t)(query - name) : strlen(name));
        if (socket)
                ret->socket = arena_text_n(arena, socket + 7, strcspn(socket + 7, "&"));
        else if (authority + n > host)
                ret->hosts = arena_text_n(arena, host, (size_t)(authority + n - host));
}

bool backing_read(struct arena *arena, const char *text, struct backing *ret_backing)
{
        const char *authority = strstr(text, "://");

        *ret_backing = (struct backing){ 0 };
        if (strncmp(text, "rbd:", 4) == 0)
                read_rbd(arena, text + 4, ret_backing);
        else if (authority)
                read_uri(arena, text, authority + 3, ret_backing);
        return ret_backing->protocol != NULL;
}
