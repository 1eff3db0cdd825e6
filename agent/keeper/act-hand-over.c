/* SPDX-License-Identifier: Apache-2.0 */

/* The receipt of a hand-over (its form: cli/verb-hand-over-verify.c) comes back: it must be of one that this
 * ledger recorded, and tell the heads that this ledger had. Recorded as the fact `handed-over`, with
 * "digest" and "logs" beside what every fact has. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/files.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/fact.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct receipt {
        struct act *act;
        const json_t *tree, *logs;
        const char *contract_id, *digest;
        bool is_ours; /* such a hand-over was made */
        char today[16];
        struct vg_err *err;
};

static int read_receipt(struct receipt *rc)
{
        const char *kind;

        rc->tree = json_object_get(rc->act->request->body, "receipt");
        rc->logs = json_object_get(rc->tree, "logs");
        if (vg_json_get_string(rc->tree, "vigie", &kind) < 0 ||
            strcmp(kind, "hand-over-receipt/1") != 0 ||
            vg_json_get_string(rc->tree, "contract_id", &rc->contract_id) < 0 ||
            vg_json_get_string(rc->tree, "digest", &rc->digest) < 0 || !json_is_object(rc->logs))
                return act_refuse(rc->act, rc->err, "bad-receipt",
                                  N_("ce n'est pas le reçu d'une remise"));
        return 0;
}

static int find_hand_over(void *ctx, const struct store_act *act)
{
        struct receipt *rc = ctx;
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        const char *digest = "", *audience = "";

        if (vg_json_parse(act->detail, strlen(act->detail), &detail, NULL, NULL, NULL) < 0)
                return 0;
        (void)vg_json_get_string(detail, "digest", &digest);
        (void)vg_json_get_string(detail, "for", &audience);
        rc->is_ours |= strcmp(digest, rc->digest) == 0 && strcmp(audience, "hand-over") == 0;
        return 0;
}

/* What was verified elsewhere is what this ledger holds. */
static int check_log(const struct receipt *rc, enum vg_log log)
{
        const json_t *told = json_object_get(rc->logs, vg_log_name(log));
        struct store *store = rc->act->keeper->store;
        struct vg_hash wanted, root;
        const char *hex;
        int64_t size;

        if (vg_json_get_string(told, "root", &hex) < 0 ||
            vg_hex_parse(hex, wanted.bytes, VG_HASH_SIZE) < 0 ||
            vg_json_get_int(told, "size", &size) < 0 || size < 1 ||
            (uint64_t)size > store_identity(store)->size[log])
                return act_refuse(rc->act, rc->err, "bad-receipt",
                                  N_("ce n'est pas le reçu d'une remise"));
        int r = store_root_at(store, log, (uint64_t)size, &root, rc->err);
        if (r < 0 || vg_hash_equal(&wanted, &root))
                return r;
        return act_refuse(rc->act, rc->err, "other-ledger",
                          N_("le reçu dit du journal « %s » autre chose que ce registre"),
                          vg_log_name(log));
}

static int note_day(void *ctx, const struct store_contract *row)
{
        struct receipt *rc = ctx;
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        struct vg_refusals refusals = { 0 };

        if (!row->current || strcmp(row->contract_id, rc->contract_id) != 0)
                return 0;
        int r = store_contract_read(rc->act->keeper->store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &c, &refusals, rc->err);
        vg_refusals_done(&refusals);
        if (c)
                vg_date_format(
                        vg_zone_date(c->zone, vg_floor_div(rc->act->records.utc_ns, VG_NS_PER_S)),
                        rc->today);
        return r < 0 ? r : 0;
}

static int record(const struct receipt *rc)
{
        json_t *document = json_object_get(rc->act->request->body, "document");
        _cleanup_(vg_json_decrefp) json_t *detail = json_pack(
                "{s:s, s:s, s:s, s:O, s:s}", "contract_id", rc->contract_id, "digest", rc->digest,
                "fact", vg_fact_row(VG_FACT_HANDED_OVER)->word, "logs", rc->logs, "on", rc->today);

        if (!detail || (document && json_object_set(detail, "document", document) < 0))
                return vg_err_set(rc->err, -ENOMEM, "mémoire épuisée");
        return act_fact(rc->act, detail, rc->err);
}

int act_contract_receipt(struct act *act, struct vg_err *err)
{
        struct receipt rc = { .act = act, .err = err };
        int r = read_receipt(&rc);

        if (r == 0)
                r = store_act_each(act->keeper->store, "bundle.export", find_hand_over, &rc, err);
        if (r == 0 && !rc.is_ours)
                r = act_refuse(act, err, "other-hand-over",
                               N_("ce registre n'a inscrit aucune remise de ce condensat : %.16s…"),
                               rc.digest);
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = check_log(&rc, (enum vg_log)log);
        if (r == 0)
                r = store_contract_each(act->keeper->store, note_day, &rc, err);
        if (r == 0 && !*rc.today)
                r = act_refuse(act, err, "no-such-contract",
                               N_("le registre ne tient aucun contrat « %s »"), rc.contract_id);
        return r == 0 ? record(&rc) : r;
}
