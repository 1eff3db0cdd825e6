/* SPDX-License-Identifier: Apache-2.0 */

/* The slices of the logs, and the seal: the act that names the digest of all the rest, with its way
 * up to a signed head. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-export.h"
#include "store/store.h"

/* ---- slices of the logs ---- */

struct slice {
        struct export *x;
        enum vg_log log;
        char *note;
        uint64_t from, to, size; /* size: what the note covers */
        bool any;
};

/* The slice is what lies between the first and the last record of the period. */
static int find_slice(void *ctx, const struct store_record *record)
{
        struct slice *s = ctx;

        if (record->utc_ns < s->x->from_ns || record->utc_ns >= s->x->to_ns)
                return 0;
        if (!s->any)
                s->from = record->seq;
        s->any = true;
        s->to = record->seq + 1;
        return 0;
}

struct lines {
        FILE *file;
};

static int put_line(void *ctx, const struct store_record *record)
{
        const struct lines *lines = ctx;
        char hex[2 * VG_HASH_SIZE + 1];

        if (record->bytes) {
                fwrite(record->bytes, 1, record->n, lines->file);
                fputc('\n', lines->file);
        } else {
                fprintf(lines->file, "{\"leaf\":\"%s\",\"seq\":%llu}\n",
                        vg_hex_format(record->leaf.bytes, VG_HASH_SIZE, hex),
                        (unsigned long long)record->seq);
        }
        return 0;
}

static void put_hashes(struct vg_json *j, const char *key, const struct vg_hash *const *hash,
                       size_t n)
{
        char hex[2 * VG_HASH_SIZE + 1];

        vg_json_array(j, key);
        for (size_t i = 0; i < n; i++)
                vg_json_string(j, NULL, vg_hex_format(hash[i]->bytes, VG_HASH_SIZE, hex));
        vg_json_end_array(j);
}

static int put_around(const struct slice *s, const char *name)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        const struct vg_hash *before[64], *after[VG_PROOF_MAX];
        struct vg_tree tree;
        struct vg_proof proof;
        size_t n = 0;
        int r = store_prove_slice(s->x->view.store, s->log, s->from, s->to, s->size, &tree, &proof,
                                  &s->x->err);

        if (r < 0)
                return r;
        for (int level = 63; level >= 0; level--)
                if (tree.n >> level & 1)
                        before[n++] = &tree.peak[level];
        for (size_t i = 0; i < proof.n; i++)
                after[i] = &proof.hash[i];
        vg_json_object(&j, NULL);
        put_hashes(&j, "after", after, proof.n);
        put_hashes(&j, "before", before, n);
        vg_json_int(&j, "from", (int64_t)s->from);
        vg_json_string(&j, "log", vg_log_name(s->log));
        vg_json_int(&j, "size", (int64_t)s->size);
        vg_json_int(&j, "to", (int64_t)s->to);
        vg_json_end_object(&j);
        vg_buf_puts(&j.buf, "\n");
        return j.buf.failed ? vg_err_set(&s->x->err, -ENOMEM, "mémoire épuisée")
                            : bundle_add(s->x->bundle, name, j.buf.data, j.buf.n, &s->x->err);
}

static int read_head(struct slice *s)
{
        struct vg_err *err = &s->x->err;
        struct vg_note note;
        int r = store_checkpoint_get(s->x->view.store, s->log, UINT64_MAX, NULL, &s->note, err);

        if (r == STORE_NONE)
                return vg_err_set(err, -ENODATA, "le journal « %s » n'a pas encore de tête signée",
                                  vg_log_name(s->log));
        if (r == 0)
                r = vg_note_parse(s->note, strlen(s->note), &note, err);
        if (r == 0)
                s->size = note.checkpoint.size;
        return r;
}

