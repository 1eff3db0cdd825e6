/* SPDX-License-Identifier: Apache-2.0 */

/* What other appliances of the contract sent: its projection, and reading it. Two constraints of the
 * table, what was sent and what it means, let each record in once. */

#include "store/project.h"

#include "vigie/civil.h"
#include "vigie/json.h"

int project_received(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *appliance, *tenant;
        const json_t *resources;
        int64_t sent_seq, sent_part, start_s;
        int r = body_text(entry->body, "appliance", &appliance, err);

        if (r == 0)
                r = body_text(entry->body, "tenant", &tenant, err);
        if (r == 0)
                r = body_int(entry->body, "sent_seq", &sent_seq, err);
        if (r == 0)
                r = body_int(entry->body, "sent_part", &sent_part, err);
        if (r == 0)
                r = body_utc(entry->body, "start", &start_s, err);
        if (r == 0)
                r = body_object(entry->body, "resources", &resources, err);
        if (r == 0)
                r = project_run(projector, PROJECT_RECEIVED, err, V_TEXT(appliance),
                                V_INT(sent_seq), V_TEXT(tenant), V_INT(start_s), V_INT(sent_part),
                                V_INT(entry->seq));
        return r < 0 || json_object_size(resources) == 0 ? r : project_usage(projector, entry, err);
}

int store_received_find(struct store *store, const struct store_received *key, uint64_t *ret_seq,
                        struct vg_err *err)
{
        return sql_int_of(store->db,
                          "SELECT seq FROM received WHERE appliance = ?1 AND sent_seq = ?2"
                          " UNION ALL SELECT seq FROM received WHERE appliance = ?1"
                          " AND tenant = ?3 AND start_s = ?4 AND part = ?5 LIMIT 1",
                          VALUES(V_TEXT(key->appliance), V_INT(key->sent_seq), V_TEXT(key->tenant),
                                 V_INT(key->start_s), V_INT(key->part)),
                          (int64_t *)ret_seq, err);
}

int store_received_last(struct store *store, const char *appliance, uint64_t *ret_seq,
                        struct vg_err *err)
{
        return sql_int_of(store->db, "SELECT max(sent_seq) FROM received WHERE appliance = ?",
                          VALUES(V_TEXT(appliance)), (int64_t *)ret_seq, err);
}

int store_received_any(struct store *store, bool *ret_any, struct vg_err *err)
{
        int64_t any = 0;
        int r = sql_int(store->db, "SELECT EXISTS (SELECT 1 FROM received)", &any, err);

        *ret_any = any != 0;
        return r < 0 ? r : 0;
}

int store_next_part(struct store *store, int64_t start_s, const char *tenant, int64_t least,
                    int64_t below, int64_t *ret_part, struct vg_err *err)
{
        return sql_int_of(store->db,
                          "SELECT max(?3, coalesce(max(part), 0) + 1) FROM usage_part"
                          " WHERE start_s = ?1 AND part < ?4 AND"
                          " tenant = (SELECT id FROM tenant_name WHERE name = ?2)",
                          VALUES(V_INT(start_s), V_TEXT(tenant), V_INT(least), V_INT(below)),
                          ret_part, err);
}

struct caller {
        store_number_fn *fn;
        void *ctx;
};

static int tell_number(void *ctx, const struct sql_rows *rows, size_t i)
{
        const struct caller *caller = ctx;

        return caller->fn(caller->ctx, sql_cell_int(rows, i, 0));
}

int store_received_each(struct store *store, const char *appliance, int64_t from_s, int64_t to_s,
                        store_number_fn *fn, void *ctx, struct vg_err *err)
{
        return sql_each(store->db,
                        "SELECT start_s FROM received WHERE appliance = ? AND tenant = '_agent'"
                        " AND start_s >= ? AND start_s < ? ORDER BY start_s",
                        VALUES(V_TEXT(appliance), V_INT(from_s), V_INT(to_s)), tell_number,
                        &(struct caller){ fn, ctx }, err);
}

int store_received_records(struct store *store, const char *appliance, int64_t from_s, int64_t to_s,
                           store_number_fn *fn, void *ctx, struct vg_err *err)
{
        return sql_each(store->db,
                        "SELECT seq FROM received WHERE appliance = ? AND start_s >= ?"
                        " AND start_s < ? AND tenant <> '_agent' ORDER BY seq",
                        VALUES(V_TEXT(appliance), V_INT(from_s), V_INT(to_s)), tell_number,
                        &(struct caller){ fn, ctx }, err);
}

int store_usage_records(struct store *store, int64_t start_s, store_number_fn *fn, void *ctx,
                        struct vg_err *err)
{
        return sql_each(store->db, "SELECT seq FROM usage_part WHERE start_s = ? ORDER BY seq",
                        VALUES(V_INT(start_s)), tell_number, &(struct caller){ fn, ctx }, err);
}
