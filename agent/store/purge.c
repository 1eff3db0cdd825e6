/* SPDX-License-Identifier: Apache-2.0 */

/* Purge: after the retention, bytes and salts go and the 32-byte leaf hashes stay, so that the tree
 * and every signed head still hold. */

#include <assert.h>
#include <errno.h>

#include "store/project.h"
#include "vigie/json.h"

struct span { /* [from, to) */
        uint64_t from, to;
};

struct purge {
        struct span *list;
        size_t n, size;
        uint64_t n_records;
        store_over_fn *is_over;
        void *ctx;
};

static void purge_done(struct purge *purge)
{
        free(purge->list);
}

static int add(struct purge *purge, uint64_t seq)
{
        purge->n_records++;
        if (purge->n && purge->list[purge->n - 1].to == seq) {
                purge->list[purge->n - 1].to++;
                return 0;
        }
        if (purge->n == purge->size) {
                const size_t size = purge->size ? 2 * purge->size : 16;
                struct span *list = reallocarray(purge->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                purge->list = list;
                purge->size = size;
        }
        purge->list[purge->n++] = (struct span){ seq, seq + 1 };
        return 0;
}

/* Who we are, and what was purged, is said as long as there is a ledger. */
static bool is_kept_for_ever(const char *type)
{
        return strcmp(type, "origin") == 0 || strcmp(type, "epoch") == 0 ||
               strcmp(type, "key") == 0 || strcmp(type, "purge") == 0;
}

static int look_at(void *ctx, const struct store_record *record)
{
        struct purge *purge = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;

        if (!record->bytes || is_kept_for_ever(record->type))
                return 0;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, NULL) < 0)
                return -EBADMSG;
        return purge->is_over(purge->ctx, split.type, split.utc_ns, body) ? add(purge, record->seq)
                                                                          : 0;
}

static int record_span(struct store *store, enum vg_log log, const char *contract_id,
                       const struct span *span, int64_t utc_ns, struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "contract_id", contract_id);
        vg_json_int(&j, "from_seq", (int64_t)span->from);
        vg_json_string(&j, "log", vg_log_name(log));
        vg_json_int(&j, "to_seq", (int64_t)span->to);
        vg_json_end_object(&j);
        return j.buf.failed
                       ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                       : store_append(store, log, "purge", j.buf.data, j.buf.n, utc_ns, NULL, err);
}

int store_purge(struct store *store, enum vg_log log, const char *contract_id, int64_t utc_ns,
                store_over_fn *is_over, void *ctx, uint64_t *ret_n, struct vg_err *err)
{
        _cleanup_(purge_done) struct purge purge = { .is_over = is_over, .ctx = ctx };
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        const struct store_record_query query = { log, 0, store->identity.size[log], NULL };
        char text[64];
        int r;

        assert(store->in_transaction);
        r = sql_exec(store->db, "PRAGMA secure_delete = ON", err);
        if (r == 0)
                r = store_record_each(store, &query, look_at, &purge, err);
        if (r == -ENOMEM || r == -EBADMSG)
                return vg_err_set(err, r, "inscriptions à purger illisibles");
        if (r == 0)
                r = sql_prepare(store->db,
                                "UPDATE records SET bytes = NULL WHERE id >= ? AND id < ?", &stmt,
                                err);
        for (size_t i = 0; i < purge.n && r == 0; i++) {
                r = record_span(store, log, contract_id, &purge.list[i], utc_ns, err);
                if (r == 0)
                        r = sql_run(stmt, err, V_INT(record_id(log, purge.list[i].from)),
                                    V_INT(record_id(log, purge.list[i].to)));
        }
        /* Should we not come to make the projections again, the next start will. */
        snprintf(text, sizeof(text), "PRAGMA user_version = %d", STORE_SCHEMA - 1);
        if (r == 0)
                r = sql_exec(store->db, text, err);
        *ret_n = purge.n_records;
        return r;
}

/* Freed pages are overwritten, and the log of writes is emptied: what went is gone from the disk's
 * file too. */
int store_purge_finish(struct store *store, store_progress_fn *progress, void *ctx,
                       struct vg_err *err)
{
        int r = rebuild_projections(store, progress, ctx, err);

        if (r == 0)
                r = sql_exec(store->db,
                             "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"
                             "PRAGMA secure_delete = FAST",
                             err);
        return r;
}
