/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* status: "are we fine?" on one screen. Read at one instant, then shown. */

#include "cli/alerts.h"
#include "cli/bill.h"
#include "cli/forecast.h"
#include "cli/names.h"

enum status_level { STATUS_FINE, STATUS_LOOK, STATUS_ACT };
enum status_answer { STATUS_PASS, STATUS_FAIL, STATUS_UNKNOWN };

/* One thing that measuring leans on. */
struct status_item {
        const char *id;    /* for programs */
        const char *label; /* for people */
        enum status_answer answer;
        enum status_level level; /* what a failure, or not knowing, asks of the reader */
        char text[200];
        const char *reason; /* why it is not fine, in a few words for the verdict */
        int64_t value;      /* seconds or count, for programs; where has_value */
        bool has_value;
};

enum {
        STATUS_OBSERVATION,
        STATUS_LIBVIRT,
        STATUS_DAY,
        STATUS_CLOCK,
        STATUS_LEDGER,
        STATUS_CHECKPOINT,
        STATUS_KEEPER,
        STATUS_ISOLATION,
        STATUS_HARDWARE,
        STATUS_DELIVERIES,
        STATUS_N_ITEMS
};

/* What a tenant uses in the interval that is still open. */
enum { STATUS_VCPU, STATUS_CPU_USED, STATUS_RAM, STATUS_BLOCK, STATUS_N_USES };

struct status_tenant {
        uint32_t name;
        int64_t micro[STATUS_N_USES];
        bool has[STATUS_N_USES];
        bool is_open; /* seen in the open interval */
        int64_t month_cents;
};

struct status {
        struct cli_view *view;
        struct vg_bill *bill;           /* NULL: no contract */
        struct store_forecast forecast; /* empty where there is no contract, or it wants none */
        struct alerts alerts;
        struct status_item items[STATUS_N_ITEMS];
        struct cli_names names;
        struct status_tenant *tenants; /* dearest first, then by name */
        size_t n_tenants, size;
        int64_t shared_cents; /* of this month, for no tenant in particular */
        int64_t open_from_s, open_at_s;
        enum status_level level;
        char reasons[4][200]; /* of that level; more would not be read */
        size_t n_reasons;
};

int status_read(const struct cli *cli, struct cli_view *view, struct status *ret_status,
                struct vg_err *err);
void status_done(struct status *status);

/* Fills items (status-health.c). */
int status_read_health(const struct cli *cli, struct status *status, struct vg_err *err);
/* Fills the item of deliveries (deliveries.c). */
int status_read_deliveries(struct status *status, struct status_item *item, struct vg_err *err);

int status_print(struct cli *cli, const struct status *status);
void status_write_json(const struct cli *cli, const struct status *status, struct vg_json *j);
