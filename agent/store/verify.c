/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "store/verify-internal.h"

int verify_find(struct verify *v, const char *code, uint64_t seq, const char *format, ...)
{
        struct store_finding finding = { .code = code, .log = v->log, .seq = seq };
        char text[sizeof(finding.why.text)];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        va_end(ap);
        vg_text_clean(text, strlen(text), finding.why.text, sizeof(finding.why.text));
        finding.why.code = -EBADMSG;
        v->report->n_findings++;
        return v->options->on_finding(v->options->ctx, &finding);
}

int ranges_add(struct ranges *ranges, uint64_t from, uint64_t to)
{
        if (ranges->n && ranges->list[ranges->n - 1].to == from) {
                ranges->list[ranges->n - 1].to = to;
                return 0;
        }
        if (ranges->n == ranges->size) {
                const size_t size = ranges->size ? 2 * ranges->size : 16;
                struct range *list = reallocarray(ranges->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                ranges->list = list;
                ranges->size = size;
        }
        ranges->list[ranges->n++] = (struct range){ from, to };
        return 0;
}

void ranges_done(struct ranges *ranges)
{
        free(ranges->list);
        *ranges = (struct ranges){ 0 };
}

/* Both trees complete the same subtrees at the same leaf, this one first. */
static int keep_node(void *ctx, unsigned level, _unused_ uint64_t index, const struct vg_hash *hash)
{
        struct verify *v = ctx;

        v->over_stored[level] = *hash;
        return 0;
}

/* What is stored of a subtree must be the hash of its leaves: as they are stored, or as the bytes
 * give them where the two differ, which was told already. */
static int check_node(void *ctx, unsigned level, uint64_t index, const struct vg_hash *hash)
{
        struct verify *v = ctx;

        if (level % STORE_NODE_STEP || v->has_hole)
                return 0;
        int r = sql_bind(v->node, v->err, V_INT(node_id(v->log, level, index)));
        if (r == 0)
                r = sql_step(v->node, v->err);
        if (r < 0)
                return r;
        struct vg_hash stored = { 0 };
        if (r == 1 && sqlite3_column_bytes(v->node, 0) == VG_HASH_SIZE)
                memcpy(stored.bytes, sqlite3_column_blob(v->node, 0), VG_HASH_SIZE);
        sqlite3_reset(v->node);
        const bool same =
                vg_hash_equal(&stored, hash) || vg_hash_equal(&stored, &v->over_stored[level]);
        const unsigned long long first = index << level, last = ((index + 1) << level) - 1;

        return same ? 0
                    : verify_find(v, "node-altered", index << level,
                                  "nœud de l'arbre altéré, au-dessus des inscriptions %llu à %llu",
                                  first, last);
}

static int check_hole(struct verify *v, uint64_t seq)
{
        if (seq == v->next)
                return 0;
        v->has_hole = true;
        const uint64_t from = v->next;
        v->next = seq;
        return verify_find(v, "record-missing", from, "inscriptions %llu à %llu absentes",
                           (unsigned long long)from, (unsigned long long)(seq - 1));
}

/* The columns beside the bytes are only there to be asked for; they must say what the bytes say. */
static int check_envelope(struct verify *v, const struct store_record *record)
{
        struct vg_record split;
        const unsigned long long seq = record->seq;

        if (vg_record_split(record->bytes, record->n, &split) < 0)
                return verify_find(v, "record-malformed", seq, "inscription %llu mal formée", seq);
        if (split.log != v->log || split.seq != record->seq)
                return verify_find(v, "record-misplaced", seq,
                                   "à la place %llu se trouve l'inscription %s %llu", seq,
                                   vg_log_name(split.log), (unsigned long long)split.seq);
        if (strcmp(split.type, record->type) != 0 || split.utc_ns != record->utc_ns)
                return verify_find(v, "record-altered", seq,
                                   "inscription %llu : le type ou l'heure en regard est altéré",
                                   seq);
        return verify_special(v, &split);
}

static int take_leaves(struct verify *v, const struct vg_hash *stored,
                       const struct vg_hash *computed)
{
        int r = vg_tree_append(&v->tree, &store_hasher, stored, keep_node, v);

        if (r == 0)
                r = vg_tree_append(&v->computed, &store_hasher, computed, check_node, v);
        return r;
}

static int show_progress(struct verify *v)
{
        if (v->done++ % 4096 || !v->options->on_progress)
                return 0;
        return v->options->on_progress(v->options->ctx, v->done - 1, v->total);
}

static int check_record(void *ctx, const struct store_record *record)
{
        struct verify *v = ctx;
        struct vg_hash computed = record->leaf;
        int r = check_hole(v, record->seq);

        if (r == 0)
                r = show_progress(v);
        if (r == 0 && !record->bytes) {
                v->report->log[v->log].redacted++;
                r = ranges_add(&v->redacted[v->log], record->seq, record->seq + 1);
        } else if (r == 0) {
                r = vg_leaf_hash(&store_hasher, record->bytes, record->n, &computed);
                if (r == 0 && !vg_hash_equal(&computed, &record->leaf))
                        r = verify_find(v, "record-altered", record->seq,
                                        "inscription %llu altérée : son empreinte ne correspond "
                                        "plus",
                                        (unsigned long long)record->seq);
                if (r == 0)
                        r = check_envelope(v, record);
        }
        if (r == 0)
                r = take_leaves(v, &record->leaf, &computed);
        v->next = record->seq + 1;
        return r == 0 ? heads_at_size(v) : r;
}

static int begin_log(struct verify *v)
{
        v->next = 0;
        v->tree = v->computed = (struct vg_tree){ 0 };
        v->has_hole = false;
        v->epoch = 0;
        v->has_next = v->is_untrusted = false;
        /* Checkpoints first, records after: a log that grows meanwhile is then never too short. */
        int r = heads_begin(v);
        return r < 0 ? r : log_size(v->store->db, v->log, &v->size, v->err);
}

/* A page of the file that cannot be read is found, not failed on. */
static int find_damage(struct verify *v, int r)
{
        if (r != -EBADMSG)
                return r;
        return verify_find(v, "file-damaged", v->next,
                           "le fichier est endommagé après l'inscription %llu : %s",
                           (unsigned long long)v->next, vg_err_text(v->err));
}

static int verify_log(struct verify *v)
{
        int r = begin_log(v);
        const struct store_record_query query = { v->log, 0, v->size, NULL };

        if (r == 0)
                r = store_record_each(v->store, &query, check_record, v, v->err);
        v->has_hole |= r == -EBADMSG;
        r = find_damage(v, r);
        if (r == 0)
                r = heads_end(v);
        if (r == 0)
                r = verify_trust(v);
        v->report->log[v->log].size = v->size;
        v->report->log[v->log].epoch = v->epoch;
        memcpy(v->report->log[v->log].origin, v->origin, sizeof(v->origin));
        memcpy(v->report->log[v->log].public_key, v->public_key, sizeof(v->public_key));
        if (r == 0)
                r = vg_tree_root(&v->computed, &store_hasher, &v->report->log[v->log].root);
        heads_done(v);
        return r;
}

static bool is_purged(const struct ranges *purged, uint64_t seq)
{
        for (size_t i = 0; i < purged->n; i++)
                if (seq >= purged->list[i].from && seq < purged->list[i].to)
                        return true;
        return false;
}

/* Bytes may go, but not without a record that says so (type `purge`, see verify-epoch.c). */
static int check_redacted(struct verify *v, enum vg_log log)
{
        int r = 0;

        v->log = log;
        for (size_t i = 0; i < v->redacted[log].n && r == 0; i++)
                for (uint64_t seq = v->redacted[log].list[i].from;
                     seq < v->redacted[log].list[i].to && r == 0; seq++)
                        if (!is_purged(&v->purged[log], seq))
                                r = verify_find(v, "redacted-unexplained", seq,
                                                "inscription %llu effacée sans inscription de "
                                                "purge",
                                                (unsigned long long)seq);
        return r;
}

/* Rows of no log: nobody would read them, and nobody should have written them. */
static int check_strays(struct verify *v)
{
        int64_t n = 0;
        int r = sql_int(v->store->db,
                        "SELECT (SELECT count(*) FROM records WHERE id < 0 OR id >= 2 << 48) +"
                        " (SELECT count(*) FROM checkpoints WHERE log NOT IN (0, 1))",
                        &n, v->err);

        v->log = VG_LOG_SHARED;
        if (r < 0 || n == 0)
                return r;
        return verify_find(v, "stray-rows", 0, "%lld lignes n'appartiennent à aucun journal",
                           (long long)n);
}

static int verify_both(struct verify *v)
{
        int r = sql_prepare(v->store->db, "SELECT hash FROM nodes WHERE id = ?", &v->node, v->err);

        for (unsigned log = 0; log < VG_LOG_N; log++) {
                uint64_t size = 0;
                if (log_size(v->store->db, (enum vg_log)log, &size, NULL) == 0)
                        v->total += size;
        }
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                v->log = (enum vg_log)log;
                r = verify_log(v);
        }
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = check_redacted(v, (enum vg_log)log);
        return r == 0 ? check_strays(v) : r;
}

