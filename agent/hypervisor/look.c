/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/look.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hypervisor/connection.h"
#include "hypervisor/domxml.h"
#include "hypervisor/stats.h"
#include "hypervisor/storekey.h"
#include "vigie/mem.h"

enum { SIZES_TRIES = 10, SIZES_PAUSE_MS = 40 };

static void domain_freep(virDomainPtr *dom)
{
        if (*dom)
                virDomainFree(*dom);
}

static void recordsp(virDomainStatsRecordPtr **records)
{
        if (*records)
                virDomainStatsRecordListFree(*records);
}

/* What a volume's path is, only libvirt knows. Failing that the key stays pool and name. */
static void resolve_volume(virConnectPtr conn, struct disk *disk)
{
        virStoragePoolPtr pool = virStoragePoolLookupByName(conn, disk->pool);
        virStorageVolPtr volume = pool ? virStorageVolLookupByName(pool, disk->volume) : NULL;
        char *path = volume ? virStorageVolGetPath(volume) : NULL;

        if (path) {
                free(disk->key);
                disk->key = path;
                disk->local = path[0] == '/';
        }
        if (volume)
                virStorageVolFree(volume);
        if (pool)
                virStoragePoolFree(pool);
}

static int resolve_disks(struct look *look, virConnectPtr conn, struct facts *facts)
{
        if (!look->mounts)
                look->mounts = storekey_mounts();
        if (!look->mounts)
                return -ENOMEM;
        for (size_t i = 0; i < facts->n_disks; i++) {
                struct disk *disk = &facts->disks[i];
                call_step(&look->call);
                if (disk->pool && disk->volume)
                        resolve_volume(conn, disk);
                char *key = disk->local ? storekey_resolve(disk->key, look->mounts) : NULL;
                if (disk->local && !key)
                        return -ENOMEM;
                if (key) {
                        free(disk->key);
                        disk->key = key;
                }
        }
        return 0;
}

static void take_sizes(const struct sights *seen, const struct sight *sight, struct facts *facts)
{
        for (size_t i = 0; i < sight->n_blocks; i++) {
                const struct block *block = &seen->blocks[sight->first_block + i];
                struct disk *disk = facts_disk(facts, block->target);
                if (!disk || !block->has_capacity)
                        continue;
                disk->capacity_kib = block->capacity_bytes / 1024;
                disk->sized = true;
        }
}

/* A domain whose XML cannot be had or read stays without facts; the others are not its hostages. */
static int read_facts(struct look *look, virConnectPtr conn, virDomainPtr dom, struct sight *sight)
{
        _cleanup_(facts_freep) struct facts *facts = NULL;
        _cleanup_free_ char *xml = NULL;
        struct vg_err err = { 0 };

        call_step(&look->call);
        xml = virDomainGetXMLDesc(dom, 0);
        if (!xml) {
                int r = connection_error(&look->call.err, "virDomainGetXMLDesc");
                return r == -ECONNRESET ? r : 0;
        }
        if (domxml_parse(xml, strlen(xml), &facts, &err) < 0 ||
            strcmp(facts->uuid, sight->uuid) != 0)
                return 0;
        int r = resolve_disks(look, conn, facts);
        if (r < 0)
                return r;
        take_sizes(&look->seen, sight, facts);
        sight->facts = TAKE_PTR(facts);
        return 0;
}