static int put_slice(struct slice *s)
{
        const char *log = vg_log_name(s->log);
        struct store_record_query query = { .log = s->log };
        char name[64];
        int r = read_head(s);

        if (r < 0)
                return r;
        query.to_seq = s->size;
        r = store_record_each(s->x->view.store, &query, find_slice, s, &s->x->err);
        if (r < 0)
                return r;
        snprintf(name, sizeof(name), "ledger/%s.checkpoint", log);
        r = bundle_add(s->x->bundle, name, s->note, strlen(s->note), &s->x->err);
        if (r < 0)
                return r;
        snprintf(name, sizeof(name), "ledger/%s.slice.json", log);
        r = put_around(s, name);
        if (r < 0)
                return r;
        query.from_seq = s->from;
        query.to_seq = s->to;
        struct lines lines = { bundle_begin(s->x->bundle) };
        if (lines.file)
                r = store_record_each(s->x->view.store, &query, put_line, &lines, &s->x->err);
        snprintf(name, sizeof(name), "ledger/%s.jsonl", log);
        return r < 0 ? r : bundle_end(s->x->bundle, name, &s->x->err);
}

static int put_log(struct export *x, enum vg_log log)
{
        struct slice s = { .x = x, .log = log };
        int r = put_slice(&s);

        free(s.note);
        return r;
}

int export_shared(struct export *x)
{
        return put_log(x, VG_LOG_SHARED);
}

int export_client(struct export *x)
{
        return put_log(x, VG_LOG_CLIENT);
}

/* ---- the seal ---- */

struct seal {
        const char *digest;
        uint64_t seq;
        bool found;
        struct export *x;
};

static int find_act(void *ctx, const struct store_act *act)
{
        struct seal *seal = ctx;

        if (strstr(act->detail, seal->digest)) {
                seal->seq = act->seq;
                seal->found = true;
        }
        return 0;
}

static int put_record(void *ctx, const struct store_record *record)
{
        struct export *x = ctx;

        return record->bytes
                       ? bundle_add(x->bundle, "seal/record", record->bytes, record->n, &x->err)
                       : -ENODATA;
}

static int put_proof(struct export *x, const struct vg_proof *proof, uint64_t seq, uint64_t size)
{
        bool is_left[VG_PROOF_MAX];
        char name[64];
        int r = 0;

        bundle_sides(seq, size, proof->n, is_left);
        for (size_t i = 0; r == 0 && i < proof->n; i++) {
                snprintf(name, sizeof(name), "seal/proof/%02zu.%s", i,
                         is_left[i] ? "left" : "right");
                r = bundle_add(x->bundle, name, proof->hash[i].bytes, VG_HASH_SIZE, &x->err);
        }
        return r;
}

int export_seal(struct export *x)
{
        struct slice head = { .x = x, .log = VG_LOG_CLIENT };
        char hex[2 * VG_HASH_SIZE + 1];
        struct seal seal = { .digest = vg_hex_format(x->digest.bytes, VG_HASH_SIZE, hex), .x = x };
        struct vg_proof proof;
        int r = store_act_each(x->view.store, "bundle.export", find_act, &seal, &x->err);

        if (r == 0)
                r = read_head(&head);
        if (r == 0 && (!seal.found || seal.seq >= head.size))
                r = vg_err_set(&x->err, -ENODATA,
                               "le gardien n'a pas encore signé l'acte; recommencer");
        const struct store_record_query query = { VG_LOG_CLIENT, seal.seq, seal.seq + 1, NULL };
        if (r == 0)
                r = store_record_each(x->view.store, &query, put_record, x, &x->err);
        if (r == 0)
                r = bundle_add(x->bundle, "seal/checkpoint", head.note, strlen(head.note), &x->err);
        if (r == 0)
                r = store_prove_inclusion(x->view.store, VG_LOG_CLIENT, seal.seq, head.size, &proof,
                                          &x->err);
        if (r == 0)
                r = put_proof(x, &proof, seal.seq, head.size);
        free(head.note);
        return r;
}
