/* SPDX-License-Identifier: Apache-2.0 */

/* usage-data: for programs and spreadsheets. */

#include <string.h>

#include "cli/usage.h"
#include "cli/partial.h"
#include "vigie/civil.h"

static void write_period(const struct cli *cli, const struct usage *usage, size_t i,
                         struct vg_json *j)
{
        const struct usage_period *p = &usage->periods[i];
        const char *cause = p->cause_s ? usage_name(usage, p->cause) : "";

        vg_json_object(j, NULL);
        cli_json_text(j, "cause", cause);
        cli_json_text(j, "cause_text", *cause ? cli_gap_cause(cli, cause) : "");
        vg_json_int(j, "covered_s", p->covered_s);
        vg_json_int(j, "expected_s", p->expected_s);
        cli_json_time(j, "from", p->from_s);
        cli_json_bool(j, "open", p->open);
        cli_json_time(j, "to", p->to_s);
        vg_json_end_object(j);
}

static void write_row(const struct cli_view *view, const struct usage *usage,
                      const struct usage_row *row, const char *from, struct vg_json *j)
{
        const char *resource = usage_name(usage, row->resource);

        vg_json_object(j, NULL);
        if (row->has_cost)
                cli_json_decimal(j, "cost_cad", row->cents, 2);
        else
                cli_json_null(j, "cost_cad");
        vg_json_string(j, "from", from);
        cli_json_bool(j, "open", row->open);
        vg_json_string(j, "quality", vg_quality_name(row->quality));
        cli_json_decimal(j, "quantity", row->micro, 6);
        cli_json_text(j, "resource", resource);
        cli_json_text(j, "tenant", usage_name(usage, row->tenant));
        vg_json_string(j, "unit", cli_resource_unit_id(view, resource));
        vg_json_end_object(j);
}

int usage_print_json(struct cli *cli, const struct cli_view *view, const struct usage *usage)
{
        static const char *const words[] = {
                [USAGE_BY_HOUR] = "hour", [USAGE_BY_DAY] = "day", [USAGE_BY_MONTH] = "month"
        };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char from[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "by", words[usage->by]);
        cli_json_text(&j, "contract", view->contract ? view->contract->id : "");
        cli_json_time(&j, "from", usage->from_s);
        if (usage->open_at_s)
                cli_json_time(&j, "open_at", usage->open_at_s);
        else
                cli_json_null(&j, "open_at");
        partial_write(view, &j);
        vg_json_array(&j, "periods");
        for (size_t i = 0; i < usage->n_periods; i++)
                write_period(cli, usage, i, &j);
        vg_json_end_array(&j);
        vg_json_array(&j, "rows");
        for (size_t i = 0; i < usage->n_rows; i++) {
                const struct usage_row *row = &usage->rows[i];
                if (i == 0 || row->period != row[-1].period)
                        vg_utc_format(usage->periods[row->period].from_s, from);
                write_row(view, usage, row, from, &j);
        }
        vg_json_end_array(&j);
        cli_json_time(&j, "to", usage->to_s);
        cli_json_text(&j, "zone", view->zone_name);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

/* A spreadsheet takes a text that begins with = + - @ (or a tab, or a return) for a formula: an
 * apostrophe before it says that it is none. Always quoted (RFC 4180). */
static void put_text(struct cli *cli, const char *text)
{
        char clean[1024];

        fputc('"', cli->out);
        if (*text && strchr("=+-@\t\r", *text))
                fputc('\'', cli->out);
        for (vg_text_clean(text, strlen(text), clean, sizeof(clean)), text = clean; *text; text++) {
                if (*text == '"')
                        fputc('"', cli->out);
                fputc(*text, cli->out);
        }
        fputs("\",", cli->out);
}

enum { PERIOD_TEXT = 80 };

static char *period_text(const struct usage_period *p, char buf[PERIOD_TEXT])
{
        char from[32], to[32];

        snprintf(buf, PERIOD_TEXT, "%s,%s,", vg_utc_format(p->from_s, from),
                 vg_utc_format(p->to_s, to));
        return buf;
}

static void put_row(struct cli *cli, const struct cli_view *view, const struct usage *usage,
                    const struct usage_row *row, const char *period)
{
        const char *resource = usage_name(usage, row->resource);
        const struct usage_period *p = &usage->periods[row->period];
        char number[64];

        fputs(period, cli->out);
        put_text(cli, usage_name(usage, row->tenant));
        put_text(cli, resource);
        put_text(cli, cli_resource_unit_id(view, resource));
        fprintf(cli->out, "%s,%s,%d,%lld,%lld,",
                vg_decimal_format(row->micro, 6, number, sizeof(number)),
                vg_quality_name(row->quality), row->open, (long long)p->covered_s,
                (long long)p->expected_s);
        if (row->has_cost)
                fputs(vg_decimal_format(row->cents, 2, number, sizeof(number)), cli->out);
        fputs("\r\n", cli->out);
}

/* A period without rows still has its line: what was not measured must not vanish. */
int usage_print_csv(struct cli *cli, const struct cli_view *view, const struct usage *usage)
{
        char text[PERIOD_TEXT];
        size_t at = 0;

        fputs("from,to,tenant,resource,unit,quantity,quality,open,covered_s,expected_s,cost_"
              "cad\r\n",
              cli->out);
        for (size_t p = 0; p < usage->n_periods; p++) {
                const struct usage_period *period = &usage->periods[p];
                period_text(period, text);
                if (at == usage->n_rows || usage->rows[at].period != p) {
                        fputs(text, cli->out);
                        fprintf(cli->out, ",,,,%s,0,%lld,%lld,\r\n",
                                period->covered_s < period->expected_s ? "gap" : "",
                                (long long)period->covered_s, (long long)period->expected_s);
                }
                for (; at < usage->n_rows && usage->rows[at].period == p; at++)
                        put_row(cli, view, usage, &usage->rows[at], text);
        }
        return CLI_FINE;
}
