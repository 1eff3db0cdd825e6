/* SPDX-License-Identifier: Apache-2.0 */

/* objects: what a <source> names, in one form. */

#include <stdlib.h>
#include <string.h>

#include "storage.h"
#include "vigie/mem.h"

enum { CHAIN_MAX = 128 };

static void add(struct judge *j, const struct origin *origin, const char *key, const char *name)
{
        uses_add(j, &j->storage->uses,
                 &(struct use){
                         .key = key,
                         .name = name,
                         .domain = origin->domain,
                         .role = origin->role,
                         .part = name,
                         .where = arena_printf(&j->arena, "%s %s %s", origin->where,
                                               origin->role == ROLE_CHAIN ? "<-" : "=", name),
                 });
}

static void say_unseen(struct judge *j, uint32_t domain, const char *why)
{
        if (!j->storage->unseen[domain])
                j->storage->unseen[domain] = why;
}

/* ---- paths and their chains ---- */

/* A header may name what is not a path ("rbd:...", "nbd://..."). */
static bool is_path(const char *text)
{
        return *text == '/';
}

static void add_named(struct judge *j, const struct origin *origin, const char *text)
{
        if (strcmp(text, "/dev/null") != 0 && !is_path(text))
                add(j, origin, arena_printf(&j->arena, "uri:%s", text), text);
}

/* What the header at `fact` says lies beneath, and beneath that. */
static void add_chain(struct judge *j, const struct origin *top, const struct path_fact *fact)
{
        struct origin below = *top;

        for (int depth = 0; fact; depth++) {
                const char *backing = fact->backing, *data = fact->data_file;
                if (depth == CHAIN_MAX || fact->backing_bad > 0)
                        say_unseen(j, top->domain,
                                   N_("l'en-tête ou la chaîne d'une image ne peut être suivi"));
                if (data && is_path(data))
                        add(j, &below, place_of(j, data).key, place_of(j, data).path);
                below.role = ROLE_CHAIN;
                if (!backing || depth == CHAIN_MAX || strcmp(backing, "/dev/null") == 0)
                        return;
                if (!is_path(backing)) {
                        add_named(j, &below, backing);
                        return;
                }
                struct place place = place_of(j, backing);
                add(j, &below, place.key, place.path);
                if (!place.seen)
                        say_unseen(j, top->domain, N_("un fichier sous une image n'a pas été vu"));
                fact = place.fact;
        }
}

void objects_below_volume(struct judge *j, const struct origin *origin, const char *pool,
                          const char *name)
{
        const char *backing =
                node_text(host_document(j->host, "volume", pool, name), "backingStore/path");
        struct origin below = *origin;

        below.role = ROLE_CHAIN;
        if (is_path(backing) && strcmp(backing, "/dev/null") != 0) {
                struct place place = place_of(j, backing);
                add(j, &below, place.key, place.path);
                add_chain(j, &below, place.fact);
        }
}

struct place objects_of_path(struct judge *j, const struct origin *origin, const char *path)
{
        struct place place = place_of(j, path);

        if (strcmp(place.path, "/dev/null") == 0)
                return place;
        add(j, origin, place.key, place.path);
        if (!place.seen)
                say_unseen(j, origin->domain, N_("un chemin n'a pas été vu sur l'hôte"));
        add_chain(j, origin, place.fact);
        return place;
}

/* ---- network ---- */

static const char *default_port(const char *protocol)
{
        static const struct {
                const char *protocol, *port;
        } ports[] = {
                { "ftp", "21" },    { "ftps", "990" },  { "gluster", "24007" },
                { "http", "80" },   { "https", "443" }, { "iscsi", "3260" },
                { "nbd", "10809" }, { "nfs", "2049" },  { "sheepdog", "7000" },
                { "ssh", "22" },    { "tftp", "69" },   { "vxhs", "9999" },
        };

        for (size_t i = 0; i < ELEMENTSOF(ports); i++)
                if (strcmp(ports[i].protocol, protocol) == 0)
                        return ports[i].port;
        return "";
}

/* Of a Ceph cluster any monitor on any of its ports is the same. */
static const char *host_key(struct judge *j, const char *protocol, const struct node *host)
{
        const char *name = node_attr(host, "name"), *port = node_attr(host, "port");
        const char *socket = node_attr(host, "socket");

        if (socket)
                return socket;
        if (strcmp(protocol, "rbd") == 0)
                return name ? name : "";
        return arena_printf(&j->arena, "%s:%s", name ? name : "",
                            port ? port : default_port(protocol));
}

