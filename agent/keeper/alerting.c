/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/alerting.h"

#include <errno.h>
#include <string.h>

#include "keeper/alert-record.h"
#include "keeper/keeper.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static char *params_json(const struct vg_alert_params *params)
{
        struct vg_json j = { 0 };
        size_t order[VG_ALERT_PARAMS];
        char value[256];

        for (size_t i = 0; i < params->n; i++) { /* keys of canonical JSON are sorted */
                size_t at = i;
                for (; at > 0 && strcmp(params->list[order[at - 1]].name, params->list[i].name) > 0;
                     at--)
                        order[at] = order[at - 1];
                order[at] = i;
        }
        vg_json_object(&j, NULL);
        for (size_t i = 0; i < params->n; i++)
                vg_json_string(&j, params->list[order[i]].name,
                               vg_alert_param_plain(params, order[i], value, sizeof(value)));
        vg_json_end_object(&j);
        return vg_buf_take(&j.buf);
}

static int add_signal(struct alert_batch *batch, const struct vg_notice *notice,
                      struct telling telling, struct vg_err *err)
{
        const struct vg_signal *signal = notice->signal;
        char text_fr[VG_ALERT_TEXT_SIZE], text_en[VG_ALERT_TEXT_SIZE];
        _cleanup_free_ char *params = params_json(&signal->params);

        if (!params)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        telling.alert = signal->alert;
        telling.code = signal->alert->code;
        telling.severity = vg_severity_name(notice->state.severity);
        telling.text_fr =
                vg_alert_text(signal->alert, &signal->params, true, text_fr, sizeof(text_fr));
        telling.text_en =
                vg_alert_text(signal->alert, &signal->params, false, text_en, sizeof(text_en));
        telling.params = params;
        return alert_batch_add(batch, &telling, err);
}

/* An event of an alert that the ledger holds; nothing more is known of it than what was told. */
static int add_again(struct alert_batch *batch, const struct telling *telling, struct vg_err *err)
{
        _cleanup_(alert_rows_done) struct alert_rows rows = { 0 };
        int r = alert_rows_load(batch->records.keeper->store, alert_has_key, telling->key, &rows,
                                err);

        for (size_t i = 0; i < rows.n && r == 0; i++) {
                struct telling t = alert_row_again(&rows.list[i], telling->event);
                t.change = telling->change;
                t.notify = telling->notify;
                t.head = telling->head;
                r = alert_batch_add(batch, &t, err);
        }
        return r;
}

static int add_notice(struct alert_batch *batch, const struct vg_notice *notice,
                      const char *contract_id, struct vg_err *err)
{
        const struct keeper *k = batch->records.keeper;
        char key[ALERT_KEY_SIZE], head[ALERT_KEY_SIZE];
        struct telling t = {
                .key = key,
                .event = notice->event,
                .change = notice->state.change,
                .notify = notice->notify,
        };

        vg_alert_dedup_key(notice->state.alert, contract_id, k->settings->appliance_id,
                           notice->state.key, key, sizeof(key));
        if (notice->head)
                t.head = vg_alert_dedup_key(notice->head, contract_id, k->settings->appliance_id,
                                            notice->head_key, head, sizeof(head));
        return notice->signal && notice->signal->params.n ? add_signal(batch, notice, t, err)
                                                          : add_again(batch, &t, err);
}

static enum vg_severity severity_of(const char *word)
{
        for (int i = 0; i < VG_SEVERITY_N; i++)
                if (strcmp(vg_severity_name((enum vg_severity)i), word) == 0)
                        return (enum vg_severity)i;
        return VG_SEVERITY_WARNING;
}

/* What keys of a code begin with: "VIG-C-001/<contract or appliance>/". Returns what follows it in
 * key, or NULL where the key is another contract's. */
static const char *key_of(const struct keeper *k, const char *contract_id,
                          const struct vg_alert *alert, const char *key)
{
        char prefix[ALERT_KEY_SIZE];

        vg_alert_dedup_key(alert, contract_id, k->settings->appliance_id, "", prefix,
                           sizeof(prefix));

        const size_t n = strlen(prefix);
        return strncmp(key, prefix, n) == 0 ? key + n : NULL;
}

/* ---- states ---- */

struct loading {
        struct keeper *keeper;
        const char *contract_id;
        struct vg_alert_states states;
        int64_t now_s;
};

static int load_one(void *ctx, const struct store_alert *row)
{
        struct loading *loading = ctx;
        const struct vg_alert *alert = vg_alert_find(row->code);
        const char *key =
                alert ? key_of(loading->keeper, loading->contract_id, alert, row->key) : NULL;

        if (!key)
                return 0;
        struct vg_alert_state *state = vg_alert_state_of(&loading->states, alert, key);
        if (!state)
                return -ENOMEM;
        state->status = !row->active        ? VG_ALERT_CLEARED
                        : row->acknowledged ? VG_ALERT_ACKNOWLEDGED
                                            : VG_ALERT_FIRING;
        state->severity = severity_of(row->severity);
        state->first_s = row->fired_s;
        /* When it was last seen is not kept. Now, at the latest: from here on it must be quiet for
         * its whole time before it is cleared. */
        state->last_s = row->active ? loading->now_s : row->changed_s;
        state->changed_s = row->changed_s;
        state->notified_s = row->notified_s;
        state->change = row->change;
        state->count = 1;
        return 0;
}

