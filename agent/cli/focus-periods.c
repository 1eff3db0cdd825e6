/* SPDX-License-Identifier: Apache-2.0 */

/* FOCUS Billing Period (1.4): the months of the contract, open or closed. */

#include "cli/csv.h"
#include "cli/focus.h"
#include "vigie/civil.h"

struct period {
        const struct cli *cli;
        const struct month *month;
        int64_t now_s;
        struct vg_buf *text;
};

static void put_time(const struct period *p, int64_t utc_s)
{
        char text[32];

        vg_buf_puts(p->text, vg_utc_format(utc_s, text));
}

static void put_BillingPeriodStart(const struct period *p)
{
        put_time(p, vg_zone_month_start(p->month->contract->zone, p->month->month));
}

static void put_BillingPeriodCreated(const struct period *p)
{
        put_BillingPeriodStart(p);
}

static void put_BillingPeriodEnd(const struct period *p)
{
        put_time(p, vg_zone_month_start(p->month->contract->zone, p->month->month + 1));
}

static void put_BillingPeriodLastUpdated(const struct period *p)
{
        put_time(p, p->month->is_closed ? p->month->closed_s : p->now_s);
}

static void put_BillingPeriodStatus(const struct period *p)
{
        vg_buf_puts(p->text, p->month->is_closed ? "Closed" : "Open");
}

static void put_InvoiceIssuerName(const struct period *p)
{
        const struct vg_party *supplier = &p->month->contract->supplier;

        csv_text(p->text, p->cli->french ? supplier->name_fr : supplier->name_en);
}

static const struct {
        const char *name;
        void (*put)(const struct period *period);
} columns[] = {
#define COLUMN(name)              \
        {                         \
#name, put_##name \
        }
        COLUMN(BillingPeriodCreated), COLUMN(BillingPeriodEnd),    COLUMN(BillingPeriodLastUpdated),
        COLUMN(BillingPeriodStart),   COLUMN(BillingPeriodStatus), COLUMN(InvoiceIssuerName),
#undef COLUMN
};

/* period NULL: the names. */
static void put_line(const struct cli *cli, const struct period *period, struct vg_buf *text)
{
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                if (!focus_wants(cli, columns[i].name))
                        continue;
                vg_buf_puts(text, any ? "," : "");
                any = true;
                if (period)
                        columns[i].put(period);
                else
                        vg_buf_puts(text, columns[i].name);
        }
        csv_end(text);
}

void focus_periods(const struct cli *cli, const struct cli_view *view,
                   const struct months_read *months, struct vg_buf *text)
{
        put_line(cli, NULL, text);
        for (size_t i = 0; i < months->n; i++) {
                const struct period period = { cli, &months->list[i], view->now_s, text };
                put_line(cli, &period, text);
        }
}
