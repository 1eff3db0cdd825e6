/* SPDX-License-Identifier: Apache-2.0 */

/* Acts upon the ledger: sign it now, read it over now, settle what does not match. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/alert-record.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static int record_plain(struct act *act, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}

static void start_audit(struct act *act)
{
        audit_start(act->keeper);
        vg_buf_puts(&act->result, "{\"started\":1}");
}

int act_ledger_audit(struct act *act, struct vg_err *err)
{
        act->after = start_audit;
        return record_plain(act, err);
}

static void sign_heads(struct act *act)
{
        struct vg_err err = { 0 };
        unsigned n = 0;
        int r = store_checkpoint(act->keeper->store, act->request->utc_ns, &n, &err);

        if (r < 0) /* the act stands; the heads are signed with the next ones */
                keeper_store_failed(act->keeper, &err);
        vg_buf_printf(&act->result, "{\"signed\":%u}", n);
}

int act_ledger_checkpoint(struct act *act, struct vg_err *err)
{
        act->after = sign_heads;
        return record_plain(act, err);
}

/* ---- settling an entry that no longer matches ---- */

static int check_settlement(struct act *act, const char *log_name, int64_t seq,
                            const char *document, enum vg_log *ret_log, struct vg_err *err)
{
        const struct audit *a = &act->keeper->audit;
        uint8_t digest[32];

        if (vg_log_parse(log_name, ret_log) < 0)
                return act_refuse(act, err, "bad-body", N_("« log » : client ou shared"));
        if (strlen(document) != 64 || vg_hex_parse(document, digest, sizeof(digest)) < 0)
                return act_refuse(act, err, "bad-body",
                                  N_("« document » : une empreinte SHA-256 est attendue"));
        if (!a->mismatch[*ret_log] || a->mismatch_seq[*ret_log] != (uint64_t)seq)
                return act_refuse(act, err, "no-mismatch",
                                  N_("journal %s : rien à régler à l'inscription %lld"), log_name,
                                  (long long)seq);
        return 0;
}

/* Until the ledger has been read over, nothing more is known of that entry. */
static void read_again(struct act *act)
{
        const char *log_name = "";
        enum vg_log log;

        (void)vg_json_get_string(act->request->body, "log", &log_name);
        if (vg_log_parse(log_name, &log) == 0)
                act->keeper->audit.mismatch[log] = false;
        watch_reload(act->keeper);
        audit_start(act->keeper);
}

static bool is_of_log(const void *log_name, const char *code, const char *key)
{
        const char *last = strrchr(key, '/');

        return strcmp(code, "VIG-L-001") == 0 && last && strcmp(last + 1, log_name) == 0;
}

/* The alert ends by the settlement, and by nothing else. */
static int end_alert(struct act *act, const char *log_name, struct vg_err *err)
{
        _cleanup_(alert_rows_done) struct alert_rows rows = { 0 };
        int r = alert_rows_load(act->keeper->store, is_of_log, log_name, &rows, err);

        act->after = read_again;
        for (size_t i = 0; i < rows.n && r == 0; i++) {
                struct vg_alert_state state = {
                        .alert = vg_alert_find(rows.list[i].code),
                        .status =
                                rows.list[i].acknowledged ? VG_ALERT_ACKNOWLEDGED : VG_ALERT_FIRING,
                };
                const struct telling t =
                        alert_row_again(&rows.list[i], vg_alert_step(&state, VG_INPUT_SETTLED,
                                                                     VG_SEVERITY_INFO, 0));
                r = alert_record(&act->records, &t, err);
        }
        return r;
}

/* By one person first, then by another, about the same signed document; what was settled is then read
 * over. */
int act_ledger_settle(struct act *act, struct vg_err *err)
{
        _cleanup_(store_settlements_done) struct store_settlements known = { 0 };
        const char *log_name, *document, *reason;
        struct vg_json detail = { 0 };
        enum vg_log log = VG_LOG_CLIENT;
        bool asked = false;
        int64_t seq = -1;
        int r = act_text(act, "log", 16, &log_name, err);

        if (r == 0)
                r = act_text(act, "document", 64, &document, err);
        if (r == 0)
                r = act_text(act, "reason", 1000, &reason, err);
        if (r == 0 && (vg_json_get_int(act->request->body, "seq", &seq) < 0 || seq < 0))
                r = act_refuse(act, err, "bad-body", N_("« seq » : un nombre est attendu"));
        if (r == 0)
                r = check_settlement(act, log_name, seq, document, &log, err);
        if (r == 0)
                r = store_settlements_read(act->keeper->store, &known, err);
        if (r != 0)
                return r;
        for (size_t i = 0; i < known.n; i++) {
                const struct store_settlement *one = &known.list[i];
                if (one->log != log || one->seq != (uint64_t)seq ||
                    strcmp(one->document, document) != 0)
                        continue;
                if (one->uid == act->request->peer->uid)
                        return act_refuse(act, err, "second-person",
                                          N_("le règlement est demandé; une autre personne doit le "
                                             "confirmer, avec le même document"));
                asked = true;
        }
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "document", document);
        vg_json_string(&detail, "log", log_name);
        vg_json_string(&detail, "reason", reason);
        vg_json_int(&detail, "seq", seq);
        vg_json_end_object(&detail);
        r = act_record(act, &detail, err);
        if (r == 0 && asked)
                r = end_alert(act, log_name, err);
        vg_buf_printf(&act->result, "{\"settled\":%d}", asked);
        return r;
}
