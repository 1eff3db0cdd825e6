/* SPDX-License-Identifier: Apache-2.0 */

/* Whether a change of an alert is told to anybody: observation, then silence, then what says more
 * already, then how soon. Each rule is a table. */

#include "core/alert/notify.h"

#include <stdlib.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/mem.h"

const char *vg_notify_name(enum vg_notify notify)
{
        static const char *const names[VG_NOTIFY_N] = {
                [VG_NOTIFY_NONE] = "none",         [VG_NOTIFY_NOW] = "now",
                [VG_NOTIFY_DIGEST] = "digest",     [VG_NOTIFY_GROUPED] = "grouped",
                [VG_NOTIFY_SILENCED] = "silenced", [VG_NOTIFY_INHIBITED] = "inhibited",
                [VG_NOTIFY_OBSERVED] = "observed",
        };

        return names[notify];
}

bool vg_notify_is_told(enum vg_notify notify)
{
        return notify == VG_NOTIFY_NOW || notify == VG_NOTIFY_DIGEST || notify == VG_NOTIFY_GROUPED;
}

/* ---- how soon, and how often again ---- */

enum { WEEK_H = 7 * 24, MONTH_H = 30 * 24 };

/* By severity, where the contract does not say: hours in the first week, then hours. Facts, which
 * are told once, never come here. */
static const struct renotify {
        int first_week_h, then_h;
} of_contract[VG_SEVERITY_N] = {
        /* classes contract and term: weeks and months are what they are about */
        [VG_SEVERITY_INFO] = { MONTH_H, MONTH_H },
        [VG_SEVERITY_WARNING] = { 24, WEEK_H },
        [VG_SEVERITY_MAJOR] = { 24, WEEK_H },
        [VG_SEVERITY_CRITICAL] = { 24, WEEK_H },
};
static const struct renotify of_others[VG_SEVERITY_N] = {
        [VG_SEVERITY_INFO] = { 0, 0 },
        [VG_SEVERITY_WARNING] = { WEEK_H, WEEK_H },
        [VG_SEVERITY_MAJOR] = { 24, 24 },
        [VG_SEVERITY_CRITICAL] = { 8, 24 },
};

int vg_renotify_hours(const struct vg_alert *alert, enum vg_severity severity, int64_t for_s,
                      const int *contract_hours)
{
        const bool is_contract =
                alert->alert_class == VG_CLASS_CONTRACT || alert->alert_class == VG_CLASS_TERM;
        const struct renotify *row = is_contract ? &of_contract[severity] : &of_others[severity];

        if (alert->end == VG_END_ACK)
                return 0;
        if (contract_hours && contract_hours[severity] >= 0)
                return contract_hours[severity];
        return for_s < 7 * (int64_t)VG_DAY_S ? row->first_week_h : row->then_h;
}

/* ---- silence ---- */

bool vg_silence_covers(const char *silence_key, const char *key)
{
        const size_t n = strlen(silence_key);

        if (n && silence_key[n - 1] == '*')
                return strncmp(silence_key, key, n - 1) == 0;
        return strcmp(silence_key, key) == 0;
}

const struct vg_alert *vg_silence_alert(const char *key)
{
        const size_t n = strcspn(key, "/");
        char code[16];

        if (n >= sizeof(code) || key[n] != '/' || !key[n + 1])
                return NULL;
        memcpy(code, key, n);
        code[n] = '\0';
        return vg_alert_find(code);
}

static bool is_silenced(const struct vg_notify_policy *policy, const char *key, int64_t at_s)
{
        for (size_t i = 0; i < policy->n_silences; i++)
                if (at_s < policy->silences[i].until_s &&
                    vg_silence_covers(policy->silences[i].key, key))
                        return true;
        return false;
}

bool notify_is_silenced(const struct vg_notify_policy *policy, const struct vg_alert_state *state,
                        int64_t at_s)
{
        char key[VG_ALERT_KEY_SIZE + 96];

        return policy->n_silences &&
               is_silenced(policy,
                           vg_alert_dedup_key(state->alert, policy->contract, policy->appliance,
                                              state->key, key, sizeof(key)),
                           at_s);
}