/* Where SQLite keeps the application id: bytes 68 to 71, big endian. */
static bool says_it_is_ours(const char *path)
{
        static const char magic[] = "SQLite format 3";
        unsigned char head[72] = { 0 };
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        const ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);

        if (fd >= 0)
                close(fd);
        return n == (ssize_t)sizeof(head) && memcmp(head, magic, sizeof(magic)) == 0 &&
               (head[68] << 24 | head[69] << 16 | head[70] << 8 | head[71]) == STORE_APPLICATION_ID;
}

/* A ledger of ours of which not even the list of tables can be read is a damaged one rather than
 * something else. */
static bool is_damaged(const char *path)
{
        sqlite3 *db = NULL;
        int64_t n = 0;

        if (!says_it_is_ours(path))
                return false;
        int r = open_database(path, SQLITE_OPEN_READONLY, &db, NULL);
        if (r == 0)
                r = sql_int(db, "SELECT count(*) FROM sqlite_schema", &n, NULL);
        sqlite3_close_v2(db);
        return r == -EBADMSG;
}

int store_verify(const struct store_verify_options *options, struct store_verify_report *ret_report,
                 struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        struct verify v = { .options = options, .report = ret_report, .err = err };
        int r = store_open_evidence(options->path, &store, err);

        *ret_report = (struct store_verify_report){ 0 };
        if (r == -EBADMSG && is_damaged(options->path))
                return find_damage(&v, r);
        if (r < 0)
                return r;
        v.store = store;
        r = find_damage(&v, verify_both(&v));
        for (unsigned log = 0; log < VG_LOG_N; log++) {
                ranges_done(&v.redacted[log]);
                ranges_done(&v.purged[log]);
        }
        sqlite3_finalize(v.node);
        return r;
}
