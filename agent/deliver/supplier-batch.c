/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include "deliver/supplier.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static void put_proof(struct vg_json *j, const char *key, const struct vg_proof *proof)
{
        char hex[2 * VG_HASH_SIZE + 1];

        vg_json_array(j, key);
        for (size_t i = 0; i < proof->n; i++)
                vg_json_string(j, NULL, vg_hex_format(proof->hash[i].bytes, VG_HASH_SIZE, hex));
        vg_json_end_array(j);
}

/* ---- heads ---- */

static int read_head(struct store *store, char **ret_text, struct vg_checkpoint *ret_head,
                     struct vg_err *err)
{
        struct vg_note note;
        int r = store_checkpoint_get(store, VG_LOG_SHARED, UINT64_MAX, NULL, ret_text, err);

        if (r == STORE_NONE)
                return vg_err_set(err, -ENODATA, "aucune tête signée");
        if (r == 0)
                r = vg_note_parse(*ret_text, strlen(*ret_text), &note, err);
        if (r == 0)
                *ret_head = note.checkpoint;
        return r;
}

/* The compact range before a leaf is a tree. */
int supplier_head(struct store *store, uint64_t size, struct vg_checkpoint *ret_head,
                  struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        struct vg_checkpoint last;
        struct vg_proof after;
        struct vg_tree tree;
        int r = read_head(store, &text, &last, err);

        if (r < 0)
                return r;
        *ret_head = last;
        if (size == last.size)
                return 0;
        if (size > last.size)
                return vg_err_set(err, -ERANGE, "le journal n'a pas cette inscription");
        r = store_prove_slice(store, VG_LOG_SHARED, size, size + 1, last.size, &tree, &after, err);
        if (r == 0)
                r = vg_tree_root(&tree, &store_hasher, &ret_head->root);
        ret_head->size = size;
        return r;
}

/* ---- the body ---- */

static int put_consistency(struct vg_json *j, struct store *store, uint64_t held, uint64_t size,
                           struct vg_err *err)
{
        struct vg_proof proof = { 0 };
        int r = 0;

        if (held > 0 && held < size)
                r = store_prove_consistency(store, VG_LOG_SHARED, held, size, &proof, err);
        vg_json_object(j, "consistency");
        vg_json_int(j, "from", (int64_t)held);
        put_proof(j, "proof", &proof);
        vg_json_end_object(j);
        return r;
}

static int put_record(void *ctx, const struct store_record *record)
{
        struct vg_json *j = ctx;

        if (record->bytes)
                vg_json_string_n(j, NULL, record->bytes, record->n);
        return 0;
}

/* By which the log says whose key signs it: few, however long the log. */
static int put_keys(struct vg_json *j, struct store *store, struct vg_err *err)
{
        static const char *const types[] = { "origin", "epoch", "key" };
        int r = 0;

        vg_json_array(j, "keys");
        for (size_t i = 0; i < ELEMENTSOF(types) && r == 0; i++) {
                const struct store_record_query query = { VG_LOG_SHARED, 0, UINT64_MAX, types[i] };
                r = store_record_each(store, &query, put_record, j, err);
        }
        vg_json_end_array(j);
        return r;
}

static int put_inclusion(void *ctx, _unused_ uint64_t seq, const struct vg_proof *proof)
{
        put_proof(ctx, NULL, proof);
        return 0;
}

int supplier_write_batch(const struct batch *batch, uint64_t held, bool with_keys,
                         struct vg_buf *body, struct supplier_asked *ret_asked, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct vg_checkpoint head;
        int r = read_head(batch->store, &text, &head, err);

        if (r == 0 && batch->events[batch->n - 1].seq - batch->events[0].seq != batch->n - 1)
                r = vg_err_set(err, -EBADMSG, "il manque une inscription au journal partagé");
        if (r < 0)
                return r;
        *ret_asked = (struct supplier_asked){
                batch->events[0].seq, batch->events[batch->n - 1].seq + 1, head.size, { .size = 0 }
        };
        vg_json_object(&j, NULL);
        vg_json_string(&j, "checkpoint", text);
        r = put_consistency(&j, batch->store, held, head.size, err);
        vg_json_array(&j, "events");
        for (size_t i = 0; i < batch->n; i++)
                vg_json_raw(&j, NULL, batch->events[i].cloud_event, batch->events[i].n_cloud_event);
        vg_json_end_array(&j);
        if (r == 0 && with_keys)
                r = put_keys(&j, batch->store, err);
        vg_json_array(&j, "proofs");
        if (r == 0)
                r = store_prove_inclusions(batch->store, VG_LOG_SHARED, ret_asked->first,
                                           ret_asked->end, head.size, put_inclusion, &j, err);
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        if (r == 0)
                r = supplier_head(batch->store, ret_asked->end, &ret_asked->head, err);
        if (r == 0 && j.buf.failed)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r == 0) {
                *body = j.buf;
                j.buf = (struct vg_buf){ 0 };
        }
        return r;
}
