/* SPDX-License-Identifier: Apache-2.0 */

/* Rented servers leave: two people, two acts, and the receipt of the hand-over. The bytes of the client
 * log go, and so does what the keeper remembers; leaf hashes and heads stay, with this:
 *
 *   asked {"contract_id","reason","step":"asked"}
 *   done  {"asked_by","contract_id","digest":"of the hand-over",
 *         "logs":{"client":{"root","size"},"shared":{…}} as they were before,"reason","step":"done"}
 *
 * Then the ledger is closed for good, and the keeper ends. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "keeper/two-people.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/loop.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/fact.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct leaving {
        struct act *act;
        const char *contract_id, *reason;
        struct two_people people;
        int64_t now_s, end_s;
        bool has_contract, has_receipt;
        char other[65]; /* another contract that still runs; "": none */
        char digest[2 * VG_HASH_SIZE + 1];
        int64_t size[VG_LOG_N]; /* what was handed over */
        uint64_t n_since;       /* evidence recorded since */
        struct vg_err *err;
};

/* ---- what must be so ---- */

static int look_at_contract(void *ctx, const struct store_contract *row)
{
        struct leaving *l = ctx;
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_refusals refusals = { 0 };

        if (!row->current)
                return 0;
        int r = store_contract_read(l->act->keeper->store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &c, &refusals, l->err);
        vg_refusals_done(&refusals);
        if (r < 0 || !c)
                return r < 0 ? r : 0;

        const int64_t end_s = vg_contract_end_at(c, l->now_s)->value;
        if (strcmp(c->id, l->contract_id) == 0) {
                l->has_contract = true;
                l->end_s = end_s;
        } else if (end_s > l->now_s) {
                snprintf(l->other, sizeof(l->other), "%s", c->id);
        }
        return 0;
}

/* The last receipt counts. */
static int look_at_fact(void *ctx, const struct store_fact *fact)
{
        struct leaving *l = ctx;
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        const char *digest;

        if (strcmp(fact->fact, vg_fact_row(VG_FACT_HANDED_OVER)->word) != 0 ||
            vg_json_parse(fact->detail, strlen(fact->detail), &detail, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(detail, "digest", &digest) < 0)
                return 0;
        const json_t *logs = json_object_get(detail, "logs");
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (vg_json_get_int(json_object_get(logs, vg_log_name((enum vg_log)log)), "size",
                                    &l->size[log]) < 0)
                        return 0;
        snprintf(l->digest, sizeof(l->digest), "%s", digest);
        l->has_receipt = true;
        return 0;
}

/* What is measured counts as evidence where it is of the term; the rest always. */
static bool is_evidence(const struct leaving *l, const struct store_record *record)
{
        static const char *const always[] = { "contract", "fault", "replacement", "statement" };
        static const char *const measured[] = { "usage", "usage-import" };
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        const char *start;
        int64_t start_s;

        for (size_t i = 0; i < ELEMENTSOF(always); i++)
                if (strcmp(record->type, always[i]) == 0)
                        return true;
        for (size_t i = 0; i < ELEMENTSOF(measured); i++) {
                if (strcmp(record->type, measured[i]) != 0)
                        continue;
                return !record->bytes || vg_record_split(record->bytes, record->n, &split) < 0 ||
                       vg_json_parse(split.body, split.n_body, &body, NULL, NULL, NULL) < 0 ||
                       vg_json_get_string(body, "start", &start) < 0 ||
                       vg_utc_parse(start, &start_s) < 0 || start_s < l->end_s;
        }
        return false;
}

static int look_since(void *ctx, const struct store_record *record)
{
        struct leaving *l = ctx;

        l->n_since += is_evidence(l, record);
        return 0;
}

static int read_since(struct leaving *l)
{
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                const struct store_record_query query = { (enum vg_log)log, (uint64_t)l->size[log],
                                                          UINT64_MAX, NULL };
                r = store_record_each(l->act->keeper->store, &query, look_since, l, l->err);
        }
        return r;
}

static int judge(struct leaving *l)
{
        int r;

        if (!l->has_contract)
                return act_refuse(l->act, l->err, "no-such-contract",
                                  N_("le registre ne tient aucun contrat « %s »"), l->contract_id);
        if (*l->other)
                return act_refuse(l->act, l->err, "other-contract",
                                  N_("le contrat %s court encore sur cet appareil"), l->other);
        if (!l->has_receipt)
                return act_refuse(l->act, l->err, "no-receipt",
                                  N_("les preuves du contrat %s ne sont pas remises : « vigie "
                                     "contract hand-over », puis le reçu de qui les a vérifiées"),
                                  l->contract_id);
        r = read_since(l);
        if (r < 0)
                return r;
        if (l->n_since)
                return act_refuse(
                        l->act, l->err, "evidence-since",
                        N_("%llu inscriptions de preuve ont suivi la remise : la refaire, "
                           "et en rapporter le reçu"),
                        (unsigned long long)l->n_since);
        if (l->people.asked_by_me && !l->people.asked_by_other)
                return act_refuse(l->act, l->err, "second-person",
                                  N_("la mise hors service est demandée; une autre personne doit "
                                     "la faire, d'ici trente jours"));
        return 0;
}

