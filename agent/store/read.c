/* SPDX-License-Identifier: Apache-2.0 */

/* Reading the projections but usage (read-usage.c), and the records. An answer is taken whole, or
 * in chunks of some megabytes, before the caller sees any of it: whoever reads slowly, or pipes us
 * into a pager, holds no read transaction. */

#include <errno.h>

#include "store/internal.h"

/* Each small answer below is one statement and one function from row to struct. */

struct interval_caller {
        store_interval_fn *fn;
        void *ctx;
};

static int interval_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct interval_caller *c = caller;
        const struct store_interval interval = {
                .start_s = sql_cell_int(rows, i, 0),
                .length_s = sql_cell_int(rows, i, 1),
                .covered_s = sql_cell_int(rows, i, 2),
                .clock = sql_cell_text(rows, i, 3),
                .seq = (uint64_t)sql_cell_int(rows, i, 4),
        };

        return c->fn(c->ctx, &interval);
}

int store_interval_each(struct store *store, int64_t from_s, int64_t to_s, store_interval_fn *fn,
                        void *ctx, struct vg_err *err)
{
        struct interval_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT start_s, length_s, covered_s, clock, seq FROM interval"
                        " WHERE start_s >= ? AND start_s < ? ORDER BY start_s, seq",
                        VALUES(V_INT(from_s), V_INT(to_s)), interval_row, &caller, err);
}

struct gap_caller {
        store_gap_fn *fn;
        void *ctx;
};

static int gap_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct gap_caller *c = caller;
        const struct store_gap gap = {
                .from_s = sql_cell_int(rows, i, 0),
                .to_s = sql_cell_int(rows, i, 1),
                .cause = sql_cell_text(rows, i, 2),
                .scope = sql_cell_text(rows, i, 3),
                .interval_s = sql_cell_int(rows, i, 4),
                .seq = (uint64_t)sql_cell_int(rows, i, 5),
        };

        return c->fn(c->ctx, &gap);
}

int store_gap_each(struct store *store, int64_t from_s, int64_t to_s, store_gap_fn *fn, void *ctx,
                   struct vg_err *err)
{
        struct gap_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT from_s, to_s, cause, scope, interval_s, seq FROM gap"
                        " WHERE to_s > ? AND from_s < ? ORDER BY from_s, seq, n",
                        VALUES(V_INT(from_s), V_INT(to_s)), gap_row, &caller, err);
}

struct contract_caller {
        store_contract_fn *fn;
        void *ctx;
};

static int contract_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct contract_caller *c = caller;
        const struct store_contract contract = {
                .seq = (uint64_t)sql_cell_int(rows, i, 0),
                .contract_id = sql_cell_text(rows, i, 1),
                .revision = sql_cell_int(rows, i, 2),
                .digest = sql_cell_text(rows, i, 3),
                .loaded_utc_ns = sql_cell_int(rows, i, 4),
                .current = sql_cell_int(rows, i, 5) != 0,
                .text = sql_cell_text(rows, i, 6),
                .n_text = sql_cell(rows, i, 6)->n,
                .previous = sql_cell_text(rows, i, 7),
        };

        return c->fn(c->ctx, &contract);
}

int store_contract_each(struct store *store, store_contract_fn *fn, void *ctx, struct vg_err *err)
{
        struct contract_caller caller = { fn, ctx };

        return sql_each(
                store->db,
                "SELECT seq, contract_id, revision, digest, utc_ns, current, text,"
                " ifnull((SELECT digest FROM contract p WHERE p.contract_id = c.contract_id AND"
                " p.seq < c.seq ORDER BY p.seq DESC LIMIT 1), '') FROM contract c ORDER BY seq",
                NULL, 0, contract_row, &caller, err);
}

struct line_caller {
        store_line_fn *fn;
        void *ctx;
};

static int line_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct line_caller *c = caller;
        const struct store_line line = {
                .contract_id = sql_cell_text(rows, i, 0),
                .statement_month = (int32_t)sql_cell_int(rows, i, 1),
                .period_month = (int32_t)sql_cell_int(rows, i, 2),
                .tenant = sql_cell_text(rows, i, 3),
                .sku = sql_cell_text(rows, i, 4),
                .price_from_s = sql_cell_int(rows, i, 5),
                .kind = sql_cell_text(rows, i, 6),
                .quantity_micro = sql_cell_text(rows, i, 7),
        };

        return c->fn(c->ctx, &line);
}

int store_line_each(struct store *store, const char *contract_id, int32_t from_month,
                    int32_t to_month, store_line_fn *fn, void *ctx, struct vg_err *err)
{
        struct line_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT contract_id, statement_month, period_month, tenant, sku,"
                        " price_from_s, kind, quantity_micro FROM line"
                        " WHERE (?1 IS NULL OR contract_id = ?1)"
                        " AND statement_month BETWEEN ?2 AND ?3 ORDER BY 1, 2, 3, 4, 5, 6, 7",
                        VALUES(V_TEXT(contract_id), V_INT(from_month), V_INT(to_month)), line_row,
                        &caller, err);
}

struct alert_caller {
        store_alert_fn *fn;
        void *ctx;
};