static void add_network(struct judge *j, const struct origin *origin, const char *protocol,
                        const char *name, const struct node *hosts)
{
        const bool is_bare_target = strcmp(protocol, "iscsi") == 0 && !strchr(name, '/');
        struct origin loose = *origin;
        size_t n_hosts = 0;

        if (is_bare_target) /* its unit is 0 */
                name = arena_printf(&j->arena, "%s/0", name);

        const char *shown = arena_printf(&j->arena, "%s:%s", protocol, name);
        NODE_EACH(host, hosts, "host")
        {
                add(j, origin,
                    arena_printf(&j->arena, "net:%s@%s", shown, host_key(j, protocol, host)),
                    shown);
                n_hosts++;
        }
        if (!n_hosts)
                add(j, origin, arena_printf(&j->arena, "net:%s@", shown), shown);
        loose.role = n_hosts ? ROLE_HOSTED : ROLE_HOSTLESS;
        if (origin->role != ROLE_CHAIN)
                add(j, &loose, arena_printf(&j->arena, "loose:%s", shown), shown);
}

/* ---- volumes ---- */

const char *volume_path(struct judge *j, const char *pool, const char *name)
{
        const char *own = node_text(host_document(j->host, "volume", pool, name), "target/path");
        const char *folder = node_text(host_document(j->host, "pool", "", pool), "target/path");

        if (is_path(own))
                return own;
        return is_path(folder) ? arena_printf(&j->arena, "%s/%s", folder, name) : NULL;
}

void objects_of_volume(struct judge *j, const struct origin *origin, const char *pool,
                       const char *name, struct disk *disk)
{
        const struct node *document = host_document(j->host, "pool", "", pool);
        const char *type = node_attr(document, "type");
        const char *path = volume_path(j, pool, name);

        disk->volume = host_document(j->host, "volume", pool, name);
        disk->pool = document;
        if (type && (strcmp(type, "rbd") == 0 || strcmp(type, "gluster") == 0)) {
                disk->type = "network";
                add_network(
                        j, origin, type,
                        arena_printf(&j->arena, "%s/%s", node_text(document, "source/name"), name),
                        node_child(document, "source"));
        } else if (path) {
                disk->type = strncmp(path, "/dev/", 5) == 0 ? "block" : "file";
                disk->place = objects_of_path(j, origin, path);
                objects_below_volume(j, origin, pool, name);
        } else {
                add(j, origin, arena_printf(&j->arena, "volume:%s/%s", pool, name),
                    arena_printf(&j->arena, "%s/%s", pool, name));
                say_unseen(j, origin->domain, N_("volume d'une réserve qui n'a pas été vue"));
        }
}

/* ---- sources ---- */

static void add_nvme(struct judge *j, const struct origin *origin, const struct node *source)
{
        const struct node *address = node_child(source, "address");
        const char *space = node_attr(source, "namespace");
        uint64_t domain = 0, bus = 0, slot = 0, function = 0;

        (void)node_number(address, "domain", &domain);
        (void)node_number(address, "bus", &bus);
        (void)node_number(address, "slot", &slot);
        (void)node_number(address, "function", &function);

        const char *name =
                arena_printf(&j->arena, "nvme:%04x:%02x:%02x.%x/%s", (unsigned)domain,
                             (unsigned)bus, (unsigned)slot, (unsigned)function, space ? space : "");
        add(j, origin, name, name);
}

void objects_of_source(struct judge *j, const struct origin *origin, const char *type,
                       const struct node *source, struct place *ret_place)
{
        static const struct {
                const char *type, *attribute;
        } paths[] = { { "file", "file" },
                      { "block", "dev" },
                      { "dir", "dir" },
                      { "vhostvdpa", "dev" },
                      { "vhostuser", "path" } };
        const char *protocol = node_attr(source, "protocol"), *name = node_attr(source, "name");

        if (strcmp(type, "network") == 0 && protocol)
                add_network(j, origin, protocol, name ? name : "", source);
        else if (strcmp(type, "nvme") == 0 && source)
                add_nvme(j, origin, source);
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                const char *path = node_attr(source, paths[i].attribute);
                if (path && is_path(path) && strcmp(paths[i].type, type) == 0)
                        *ret_place = objects_of_path(j, origin, path);
        }

        /* An image whose data lie in a file apart: it is written and read with the image. */
        const struct node *store = node_child(source, "dataStore");
        const char *store_type = node_attr(store, "type");
        struct place unused;
        if (store)
                objects_of_source(j, origin, store_type ? store_type : "file",
                                  node_child(store, "source"), &unused);
}
