/* SPDX-License-Identifier: Apache-2.0 */

/* The life of an alert, as rows that read as sentences, and the step of all of them by what the
 * evaluation says. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/notify.h"
#include "vigie/mem.h"

const char *vg_alert_status_name(enum vg_alert_status status)
{
        static const char *const names[] = { "none", "firing", "acknowledged", "cleared" };

        return names[status];
}

const char *vg_alert_event_name(enum vg_alert_event event)
{
        static const char *const names[] = { "none",    "fired",        "raised",
                                             "cleared", "acknowledged", "reminded" };

        return names[event];
}

enum { ANY_END = -1 };

/* What was not foreseen changes nothing. WORSE: active, with a higher severity than before. */
enum input { ACTIVE, WORSE, QUIET, ACK, SETTLED };

static const struct transition {
        enum vg_alert_status from;
        enum input input;
        int end; /* enum vg_alert_end that the alert must have */
        enum vg_alert_status to;
        enum vg_alert_event event;
} transitions[] = {
        { VG_ALERT_NONE, ACTIVE, ANY_END, VG_ALERT_FIRING, VG_EVENT_FIRED },
        { VG_ALERT_CLEARED, ACTIVE, VG_END_QUIET, VG_ALERT_FIRING, VG_EVENT_FIRED },
        { VG_ALERT_CLEARED, ACTIVE, VG_END_SETTLED, VG_ALERT_FIRING, VG_EVENT_FIRED },
        { VG_ALERT_FIRING, WORSE, ANY_END, VG_ALERT_FIRING, VG_EVENT_RAISED },
        { VG_ALERT_ACKNOWLEDGED, WORSE, ANY_END, VG_ALERT_FIRING, VG_EVENT_RAISED },
        { VG_ALERT_FIRING, QUIET, VG_END_QUIET, VG_ALERT_CLEARED, VG_EVENT_CLEARED },
        { VG_ALERT_ACKNOWLEDGED, QUIET, VG_END_QUIET, VG_ALERT_CLEARED, VG_EVENT_CLEARED },
        { VG_ALERT_FIRING, ACK, VG_END_QUIET, VG_ALERT_ACKNOWLEDGED, VG_EVENT_ACKNOWLEDGED },
        { VG_ALERT_FIRING, ACK, VG_END_SETTLED, VG_ALERT_ACKNOWLEDGED, VG_EVENT_ACKNOWLEDGED },
        /* A fact is over once somebody has read it, and is not told again. */
        { VG_ALERT_FIRING, ACK, VG_END_ACK, VG_ALERT_CLEARED, VG_EVENT_CLEARED },
        { VG_ALERT_FIRING, SETTLED, VG_END_SETTLED, VG_ALERT_CLEARED, VG_EVENT_CLEARED },
        { VG_ALERT_ACKNOWLEDGED, SETTLED, VG_END_SETTLED, VG_ALERT_CLEARED, VG_EVENT_CLEARED },
};

bool vg_alert_is_up(const struct vg_alert_state *state)
{
        return state->status == VG_ALERT_FIRING || state->status == VG_ALERT_ACKNOWLEDGED;
}

static enum input input_of(const struct vg_alert_state *state, enum vg_alert_input input,
                           enum vg_severity severity)
{
        switch (input) {
        case VG_INPUT_ACTIVE:
                return vg_alert_is_up(state) && severity > state->severity ? WORSE : ACTIVE;
        case VG_INPUT_ACK:
                return ACK;
        case VG_INPUT_SETTLED:
                return SETTLED;
        case VG_INPUT_QUIET:
                break;
        }
        return QUIET;
}

static const struct transition *find(const struct vg_alert_state *state, enum input input)
{
        for (size_t i = 0; i < ELEMENTSOF(transitions); i++) {
                const struct transition *t = &transitions[i];
                if (t->from == state->status && t->input == input &&
                    (t->end == ANY_END || t->end == (int)state->alert->end))
                        return t;
        }
        return NULL;
}