static int alert_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct alert_caller *c = caller;
        const struct store_alert alert = {
                .key = sql_cell_text(rows, i, 0),
                .log = (enum vg_log)sql_cell_int(rows, i, 1),
                .seq = (uint64_t)sql_cell_int(rows, i, 2),
                .code = sql_cell_text(rows, i, 3),
                .event = sql_cell_text(rows, i, 4),
                .severity = sql_cell_text(rows, i, 5),
                .fired_s = sql_cell_int(rows, i, 6),
                .changed_s = sql_cell_int(rows, i, 7),
                .change = sql_cell_int(rows, i, 8),
                .active = sql_cell_int(rows, i, 9) != 0,
                .acknowledged = sql_cell_int(rows, i, 10) != 0,
                .params = sql_cell_text(rows, i, 11),
                .text_fr = sql_cell_text(rows, i, 12),
                .text_en = sql_cell_text(rows, i, 13),
                .notify = sql_cell_text(rows, i, 14),
                .notified_s = sql_cell_int(rows, i, 15),
        };

        return c->fn(c->ctx, &alert);
}

int store_alert_each(struct store *store, bool active_only, store_alert_fn *fn, void *ctx,
                     struct vg_err *err)
{
        struct alert_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT key, log, seq, code, event, severity, fired_s,"
                        " changed_s, change, active, acknowledged, params, text_fr,"
                        " text_en, notify, notified_s FROM alert"
                        " WHERE active >= ? ORDER BY changed_s, key, log",
                        VALUES(V_INT(active_only)), alert_row, &caller, err);
}

struct silence_caller {
        store_silence_fn *fn;
        void *ctx;
};

static int silence_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct silence_caller *c = caller;
        const struct store_silence silence = {
                .key = sql_cell_text(rows, i, 0),
                .seq = (uint64_t)sql_cell_int(rows, i, 1),
                .at_s = sql_cell_int(rows, i, 2),
                .until_s = sql_cell_int(rows, i, 3),
                .uid = sql_cell_int(rows, i, 4),
                .user = sql_cell_text(rows, i, 5),
                .role = sql_cell_text(rows, i, 6),
                .reason = sql_cell_text(rows, i, 7),
        };

        return c->fn(c->ctx, &silence);
}

int store_silence_each(struct store *store, store_silence_fn *fn, void *ctx, struct vg_err *err)
{
        struct silence_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT key, seq, at_s, until_s, uid, user, role, reason FROM silence"
                        " ORDER BY key",
                        NULL, 0, silence_row, &caller, err);
}

struct map_caller {
        store_map_fn *fn;
        void *ctx;
};

static int map_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct map_caller *c = caller;
        const struct store_map map = {
                .by = sql_cell_text(rows, i, 0),
                .value = sql_cell_text(rows, i, 1),
                .tenant = sql_cell_text(rows, i, 2),
                .reason = sql_cell_text(rows, i, 3),
                .from_s = sql_cell_int(rows, i, 4),
                .seq = (uint64_t)sql_cell_int(rows, i, 5),
        };

        return c->fn(c->ctx, &map);
}

int store_map_each(struct store *store, store_map_fn *fn, void *ctx, struct vg_err *err)
{
        struct map_caller caller = { fn, ctx };

        return sql_each(
                store->db,
                "SELECT by, value, tenant, reason, from_s, seq FROM tenant_map ORDER BY seq", NULL,
                0, map_row, &caller, err);
}

struct act_caller {
        store_act_fn *fn;
        void *ctx;
};

static int act_row(void *caller, const struct sql_rows *rows, size_t i)
{
        const struct act_caller *c = caller;
        const struct store_act act = {
                .seq = (uint64_t)sql_cell_int(rows, i, 0),
                .utc_ns = sql_cell_int(rows, i, 1),
                .uid = sql_cell_int(rows, i, 2),
                .verb = sql_cell_text(rows, i, 3),
                .user = sql_cell_text(rows, i, 4),
                .role = sql_cell_text(rows, i, 5),
                .detail = sql_cell_text(rows, i, 6),
        };

        return c->fn(c->ctx, &act);
}

int store_act_each(struct store *store, const char *verb, store_act_fn *fn, void *ctx,
                   struct vg_err *err)
{
        struct act_caller caller = { fn, ctx };

        return sql_each(store->db,
                        "SELECT seq, utc_ns, uid, verb, user, role, detail FROM act"
                        " WHERE ?1 IS NULL OR verb = ?1 ORDER BY seq",
                        VALUES(V_TEXT(verb)), act_row, &caller, err);
}

struct meta_caller {
        char *value;
};

static int meta_row(void *caller, const struct sql_rows *rows, size_t i)
{
        struct meta_caller *c = caller;

        c->value = strdup(sql_cell_text(rows, i, 0));
        return c->value ? 0 : -ENOMEM;
}

int store_meta_get(struct store *store, const char *name, char **ret_value, struct vg_err *err)
{
        struct meta_caller caller = { NULL };
        int r = sql_each(store->db, "SELECT value FROM meta WHERE name = ?", VALUES(V_TEXT(name)),
                         meta_row, &caller, err);

        if (r < 0)
                return r;
        *ret_value = caller.value;
        return caller.value ? 0 : STORE_NONE;
}