enum vg_notify notify_how_soon(enum vg_severity severity)
{
        return severity >= VG_SEVERITY_MAJOR ? VG_NOTIFY_NOW : VG_NOTIFY_DIGEST;
}

enum vg_notify vg_notify_of_end(const struct vg_notify_policy *policy, const char *dedup_key,
                                enum vg_severity severity, int64_t notified_s, int64_t at_s)
{
        if (!notified_s)
                return VG_NOTIFY_NONE;
        if (!policy->is_live)
                return VG_NOTIFY_OBSERVED;
        return is_silenced(policy, dedup_key, at_s) ? VG_NOTIFY_SILENCED
                                                    : notify_how_soon(severity);
}

/* ---- inhibition ---- */

/* While `by` is up, `hides` is not told; only_again: its first notice is. */
static const struct inhibition {
        const char *by, *hides;
        bool only_again;
} inhibitions[] = {
        { "VIG-C-002", "VIG-C-001", true },  /* exceeded: every threshold is behind us */
        { "VIG-D-001", "VIG-C-003", false }, /* nothing measured: nothing to forecast by */
        { "VIG-D-001", "VIG-C-009", false },
        { "VIG-T-003", "VIG-T-002", true },  /* it is late to plan */
        { "VIG-T-004", "VIG-T-002", false }, /* the exit is overdue */
        { "VIG-T-004", "VIG-T-003", false },
        { "VIG-T-006", "VIG-T-001", false }, /* the contract has ended */
        { "VIG-T-006", "VIG-T-002", false },
        { "VIG-T-006", "VIG-T-003", false },
        { "VIG-T-006", "VIG-T-004", false },
        { "VIG-T-006", "VIG-T-005", false },
};

/* Alerts that come by steps, the number at the end of their key being the step: a further one says
 * all that the ones before it did, which are not told again. */
static const struct ladder {
        const char *code;
        int further; /* 1: the higher number, -1: the lower */
} ladders[] = {
        { "VIG-C-001", 1 },  /* amount-75 */
        { "VIG-N-001", 1 },  /* quota-<id>-80 */
        { "VIG-T-001", -1 }, /* end-30d */
};

/* Splits "amount-12.5" into its stem's length and millionths. False: no number at its end. */
static bool split_step(const char *key, size_t *ret_stem, int64_t *ret_micro)
{
        const char *dash = strrchr(key, '-');
        char number[32];
        size_t n;

        if (!dash)
                return false;
        n = strspn(dash + 1, "0123456789.");
        if (n == 0 || n >= sizeof(number))
                return false;
        memcpy(number, dash + 1, n);
        number[n] = '\0';
        *ret_stem = (size_t)(dash - key);
        return vg_decimal_parse(number, 6, ret_micro) == 0;
}

int notify_compare_steps(const struct vg_alert *alert, const char *a, const char *b)
{
        size_t stem_a, stem_b;
        int64_t x, y;

        for (size_t i = 0; i < ELEMENTSOF(ladders); i++)
                if (strcmp(ladders[i].code, alert->code) == 0 && split_step(a, &stem_a, &x) &&
                    split_step(b, &stem_b, &y) && stem_a == stem_b && memcmp(a, b, stem_a) == 0)
                        return ((x > y) - (x < y)) * ladders[i].further;
        return 0;
}

static bool inhibits(const struct vg_alert_state *by, const struct vg_alert_state *state,
                     bool is_again)
{
        if (by->alert == state->alert)
                return is_again && notify_compare_steps(by->alert, by->key, state->key) > 0;
        for (size_t i = 0; i < ELEMENTSOF(inhibitions); i++)
                if (strcmp(inhibitions[i].by, by->alert->code) == 0 &&
                    strcmp(inhibitions[i].hides, state->alert->code) == 0 &&
                    (is_again || !inhibitions[i].only_again))
                        return true;
        return false;
}

const struct vg_alert_state *notify_inhibitor(const struct vg_alert_states *states,
                                              const struct vg_alert_state *state, bool is_again)
{
        for (size_t i = 0; i < states->n; i++)
                if (vg_alert_is_up(&states->list[i]) && inhibits(&states->list[i], state, is_again))
                        return &states->list[i];
        return NULL;
}
