/* SPDX-License-Identifier: Apache-2.0 */

/* objects: what a <source> names, in one form. */

#include <stdlib.h>
#include <string.h>

#include "backing.h"
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

static bool is_path(const char *text)
{
        return *text == '/';
}

static void add_named(struct judge *j, const struct origin *origin, const char *text);

/* Of what lies at a place its header knows best, else its pool. NULL: nothing is beneath. */
static const char *backing_of(struct judge *j, const struct place *place)
{
        const char *part = volume_at(j, place->key);
        const char *slash = part ? strchr(part, '/') : NULL;

        if (place->fact && place->fact->backing)
                return place->fact->backing;
        if (!slash)
                return NULL;

        const char *pool = arena_text_n(&j->arena, part, (size_t)(slash - part));
        const char *path =
                node_text(host_document(j->host, "volume", pool, slash + 1), "backingStore/path");
        return is_path(path) ? path : NULL;
}

/* What the image at `place` names lies beneath, and beneath that. */
static void add_chain(struct judge *j, const struct origin *top, struct place place)
{
        struct origin below = *top;

        for (int depth = 0;; depth++) {
                const struct path_fact *fact = place.fact;
                const char *backing = backing_of(j, &place);
                if (depth == CHAIN_MAX || (fact && fact->backing_bad > 0))
                        say_unseen(j, top->domain,
                                   N_("l'en-tête ou la chaîne d'une image ne peut être suivi"));
                if (fact && fact->data_file && is_path(fact->data_file))
                        add(j, &below, place_of(j, fact->data_file).key,
                            place_of(j, fact->data_file).path);
                below.role = ROLE_CHAIN;
                if (!backing || depth == CHAIN_MAX || strcmp(backing, "/dev/null") == 0)
                        return;
                if (!is_path(backing)) {
                        add_named(j, &below, backing);
                        return;
                }
                place = place_of(j, backing);
                add(j, &below, place.key, place.path);
                if (!place.seen)
                        say_unseen(j, top->domain, N_("un fichier sous une image n'a pas été vu"));
                if (fact && fact->backing_raw > 0)
                        return;
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
        if (!origin->is_raw)
                add_chain(j, origin, place);
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
static const char *host_key(struct judge *j, const char *protocol, const char *name,
                            const char *port, const char *socket)
{
        if (socket)
                return place_of(j, socket).key;
        name = arena_lower(&j->arena, name);
        if (strcmp(protocol, "rbd") == 0)
                return name;
        return arena_printf(&j->arena, "%s:%s", name, port ? port : default_port(protocol));
}

static const char *shown_name(struct judge *j, const char *protocol, const char *name)
{
        const bool is_bare_target = strcmp(protocol, "iscsi") == 0 && !strchr(name, '/');

        return arena_printf(&j->arena, "%s:%s%s", protocol, name,
                            is_bare_target ? "/0" : ""); /* its unit */
}

/* host: "" where none is named. */
static void add_at(struct judge *j, const struct origin *origin, const char *shown,
                   const char *host)
{
        add(j, origin, arena_printf(&j->arena, "net:%s@%s", shown, host), shown);
}

/* The same object, whatever host it was named by. */
static void add_loose(struct judge *j, const struct origin *origin, const char *shown,
                      size_t n_hosts)
{
        struct origin loose = *origin;

        loose.role = n_hosts ? ROLE_HOSTED : ROLE_HOSTLESS;
        if (!n_hosts)
                add_at(j, origin, shown, "");
        if (origin->role != ROLE_CHAIN)
                add(j, &loose, arena_printf(&j->arena, "loose:%s", shown), shown);
}

static void add_network(struct judge *j, const struct origin *origin, const char *protocol,
                        const char *name, const struct node *hosts)
{
        const char *shown = shown_name(j, protocol, name);
        size_t n_hosts = 0;

        NODE_EACH(host, hosts, "host")
        {
                add_at(j, origin, shown,
                       host_key(j, protocol, node_attr(host, "name"), node_attr(host, "port"),
                                node_attr(host, "socket")));
                n_hosts++;
        }
        add_loose(j, origin, shown, n_hosts);
}

/* A header may name what is not a path: "rbd:...", "nbd://...". */
static void add_named(struct judge *j, const struct origin *origin, const char *text)
{
        struct backing backing;
        size_t n_hosts = 0;

        if (!backing_read(&j->arena, text, &backing)) {
                add(j, origin, arena_printf(&j->arena, "uri:%s", text), text);
                return;
        }

        const char *shown = shown_name(j, backing.protocol, backing.name);
        if (backing.socket)
                add_at(j, origin, shown, host_key(j, backing.protocol, "", NULL, backing.socket));
        for (const char *at = backing.hosts; at && *at; n_hosts++) {
                const char *host = arena_text_n(&j->arena, at, strcspn(at, ";,"));
                const char *colon = strrchr(host, ':');
                const size_t n_name = colon ? (size_t)(colon - host) : strlen(host);
                add_at(j, origin, shown,
                       host_key(j, backing.protocol, arena_text_n(&j->arena, host, n_name),
                                colon ? colon + 1 : NULL, NULL));
                at += strlen(host);
                at += *at != '\0';
        }
        if (!backing.socket)
                add_loose(j, origin, shown, n_hosts);
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
