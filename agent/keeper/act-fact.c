/* SPDX-License-Identifier: Apache-2.0 */

/* Facts of a contract's life: tried on the contract that the ledger holds, and recorded if the whole
 * is then still lawful. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/in-force.h"
#include "keeper/keeper.h"
#include "os/files.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/fact.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/text.h"

struct trial {
        struct act *act;
        const json_t *detail;
        struct vg_fact fact;
        struct vg_buf canonical; /* of the detail */
        bool has_contract, is_known;
        json_t *last_detail; /* what was recorded last of the same kind and target; NULL: nothing */
        struct vg_fact last;
        struct vg_contract *contract;
        struct vg_refusals refusals;
        struct vg_err *err;
};

static void trial_done(struct trial *t)
{
        vg_buf_done(&t->canonical);
        json_decref(t->last_detail);
        vg_contract_free(t->contract);
        vg_refusals_done(&t->refusals);
}

static int try_on(void *ctx, const struct store_contract *row)
{
        struct trial *t = ctx;

        if (!row->current || strcmp(row->contract_id, t->fact.contract_id) != 0)
                return 0;
        t->has_contract = true;
        int r = store_contract_read(t->act->keeper->store, row->text, row->n_text, t->detail,
                                    t->fact.known_s, vg_file_zone, &t->contract, &t->refusals,
                                    t->err);
        return r < 0 ? r : 0;
}

static int keep_last(struct trial *t, const struct store_fact *row)
{
        int r = vg_json_parse(row->detail, strlen(row->detail), &t->last_detail, NULL, NULL,
                              t->err);

        return r < 0 ? r
                     : vg_fact_parse(t->last_detail, vg_floor_div(row->utc_ns, VG_NS_PER_S),
                                     &t->last, t->err);
}

static int compare(void *ctx, const struct store_fact *row)
{
        struct trial *t = ctx;

        if (strcmp(row->fact, vg_fact_row(t->fact.kind)->word) == 0 &&
            strcmp(row->target, t->fact.target) == 0) {
                json_decref(t->last_detail);
                t->last_detail = NULL;
                int r = keep_last(t, row);
                if (r < 0)
                        return r;
        }
        t->is_known |= strlen(row->detail) == t->canonical.n &&
                       memcmp(row->detail, t->canonical.data, t->canonical.n) == 0;
        return 0;
}

static bool lies_ahead(const struct trial *t)
{
        const struct vg_date today = vg_zone_date(t->contract->zone, t->fact.known_s);

        return vg_date_compare(t->fact.on, today) > 0;
}

/* What a terminal would obey, or nobody sees, is no note of anybody's. */
static const char *unsafe_member(const json_t *object)
{
        char clean[1024];
        const char *key, *found = NULL;
        json_t *value;

        json_object_foreach ((json_t *)object, key, value) {
                const char *text = json_string_value(value);
                if (text &&
                    strcmp(vg_text_clean(text, strlen(text), clean, sizeof(clean)), text) != 0)
                        found = key;
                else if (json_is_object(value) && unsafe_member(value))
                        found = unsafe_member(value);
        }
        return found;
}

/* Each answer names what to do. */
static int judge(const struct trial *t)
{
        char text[VG_REFUSAL_TEXT], day[16];

        if (!t->has_contract)
                return act_refuse(t->act, t->err, "no-such-contract",
                                  N_("le registre ne tient aucun contrat « %s »"),
                                  t->fact.contract_id);
        if (t->refusals.n)
                return act_refuse(
                        t->act, t->err, vg_refusal_code(&t->refusals.list[0]), "%s",
                        vg_refusal_text(&t->refusals.list[0], t->act->french, text, sizeof(text)));
        if (lies_ahead(t))
                return act_refuse(t->act, t->err, "fact-ahead",
                                  N_("le %s n'est pas encore venu : inscrire ce qui a eu lieu"),
                                  vg_date_format(t->fact.on, day));
        if (t->is_known)
                return act_refuse(t->act, t->err, "already-recorded",
                                  N_("ce fait est déjà inscrit, mot pour mot"));
        if (unsafe_member(t->detail))
                return act_refuse(t->act, t->err, "unsafe-text",
                                  N_("« %s » : caractère de commande ou invisible; écrire le texte "
                                     "sur une seule ligne"),
                                  unsafe_member(t->detail));
        if (vg_fact_follows(t->contract, &t->fact, t->last_detail ? &t->last : NULL, t->err) < 0) {
                t->act->code = "fact-out-of-order";
                return ACT_REFUSED;
        }
        return 0;
}

static void take_effect(struct act *act)
{
        struct vg_err err = { 0 };

        if (in_force_load(act->keeper, &err) < 0)
                keeper_store_failed(act->keeper, &err);
        watch_contract(act->keeper);
}

static int record(const struct trial *t)
{
        struct act *act = t->act;
        struct vg_json detail = { 0 };

        vg_json_raw(&detail, NULL, t->canonical.data, t->canonical.n);
        int r = act_record(act, &detail, t->err);
        if (r < 0)
                return r;
        vg_buf_printf(&act->result, "{\"contract_id\":\"%s\",\"fact\":\"%s\"}", t->fact.contract_id,
                      vg_fact_row(t->fact.kind)->word);
        act->book_changed = true;
        act->after = take_effect;
        return in_force_interval(act->keeper, act->records.utc_ns, t->err);
}

int act_fact(struct act *act, const json_t *detail, struct vg_err *err)
{
        _cleanup_(trial_done) struct trial t = { .act = act, .detail = detail, .err = err };
        int r = vg_fact_parse(t.detail, vg_floor_div(act->records.utc_ns, VG_NS_PER_S), &t.fact,
                              err);

        if (r == 0)
                r = vg_json_canonical(t.detail, &t.canonical, err);
        if (r == -EINVAL) {
                act->code = "bad-fact";
                return ACT_REFUSED;
        }
        if (r == 0)
                r = store_contract_each(act->keeper->store, try_on, &t, err);
        if (r == 0)
                r = store_fact_each(act->keeper->store, t.fact.contract_id, compare, &t, err);
        if (r == 0)
                r = judge(&t);
        return r == 0 ? record(&t) : r;
}

/* That the evidence was handed over is said by the receipt of whoever has it, and by nothing less. */
int act_contract_record(struct act *act, struct vg_err *err)
{
        const json_t *detail = json_object_get(act->request->body, "detail");
        const char *word = "";

        (void)vg_json_get_string(detail, "fact", &word);
        if (strcmp(word, vg_fact_row(VG_FACT_HANDED_OVER)->word) == 0)
                return act_refuse(act, err, "receipt-needed",
                                  N_("c'est le reçu d'une remise qui l'inscrit : « vigie contract "
                                     "hand-over receipt FICHIER »"));
        return act_fact(act, detail, err);
}
