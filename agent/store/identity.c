/* SPDX-License-Identifier: Apache-2.0 */

/* Who a ledger is and how long its logs are. */

#include <errno.h>

#include "store/internal.h"

int log_size(sqlite3 *db, enum vg_log log, uint64_t *ret_size, struct vg_err *err)
{
        int64_t last = 0;
        int r = sql_int_of(
                db, "SELECT max(id) FROM records WHERE id BETWEEN ? AND ?",
                VALUES(V_INT(record_id(log, 0)), V_INT(record_id((enum vg_log)(log + 1), 0) - 1)),
                &last, err);

        if (r < 0)
                return r;
        *ret_size = r == STORE_NONE ? 0 : record_seq(last) + 1;
        return 0;
}

static int load_epoch(struct store *store, unsigned log, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct store_identity *id = &store->identity;
        int r = sql_prepare(store->db,
                            "SELECT epoch, origin, public_key FROM epoch WHERE log = ?"
                            " ORDER BY epoch DESC LIMIT 1",
                            &stmt, err);

        if (r == 0)
                r = sql_bind(stmt, err, V_INT(log));
        if (r == 0)
                r = sql_step(stmt, err);
        if (r < 0)
                return r;
        const char *origin = r == 1 ? (const char *)sqlite3_column_text(stmt, 1) : NULL;
        if (!origin || strlen(origin) >= VG_ORIGIN_SIZE ||
            sqlite3_column_bytes(stmt, 2) != VG_PUBLIC_KEY_SIZE)
                return vg_err_set(err, -EBADMSG, "le registre n'a pas d'origine");
        id->epoch = sqlite3_column_int64(stmt, 0);
        memcpy(id->origin[log], origin, strlen(origin) + 1);
        memcpy(id->public_key, sqlite3_column_blob(stmt, 2), VG_PUBLIC_KEY_SIZE);
        return 0;
}

int store_refresh(struct store *store, struct vg_err *err)
{
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = log_size(store->db, (enum vg_log)log, &store->identity.size[log], err);
        return r;
}

int identity_load(struct store *store, struct vg_err *err)
{
        char *appliance = NULL;
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                r = load_epoch(store, log, err);
                if (r == 0)
                        r = key_load(store, (enum vg_log)log, err);
        }
        if (r == 0)
                r = store_meta_get(store, "appliance", &appliance, err);
        if (r < 0)
                return r;
        snprintf(store->identity.appliance, sizeof(store->identity.appliance), "%s",
                 appliance ? appliance : "");
        free(appliance);
        return store_refresh(store, err);
}

const struct store_identity *store_identity(const struct store *store)
{
        return &store->identity;
}