static void see(struct vg_alert_state *state, enum vg_severity severity, int64_t at_s)
{
        if (!vg_alert_is_up(state)) {
                state->first_s = at_s;
                state->notified_s = 0;
                state->count = 0;
                state->severity = severity;
        }
        if (severity > state->severity)
                state->severity = severity;
        if (at_s > state->last_s || state->count == 0)
                state->last_s = at_s;
        state->count++;
}

/* Days, months and the amounts that grow with them come by the wall clock. Set back a little, it will
 * be there again: until then what it raised is not ended, and what it ended not raised anew. */
static bool is_bridged(const struct vg_alert_state *state, int64_t at_s)
{
        const enum vg_alert_class class = state->alert->alert_class;

        return (class == VG_CLASS_CONTRACT || class == VG_CLASS_TERM || class == VG_CLASS_TENANT) &&
               at_s < state->changed_s && state->changed_s - at_s <= VG_CLOCK_BRIDGE_S;
}

enum vg_alert_event vg_alert_step(struct vg_alert_state *state, enum vg_alert_input input,
                                  enum vg_severity severity, int64_t at_s)
{
        const struct transition *t = find(state, input_of(state, input, severity));

        if (at_s < state->last_s) /* the clock was set back: it has been quiet since now */
                state->last_s = at_s;
        if (input == VG_INPUT_QUIET && at_s - state->last_s < state->alert->quiet_s)
                return VG_EVENT_NONE;
        if (is_bridged(state, at_s) && (input == VG_INPUT_QUIET || !vg_alert_is_up(state)))
                return VG_EVENT_NONE;
        if (input == VG_INPUT_ACTIVE && (t || vg_alert_is_up(state)))
                see(state, severity, at_s);
        if (!t)
                return VG_EVENT_NONE;
        state->status = t->to;
        state->change++;
        state->changed_s = at_s;
        return t->event;
}

void vg_alert_states_shift(struct vg_alert_states *states, int64_t step_s)
{
        for (size_t i = 0; i < states->n; i++) {
                states->list[i].last_s += step_s;
                if (states->list[i].notified_s)
                        states->list[i].notified_s += step_s;
        }
}

/* ---- all of them ---- */

void vg_alert_states_done(struct vg_alert_states *states)
{
        free(states->list);
        *states = (struct vg_alert_states){ 0 };
}

static struct vg_alert_state *find_state(const struct vg_alert_states *states,
                                         const struct vg_alert *alert, const char *key)
{
        for (size_t i = 0; i < states->n; i++)
                if (states->list[i].alert == alert && strcmp(states->list[i].key, key) == 0)
                        return &states->list[i];
        return NULL;
}

struct vg_alert_state *vg_alert_state_of(struct vg_alert_states *states,
                                         const struct vg_alert *alert, const char *key)
{
        struct vg_alert_state *found = find_state(states, alert, key);

        if (found)
                return found;
        if (states->n == states->size) {
                size_t size = states->size ? 2 * states->size : 32;
                void *list = reallocarray(states->list, size, sizeof(*states->list));
                if (!list)
                        return NULL;
                states->list = list;
                states->size = size;
        }

        struct vg_alert_state *state = &states->list[states->n++];
        *state = (struct vg_alert_state){ .alert = alert };
        snprintf(state->key, sizeof(state->key), "%s", key);
        return state;
}

static int compare_signals(const void *a, const void *b)
{
        const struct vg_signal *x = *(const struct vg_signal *const *)a;
        const struct vg_signal *y = *(const struct vg_signal *const *)b;
        int r = strcmp(x->alert->code, y->alert->code);

        return r ? r : strcmp(x->key, y->key);
}

struct apply {
        struct vg_alert_states *states;
        int64_t at_s;
        vg_alert_change_fn *fn;
        void *user;
        struct vg_err *err;
};

