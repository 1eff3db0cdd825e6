/* SPDX-License-Identifier: Apache-2.0 */

/* The supplier's invoice of each month, as people recorded it (`contract record invoice`). Where a month
 * has several, nothing says which line is on which one: none is named. */

#include <string.h>

#include "cli/focus.h"
#include "vigie/fact.h"
#include "vigie/statement.h"

static const char several[] = "*"; /* no ID begins so */

static void put_invoice(struct month *month, const char *id)
{
        if (strcmp(month->invoice, id) == 0)
                return; /* recorded again, corrected */
        snprintf(month->invoice, sizeof(month->invoice), "%s", *month->invoice ? several : id);
}

static int take_fact(void *ctx, const struct store_fact *fact)
{
        const struct months_read *months = ctx;
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        const char *text;
        int32_t month;

        if (strcmp(fact->fact, vg_fact_row(VG_FACT_INVOICE)->word) != 0)
                return 0;
        detail = json_loads(fact->detail, 0, NULL);
        text = json_string_value(json_object_get(json_object_get(detail, "values"), "month"));
        if (!text || vg_statement_month(text, &month) < 0)
                return 0;
        for (size_t i = 0; i < months->n; i++)
                if (months->list[i].month == month)
                        put_invoice(&months->list[i], fact->target);
        return 0;
}

int focus_invoices(const struct cli_view *view, struct months_read *months, struct vg_err *err)
{
        int r = store_fact_each(view->store, view->contract->id, take_fact, months, err);

        for (size_t i = 0; i < months->n; i++)
                if (strcmp(months->list[i].invoice, several) == 0)
                        months->list[i].invoice[0] = '\0';
        return r;
}
