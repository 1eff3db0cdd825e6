/* SPDX-License-Identifier: Apache-2.0 */

/* The newest heartbeat, signed by whoever writes: one note with both logs, one with what the
 * supplier may see. No record: it says only that the keeper lives, and replaces the one before. */

#include <errno.h>

#include "store/internal.h"
#include "vigie/civil.h"

static const struct {
        const char *name; /* in the memory */
        bool has[VG_LOG_N];
} kinds[] = {
        [STORE_HEARTBEAT_CLIENT] = { "heartbeat", { true, true } },
        [STORE_HEARTBEAT_SHARED] = { "heartbeat-shared", { [VG_LOG_SHARED] = true } },
};

static int sign_one(struct store *store, size_t kind, int64_t utc_ns, struct vg_err *err)
{
        struct vg_heartbeat heartbeat = { .utc_s = vg_floor_div(utc_ns, VG_NS_PER_S) };
        struct vg_buf note = { 0 };
        int r = vg_heartbeat_origin(store->identity.origin[VG_LOG_SHARED], heartbeat.origin);

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                heartbeat.has[log] = kinds[kind].has[log];
                heartbeat.size[log] = store->tree[log].n;
                r = vg_tree_root(&store->tree[log], &store_hasher, &heartbeat.root[log]);
        }
        if (r == 0)
                r = vg_heartbeat_sign(&heartbeat, &store_hasher, store_key_public(store->key),
                                      store_sign, (void *)store->key, &note);
        r = r < 0 ? vg_err_set(err, r, "le signe de vie n'a pas pu être signé")
                  : store_memory_put(store, kinds[kind].name, utc_ns, note.data, note.n, err);
        vg_buf_done(&note);
        return r;
}

int store_heartbeat_sign(struct store *store, int64_t utc_ns, struct vg_err *err)
{
        int r = store_begin(store, err);

        if (r < 0)
                return r;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds) && r == 0; kind++)
                r = sign_one(store, kind, utc_ns, err);
        if (r == 0)
                return store_commit(store, err);
        store_rollback(store);
        return r;
}

int store_heartbeat_get(struct store *store, enum store_heartbeat kind, char **ret_note,
                        struct vg_err *err)
{
        size_t n;

        return store_memory_get(store, kinds[kind].name, ret_note, &n, err);
}