/* Blocks of domains that a first, cheap call has found. */
static int ask_blocks(struct look *look, virConnectPtr conn, unsigned flags, struct vg_err *err)
{
        _cleanup_(recordsp) virDomainStatsRecordPtr *records = NULL;

        call_step(&look->call);
        int n = virConnectGetAllDomainStats(conn, STATS_QEMU, &records,
                                            flags | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
        if (n < 0)
                return connection_error(err, "virConnectGetAllDomainStats");
        for (int i = 0; i < n; i++) {
                char uuid[VIR_UUID_STRING_BUFLEN];
                struct sight *sight = virDomainGetUUIDString(records[i]->dom, uuid) == 0
                                              ? sights_find(&look->seen, uuid)
                                              : NULL;
                int r = sight ? stats_take_blocks(records[i], sight, &look->seen) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int by_text(const void *a, const void *b)
{
        return strcmp(a, b);
}

static bool is_known(const struct look *look, const char *uuid)
{
        return look->n_known &&
               bsearch(uuid, look->known, look->n_known, sizeof(*look->known), by_text);
}

static int look_at_all(struct look *look, struct connection *connection, struct vg_err *err)
{
        _cleanup_(recordsp) virDomainStatsRecordPtr *records = NULL;
        const bool only_qemu = (look->what & ~LOOK_TOLD) == LOOK_QEMU && connection->is_qemu;
        const unsigned told = look->what & LOOK_TOLD ? STATS_TOLD : 0;

        look->at = vg_clock_now();
        int n = virConnectGetAllDomainStats(
                connection->conn, only_qemu ? STATS_BLOCKS | told : STATS_STATE, &records,
                only_qemu ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
                                    VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
                          : 0);
        if (n < 0)
                return connection_error(err, "virConnectGetAllDomainStats");
        int r = stats_take_all(records, (size_t)n, &look->seen, only_qemu);
        /* Asked for the second time: facts without sizes rather than none. */
        const bool ask = r == 0 && !only_qemu && !look->call.careful && connection->is_qemu;
        if (ask && (look->what & LOOK_QEMU))
                r = ask_blocks(look, connection->conn, VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE,
                               err);
        if (ask && r == 0 && (look->what & LOOK_OFF))
                r = ask_blocks(look, connection->conn, VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE,
                               err);
        for (int i = 0; r == 0 && (look->what & LOOK_FACTS) && i < n; i++) {
                char uuid[VIR_UUID_STRING_BUFLEN];
                struct sight *sight = virDomainGetUUIDString(records[i]->dom, uuid) == 0
                                              ? sights_find(&look->seen, uuid)
                                              : NULL;
                if (sight && !is_known(look, uuid))
                        r = read_facts(look, connection->conn, records[i]->dom, sight);
        }
        return r;
}

static int ask_one(struct look *look, struct connection *connection, virDomainPtr dom,
                   struct vg_err *err)
{
        _cleanup_(recordsp) virDomainStatsRecordPtr *records = NULL;
        virDomainPtr doms[] = { dom, NULL };
        const bool is_active = virDomainGetID(dom) != (unsigned)-1;
        const bool ask = connection->is_qemu && (is_active || !look->call.careful);

        call_step(&look->call);
        int n = virDomainListGetStats(doms, ask ? STATS_QEMU : STATS_STATE, &records,
                                      ask ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT : 0);
        if (n < 0)
                return connection_error(err, "virDomainListGetStats");
        sights_done(&look->seen);
        return stats_take_all(records, (size_t)n, &look->seen, ask);
}

static bool lacks_sizes(const struct look *look)
{
        const struct sight *sight = look->seen.n ? &look->seen.rows[0] : NULL;

        for (size_t i = 0; sight && sight->libvirt_id >= 0 && i < sight->n_blocks; i++)
                if (!look->seen.blocks[sight->first_block + i].has_capacity)
                        return true;
        return false;
}

/* No such domain (any more): an answer, with nobody in it. */
static int look_at_one(struct look *look, struct connection *connection, struct vg_err *err)
{
        static const struct timespec pause = { .tv_nsec = SIZES_PAUSE_MS * 1000 * 1000 };
        _cleanup_(domain_freep) virDomainPtr dom = NULL;

        look->at = vg_clock_now();
        dom = virDomainLookupByUUIDString(connection->conn, look->uuid);
        if (!dom) {
                int r = connection_error(err, "virDomainLookupByUUIDString");
                return r == -ENOENT ? 0 : r;
        }

        int r = ask_one(look, connection, dom, err);
        /* Whoever started it or plugged the disk still holds it for a moment, and it is skipped. */
        for (int i = 0; r == 0 && lacks_sizes(look) && !look->call.careful && i < SIZES_TRIES;
             i++) {
                nanosleep(&pause, NULL);
                r = ask_one(look, connection, dom, err);
        }
        if (r < 0 || !look->seen.n)
                return r == -ENOENT ? 0 : r;
        return read_facts(look, connection->conn, dom, &look->seen.rows[0]);
}

int look_work(struct call *call, struct connection *connection, struct vg_err *err)
{
        struct look *look = (struct look *)call;

        look->asked_qemu = connection->is_qemu;
        return look->uuid[0] ? look_at_one(look, connection, err)
                             : look_at_all(look, connection, err);
}

struct look *look_new(enum look_what what, const char *uuid, const struct event *event,
                      const struct call_kind *kind)
{
        struct look *look = calloc(1, sizeof(*look));

        if (!look)
                return NULL;
        look->call.kind = kind;
        look->what = what;
        if (uuid)
                memcpy(look->uuid, uuid, UUID_TEXT);
        if (event)
                look->event = *event;
        return look;
}

struct call *look_again(const struct call *call)
{
        const struct look *look = (const struct look *)call;
        struct look *again = look_new(look->what, look->uuid, &look->event, call->kind);

        if (again)
                again->call.careful = true;
        return again ? &again->call : NULL;
}

void look_free(struct call *call)
{
        struct look *look = (struct look *)call;

        sights_done(&look->seen);
        free(look->mounts);
        free(look->known);
        free(look);
}
