/* SPDX-License-Identifier: Apache-2.0 */

/* Repair acts: a fault is taken charge of, somebody is on site, the unit was replaced, the repair waits
 * for access or goes on. The act is the client's; what it changes stands in the shared log too. */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/fault-records.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/pauses.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { ID_SIZE = 16, REASON_SIZE = 500 };

static void after(struct act *act)
{
        act->keeper->faults.wanted = true;
}

static int record(struct act *act, const char *id, const char *reason, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "id", id);
        if (reason)
                vg_json_string(&detail, "reason", reason);
        vg_json_end_object(&detail);
        act->after = after;
        return act_record(act, &detail, err);
}

static int perform(struct act *act, enum vg_fault_act what, struct vg_err *err)
{
        struct keeper *k = act->keeper;
        const struct vg_fault_sink sink = { fault_records_fault, fault_records_slot,
                                            &act->records };
        const char *id, *reason = NULL;
        int r = act_text(act, "id", ID_SIZE, &id, err);

        if (r == 0 && json_object_get(act->request->body, "reason"))
                r = act_text(act, "reason", REASON_SIZE, &reason, err);
        if (r != 0)
                return r;
        r = vg_fault_book_act(k->faults.book, id, what,
                              vg_floor_div(act->request->utc_ns, VG_NS_PER_S), &sink, err);
        if (r == -ENOENT)
                return act_refuse(act, err, "no-such-fault",
                                  N_("aucune défaillance %s (« vigie faults » les montre)"), id);
        if (r == -EALREADY)
                return act_refuse(act, err, "already",
                                  N_("défaillance %s : terminée, ou c'est déjà fait"), id);
        act->faults_changed = true;
        if (r == 0)
                r = record(act, id, reason, err);
        if (r == 0)
                r = faults_save(k, act->request->utc_ns, err);
        return r;
}

int act_fault_acknowledge(struct act *act, struct vg_err *err)
{
        return perform(act, VG_FAULT_ACT_ACKNOWLEDGE, err);
}

int act_fault_on_site(struct act *act, struct vg_err *err)
{
        return perform(act, VG_FAULT_ACT_ON_SITE, err);
}

int act_fault_replaced(struct act *act, struct vg_err *err)
{
        return perform(act, VG_FAULT_ACT_REPLACED, err);
}

/* ---- waiting for access ---- */

struct search {
        const char *id;
        bool is_active;
};

static int find_active(void *user, const struct vg_fault *fault)
{
        struct search *search = user;

        search->is_active |= strcmp(fault->id, search->id) == 0 && vg_fault_is_active(fault);
        return 0;
}

/* Shared {"at":"…Z","event":"paused|resumed","fault"}: why, the client alone reads. */
static int record_pause(struct act *act, const char *id, const char *event, struct vg_err *err)
{
        struct vg_json j = { 0 };
        char at[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at",
                       vg_utc_format(vg_floor_div(act->request->utc_ns, VG_NS_PER_S), at));
        vg_json_string(&j, "event", event);
        vg_json_string(&j, "fault", id);
        vg_json_end_object(&j);
        return records_append(&act->records, VG_LOG_SHARED, "repair", &j, err);
}

static int pause_or_resume(struct act *act, bool pauses, struct vg_err *err)
{
        _cleanup_(store_pauses_done) struct store_pauses known = { 0 };
        struct search search = { 0 };
        const char *reason = NULL;
        int r = act_text(act, "id", ID_SIZE, &search.id, err);

        if (r == 0 && (pauses || json_object_get(act->request->body, "reason")))
                r = act_text(act, "reason", REASON_SIZE, &reason, err);
        if (r == 0)
                r = store_pauses_read(act->keeper->store, &known, err);
        if (r != 0)
                return r;
        (void)vg_fault_book_each(act->keeper->faults.book, find_active, &search);
        if (pauses && !search.is_active)
                return act_refuse(
                        act, err, "no-such-fault",
                        N_("aucune défaillance %s qui dure (« vigie faults » les montre)"),
                        search.id);
        if (pauses && store_pause_open(&known, search.id))
                return act_refuse(act, err, "already",
                                  N_("défaillance %s : la réparation attend déjà"), search.id);
        if (!pauses && !store_pause_open(&known, search.id))
                return act_refuse(act, err, "already",
                                  N_("défaillance %s : la réparation n'attend pas"), search.id);
        r = record_pause(act, search.id, pauses ? "paused" : "resumed", err);
        return r == 0 ? record(act, search.id, reason, err) : r;
}

int act_fault_pause(struct act *act, struct vg_err *err)
{
        return pause_or_resume(act, true, err);
}

int act_fault_resume(struct act *act, struct vg_err *err)
{
        return pause_or_resume(act, false, err);
}
