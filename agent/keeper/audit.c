/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { SLICE_RECORDS = 512, SLICE_NS = 20 * 1000 * 1000, EVERY_S = 86400 };
enum { AUDIT_MISMATCH = 1 };

static void begin_log(struct keeper *k, enum vg_log log)
{
        struct audit *a = &k->audit;

        a->log = log;
        a->size = store_identity(k->store)->size[log];
        a->tree = (struct vg_tree){ 0 };
        a->proved = 0;
}

void audit_start(struct keeper *k)
{
        struct audit *a = &k->audit;
        struct vg_err err = { 0 };

        store_settlements_done(&a->settlements);
        if (store_settlements_read(k->store, &a->settlements, &err) < 0)
                vg_log(LOG_WARNING, "règlements au registre illisibles : %s", vg_err_text(&err));
        a->running = true;
        a->started_boot_ns = vg_clock_now().at_boot_ns;
        for (unsigned log = 0; log < VG_LOG_N; log++)
                a->found[log] = false;
        begin_log(k, 0);
}

void audit_done(struct audit *a)
{
        store_settlements_done(&a->settlements);
}

/* The first of a log is told. */
static void note_mismatch(struct audit *a, uint64_t seq)
{
        if (a->found[a->log])
                return;
        a->found[a->log] = true;
        a->found_seq[a->log] = seq;
}

static int take_record(void *ctx, const struct store_record *record)
{
        struct audit *a = ctx;
        struct vg_hash leaf = record->leaf;
        int r = 0;

        if (record->bytes)
                r = vg_leaf_hash(&store_hasher, record->bytes, record->n, &leaf);
        if (r < 0)
                return r;
        if (record->seq != a->tree.n) {
                note_mismatch(a, a->tree.n);
                return AUDIT_MISMATCH;
        }
        if (!vg_hash_equal(&leaf, &record->leaf) &&
            !store_is_settled(&a->settlements, a->log, record->seq))
                note_mismatch(a, record->seq);
        return vg_tree_append(&a->tree, &store_hasher, &record->leaf, NULL, NULL);
}

/* The signed head over exactly the leaves read, if there is one, must have their root. */
static int compare_head(struct keeper *k, const char *note_text, struct vg_err *err)
{
        struct audit *a = &k->audit;
        struct vg_note note;
        struct vg_hash root;

        if (vg_note_parse(note_text, strlen(note_text), &note, err) < 0 ||
            vg_note_check(&note, &store_hasher, store_identity(k->store)->public_key, store_check,
                          NULL) == -EBADMSG) {
                note_mismatch(a, a->proved);
                return AUDIT_MISMATCH;
        }
        if (note.checkpoint.size != a->tree.n)
                return 0;

        int r = vg_tree_root(&a->tree, &store_hasher, &root);
        if (r < 0)
                return vg_err_set(err, r, "racine impossible");
        if (!vg_hash_equal(&root, &note.checkpoint.root)) {
                note_mismatch(a, a->proved);
                return AUDIT_MISMATCH;
        }
        a->proved = a->tree.n;
        return 0;
}

static int head_size(const char *text, uint64_t *ret_size)
{
        struct vg_note note;
        int r = vg_note_parse(text, strlen(text), &note, NULL);

        if (r == 0)
                *ret_size = note.checkpoint.size;
        return r;
}

/* Reads on to the next head, or SLICE_RECORDS further. AUDIT_MISMATCH: noted. */
static int read_slice(struct keeper *k, struct vg_err *err)
{
        struct audit *a = &k->audit;
        _cleanup_free_ char *note = NULL;
        uint64_t to = a->tree.n + SLICE_RECORDS < a->size ? a->tree.n + SLICE_RECORDS : a->size;
        uint64_t size = 0;
        int64_t utc_ns;
        int r = store_checkpoint_get(k->store, a->log, to, &utc_ns, &note, err);

        if (r < 0)
                return r;
        if (r != STORE_NONE && head_size(note, &size) < 0) {
                note_mismatch(a, a->proved);
                return AUDIT_MISMATCH;
        }
        const bool has_head = size > a->tree.n;
        if (has_head)
                to = size;

        const struct store_record_query query = { .log = a->log,
                                                  .from_seq = a->tree.n,
                                                  .to_seq = to };
        r = store_record_each(k->store, &query, take_record, a, err);
        if (r < 0 && r != -EBADMSG)
                return r;
        if (r == AUDIT_MISMATCH)
                return r;
        if (a->tree.n != to) { /* a record is missing, or the file is damaged there */
                note_mismatch(a, a->tree.n);
                return AUDIT_MISMATCH;
        }
        return has_head ? compare_head(k, note, err) : 0;
}

static void end_audit(struct keeper *k)
{
        struct audit *a = &k->audit;

        a->running = false;
        a->done_once = true;
        for (unsigned log = 0; log < VG_LOG_N; log++) {
                a->mismatch[log] = a->found[log];
                a->mismatch_seq[log] = a->found_seq[log];
        }
}

/* True: the audit has ended. */
static bool run_slices(struct keeper *k)
{
        struct audit *a = &k->audit;
        const uint64_t until = vg_clock_now().at_boot_ns + SLICE_NS;
        struct vg_err err = { 0 };

        while (vg_clock_now().at_boot_ns < until) {
                const bool is_read = a->tree.n == a->size;
                int r = is_read ? 0 : read_slice(k, &err);
                if (r < 0) {
                        vg_log(LOG_WARNING, "relecture du registre remise à demain : %s",
                               vg_err_text(&err));
                        a->running = false;
                        return false;
                }
                if (r == 0 && !is_read)
                        continue;
                if (a->log + 1 == VG_LOG_N) {
                        end_audit(k);
                        return true;
                }
                begin_log(k, (enum vg_log)(a->log + 1));
        }
        return false;
}

bool audit_tick(struct keeper *k)
{
        struct audit *a = &k->audit;

        if (!a->running &&
            vg_clock_now().at_boot_ns > a->started_boot_ns + EVERY_S * (uint64_t)VG_NS_PER_S)
                audit_start(k);
        return a->running && run_slices(k);
}
