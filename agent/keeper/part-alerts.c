/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts about hardware against the contract's qualified components (vigie/inventory.h):
 *
 * VIG-Q-002 this machine is none of the qualified servers
 * VIG-Q-003 more units of a reference in service, by the serial numbers of the orders, than its
 *           maximum; told by the appliance that speaks for the contract
 * VIG-Q-004 a part that was there is there no more, and no order says that it was taken out of
 *           service; or, where this appliance is the only one of its site, a server that an order
 *           has in service there, and that this machine is not
 *
 * One appliance sees its own machine: that another of the site's is not seen says nothing. Without a
 * qualified server, and of a machine whose firmware does not say what it is, nothing is judged. */

#include "keeper/part-alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/settings.h"
#include "vigie/alert.h"
#include "vigie/contract.h"
#include "vigie/fault.h"
#include "vigie/inventory.h"
#include "vigie/mem.h"

struct matching {
        const struct keeper *keeper;
        struct vg_signals *signals;
        int64_t now_s;
};

static struct vg_signal *add(const struct matching *m, const char *code, const char *key)
{
        const struct vg_contract *contract = m->keeper->contract;

        return vg_signal_add(m->signals, code, key, true, VG_SEVERITY_WARNING,
                             contract ? contract->zone : NULL);
}

static const char *or_dash(const char *text)
{
        return *text ? text : "—";
}

/* ---- parts ---- */

static int tell_missing(const struct matching *m, const struct vg_component *unit)
{
        char path[VG_ALERT_KEY_SIZE];

        vg_component_path(unit, path, sizeof(path));
        struct vg_signal *s = add(m, "VIG-Q-004", *unit->serial ? unit->serial : path);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "component", path);
        vg_signal_text(s, "serial", or_dash(unit->serial));
        vg_signal_number(s, "since", VG_PARAM_INSTANT, m->now_s); /* frozen when it fires */
        return 0;
}

/* ---- the machine ---- */

static int tell_not_delivered(const struct matching *m, const struct vg_mismatched *found)
{
        if (!found->component || found->component->kind != VG_KIND_SERVER)
                return 0;
        struct vg_signal *s = add(m, "VIG-Q-004", found->serial);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "component", found->component->ref);
        vg_signal_text(s, "serial", found->serial);
        vg_signal_number(s, "since", VG_PARAM_INSTANT, m->now_s); /* frozen when it fires */
        return 0;
}

static int tell_machine(void *user, const struct vg_mismatched *found)
{
        const struct matching *m = user;
        const struct keeper *k = m->keeper;
        const struct vg_site *site = vg_contract_site_of(k->contract, k->settings->appliance_id);

        if (found->what == VG_MISMATCH_MISSING)
                return tell_not_delivered(m, found);
        if (found->what != VG_MISMATCH_FOREIGN)
                return 0;
        struct vg_signal *s =
                add(m, "VIG-Q-002", *found->serial ? found->serial : found->observed->model);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "component", found->observed->model);
        vg_signal_text(s, "serial", or_dash(found->serial));
        vg_signal_text(s, "site", site ? site->id : k->settings->appliance_id);
        return 0;
}

static bool lists_servers(const struct vg_contract *c)
{
        for (size_t i = 0; i < c->n_components; i++)
                if (c->components[i].kind == VG_KIND_SERVER)
                        return true;
        return false;
}

static int judge_machine(struct matching *m, const struct vg_component *unit)
{
        const struct vg_observed machine = {
                .kind = VG_KIND_SERVER,
                .manufacturer = unit->manufacturer,
                .model = unit->model,
                .part_number = unit->part,
                .serial = unit->serial,
        };
        const struct vg_contract *c = m->keeper->contract;
        if (!c || !lists_servers(c))
                return 0;

        const struct vg_site *site = vg_contract_site_of(c, m->keeper->settings->appliance_id);
        const struct vg_inventory inventory = {
                .list = &machine,
                .n = 1,
                .site = site ? site->id : NULL,
                .is_complete = site && site->n_appliances == 1 && *unit->serial,
        };
        return vg_inventory_compare(c, &inventory, m->now_s, tell_machine, m);
}

static int take(void *user, const struct vg_component *unit, bool is_missing)
{
        struct matching *m = user;
        const struct vg_contract *c = m->keeper->contract;

        if (is_missing && c && vg_order_is_over(c, unit->serial, m->now_s))
                return 0;
        if (is_missing)
                return tell_missing(m, unit);
        return strcmp(unit->component_class, "system") == 0 && !*unit->location
                       ? judge_machine(m, unit)
                       : 0;
}

/* ---- what was delivered ---- */

static int tell_too_many(void *user, const struct vg_mismatched *found)
{
        const struct matching *m = user;

        if (found->what != VG_MISMATCH_TOO_MANY)
                return 0;
        struct vg_signal *s = add(m, "VIG-Q-003", found->component->ref);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "component", found->component->ref);
        vg_signal_number(s, "count", VG_PARAM_COUNT, found->count);
        vg_signal_number(s, "max", VG_PARAM_COUNT, found->max);
        return 0;
}

static const struct vg_qualified *component_of(const struct vg_contract *c,
                                               const struct vg_order *order)
{
        const struct vg_price *price = vg_contract_price(c, order->sku);

        return price && price->component_ref ? vg_contract_component(c, price->component_ref)
                                             : NULL;
}

static size_t list_delivered(const struct matching *m, struct vg_observed *list)
{
        const struct vg_contract *c = m->keeper->contract;
        size_t n = 0;

        for (size_t i = 0; i < c->n_orders; i++) {
                const struct vg_order *order = &c->orders[i];
                const struct vg_qualified *component = component_of(c, order);

                if (!component || !vg_order_is_in_service(c, order, m->now_s))
                        continue;
                for (size_t k = 0; k < order->n_serials; k++)
                        list[n++] = (struct vg_observed){
                                component->kind,        component->manufacturer, component->model,
                                component->part_number, order->serials[k],
                        };
        }
        return n;
}

static int judge_delivered(struct matching *m)
{
        const struct keeper *k = m->keeper;
        const char *reports = k->contract ? vg_contract_reporting_appliance(k->contract) : NULL;
        size_t n = 0;

        if (!reports || strcmp(reports, k->settings->appliance_id) != 0)
                return 0;
        for (size_t i = 0; i < k->contract->n_orders; i++)
                n += k->contract->orders[i].n_serials;

        _cleanup_free_ struct vg_observed *list = calloc(n ? n : 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        const struct vg_inventory inventory = { .list = list, .n = list_delivered(m, list) };
        return vg_inventory_compare(k->contract, &inventory, m->now_s, tell_too_many, m);
}

int part_signals(const struct keeper *k, int64_t now_s, struct vg_signals *signals)
{
        struct matching m = { .keeper = k, .signals = signals, .now_s = now_s };
        int r = vg_fault_book_each_slot(k->faults.book, take, &m);

        return r < 0 ? r : judge_delivered(&m);
}