/* ---- the two acts ---- */

static int ask(const struct leaving *l)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "contract_id", l->contract_id);
        vg_json_string(&detail, "reason", l->reason);
        vg_json_string(&detail, "step", "asked");
        vg_json_end_object(&detail);
        vg_buf_puts(&l->act->result, "{\"asked\":1}");
        return act_record(l->act, &detail, l->err);
}

static int put_log(struct vg_json *j, struct store *store, enum vg_log log, struct vg_err *err)
{
        const uint64_t size = store_identity(store)->size[log];
        char hex[2 * VG_HASH_SIZE + 1];
        struct vg_hash root;
        int r = store_root_at(store, log, size, &root, err);

        if (r < 0)
                return r;
        vg_json_object(j, vg_log_name(log));
        vg_json_string(j, "root", vg_hex_format(root.bytes, VG_HASH_SIZE, hex));
        vg_json_int(j, "size", (int64_t)size);
        vg_json_end_object(j);
        return 0;
}

static int put_logs(struct vg_json *j, struct store *store, struct vg_err *err)
{
        vg_json_object(j, "logs");
        int r = put_log(j, store, VG_LOG_CLIENT, err);
        if (r == 0)
                r = put_log(j, store, VG_LOG_SHARED, err);
        vg_json_end_object(j);
        return r;
}

static bool all_of_it(_unused_ void *ctx, _unused_ const char *type, _unused_ int64_t utc_ns,
                      _unused_ const json_t *body)
{
        return true;
}

static int keep_alive(_unused_ void *ctx, _unused_ uint64_t done, _unused_ uint64_t total)
{
        vg_loop_notify("WATCHDOG=1");
        return 0;
}

/* The last heads are signed over what was erased: they are what remains. Whoever asked is answered
 * before the disk is gone over, which may take minutes. */
static void finish_later(struct act *act)
{
        struct vg_err err = { 0 };

        if (store_checkpoint(act->keeper->store, act->records.utc_ns, NULL, &err) < 0)
                keeper_store_failed(act->keeper, &err);
        keeper_end(act->keeper);
}

int decommission_finish(struct keeper *k)
{
        struct vg_err err = { 0 };

        if (store_purge_finish(k->store, keep_alive, NULL, &err) < 0)
                keeper_store_failed(k, &err);
        return sd_event_exit(k->event, 0);
}

static void put_result(const struct leaving *l, uint64_t n)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_int(&j, "asked", 0);
        vg_json_string(&j, "asked_by", l->people.other);
        vg_json_string(&j, "digest", l->digest);
        vg_json_int(&j, "erased", (int64_t)n);
        vg_json_end_object(&j);
        vg_buf_append(&l->act->result, j.buf.data ? j.buf.data : "", j.buf.n);
        vg_json_done(&j);
}

static int perform(const struct leaving *l)
{
        struct act *act = l->act;
        struct store *store = act->keeper->store;
        struct vg_json detail = { 0 };
        uint64_t n = 0;

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "asked_by", l->people.other);
        vg_json_string(&detail, "contract_id", l->contract_id);
        vg_json_string(&detail, "digest", l->digest);
        int r = put_logs(&detail, store, l->err);
        vg_json_string(&detail, "reason", l->reason);
        vg_json_string(&detail, "step", "done");
        vg_json_end_object(&detail);
        if (r == 0)
                r = store_purge(store, VG_LOG_CLIENT, l->contract_id, act->records.utc_ns,
                                all_of_it, NULL, &n, l->err);
        if (r == 0)
                r = store_memory_wipe(store, l->err);
        if (r < 0) {
                vg_json_done(&detail);
                return r;
        }
        put_result(l, n);
        act->after = finish_later;
        return act_record(act, &detail, l->err);
}

int act_decommission(struct act *act, struct vg_err *err)
{
        struct leaving l = {
                .act = act,
                .now_s = vg_floor_div(act->records.utc_ns, VG_NS_PER_S),
                .err = err,
        };
        struct store *store = act->keeper->store;
        int64_t wipes = 0;
        int r = act_text(act, "contract_id", 64, &l.contract_id, err);

        if (r == 0)
                r = act_text(act, "reason", 1000, &l.reason, err);
        if (r == 0)
                r = store_contract_each(store, look_at_contract, &l, err);
        if (r == 0)
                r = store_fact_each(store, l.contract_id, look_at_fact, &l, err);
        if (r == 0)
                r = two_people_read(act, l.contract_id, &l.people, err);
        if (r == 0)
                r = judge(&l);
        if (r != 0 || !l.people.asked_by_other)
                return r != 0 ? r : ask(&l);
        (void)vg_json_get_int(act->request->body, "wipes_keys", &wipes);
        if (!wipes)
                return act_refuse(
                        act, err, "keys-stay",
                        N_("le second acte efface aussi les clés : il se fait par qui peut "
                           "les effacer, root d'ordinaire"));
        return perform(&l);
}
