/* SPDX-License-Identifier: Apache-2.0 */

/* storage: the disks of the domains and what they reach. */

#include "storage.h"

#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"

static bool writes(const struct node *disk)
{
        return !node_child(disk, "readonly") && !node_attr_is(disk, "device", "cdrom");
}

/* The images below, as the XML of a running domain (or a mirror's) tells them. */
static void add_backing(struct judge *j, const struct origin *top, const struct node *disk)
{
        struct origin origin = *top;
        struct place unused;

        origin.role = ROLE_CHAIN;
        origin.is_raw = false;
        for (const struct node *store = node_child(disk, "backingStore"); store;
             store = node_child(store, "backingStore")) {
                const char *type = node_attr(store, "type");
                objects_of_source(j, &origin, type ? type : "file", node_child(store, "source"),
                                  &unused);
        }
}

static void add_mirror(struct judge *j, const struct origin *origin, const struct node *disk)
{
        const struct node *mirror = node_child(disk, "mirror");
        const struct node *source = node_child(mirror, "source");
        const char *type = node_attr(mirror, "type");
        struct place unused;

        objects_of_source(j, origin, type ? type : "file", source ? source : mirror, &unused);
}

const char *volume_at(const struct judge *j, const char *key)
{
        return uses_look(&j->storage->volumes, key);
}

static void find_volume(struct judge *j, struct disk *disk)
{
        const char *part = disk->volume ? NULL : volume_at(j, disk->place.key);
        const char *slash = part ? strchr(part, '/') : NULL;

        if (!slash)
                return;

        const char *pool = arena_text_n(&j->arena, part, (size_t)(slash - part));
        disk->volume = host_document(j->host, "volume", pool, slash + 1);
        disk->pool = host_document(j->host, "pool", "", pool);
}

static struct disk *disk_new(struct judge *j)
{
        struct storage *storage = j->storage;

        if (storage->n_disks == storage->size_disks) {
                const size_t size = storage->size_disks ? storage->size_disks * 2 : 256;
                struct disk *more = reallocarray(storage->disks, size, sizeof(*more));
                if (!more) {
                        j->failed = true;
                        return NULL;
                }
                storage->disks = more;
                storage->size_disks = size;
        }
        return &storage->disks[storage->n_disks++];
}

static void add_disk(struct judge *j, uint32_t domain, const struct node *xml)
{
        const struct node *source = node_child(xml, "source");
        const char *target = node_value(xml, "target", "dev"), *type = node_attr(xml, "type");
        const char *pool = node_attr(source, "pool"), *volume = node_attr(source, "volume");
        struct disk *disk = source ? disk_new(j) : NULL;

        if (!disk)
                return;
        *disk = (struct disk){
                .domain = domain,
                .xml = xml,
                .where = arena_printf(&j->arena, "disk %s", target ? target : "?"),
                .type = type ? type : "file",
                .writes = writes(xml),
                .place = { .key = "", .path = "" },
        };

        const struct origin origin = { domain, disk->writes ? ROLE_WRITES : ROLE_READS, disk->where,
                                       node_attr_is(node_child(xml, "driver"), "type", "raw") };
        if (pool && volume && strcmp(disk->type, "volume") == 0)
                objects_of_volume(j, &origin, pool, volume, disk);
        else
                objects_of_source(j, &origin, disk->type, source, &disk->place);
        find_volume(j, disk);
        add_backing(j, &origin, xml);
        add_mirror(j, &(struct origin){ domain, ROLE_WRITES, disk->where, false }, xml);
}

/* ---- snapshots: what they hold is beneath the domain's disks ---- */

static void add_snapshot_disks(struct judge *j, const struct origin *origin,
                               const struct node *disks)
{
        struct place unused;

        NODE_EACH(disk, disks, "disk")
        {
                const char *type = node_attr(disk, "type");
                objects_of_source(j, origin, type ? type : "file", node_child(disk, "source"),
                                  &unused);
        }
}

static int by_name(const void *name, const void *domain)
{
        return strcmp(name, ((const struct domain *)domain)->name);
}

static void add_snapshots(struct judge *j)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        size_t from, to;

        host_documents(j->host, "snapshot", &from, &to);
        for (size_t i = from; i < to; i++) {
                const char *at = strchr(documents->at[i]->key, '/') + 1;
                const char *name = arena_text_n(&j->arena, at, strcspn(at, "/"));
                const struct domain *domain =
                        bsearch(name, j->domains, j->n_domains, sizeof(*domain), by_name);
                const struct node *xml = &documents->at[i]->tree;
                if (!domain)
                        continue;
                const struct origin origin = {
                        (uint32_t)(domain - j->domains), ROLE_CHAIN,
                        arena_printf(&j->arena, "snapshot %s", node_text(xml, "name")), false
                };
                add_snapshot_disks(j, &origin, node_child(xml, "disks"));
                add_snapshot_disks(j, &origin, node_at(xml, "domain/devices"));
                add_snapshot_disks(j, &origin, node_at(xml, "inactiveDomain/devices"));
        }
}

static void index_volumes(struct judge *j)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        size_t from, to;

        host_documents(j->host, "volume", &from, &to);
        for (size_t i = from; i < to; i++) {
                const char *part = strchr(documents->at[i]->key, '/') + 1;
                const char *slash = strchr(part, '/');
                const char *path =
                        slash ? volume_path(j,
                                            arena_text_n(&j->arena, part, (size_t)(slash - part)),
                                            slash + 1)
                              : NULL;
                if (path)
                        uses_add(j, &j->storage->volumes,
                                 &(struct use){ .key = place_of(j, path).key, .part = part });
        }
        uses_sort(&j->storage->volumes);
}

struct storage *storage_new(struct judge *j)
{
        struct storage *storage = calloc(1, sizeof(*storage));

        if (!storage)
                return NULL;
        j->storage = storage;
        storage->unseen = calloc((size_t)j->n_domains + 1, sizeof(*storage->unseen));
        if (!storage->unseen)
                return storage_free(storage), NULL;
        index_volumes(j);
        EACH_DOMAIN(i, j)
        NODE_EACH(disk, j->domains[i].devices, "disk")
        add_disk(j, i, disk);
        add_snapshots(j);
        return storage;
}

void storage_free(struct storage *storage)
{
        if (!storage)
                return;
        uses_done(&storage->uses);
        uses_done(&storage->volumes);
        free(storage->disks);
        free((void *)storage->unseen);
        free(storage);
}
