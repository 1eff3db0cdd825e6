/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts about the machine's parts against the contract's qualified components:
 *
 * VIG-Q-002 this machine is none of the qualified servers
 * VIG-Q-003 more of a qualified server in service here than its maximum
 * VIG-Q-004 a part that was there is there no more
 *
 * Of a contract's kinds this machine sees servers only; what no server is listed for is not judged,
 * nor is a machine whose firmware does not say what it is. */

#include "keeper/part-alerts.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "keeper/keeper.h"
#include "os/settings.h"
#include "vigie/alert.h"
#include "vigie/contract.h"
#include "vigie/fault.h"
#include "vigie/mem.h"

enum { PARTS_MAX = 64 };

struct matching {
        const struct keeper *keeper;
        struct vg_signals *signals;
        int64_t now_s;
        int64_t count[PARTS_MAX]; /* of the contract's component with the same index */
        int r;
};

static struct vg_signal *add(struct matching *m, const char *code, const char *key)
{
        const struct vg_contract *contract = m->keeper->contract;
        struct vg_signal *signal = vg_signal_add(m->signals, code, key, true, VG_SEVERITY_WARNING,
                                                 contract ? contract->zone : NULL);

        if (!signal)
                m->r = -ENOMEM;
        return signal;
}

static void missing(struct matching *m, const struct vg_component *unit)
{
        char path[VG_ALERT_KEY_SIZE];
        struct vg_signal *s;

        vg_component_path(unit, path, sizeof(path));
        s = add(m, "VIG-Q-004", *unit->serial ? unit->serial : path);
        if (!s)
                return;
        vg_signal_text(s, "component", path);
        vg_signal_text(s, "serial", *unit->serial ? unit->serial : "—");
        vg_signal_number(s, "since", VG_PARAM_INSTANT, m->now_s); /* frozen when it fires */
}

static bool says(const char *qualified, const char *unit)
{
        return qualified && *qualified && strcasecmp(qualified, unit) == 0;
}

static bool is_qualified_as(const struct vg_qualified *q, const struct vg_component *unit)
{
        return says(q->part_number, unit->part) || says(q->part_number, unit->model) ||
               says(q->model, unit->model);
}

/* The machine against the list. */
static void compare(struct matching *m, const struct vg_component *unit)
{
        const struct vg_contract *c = m->keeper->contract;
        const struct vg_site *site = vg_contract_site_of(c, m->keeper->settings->appliance_id);
        bool any_server = false, is_qualified = false;
        struct vg_signal *s;

        for (size_t i = 0; i < c->n_components && i < PARTS_MAX; i++) {
                if (c->components[i].kind != VG_KIND_SERVER || c->components[i].is_withdrawn)
                        continue;
                any_server = true;
                if (is_qualified_as(&c->components[i], unit)) {
                        is_qualified = true;
                        m->count[i]++;
                }
        }
        if (!any_server || is_qualified)
                return;
        s = add(m, "VIG-Q-002", *unit->serial ? unit->serial : unit->model);
        if (!s)
                return;
        vg_signal_text(s, "component", unit->model);
        vg_signal_text(s, "serial", *unit->serial ? unit->serial : "—");
        vg_signal_text(s, "site", site ? site->id : m->keeper->settings->appliance_id);
}

static int take(void *user, const struct vg_component *unit, bool is_missing)
{
        struct matching *m = user;

        if (is_missing)
                missing(m, unit);
        else if (m->keeper->contract && strcmp(unit->component_class, "system") == 0 &&
                 !*unit->location && *unit->model)
                compare(m, unit);
        return m->r;
}

static void judge_counts(struct matching *m)
{
        const struct vg_contract *c = m->keeper->contract;

        for (size_t i = 0; c && i < c->n_components && i < PARTS_MAX; i++) {
                const struct vg_qualified *q = &c->components[i];
                if (!q->max_quantity || m->count[i] <= q->max_quantity)
                        continue;
                struct vg_signal *s = add(m, "VIG-Q-003", q->ref);
                if (!s)
                        return;
                vg_signal_text(s, "component", q->ref);
                vg_signal_number(s, "count", VG_PARAM_COUNT, m->count[i]);
                vg_signal_number(s, "max", VG_PARAM_COUNT, q->max_quantity);
        }
}

int part_signals(const struct keeper *k, int64_t now_s, struct vg_signals *signals)
{
        struct matching m = { .keeper = k, .signals = signals, .now_s = now_s };
        int r = vg_fault_book_each_slot(k->faults.book, take, &m);

        judge_counts(&m);
        return r < 0 ? r : m.r;
}
