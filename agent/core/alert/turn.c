/* SPDX-License-Identifier: Apache-2.0 */

/* A turn of all alerts: what changed, what is due to be told again, and who hears of it. Decisions
 * come after all steps, so that the order of the signals decides nothing. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert/notify.h"
#include "vigie/mem.h"

void vg_notices_done(struct vg_notices *notices)
{
        free(notices->list);
        *notices = (struct vg_notices){ 0 };
}

static int add(struct vg_notices *notices, const struct vg_alert_state *state,
               enum vg_alert_event event, const struct vg_signal *signal)
{
        if (notices->n == notices->size) {
                size_t size = notices->size ? 2 * notices->size : 8;
                void *list = reallocarray(notices->list, size, sizeof(*notices->list));
                if (!list)
                        return -ENOMEM;
                notices->list = list;
                notices->size = size;
        }
        notices->list[notices->n++] = (struct vg_notice){
                .state = *state,
                .event = event,
                .signal = signal,
        };
        return 0;
}

static int on_change(void *user, const struct vg_alert_change *change, _unused_ struct vg_err *err)
{
        return add(user, change->state, change->event, change->signal);
}

static void set_head(struct vg_notice *notice, const struct vg_alert_state *head)
{
        notice->head = head->alert;
        memcpy(notice->head_key, head->key, sizeof(notice->head_key));
}

/* ---- one by one ---- */

static enum vg_notify decide(const struct vg_alert_states *states, struct vg_notice *notice,
                             const struct vg_notify_policy *policy, int64_t at_s)
{
        const struct vg_alert_state *state = &notice->state, *head;
        const bool ends = notice->event == VG_EVENT_CLEARED;

        if (notice->event == VG_EVENT_ACKNOWLEDGED || (ends && !state->notified_s))
                return VG_NOTIFY_NONE;
        if (!policy->is_live)
                return VG_NOTIFY_OBSERVED;
        if (notify_is_silenced(policy, state, at_s))
                return VG_NOTIFY_SILENCED;
        head = ends ? NULL : notify_inhibitor(states, state, notice->event == VG_EVENT_REMINDED);
        if (head) {
                set_head(notice, head);
                return VG_NOTIFY_INHIBITED;
        }
        return notify_how_soon(state->severity);
}

/* Up, acknowledged by nobody, and either never told or long ago. */
static bool is_due(const struct vg_alert_state *state, const struct vg_notify_policy *policy,
                   int64_t at_s)
{
        if (state->status != VG_ALERT_FIRING)
                return false;
        if (!state->notified_s)
                return true;

        const int hours = vg_renotify_hours(state->alert, state->severity, at_s - state->first_s,
                                            policy->renotify_hours);
        return hours > 0 && at_s - state->notified_s >= hours * (int64_t)3600;
}

/* A reminder that would not be told is none: it waits, and is looked at again in the next turn. */
static int remind(struct vg_alert_states *states, const struct vg_notify_policy *policy,
                  int64_t at_s, struct vg_notices *notices)
{
        for (size_t i = 0; i < states->n && policy->is_live; i++) {
                struct vg_alert_state *state = &states->list[i];

                if (state->notified_s > at_s) /* the clock was set back: told just now, at most */
                        state->notified_s = at_s;
                if (!is_due(state, policy, at_s) || notify_is_silenced(policy, state, at_s) ||
                    notify_inhibitor(states, state, state->notified_s != 0))
                        continue;
                state->change++;
                state->changed_s = at_s;
                state->notified_s = at_s;
                int r = add(notices, state, VG_EVENT_REMINDED, NULL);
                if (r < 0)
                        return r;
                notices->list[notices->n - 1].notify = notify_how_soon(state->severity);
        }
        return 0;
}

/* ---- many of one kind ---- */

/* Tenants each hear of their own: what is for them is one group only where it is one tenant's. */
static bool is_for_tenants(const struct vg_alert *alert)
{
        return alert->audience & 1u << VG_ROLE_TENANT_OWNER;
}

static bool is_sent(const struct vg_notice *notice)
{
        return notice->notify == VG_NOTIFY_NOW || notice->notify == VG_NOTIFY_DIGEST;
}

static bool are_alike(const struct vg_notice *a, const struct vg_notice *b)
{
        return a->state.alert == b->state.alert && is_sent(b) &&
               (a->event == VG_EVENT_CLEARED) == (b->event == VG_EVENT_CLEARED) &&
               !is_for_tenants(a->state.alert);
}

/* The graver one leads; of one severity the further step; else the first. */
static bool leads(const struct vg_notice *a, const struct vg_notice *b)
{
        if (a->state.severity != b->state.severity)
                return a->state.severity > b->state.severity;
        return notify_compare_steps(a->state.alert, a->state.key, b->state.key) > 0;
}

static void group(struct vg_notices *notices, size_t first)
{
        struct vg_notice *head = &notices->list[first];

        if (!is_sent(head))
                return;
        for (size_t i = first + 1; i < notices->n; i++)
                if (are_alike(&notices->list[first], &notices->list[i]) &&
                    leads(&notices->list[i], head))
                        head = &notices->list[i];

        const struct vg_notice like = notices->list[first];
        for (size_t i = first; i < notices->n; i++) {
                struct vg_notice *notice = &notices->list[i];
                if (notice != head && are_alike(&like, notice)) {
                        notice->notify = VG_NOTIFY_GROUPED;
                        set_head(notice, &head->state);
                }
        }
}

int vg_alert_turn(struct vg_alert_states *states, const struct vg_signals *signals,
                  const struct vg_notify_policy *policy, int64_t at_s,
                  struct vg_notices *ret_notices)
{
        struct vg_notices notices = { 0 };
        int r = vg_alert_apply(states, signals, at_s, on_change, &notices, NULL);

        for (size_t i = 0; i < notices.n && r == 0; i++) {
                struct vg_notice *notice = &notices.list[i];

                notice->notify = decide(states, notice, policy, at_s);
                if (vg_notify_is_told(notice->notify))
                        vg_alert_state_of(states, notice->state.alert, notice->state.key)
                                ->notified_s = at_s;
        }
        if (r == 0)
                r = remind(states, policy, at_s, &notices);
        for (size_t i = 0; i < notices.n && r == 0; i++)
                group(&notices, i);
        if (r < 0) {
                vg_notices_done(&notices);
                return r;
        }
        *ret_notices = notices;
        return 0;
}
