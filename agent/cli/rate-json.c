/* SPDX-License-Identifier: Apache-2.0 */

/* The answer of `vigie contract rate --json`: statements line by line, with the exact value beside
 * the rounded one, then what was refused, what was not measured, and the alerts in order. */

#include "cli/rate-print.h"
#include "vigie/civil.h"

static void put_fraction(struct vg_json *j, const char *key, struct vg_fraction f, unsigned scale)
{
        char text[64];

        vg_json_string(j, key, vg_fraction_format(f, scale, scale, text, sizeof(text)));
}

static void put_line(struct vg_json *j, const struct vg_bill_line *line)
{
        vg_json_object(j, NULL);
        cli_json_decimal(j, "amount", line->cents, 2);
        put_fraction(j, "exact", line->exact, 12);
        if (line->in_tb_hours)
                vg_json_int(j, "hours_in_month", line->hours_in_month);
        vg_json_string(j, "kind", vg_line_kind_name(line->kind));
        if (line->segment) {
                vg_json_int(j, "per", line->segment->per);
                cli_json_text(j, "price", line->segment->written);
                cli_json_time(j, "price_from", line->segment->from_s);
                put_fraction(j, "quantity", line->quantity, 6);
        }
        if (line->ref)
                cli_json_text(j, "ref", line->ref);
        if (line->sku)
                cli_json_text(j, "sku", line->sku);
        if (line->in_tb_hours)
                cli_json_decimal(j, "tb_hours", line->measured_micro, 6);
        cli_json_text(j, "tenant", line->tenant);
        vg_json_end_object(j);
}

static void put_statements(struct vg_json *j, const struct vg_bill *bill)
{
        char month[16];

        vg_json_array(j, "statements");
        for (size_t i = 0; i < bill->n_statements; i++) {
                const struct vg_statement *s = &bill->statements[i];

                vg_json_object(j, NULL);
                vg_json_int(j, "hours_in_month", s->hours_in_month);
                vg_json_array(j, "lines");
                for (size_t k = 0; k < s->n_lines; k++)
                        put_line(j, &s->lines[k]);
                vg_json_end_array(j);
                vg_json_string(j, "month", vg_month_format(s->month, month));
                cli_json_decimal(j, "total", s->total_cents, 2);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void put_alerts(struct vg_json *j, const struct vg_rate_result *result)
{
        vg_json_array(j, "alerts");
        for (size_t i = 0; i < result->n_alerts; i++) {
                const struct vg_rate_alert *a = &result->alerts[i];
                const bool first = a->extra && a->extra[0] == 'a'; /* "amount" */

                vg_json_object(j, NULL);
                if (first)
                        vg_json_string(j, a->extra, a->extra_text);
                cli_json_time(j, "at", a->at_s);
                vg_json_string(j, "code", a->code);
                vg_json_string(j, "event", a->fired ? "fired" : "cleared");
                cli_json_text(j, "key", a->key);
                if (a->extra && !first)
                        vg_json_string(j, a->extra, a->extra_text);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void put_gaps(struct vg_json *j, const struct vg_rate_result *result)
{
        vg_json_array(j, "gaps");
        for (size_t i = 0; i < result->n_gaps; i++) {
                vg_json_object(j, NULL);
                if (result->gaps[i].appliance)
                        cli_json_text(j, "appliance", result->gaps[i].appliance);
                cli_json_time(j, "from", result->gaps[i].from_s);
                cli_json_time(j, "to", result->gaps[i].to_s);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void put_outside(struct vg_json *j, const struct vg_rate_result *result)
{
        vg_json_array(j, "out_of_contract");
        for (size_t i = 0; i < result->n_outside; i++) {
                const struct vg_outside_row *row = &result->outside[i];

                vg_json_object(j, NULL);
                vg_json_int(j, "line", (int64_t)row->line);
                cli_json_decimal(j, "quantity", row->micro, 6);
                cli_json_text(j, "resource", row->resource);
                cli_json_text(j, "tenant", row->tenant);
                cli_json_time(j, "timestamp", row->start_s);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
        if (result->n_outside_more)
                vg_json_int(j, "out_of_contract_more", (int64_t)result->n_outside_more);
}

static void put_refused(struct vg_json *j, const struct vg_rate_result *result)
{
        vg_json_array(j, "refused");
        for (size_t i = 0; i < result->n_refused; i++) {
                vg_json_object(j, NULL);
                vg_json_int(j, "line", (int64_t)result->refused[i].line);
                vg_json_string(j, "reason", vg_row_refusal_name(result->refused[i].refusal));
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
        if (result->n_refused_more)
                vg_json_int(j, "refused_more", (int64_t)result->n_refused_more);
}

static int put_day(void *user, const struct vg_local_day *day)
{
        struct vg_json *j = user;
        char date[16];

        vg_json_object(j, NULL);
        vg_json_string(j, "date", vg_date_format(day->date, date));
        cli_json_decimal(j, "quantity", day->micro, 6);
        cli_json_text(j, "resource", day->resource);
        cli_json_text(j, "tenant", day->tenant);
        vg_json_end_object(j);
        return 0;
}

static int put_days(struct vg_json *j, const struct vg_rater *rater)
{
        vg_json_array(j, "local_days");
        int r = vg_rater_local_days(rater, put_day, j);
        vg_json_end_array(j);
        return r;
}

int rate_print_json(struct cli *cli, const struct vg_rater *rater,
                    const struct vg_rate_result *result, bool local_days)
{
        const struct vg_bill *bill = result->bill;
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        put_alerts(&j, result);
        cli_json_time(&j, "as_of", bill->as_of_s);
        cli_json_decimal(&j, "authorised_amount", bill->authorised_cents, 2);
        cli_json_decimal(&j, "consumed", bill->consumed_cents, 2);
        if (bill->has_pct)
                cli_json_decimal(&j, "consumed_pct", bill->pct_micro, 6);
        else
                cli_json_null(&j, "consumed_pct");
        vg_json_int(&j, "duplicates_ignored", (int64_t)result->duplicates_ignored);
        put_gaps(&j, result);
        if (local_days && put_days(&j, rater) < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        put_outside(&j, result);
        put_refused(&j, result);
        cli_json_decimal(&j, "remaining", bill->remaining_cents, 2);
        vg_json_int(&j, "rows_rated", (int64_t)result->rows_rated);
        put_statements(&j, bill);
        vg_json_object(&j, "term");
        cli_json_time(&j, "end_exclusive", bill->end_s);
        cli_json_time(&j, "start", bill->contract->start_s);
        vg_json_end_object(&j);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}
