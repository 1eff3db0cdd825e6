/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/deliveries.h"

#include <string.h>

#include "cli/doctor.h"
#include "cli/status.h"
#include "os/settings.h"
#include "store/store.h"

static int take(void *ctx, const struct store_delivery *delivery)
{
        struct deliveries *d = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const char *why = "";
        const bool is_off = strcmp(delivery->state, "off") == 0;

        if (vg_json_parse(delivery->body, strlen(delivery->body), &body, NULL, NULL, NULL) < 0)
                return 0;
        d->n++;
        d->n_off += is_off;
        d->n_aside += json_array_size(json_object_get(body, "set_aside")) > 0;
        if (is_off || strcmp(delivery->state, "ok") == 0)
                return 0;
        if (d->n_failing++ == 0) {
                (void)vg_json_get_string(body, "why", &why);
                vg_text_clean(delivery->name, strlen(delivery->name), d->failing,
                              sizeof(d->failing));
                vg_text_clean(why, strlen(why), d->why, sizeof(d->why));
        }
        return 0;
}

int deliveries_read(struct store *store, struct deliveries *ret_deliveries, struct vg_err *err)
{
        *ret_deliveries = (struct deliveries){ 0 };
        return store_delivery_each(store, take, ret_deliveries, err);
}

/* ---- the line of `vigie status` ---- */

int status_read_deliveries(struct status *status, struct status_item *item, struct vg_err *err)
{
        const bool is_none = strcmp(status->view->settings->egress_mode, "listed") != 0;
        struct deliveries d;
        int r = deliveries_read(status->view->store, &d, err);

        if (r < 0)
                return r;
        item->answer = STATUS_PASS;
        item->level = STATUS_FINE;
        if (d.n_failing || d.n_aside) {
                item->answer = STATUS_FAIL;
                item->level = STATUS_LOOK;
        } else if (!d.n && !is_none) {
                item->answer = STATUS_UNKNOWN;
        }
        item->has_value = d.n > 0;
        item->value = (int64_t)d.n_failing;
        if (d.n_failing)
                snprintf(
                        item->text, sizeof(item->text),
                        ngettext(
                                "%zu destination n'est pas atteinte (%s); « vigie deliver »",
                                "%zu destinations ne sont pas atteintes (%s, …); « vigie deliver »",
                                d.n_failing),
                        d.n_failing, d.failing);
        else if (d.n_aside)
                snprintf(item->text, sizeof(item->text), "%s",
                         _("des événements sont mis de côté; « vigie deliver »"));
        else if (d.n > d.n_off)
                snprintf(item->text, sizeof(item->text),
                         ngettext("%zu destination, atteinte", "%zu destinations, toutes atteintes",
                                  d.n - d.n_off),
                         d.n - d.n_off);
        else
                snprintf(item->text, sizeof(item->text), "%s",
                         is_none ? _("par paquets : rien ne sort ([egress] mode = none)")
                         : d.n   ? _("par paquets")
                                 : _("inconnu : vigie-deliver n'a encore rien transmis"));
        return 0;
}

/* ---- the line of `vigie doctor` ---- */

void doctor_deliveries(const struct doctor *doctor, struct doctor_finding *finding)
{
        struct deliveries d;
        struct vg_err err = { 0 };

        if (!doctor->view.store || !doctor->settings) {
                doctor_unknown(finding, "registre illisible");
        } else if (strcmp(doctor->settings->egress_mode, "listed") != 0) {
                doctor_pass(finding, "par paquets : rien ne sort ([egress] mode = none)");
        } else if (deliveries_read(doctor->view.store, &d, &err) < 0) {
                doctor_unknown(finding, "%s", vg_err_text(&err));
        } else if (!*doctor->settings->egress_networks) {
                doctor_fail(finding, "[egress] networks est vide : aucune adresse n'est permise");
                doctor_remedy(finding,
                              "y mettre les réseaux des destinations, p. ex. 192.0.2.0/24");
        } else if (d.n_failing) {
                doctor_fail(finding, "%s : %s", d.failing, d.why);
                doctor_remedy(finding, "vigie deliver; vigie egress; journalctl -u vigie-deliver");
        } else if (!d.n) {
                doctor_unknown(finding, "vigie-deliver n'a encore rien transmis");
                doctor_remedy(finding, "systemctl status vigie-deliver");
        } else {
                doctor_pass(finding, "%zu destinations, toutes atteintes", d.n - d.n_off);
        }
}
