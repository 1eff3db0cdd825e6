/* SPDX-License-Identifier: Apache-2.0 */

/* status-read: contract, tenants and alerts, and the verdict that they and the health add up to. */

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli/status.h"
#include "vigie/civil.h"
#include "vigie/tenant.h"

static struct status_tenant *tenant_of(struct status *status, const char *tenant)
{
        uint32_t name;

        if (cli_names_add(&status->names, tenant, &name) < 0)
                return NULL;
        if (name < status->n_tenants) /* numbers are given in the order of the list */
                return &status->tenants[name];
        if (status->n_tenants == status->size) {
                size_t size = status->size ? 2 * status->size : 16;
                struct status_tenant *list = reallocarray(status->tenants, size, sizeof(*list));
                if (!list)
                        return NULL;
                status->tenants = list;
                status->size = size;
        }
        status->tenants[status->n_tenants] = (struct status_tenant){ .name = name };
        return &status->tenants[status->n_tenants++];
}

static int take_open(void *ctx, const struct store_usage *row)
{
        static const char *const resources[STATUS_N_USES] = {
                [STATUS_VCPU] = "vcpu",
                [STATUS_RAM] = "ram_gib",
                [STATUS_BLOCK] = "block_tb",
                [STATUS_CPU_USED] = "cpu_used",
        };
        struct status *status = ctx;
        struct status_tenant *tenant = tenant_of(status, row->tenant);

        if (!tenant)
                return -ENOMEM;
        tenant->is_open = true;
        if (row->start_s > status->open_from_s)
                status->open_from_s = row->start_s;
        for (int i = 0; i < STATUS_N_USES; i++)
                if (strcmp(resources[i], row->resource) == 0) {
                        tenant->has[i] = true;
                        if (vg_add_i64(tenant->micro[i], row->micro, &tenant->micro[i]) < 0)
                                return -ERANGE;
                }
        return 0;
}

static int read_tenants(struct status *status, struct vg_err *err)
{
        const struct vg_contract *contract = status->view->contract;

        for (size_t i = 0; contract && i < contract->n_tenants; i++)
                if (!tenant_of(status, contract->tenants[i].id))
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        int r = store_open_usage_each(status->view->store, &status->open_at_s, take_open, status,
                                      err);
        if (r < 0)
                return r;

        const int32_t month = vg_month_of(vg_zone_date(status->view->zone, status->view->now_s));
        const struct vg_bill *bill = status->bill;
        for (size_t i = 0; bill && i < bill->n_lines; i++) {
                const struct vg_bill_line *line = &bill->lines[i];
                if (line->statement_month != month)
                        continue;
                if (strcmp(line->tenant, "*") == 0) {
                        status->shared_cents += line->cents;
                        continue;
                }
                struct status_tenant *tenant = tenant_of(status, line->tenant);
                if (!tenant)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
                tenant->month_cents += line->cents;
        }
        return 0;
}

static int compare_tenants(const void *a, const void *b, void *ctx)
{
        const struct status_tenant *x = a, *y = b;
        const struct cli_names *names = ctx;

        if (x->month_cents != y->month_cents)
                return x->month_cents > y->month_cents ? -1 : 1;
        return strcmp(names->texts[x->name], names->texts[y->name]);
}

static void raise_reason(struct status *status, enum status_level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Reasons of the gravest level only: the others are on the screen anyway. */
static void raise_reason(struct status *status, enum status_level level, const char *format, ...)
{
        va_list ap;

        if (level < status->level || level == STATUS_FINE)
                return;
        if (level > status->level) {
                status->level = level;
                status->n_reasons = 0;
        }
        if (status->n_reasons == ELEMENTSOF(status->reasons))
                return;
        va_start(ap, format);
        vsnprintf(status->reasons[status->n_reasons], sizeof(status->reasons[0]), format, ap);
        va_end(ap);
        status->n_reasons++;
}

static void judge_alerts(struct status *status)
{
        unsigned long n[VG_SEVERITY_N] = { 0 }, n_acknowledged = 0, n_silenced = 0;

        for (size_t i = 0; i < status->alerts.n; i++)
                if (status->alerts.rows[i].acknowledged)
                        n_acknowledged++;
                else if (status->alerts.rows[i].silent_until_s)
                        n_silenced++;
                else
                        n[status->alerts.rows[i].severity]++;
        if (n[VG_SEVERITY_CRITICAL])
                raise_reason(status, STATUS_ACT,
                             ngettext("%lu alerte critique", "%lu alertes critiques",
                                      n[VG_SEVERITY_CRITICAL]),
                             n[VG_SEVERITY_CRITICAL]);
        if (n[VG_SEVERITY_MAJOR])
                raise_reason(status, STATUS_ACT,
                             ngettext("%lu alerte majeure", "%lu alertes majeures",
                                      n[VG_SEVERITY_MAJOR]),
                             n[VG_SEVERITY_MAJOR]);
        if (n[VG_SEVERITY_WARNING])
                raise_reason(
                        status, STATUS_LOOK,
                        ngettext("%lu avertissement", "%lu avertissements", n[VG_SEVERITY_WARNING]),
                        n[VG_SEVERITY_WARNING]);
        if (n_acknowledged)
                raise_reason(status, STATUS_LOOK,
                             ngettext("%lu alerte prise en charge", "%lu alertes prises en charge",
                                      n_acknowledged),
                             n_acknowledged);
        if (n_silenced)
                raise_reason(
                        status, STATUS_LOOK,
                        ngettext("%lu alerte en silence", "%lu alertes en silence", n_silenced),
                        n_silenced);
}

/* Seen here and now: the alert follows at the keeper's next look. */
static void judge_contract(struct status *status)
{
        if (!status->bill)
                raise_reason(status, STATUS_LOOK, "%s", _("aucun contrat n'est chargé"));
        else if (status->view->now_s >= status->bill->end_s)
                raise_reason(status, STATUS_ACT, "%s", _("le contrat est terminé"));
        else if (status->bill->remaining_cents < 0)
                raise_reason(status, STATUS_ACT, "%s", _("le montant autorisé est dépassé"));
}

static void judge(struct status *status)
{
        judge_alerts(status);
        for (size_t i = 0; i < STATUS_N_ITEMS; i++) {
                const struct status_item *item = &status->items[i];
                if (item->answer != STATUS_PASS)
                        raise_reason(status, item->level, "%s", item->reason);
        }
        judge_contract(status);
}

int status_read(const struct cli *cli, struct cli_view *view, struct status *ret_status,
                struct vg_err *err)
{
        _cleanup_(status_done) struct status status = { .view = view };

        int r = view->contract ? cli_bill_read(view, true, &status.bill, err) : 0;
        if (r == 0 && view->contract && view->contract->forecast_enabled)
                r = cli_forecast_read(view, &status.forecast, err);
        if (r == 0)
                r = alerts_read(cli, view, true, &status.alerts, err);
        if (r == 0)
                r = read_tenants(&status, err);
        if (r == 0)
                r = status_read_health(cli, &status, err);
        if (r < 0)
                return r;
        if (status.n_tenants)
                qsort_r(status.tenants, status.n_tenants, sizeof(*status.tenants), compare_tenants,
                        &status.names);
        judge(&status);
        *ret_status = status;
        status = (struct status){ 0 };
        return 0;
}

void status_done(struct status *status)
{
        vg_bill_free(status->bill);
        store_forecast_done(&status->forecast);
        alerts_done(&status->alerts);
        cli_names_done(&status->names);
        free(status->tenants);
        *status = (struct status){ 0 };
}