static int load_states(struct keeper *k, const char *contract_id,
                       struct vg_alert_states *ret_states, struct vg_err *err)
{
        struct loading loading = {
                .keeper = k,
                .contract_id = contract_id,
                .now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S),
        };
        int r = store_alert_each(k->store, false, load_one, &loading, err);

        if (r < 0)
                vg_alert_states_done(&loading.states);
        else
                *ret_states = loading.states;
        return r;
}

/* ---- applied ---- */

static int turn(struct keeper *k, struct vg_alert_states *states, const struct vg_signals *signals,
                const struct vg_notify_policy *policy, int64_t utc_ns, struct vg_err *err)
{
        _cleanup_(vg_notices_done) struct vg_notices notices = { 0 };
        struct alert_batch batch;
        int r = vg_alert_turn(states, signals, policy, vg_floor_div(utc_ns, VG_NS_PER_S), &notices);

        if (r < 0)
                return vg_err_set(err, r, "mémoire épuisée");
        alert_batch_init(&batch, k, utc_ns);
        for (size_t i = 0; i < notices.n && r == 0; i++)
                r = add_notice(&batch, &notices.list[i], policy->contract, err);
        return alert_batch_end(&batch, r, err);
}

int alerting_apply(struct keeper *k, struct vg_alert_states *states,
                   const struct vg_signals *signals, int64_t utc_ns, struct vg_err *err)
{
        const struct vg_notify_policy policy =
                alert_policy_at(&k->watch.policy, k, vg_floor_div(utc_ns, VG_NS_PER_S));

        return turn(k, states, signals, &policy, utc_ns, err);
}

int alerting_apply_of(struct keeper *k, const struct vg_contract *contract,
                      const struct vg_signals *signals, int64_t utc_ns, struct vg_err *err)
{
        struct vg_notify_policy policy =
                alert_policy_at(&k->watch.policy, k, vg_floor_div(utc_ns, VG_NS_PER_S));
        struct vg_alert_states states = { 0 };
        int r = load_states(k, contract->id, &states, err);

        policy.contract = contract->id;
        policy.renotify_hours = contract->renotify_hours;
        if (r == 0)
                r = turn(k, &states, signals, &policy, utc_ns, err);
        vg_alert_states_done(&states);
        return r;
}

/* Of a contract that is still looked at beside the one in force (watch-beside.c). */
static bool is_beside(const struct keeper *k, const struct vg_alert *alert, const char *key)
{
        const struct vg_watch_view view = { .has_deadlines = true };

        for (size_t i = 0; i < k->n_adding; i++)
                if (key_of(k, k->adding[i]->id, alert, key))
                        return true;
        for (size_t i = 0; i < k->n_over; i++)
                if (key_of(k, k->over[i]->id, alert, key))
                        return vg_watch_covers(&view, alert, key);
        return false;
}

static bool is_elsewhere(const void *ctx, const char *code, const char *key)
{
        const struct vg_alert *alert = vg_alert_find(code);
        const struct keeper *k = ctx;

        return alert && !key_of(k, k->closing.contract_id, alert, key) && !is_beside(k, alert, key);
}

int alerting_clear_others(struct keeper *k, int64_t utc_ns, struct vg_err *err)
{
        const int64_t at_s = vg_floor_div(utc_ns, VG_NS_PER_S);
        const struct vg_notify_policy policy = alert_policy_at(&k->watch.policy, k, at_s);
        _cleanup_(alert_rows_done) struct alert_rows rows = { 0 };
        struct alert_batch batch;
        int r = alert_rows_load(k->store, is_elsewhere, k, &rows, err);

        alert_batch_init(&batch, k, utc_ns);
        for (size_t i = 0; i < rows.n && r == 0; i++) {
                const struct alert_row *row = &rows.list[i];
                struct telling t = alert_row_again(row, VG_EVENT_CLEARED);

                t.notify = vg_notify_of_end(&policy, row->key, severity_of(row->severity),
                                            row->notified_s, at_s);
                r = alert_batch_add(&batch, &t, err);
        }
        return alert_batch_end(&batch, r, err);
}

int alerting_load(struct keeper *k, struct vg_alert_states *ret_states, struct vg_err *err)
{
        struct vg_alert_states states = { 0 };
        int r = load_states(k, k->closing.contract_id, &states, err);

        if (r < 0)
                return r;
        vg_alert_states_done(ret_states);
        *ret_states = states;
        return alert_policy_load(k->store, &k->watch.policy, err);
}
