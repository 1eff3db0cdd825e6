/* SPDX-License-Identifier: Apache-2.0 */

/* Loading a contract: refused with all that is wrong with it, or in force from now on. Either way
 * it is recorded; the previous one stays in force where it is refused. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/held.h"
#include "keeper/in-force.h"
#include "keeper/keeper.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/succession.h"

struct load {
        const char *text;
        size_t n_text;
        char digest[2 * VG_HASH_SIZE + 1];
        struct vg_contract *contract;
        struct vg_refusals refusals;
};

static void load_done(struct load *load)
{
        vg_contract_free(load->contract);
        vg_refusals_done(&load->refusals);
}

static int digest_text(struct load *load, struct vg_err *err)
{
        const struct vg_bytes part = { load->text, load->n_text };
        struct vg_hash hash;
        int r = store_hasher.sha256(store_hasher.ctx, &part, 1, &hash);

        if (r < 0)
                return vg_err_set(err, r, "condensat impossible");
        vg_hex_format(hash.bytes, sizeof(hash.bytes), load->digest);
        return 0;
}

static int record_load(struct act *act, const struct load *load, const char *refused,
                       struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        if (load->contract)
                vg_json_string(&detail, "contract_id", load->contract->id);
        vg_json_string(&detail, "digest", load->digest);
        if (refused)
                vg_json_string(&detail, "refused", refused);
        if (load->contract)
                vg_json_int(&detail, "revision", load->contract->revision);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}

static void put_error(struct vg_json *j, const char *code, const char *path)
{
        vg_json_object(j, NULL);
        vg_json_string(j, "code", code);
        vg_json_string(j, "path", path);
        vg_json_end_object(j);
}

/* The record: codes and places only, since texts may quote what a stranger wrote. `path` is that of
 * a refusal of the keeper's own, used where the contract itself is well made. */
static int record_refused(struct act *act, const struct load *load, const char *path,
                          struct vg_err *err)
{
        struct vg_json j = { 0 };
        int r = record_load(act, load, act->code, err);

        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "code", act->code);
        vg_json_string(&j, "digest", load->digest);
        vg_json_array(&j, "errors");
        for (size_t i = 0; i < load->refusals.n; i++)
                put_error(&j, vg_refusal_code(&load->refusals.list[i]),
                          load->refusals.list[i].path);
        if (!load->refusals.n)
                put_error(&j, act->code, path);
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        act->keep_refusal = true;
        return records_append(&act->records, VG_LOG_CLIENT, "contract-refused", &j, err);
}

static void put_refusal(struct vg_json *j, const struct vg_refusal *refusal, bool french)
{
        char text[1024];

        vg_json_object(j, NULL);
        vg_json_string(j, "code", vg_refusal_code(refusal));
        vg_json_int(j, "line", refusal->line);
        vg_json_string(j, "message", vg_refusal_text(refusal, french, text, sizeof(text)));
        vg_json_string(j, "path", refusal->path);
        vg_json_end_object(j);
}

/* {"all":[{"code","line","message","path"}…],"more":N} */
static void answer_refusals(struct act *act, const struct load *load)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "all");
        for (size_t i = 0; i < load->refusals.n; i++)
                put_refusal(&j, &load->refusals.list[i], act->french);
        vg_json_end_array(&j);
        vg_json_int(&j, "more", (int64_t)load->refusals.n_more);
        vg_json_end_object(&j);
        act->result = j.buf;
}

static int refuse_text(struct act *act, const struct load *load, struct vg_err *err)
{
        const struct vg_refusal *first = &load->refusals.list[0];
        char text[1024];

        act_refuse(act, err, vg_refusal_code(first), "%s",
                   vg_refusal_text(first, act->french, text, sizeof(text)));
        answer_refusals(act, load);

        struct vg_err why = *err;
        int r = record_refused(act, load, "", err);
        if (r == 0)
                *err = why;
        return r < 0 ? r : ACT_REFUSED;
}

static int refuse_here(struct act *act, const struct load *load, const char *path,
                       struct vg_err *err)
{
        struct vg_err why = *err;
        int r = record_refused(act, load, path, err);

        if (r < 0)
                return r;
        *err = why;
        return ACT_REFUSED;
}

/* {"contract_id","digest","interval_s":N,"revision":N,"unchanged":0|1} */
static void answer_loaded(struct act *act, const struct load *load, bool unchanged)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "contract_id", load->contract->id);
        vg_json_string(&j, "digest", load->digest);
        vg_json_int(&j, "interval_s", load->contract->interval_s);
        vg_json_int(&j, "revision", load->contract->revision);
        vg_json_int(&j, "unchanged", unchanged);
        vg_json_end_object(&j);
        act->result = j.buf;
}

