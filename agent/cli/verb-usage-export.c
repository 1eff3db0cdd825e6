/* SPDX-License-Identifier: Apache-2.0 */

/* usage export: what this appliance measured, record by record, for the one that rates the contract
 * (the form is told in vigie/merge.h). */

#include <errno.h>
#include <string.h>

#include "cli/domains.h"
#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/merge.h"
#include "vigie/total.h"

enum { MICRO_PER_CENT = 10000 };

struct export
{
        struct cli *cli;
        int64_t from_s, to_s;
        int64_t measured_to_s; /* the end of the last interval that was written */
        struct vg_total total; /* where there is a contract */
        const char *appliance;
        struct vg_buf line;
        struct vg_json rows; /* for programs */
        struct vg_err *err;
};

static void put_object(struct vg_json *j, const struct vg_merge_row *row)
{
        vg_json_object(j, NULL);
        cli_json_text(j, "appliance", row->appliance);
        vg_json_int(j, "part", row->part);
        cli_json_decimal(j, "quantity", row->micro, 6);
        cli_json_text(j, "resource", row->resource);
        cli_json_text(j, "seen", row->seen);
        vg_json_int(j, "seq", row->seq);
        cli_json_text(j, "tenant", row->tenant);
        cli_json_time(j, "timestamp", row->start_s);
        cli_json_text(j, "volume", row->volume);
        vg_json_end_object(j);
}

static int write_row(struct export *e, const struct vg_merge_row *row)
{
        if (e->cli->json) {
                put_object(&e->rows, row);
                return 0;
        }
        e->line.n = 0;
        vg_merge_row_write(&e->line, row);
        if (e->line.failed)
                return -ENOMEM;
        fwrite(e->line.data, 1, e->line.n, e->cli->out);
        return 0;
}

static int put_row(void *ctx, const struct vg_merge_row *row)
{
        struct export *e = ctx;

        if (row->start_s < e->from_s || row->start_s >= e->to_s)
                return 0;
        int r = e->total.contract && !vg_merge_is_heartbeat(row)
                        ? vg_total_add(&e->total, row->start_s, row->tenant, row->resource,
                                       row->micro)
                        : 0;
        return r < 0 ? r : write_row(e, row);
}

/* That somebody measured, be it nothing. */
static int put_interval(struct export *e, const struct vg_merge_source *source, const json_t *body)
{
        struct vg_merge_row row = {
                .micro = 1000000,
                .tenant = VG_MERGE_AGENT,
                .resource = VG_MERGE_HEARTBEAT,
                .appliance = source->appliance,
                .seq = source->seq,
                .volume = "",
                .seen = "",
        };
        const char *start;
        int64_t covered_s, interval_s = 0;

        if (vg_json_get_string(body, "start", &start) < 0 ||
            vg_json_get_int(body, "covered_s", &covered_s) < 0 ||
            vg_utc_parse(start, &row.start_s) < 0)
                return -EBADMSG;
        (void)vg_json_get_int(body, "interval_s", &interval_s);
        if (row.start_s + interval_s > e->measured_to_s)
                e->measured_to_s = row.start_s + interval_s;
        return covered_s > 0 ? put_row(e, &row) : 0;
}

static int put_record(void *ctx, const struct store_record *record)
{
        struct export *e = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        struct vg_merge_source source = { .seq = (int64_t)record->seq };
        const bool is_interval = strcmp(record->type, "interval") == 0;

        if (!record->bytes || (!is_interval && strcmp(record->type, "usage") != 0 &&
                               strcmp(record->type, "usage-import") != 0))
                return 0;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, e->err) < 0)
                return -EBADMSG;
        if (vg_json_get_string(body, "appliance", &source.appliance) < 0)
                return -EBADMSG;
        return is_interval ? put_interval(e, &source, body)
                           : vg_merge_rows_of(body, &source, put_row, e);
}

/* What each whole month of the contract comes to that lies in what was written: for whoever imports it
 * to compare with what was recorded there. */
static int put_months(struct export *e, int64_t log_size)
{
        const struct vg_contract *c = e->total.contract;
        const int64_t to_s = e->to_s < e->measured_to_s ? e->to_s : e->measured_to_s;
        struct vg_merge_row row = { .tenant = VG_MERGE_AGENT,
                                    .resource = VG_MERGE_MONTH,
                                    .appliance = e->appliance,
                                    .seq = log_size,
                                    .part = log_size,
                                    .volume = "",
                                    .seen = "" };
        int r = 0;

        for (int32_t month = c ? vg_month_of(c->start) : INT32_MAX;
             r == 0 && c && vg_zone_month_start(c->zone, month + 1) <= to_s; month++) {
                int64_t cents;
                row.start_s = vg_zone_month_start(c->zone, month);
                if (row.start_s < e->from_s)
                        continue;
                r = vg_total_cents(&e->total, month, &cents, e->err);
                row.micro = cents * MICRO_PER_CENT;
                if (r == 0)
                        r = write_row(e, &row);
        }
        return r;
}

static int each_record(const struct cli_view *view, struct export *e)
{
        const struct store_record_query query = { VG_LOG_CLIENT, 0, UINT64_MAX, NULL };
        int r = store_record_each(view->store, &query, put_record, e, e->err);

        return r < 0 ? r : put_months(e, (int64_t)store_identity(view->store)->size[VG_LOG_CLIENT]);
}

static int print_csv(struct cli *cli, const struct cli_view *view, struct export *e)
{
        fputs(VG_MERGE_HEADER "\n", cli->out);
        return each_record(view, e) < 0 ? cli_view_fail(cli, e->err) : CLI_FINE;
}

static int print_json(struct cli *cli, const struct cli_view *view, struct export *e)
{
        vg_json_object(&e->rows, NULL);
        vg_json_array(&e->rows, "rows");
        if (each_record(view, e) < 0)
                return cli_view_fail(cli, e->err);
        vg_json_end_array(&e->rows);
        vg_json_end_object(&e->rows);
        return cli_json_print(cli, &e->rows);
}

int verb_usage_export(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct vg_err err = { 0 };
        struct export e = { .cli = cli,
                            .from_s = INT64_MIN,
                            .to_s = INT64_MAX,
                            .measured_to_s = INT64_MIN,
                            .err = &err };
        const char *from = cli_option(cli, "from"), *to = cli_option(cli, "to");
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE && from)
                r = cli_parse_time(cli, &view, "from", from, false, &e.from_s);
        if (r == CLI_FINE && to)
                r = cli_parse_time(cli, &view, "to", to, true, &e.to_s);
        if (r != CLI_FINE)
                return r;

        e.total.contract = view.contract;
        e.appliance = view.settings->appliance_id;
        r = cli->json ? print_json(cli, &view, &e) : print_csv(cli, &view, &e);
        vg_total_done(&e.total);
        vg_buf_done(&e.line);
        vg_json_done(&e.rows);
        return r;
}
