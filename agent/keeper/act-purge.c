/* SPDX-License-Identifier: Apache-2.0 */

/* Purging the evidence of a contract, once its retention is over: two acts, by two people. The first
 * asks, the second does; both are recorded, and so is what went. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/in-force.h"
#include "keeper/keeper.h"
#include "keeper/two-people.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { SPANS_MAX = 64 };

struct span { /* of another contract that the ledger holds */
        char id[65];
        int64_t from_s, until_s;
};

struct purge {
        struct act *act;
        const char *contract_id, *reason;
        enum vg_log log; /* that is gone through */
        uint64_t n_seen;
        int64_t now_s;
        struct vg_contract *contract; /* NULL: not held */
        int64_t end_s, kept_until_s;
        struct span others[SPANS_MAX];
        size_t n_others;
        struct two_people people;
        struct vg_err *err;
};

static void purge_done(struct purge *p)
{
        vg_contract_free(p->contract);
}

static int64_t last_end(const struct vg_contract *c)
{
        return vg_contract_end_at(c, INT64_MAX)->value;
}

static int look_at_contract(void *ctx, const struct store_contract *row)
{
        struct purge *p = ctx;
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_refusals refusals = { 0 };

        if (!row->current)
                return 0;
        int r = store_contract_read(p->act->keeper->store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &c, &refusals, p->err);
        vg_refusals_done(&refusals);
        if (r < 0 || !c)
                return r < 0 ? r : 0;
        if (strcmp(c->id, p->contract_id) == 0) {
                p->end_s = last_end(c);
                p->kept_until_s = vg_contract_kept_until(c, INT64_MAX);
                p->contract = TAKE_PTR(c);
                return 0;
        }
        if (p->n_others == SPANS_MAX)
                return vg_err_set(p->err, -E2BIG, "trop de contrats au registre");
        struct span *span = &p->others[p->n_others++];
        snprintf(span->id, sizeof(span->id), "%s", c->id);
        span->from_s = c->start_s;
        span->until_s = last_end(c);
        return 0;
}

/* ---- what is over ---- */

/* The contract that a record names; "": none. */
static const char *named(const char *type, const json_t *body, char buf[128])
{
        const char *key = "", *found = "";

        if (strcmp(type, "act") == 0)
                body = json_object_get(body, "detail");
        if (vg_json_get_string(body, "contract_id", &found) < 0)
                (void)vg_json_get_string(body, "contract", &found);
        if (strcmp(type, "alert") != 0 || vg_json_get_string(body, "key", &key) < 0 ||
            !(key = strchr(key, '/')))
                return found;
        snprintf(buf, 128, "%.*s", (int)strcspn(key + 1, "/"), key + 1);
        return buf;
}

static bool is_other(const struct purge *p, const char *id)
{
        for (size_t i = 0; i < p->n_others; i++)
                if (strcmp(p->others[i].id, id) == 0)
                        return true;
        return false;
}

static bool is_within_other(const struct purge *p, int64_t at_s)
{
        for (size_t i = 0; i < p->n_others; i++)
                if (at_s >= p->others[i].from_s && at_s < p->others[i].until_s)
                        return true;
        return false;
}

/* What happened, and not what stands: the parts that are there, and who we are, outlast a contract. */
static bool is_of_shared(const char *type)
{
        static const char *const types[] = { "alert", "fault", "repair", "session" };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(type, types[i]) == 0)
                        return true;
        return false;
}

/* What names the contract, and what names none and was recorded during its term and no other's. */
static bool is_over(void *ctx, const char *type, int64_t utc_ns, const json_t *body)
{
        struct purge *p = ctx;
        const int64_t at_s = vg_floor_div(utc_ns, VG_NS_PER_S);
        char buf[128];
        const char *id = named(type, body, buf);

        if (p->n_seen++ % 1000 == 0) /* there may be millions */
                vg_loop_notify("WATCHDOG=1");
        if (p->log == VG_LOG_SHARED && !is_of_shared(type))
                return false;
        if (at_s >= p->kept_until_s || is_other(p, id))
                return false;
        return strcmp(id, p->contract_id) == 0 || (at_s < p->end_s && !is_within_other(p, at_s));
}

/* ---- the two acts ---- */

static int record_step(const struct purge *p, const char *step)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "contract_id", p->contract_id);
        vg_json_string(&detail, "reason", p->reason);
        vg_json_string(&detail, "step", step);
        vg_json_end_object(&detail);
        return act_record(p->act, &detail, p->err);
}

static int keep_alive(_unused_ void *ctx, _unused_ uint64_t done, _unused_ uint64_t total)
{
        vg_loop_notify("WATCHDOG=1");
        return 0;
}

/* Whoever asked is answered first: in a large ledger this takes minutes. */
static void finish_later(struct act *act)
{
        act->keeper->purge_unfinished = true;
}

void purge_tick(struct keeper *k)
{
        struct vg_err err = { 0 };
        int r;

        if (!k->purge_unfinished)
                return;
        k->purge_unfinished = false;
        r = store_purge_finish(k->store, keep_alive, NULL, &err);
        if (r == 0)
                r = in_force_load(k, &err);
        if (r < 0)
                keeper_store_failed(k, &err);
        watch_reload(k);
}

static int perform(struct purge *p)
{
        struct act *act = p->act;
        uint64_t n = 0, purged = 0;
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                p->log = (enum vg_log)log;
                r = store_purge(act->keeper->store, p->log, p->contract_id, act->records.utc_ns,
                                is_over, p, &n, p->err);
                purged += n;
        }
        if (r == 0)
                r = record_step(p, "done");
        act->after = finish_later;
        vg_buf_printf(&act->result, "{\"asked\":0,\"purged\":%llu}", (unsigned long long)purged);
        return r;
}

static int judge(const struct purge *p)
{
        char day[16];

        if (!p->contract)
                return act_refuse(p->act, p->err, "no-such-contract",
                                  N_("le registre ne tient aucun contrat « %s »"), p->contract_id);
        if (p->now_s < p->kept_until_s)
                return act_refuse(
                        p->act, p->err, "retention",
                        N_("les preuves du contrat %s se conservent jusqu'au %s compris"),
                        p->contract_id,
                        vg_date_format(vg_zone_date(p->contract->zone, p->kept_until_s - 1), day));
        if (p->people.asked_by_me && !p->people.asked_by_other)
                return act_refuse(p->act, p->err, "second-person",
                                  N_("la purge du contrat %s est demandée; une autre personne doit "
                                     "la faire, d'ici trente jours"),
                                  p->contract_id);
        return 0;
}

int act_ledger_purge(struct act *act, struct vg_err *err)
{
        _cleanup_(purge_done) struct purge p = {
                .act = act,
                .now_s = vg_floor_div(act->records.utc_ns, VG_NS_PER_S),
                .err = err,
        };
        int r = act_text(act, "contract_id", 64, &p.contract_id, err);

        if (r == 0)
                r = act_text(act, "reason", 1000, &p.reason, err);
        if (r == 0)
                r = store_contract_each(act->keeper->store, look_at_contract, &p, err);
        if (r == 0)
                r = two_people_read(act, p.contract_id, &p.people, err);
        if (r == 0)
                r = judge(&p);
        if (r != 0)
                return r;
        if (p.people.asked_by_other)
                return perform(&p);
        vg_buf_puts(&act->result, "{\"asked\":1,\"purged\":0}");
        return record_step(&p, "asked");
}