static int step_one(const struct apply *apply, struct vg_alert_state *state,
                    const struct vg_signal *signal)
{
        const bool active = signal && signal->active;
        const enum vg_alert_event event =
                vg_alert_step(state, active ? VG_INPUT_ACTIVE : VG_INPUT_QUIET,
                              active ? signal->severity : VG_SEVERITY_INFO, apply->at_s);

        if (event == VG_EVENT_NONE)
                return 0;
        return apply->fn(apply->user,
                         &(struct vg_alert_change){
                                 .state = state,
                                 .event = event,
                                 .signal = signal,
                                 .at_s = apply->at_s,
                         },
                         apply->err);
}

/* States that the view covers and no signal speaks of: what was there is no more. */
static int step_silent(const struct apply *apply, const struct vg_signal *const *sorted, size_t n,
                       const struct vg_signals *signals)
{
        int r = 0;

        for (size_t i = 0; i < apply->states->n && r == 0; i++) {
                struct vg_alert_state *state = &apply->states->list[i];
                struct vg_signal probe = { .alert = state->alert };
                const struct vg_signal *wanted = &probe;

                if (!vg_alert_is_up(state) || !vg_signals_cover(signals, state->alert, state->key))
                        continue;
                memcpy(probe.key, state->key, sizeof(probe.key));
                if (!n || !bsearch(&wanted, sorted, n, sizeof(*sorted), compare_signals))
                        r = step_one(apply, state, NULL);
        }
        return r;
}

int vg_alert_apply(struct vg_alert_states *states, const struct vg_signals *signals, int64_t at_s,
                   vg_alert_change_fn *fn, void *user, struct vg_err *err)
{
        const struct apply apply = { states, at_s, fn, user, err };
        _cleanup_free_ const struct vg_signal **sorted =
                calloc(signals->n ? signals->n : 1, sizeof(*sorted));
        int r;

        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < signals->n; i++)
                sorted[i] = &signals->list[i];
        qsort(sorted, signals->n, sizeof(*sorted), compare_signals);

        r = step_silent(&apply, sorted, signals->n, signals);
        for (size_t i = 0; i < signals->n && r == 0; i++) {
                struct vg_alert_state *state = find_state(states, sorted[i]->alert, sorted[i]->key);
                if (!state && !sorted[i]->active)
                        continue;
                if (sorted[i]->only_holds && (!state || !vg_alert_is_up(state)))
                        continue;
                if (!state)
                        state = vg_alert_state_of(states, sorted[i]->alert, sorted[i]->key);
                r = state ? step_one(&apply, state, sorted[i]) : -ENOMEM;
        }
        return r;
}

bool vg_alert_would_change(const struct vg_alert_states *states, const struct vg_signals *signals,
                           int64_t at_s)
{
        struct vg_alert_state trial;

        for (size_t i = 0; i < signals->n; i++) {
                const struct vg_signal *s = &signals->list[i];
                const struct vg_alert_state *state = find_state(states, s->alert, s->key);

                trial = state ? *state : (struct vg_alert_state){ .alert = s->alert };
                if (s->only_holds && !vg_alert_is_up(&trial))
                        continue;
                if (vg_alert_step(&trial, s->active ? VG_INPUT_ACTIVE : VG_INPUT_QUIET, s->severity,
                                  at_s) != VG_EVENT_NONE)
                        return true;
        }
        for (size_t i = 0; i < states->n; i++) {
                bool named = false;

                trial = states->list[i];
                for (size_t j = 0; j < signals->n && !named; j++)
                        named = signals->list[j].alert == trial.alert &&
                                strcmp(signals->list[j].key, trial.key) == 0;
                if (!named && vg_alert_is_up(&trial) &&
                    vg_signals_cover(signals, trial.alert, trial.key) &&
                    vg_alert_step(&trial, VG_INPUT_QUIET, trial.severity, at_s) != VG_EVENT_NONE)
                        return true;
        }
        return false;
}