static void take_effect(struct act *act)
{
        struct vg_err err = { 0 };

        if (in_force_load(act->keeper, &err) < 0)
                keeper_store_failed(act->keeper, &err);
        watch_contract(act->keeper);
        isolation_reload(act->keeper);
}

static int enter(struct act *act, const struct load *load, const struct held *held,
                 struct vg_err *err)
{
        struct vg_json j = { 0 };
        int r = record_load(act, load, NULL, err);

        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "contract_id", load->contract->id);
        vg_json_string(&j, "digest", load->digest);
        vg_json_string(&j, "previous", held->digest);
        vg_json_int(&j, "revision", load->contract->revision);
        vg_json_string_n(&j, "text", load->text, load->n_text);
        vg_json_end_object(&j);
        r = records_append(&act->records, VG_LOG_CLIENT, "contract", &j, err);
        if (r < 0)
                return r;

        act->book_changed = true;
        act->after = take_effect;
        return in_force_interval(act->keeper, act->records.utc_ns, err);
}

/* A new revision follows the one that is current, and goes with the facts recorded since. */
static int check_succession(struct act *act, struct load *load, const struct held *held,
                            struct vg_err *err)
{
        _cleanup_(vg_contract_freep) struct vg_contract *whole = NULL;
        int r = 0;

        if (held->before)
                r = vg_contract_succeeds(held->before, load->contract, load->text, load->n_text,
                                         &load->refusals);
        if (r == 0)
                r = store_contract_read(act->keeper->store, load->text, load->n_text, NULL, 0,
                                        vg_file_zone, &whole, &load->refusals, err);
        return r == VG_CONTRACT_REFUSED ? refuse_text(act, load, err) : r;
}

static int check_place(struct act *act, const struct load *load, const struct held *held,
                       struct vg_err *err)
{
        const char *appliance = act->keeper->settings->appliance_id;
        const struct vg_contract *contract = load->contract;

        if (!vg_contract_site_of(contract, appliance) && !held->improved_is_ours)
                act_refuse(act, err, "appliance-not-listed",
                           N_("l'appareil %s ne figure pas aux sites du contrat %s"), appliance,
                           contract->id);
        else if (*held->rival)
                act_refuse(act, err, "appliance-in-two-contracts",
                           N_("l'appareil %s est au contrat %s, dont la durée recoupe celle du "
                              "contrat %s : un appareil n'appartient qu'à un contrat à la fois. "
                              "S'il passe de l'un à l'autre, nommer le premier dans "
                              "« previous_contract_id »"),
                           appliance, held->rival, contract->id);
        else
                return 0;
        return refuse_here(act, load, "solution.sites", err);
}

/* The contract is well made; is it ours, and does it follow what we hold? */
static int judge(struct act *act, struct load *load, struct vg_err *err)
{
        _cleanup_(held_done) struct held held = { 0 };
        int r = held_look(act->keeper, load->contract, load->digest, &held, err);

        if (r == 0)
                r = check_place(act, load, &held, err);
        if (r != 0)
                return r;
        if (held.same_text) {
                answer_loaded(act, load, true);
                return record_load(act, load, NULL, err);
        }
        if (load->contract->revision <= held.revision) {
                act_refuse(act, err, "revision-not-higher",
                           N_("le registre tient déjà la révision %lld du contrat %s : il en faut "
                              "une plus élevée"),
                           (long long)held.revision, load->contract->id);
                return refuse_here(act, load, "revision", err);
        }
        r = check_succession(act, load, &held, err);
        if (r != 0)
                return r;
        answer_loaded(act, load, false);
        return enter(act, load, &held, err);
}

int act_contract_load(struct act *act, struct vg_err *err)
{
        _cleanup_(load_done) struct load load = { 0 };
        int r;

        const json_t *text = json_object_get(act->request->body, "text");
        if (!json_is_string(text))
                return act_refuse(act, err, "bad-body",
                                  N_("« text » : le texte du contrat est attendu"));
        load.text = json_string_value(text);
        load.n_text = json_string_length(text);
        r = digest_text(&load, err);
        if (r < 0)
                return r;
        r = vg_contract_parse(load.text, load.n_text, vg_file_zone, &load.contract, &load.refusals,
                              err);
        if (r == VG_CONTRACT_REFUSED)
                return refuse_text(act, &load, err);
        return r < 0 ? r : judge(act, &load, err);
}
