/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/fault-records.h"
#include "keeper/hearers.h"
#include "keeper/keeper.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

/* The book is kept with every record that it leads to; what leads to none (a first good reading) at
 * least that often. */
enum { SAVE_S = 60, TICK_S = 60 };
#define MEMORY "faults"

static uint64_t seconds_ns(unsigned seconds)
{
        return seconds * (uint64_t)VG_NS_PER_S;
}

/* ---- the book and the ledger ---- */

static int load_book(const struct keeper *k, struct vg_fault_book **ret_book, struct vg_err *err)
{
        _cleanup_free_ char *bytes = NULL;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        size_t n;
        int r = store_memory_get(k->store, MEMORY, &bytes, &n, err);

        if (r == STORE_NONE)
                return vg_fault_book_new(k->settings->appliance_id, ret_book) < 0
                               ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                               : STORE_NONE;
        if (r == 0)
                r = vg_json_parse(bytes, n, &tree, NULL, NULL, err);
        return r < 0 ? r : vg_fault_book_load(tree, ret_book, err);
}

int faults_save(struct keeper *k, int64_t utc_ns, struct vg_err *err)
{
        struct vg_buf buf = { 0 };
        int r = vg_fault_book_save(k->faults.book, &buf, err);

        if (r == 0 && buf.failed)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r == 0)
                r = store_memory_put(k->store, MEMORY, utc_ns, buf.data, buf.n, err);
        if (r == 0)
                k->faults.saved_boot_ns = vg_clock_now().at_boot_ns;
        vg_buf_done(&buf);
        return r;
}

static void forget_parts(struct faults *f)
{
        for (size_t i = 0; i < FAULTS_PARTS_MAX; i++) {
                vg_round_free(f->parts[i].round);
                f->parts[i] = (struct faults_part){ 0 };
        }
}

int faults_init(struct keeper *k, struct vg_err *err)
{
        int r = load_book(k, &k->faults.book, err);

        if (r < 0)
                return vg_err_wrap(err, r, "mémoire des défaillances");
        k->faults.watches = r == 0;
        k->faults.began_boot_ns = vg_clock_now().at_boot_ns;
        k->faults.wanted = true;
        return 0;
}

void faults_done(struct faults *f)
{
        forget_parts(f);
        vg_fault_book_free(f->book);
        f->book = NULL;
}

void faults_reload(struct keeper *k)
{
        struct vg_fault_book *book;
        struct vg_err err = { 0 };
        int r = load_book(k, &book, &err);

        if (r < 0) {
                vg_log(LOG_CRIT, "mémoire des défaillances illisible au registre, arrêt : %s",
                       vg_err_text(&err));
                sd_event_exit(k->event, r);
                return;
        }
        vg_fault_book_free(k->faults.book);
        k->faults.book = book;
}

/* ---- rounds ---- */

/* Where the parts of a sender's round are gathered. NULL: more senders than there can be. */
static struct faults_part *part_of(struct faults *f, const char *instance)
{
        struct faults_part *unused = NULL;

        for (size_t i = 0; i < FAULTS_PARTS_MAX; i++) {
                if (!f->parts[i].round)
                        unused = unused ? unused : &f->parts[i];
                else if (strcmp(f->parts[i].instance, instance) == 0)
                        return &f->parts[i];
        }
        if (unused)
                snprintf(unused->instance, sizeof(unused->instance), "%s", instance);
        return unused;
}

/* 0: the round is whole. VG_ROUND_MORE. -EINVAL: it is none. */
static int gather(struct hearing *h, struct faults *f, struct vg_round **ret_round,
                  struct vg_err *err)
{
        struct faults_part *part = part_of(f, h->instance);

        if (!part)
                return vg_err_set(err, -EINVAL, "trop de tours inachevés");
        int r = vg_round_read(h->body, &part->round, err);
        if (r == VG_ROUND_MORE)
                return r;
        *ret_round = TAKE_PTR(part->round);
        return r;
}

static void after(struct keeper *k)
{
        faults_alert(k);
}

static int judge(struct hearing *h, struct faults *f, const struct vg_round *round,
                 struct vg_err *err)
{
        struct vg_fault_sink sink = { fault_records_fault, fault_records_slot, &h->records };
        const int64_t now_s = vg_floor_div(h->records.utc_ns, VG_NS_PER_S);
        const uint64_t now = vg_clock_now().at_boot_ns;
        const struct vg_round *const rounds[] = { round };

        h->undone = faults_reload;
        int r = vg_fault_book_apply(f->book, rounds, 1, now_s, &sink, err);
        if (r < 0)
                return r;
        f->heard_boot_ns = now;
        f->watches = true;
        if (h->records.n_written || now >= f->saved_boot_ns + seconds_ns(SAVE_S))
                r = faults_save(h->records.keeper, h->records.utc_ns, err);
        /* A fault is told at once; that a source can be read again, at the next tick. */
        f->wanted = true;
        h->after = h->records.n_written || vg_round_status(round) == VG_ROUND_FAILED ? after : NULL;
        return r;
}

int hear_sightings(struct hearing *h, struct vg_err *err)
{
        _cleanup_(vg_round_freep) struct vg_round *round = NULL;
        struct faults *f = &h->records.keeper->faults;
        int r = gather(h, f, &round, err);

        if (r == VG_ROUND_MORE)
                return 0;
        if (r == -EINVAL)
                return HEAR_REFUSED;
        return r < 0 ? r : judge(h, f, round, err);
}

/* ---- time alone ---- */

static int tick(struct keeper *k, int64_t utc_ns, struct vg_err *err)
{
        struct records records = { .keeper = k, .utc_ns = utc_ns };
        const struct vg_fault_sink sink = { fault_records_fault, fault_records_slot, &records };
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        r = vg_fault_book_tick(k->faults.book, vg_floor_div(utc_ns, VG_NS_PER_S), &sink, err);
        if (r == 0 && records.n_written)
                r = faults_save(k, utc_ns, err);
        return keeper_finish(k, r, err);
}

void faults_tick(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };

        if (now.at_boot_ns >= k->faults.ticked_boot_ns + seconds_ns(TICK_S)) {
                k->faults.ticked_boot_ns = now.at_boot_ns;
                k->faults.wanted = true;
                if (tick(k, now.at_utc_ns, &err) < 0) {
                        keeper_store_failed(k, &err);
                        faults_reload(k);
                }
        }
        if (k->faults.wanted)
                faults_alert(k);
}
