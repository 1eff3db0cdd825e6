/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/volumes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/connection.h"
#include "hypervisor/storekey.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { VOLUMES_MAX = 20000 };

static void volume_done(struct volume *volume)
{
        free(volume->key);
        free(volume->pool);
        free(volume->name);
}

void volumes_keep_first(struct volumes *volumes, size_t n)
{
        while (volumes->n > n)
                volume_done(&volumes->rows[--volumes->n]);
}

void volumes_done(struct volumes *volumes)
{
        volumes_keep_first(volumes, 0);
        free(volumes->rows);
        *volumes = (struct volumes){ 0 };
}

static int reserve(struct volumes *volumes)
{
        if (volumes->n < volumes->size)
                return 0;

        size_t size = volumes->size ? volumes->size * 2 : 16;
        struct volume *rows = realloc(volumes->rows, size * sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        volumes->rows = rows;
        volumes->size = size;
        return 0;
}

/* A pool's key of a volume is a path in most pools, and a name of the pool's own in others. */
static char *canonical_key(virStorageVolPtr vol, const char *mounts)
{
        const char *key = virStorageVolGetKey(vol);
        if (key && key[0] == '/')
                return storekey_resolve(key, mounts);

        char *path = virStorageVolGetPath(vol);
        if (!path || path[0] != '/')
                return path;

        char *resolved = storekey_resolve(path, mounts);
        free(path);
        return resolved;
}

/* A volume that cannot be read is left out; the next look may have it. */
static int take_volume(struct volumes_look *look, virStorageVolPtr vol, const char *pool)
{
        struct volumes *seen = &look->seen;
        virStorageVolInfo info;

        if (virStorageVolGetInfo(vol, &info) < 0 || info.type == VIR_STORAGE_VOL_DIR ||
            info.type == VIR_STORAGE_VOL_NETDIR)
                return 0;
        if (reserve(seen) < 0)
                return -ENOMEM;

        const char *name = virStorageVolGetName(vol);
        struct volume volume = {
                .key = canonical_key(vol, look->mounts),
                .pool = strdup(pool),
                .name = name ? strdup(name) : NULL,
                .capacity_kib = info.capacity / 1024,
        };
        if (!volume.key || !volume.pool || !volume.name) {
                volume_done(&volume);
                return 0;
        }
        seen->rows[seen->n++] = volume;
        return 0;
}

static int take_pool(struct volumes_look *look, virStoragePoolPtr pool)
{
        virStorageVolPtr *vols = NULL;
        const char *name = virStoragePoolGetName(pool);

        call_step(&look->call);
        int r = 0, n = name ? virStoragePoolListAllVolumes(pool, &vols, 0) : 0;
        for (int i = 0; i < n; i++) {
                call_step(&look->call);
                if (r == 0 && look->seen.n < VOLUMES_MAX)
                        r = take_volume(look, vols[i], name);
                virStorageVolFree(vols[i]);
        }
        free(vols);
        return r;
}

static int by_key(const void *a, const void *b)
{
        return strcmp(((const struct volume *)a)->key, ((const struct volume *)b)->key);
}

static void sort_unique(struct volumes *volumes)
{
        size_t kept = 0;

        if (volumes->n)
                qsort(volumes->rows, volumes->n, sizeof(*volumes->rows), by_key);
        for (size_t i = 0; i < volumes->n; i++) {
                if (kept && by_key(&volumes->rows[kept - 1], &volumes->rows[i]) == 0)
                        volume_done(&volumes->rows[i]);
                else
                        volumes->rows[kept++] = volumes->rows[i];
        }
        volumes->n = kept;
}

int volumes_look_work(struct call *call, struct connection *connection, struct vg_err *err)
{
        struct volumes_look *look = (struct volumes_look *)call;
        virStoragePoolPtr *pools = NULL;
        int r = 0;

        look->at = vg_clock_now();
        look->mounts = storekey_mounts();
        if (!look->mounts)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int n = virConnectListAllStoragePools(connection->conn, &pools,
                                              VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
        if (n < 0)
                return connection_error(err, "virConnectListAllStoragePools");
        for (int i = 0; i < n; i++) {
                if (r == 0)
                        r = take_pool(look, pools[i]);
                virStoragePoolFree(pools[i]);
        }
        free(pools);
        sort_unique(&look->seen);
        return r < 0 ? vg_err_set(err, r, "mémoire épuisée") : 0;
}

struct volumes_look *volumes_look_new(const struct call_kind *kind)
{
        struct volumes_look *look = calloc(1, sizeof(*look));

        if (look)
                look->call.kind = kind;
        return look;
}

void volumes_look_free(struct call *call)
{
        struct volumes_look *look = (struct volumes_look *)call;

        volumes_done(&look->seen);
        free(look->mounts);
        free(look);
}
