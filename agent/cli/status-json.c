/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "cli/status.h"
#include "cli/partial.h"
#include "vigie/civil.h"

static void write_date(struct vg_json *j, const char *key, struct vg_date date)
{
        char text[16];

        vg_json_string(j, key, vg_date_format(date, text));
}

static void write_contract(const struct status *status, struct vg_json *j)
{
        const struct vg_contract *contract = status->view->contract;
        const struct vg_bill *bill = status->bill;

        if (!contract) {
                cli_json_null(j, "contract");
                return;
        }
        vg_json_object(j, "contract");
        partial_write_count(status->view, j);
        cli_json_decimal(j, "authorised_cad", bill->authorised_cents, 2);
        cli_json_decimal(j, "consumed_cad", bill->consumed_cents, 2);
        if (bill->has_pct)
                cli_json_decimal(j, "consumed_pct", bill->pct_micro, 6);
        else
                cli_json_null(j, "consumed_pct");
        vg_json_int(j, "days_left", bill->term_days_left);
        write_date(j, "end_date", vg_contract_last_day_at(contract, status->view->now_s));
        if (vg_date_valid(contract->exit.complete_by))
                write_date(j, "exit_complete_by", contract->exit.complete_by);
        else
                cli_json_null(j, "exit_complete_by");
        vg_json_string(j, "exit_decision", vg_exit_name(contract->exit.decision));
        cli_json_text(j, "id", contract->id);
        partial_write(status->view, j);
        cli_json_decimal(j, "remaining_cad", bill->remaining_cents, 2);
        partial_write_reporting(status->view, j);
        vg_json_int(j, "revision", contract->revision);
        write_date(j, "start_date", contract->start);
        vg_json_end_object(j);
}

static void write_health(const struct status *status, struct vg_json *j)
{
        static const char *const answers[] = {
                [STATUS_PASS] = "pass", [STATUS_FAIL] = "fail", [STATUS_UNKNOWN] = "unknown"
        };

        vg_json_array(j, "health");
        for (size_t i = 0; i < STATUS_N_ITEMS; i++) {
                const struct status_item *item = &status->items[i];
                vg_json_object(j, NULL);
                vg_json_string(j, "answer", answers[item->answer]);
                vg_json_string(j, "id", item->id);
                cli_json_text(j, "text", item->text);
                if (item->has_value)
                        vg_json_int(j, "value", item->value);
                else
                        cli_json_null(j, "value");
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void write_tenant(const struct cli *cli, const struct status *status,
                         const struct status_tenant *tenant, struct vg_json *j)
{
        static const struct { /* in byte order of the keys */
                int use;
                const char *key;
        } uses[] = {
                { STATUS_BLOCK, "block_tb" },
                { STATUS_CPU_USED, "cpu_used" },
                { STATUS_RAM, "ram_gib" },
                { STATUS_VCPU, "vcpu" },
        };
        const char *id = status->names.texts[tenant->name];

        vg_json_object(j, NULL);
        cli_json_text(j, "id", id);
        if (status->bill)
                cli_json_decimal(j, "month_cad", tenant->month_cents, 2);
        else
                cli_json_null(j, "month_cad");
        cli_json_text(j, "name", cli_tenant_name(cli, status->view, id));
        vg_json_object(j, "open");
        for (size_t i = 0; i < ELEMENTSOF(uses); i++)
                if (tenant->has[uses[i].use])
                        cli_json_decimal(j, uses[i].key, tenant->micro[uses[i].use], 6);
        vg_json_end_object(j);
        vg_json_end_object(j);
}

static void write_verdict(const struct status *status, struct vg_json *j)
{
        static const char *const levels[] = {
                [STATUS_FINE] = "fine", [STATUS_LOOK] = "look", [STATUS_ACT] = "act"
        };

        vg_json_object(j, "verdict");
        vg_json_string(j, "level", levels[status->level]);
        vg_json_array(j, "reasons");
        for (size_t i = 0; i < status->n_reasons; i++)
                cli_json_text(j, NULL, status->reasons[i]);
        vg_json_end_array(j);
        vg_json_end_object(j);
}

void status_write_json(const struct cli *cli, const struct status *status, struct vg_json *j)
{
        vg_json_object(j, NULL);
        vg_json_array(j, "alerts");
        for (size_t i = 0; i < status->alerts.n; i++)
                alert_write_json(&status->alerts.rows[i], j);
        vg_json_end_array(j);
        cli_json_text(j, "appliance", store_identity(status->view->store)->appliance);
        cli_json_time(j, "at", status->view->now_s);
        write_contract(status, j);
        if (status->view->contract && status->view->contract->forecast_enabled)
                cli_forecast_write_json(status->view, &status->forecast, "forecast", j);
        else
                cli_json_null(j, "forecast");
        write_health(status, j);
        alerts_write_observation(&status->alerts, j);
        if (status->open_from_s) {
                vg_json_object(j, "open_interval");
                cli_json_time(j, "as_of", status->open_at_s);
                cli_json_time(j, "from", status->open_from_s);
                vg_json_end_object(j);
        } else {
                cli_json_null(j, "open_interval");
        }
        if (status->bill)
                cli_json_decimal(j, "shared_month_cad", status->shared_cents, 2);
        else
                cli_json_null(j, "shared_month_cad");
        vg_json_array(j, "tenants");
        for (size_t i = 0; i < status->n_tenants; i++)
                write_tenant(cli, status, &status->tenants[i], j);
        vg_json_end_array(j);
        write_verdict(status, j);
        cli_json_text(j, "zone", status->view->zone_name);
        vg_json_end_object(j);
}
