/* SPDX-License-Identifier: Apache-2.0 */

/* usage export: what this appliance measured, record by record, for the one that rates the contract
 * (the form is told in vigie/merge.h). */

#include <errno.h>
#include <string.h>

#include "cli/domains.h"
#include "vigie/civil.h"
#include "vigie/merge.h"
#include "vigie/meter.h"

struct export
{
        struct cli *cli;
        int64_t from_s, to_s;
        struct vg_err *err;
};

struct row { /* of one record */
        const char *start, *tenant, *appliance;
        int64_t part;
        uint64_t seq;
};

/* A name of a volume is a stranger's: what would break a line is written as %XX. */
static void put_name(FILE *out, const char *name)
{
        for (const unsigned char *p = (const unsigned char *)name; *p; p++)
                if (*p < 0x20 || *p == 0x7f || strchr(",\"%", *p))
                        fprintf(out, "%%%02X", *p);
                else
                        fputc(*p, out);
}

static void put_row(FILE *out, const struct row *row, const char *resource, int64_t micro,
                    const char *volume)
{
        char text[64];

        fprintf(out, "%s,%s,%s,%s,%s,%llu,%lld,", row->start, row->tenant, resource,
                vg_decimal_format(micro, 6, text, sizeof(text)), row->appliance,
                (unsigned long long)row->seq, (long long)row->part);
        put_name(out, volume);
        fputc('\n', out);
}

/* An amount is an integer, or decimal text where it is larger. */
static bool read_base(const json_t *value, vg_i128 *ret_base)
{
        if (json_is_integer(value)) {
                *ret_base = json_integer_value(value);
                return true;
        }
        return json_is_string(value) && vg_i128_parse(json_string_value(value), ret_base) == 0;
}

/* The share of a volume in the micro-units of all, by its base units; what is left is returned. */
static int64_t put_volumes(FILE *out, const struct row *row, const json_t *body,
                           const char *resource, const json_t *amount, int64_t micro)
{
        const json_t *domains = json_object_get(body, "domains");
        vg_i128 total, base, product;
        int64_t left = micro;

        if (!read_base(json_object_get(amount, "base"), &total) || total <= 0)
                return left;
        for (size_t i = 0; i < json_array_size(domains); i++) {
                const json_t *line = json_array_get(domains, i);
                const char *uuid = "", *name = "";
                (void)vg_json_get_string(line, "uuid", &uuid);
                (void)vg_json_get_string(line, "name", &name);
                if (*uuid || !*name ||
                    !read_base(json_object_get(json_object_get(line, "amounts"), resource),
                               &base) ||
                    vg_mul_i128(base, micro, &product) < 0)
                        continue;
                const int64_t part = (int64_t)vg_round_half_up(product, total);
                put_row(out, row, resource, part, name);
                left -= part;
        }
        return left;
}

static int put_usage(struct export *e, const struct store_record *record, const json_t *body)
{
        const json_t *resources = json_object_get(body, "resources");
        struct row row = { .seq = record->seq };
        const char *resource;
        int64_t start_s, micro;
        json_t *amount;

        if (vg_json_get_string(body, "start", &row.start) < 0 ||
            vg_json_get_string(body, "tenant", &row.tenant) < 0 ||
            vg_json_get_string(body, "appliance", &row.appliance) < 0 ||
            vg_json_get_int(body, "part", &row.part) < 0 || vg_utc_parse(row.start, &start_s) < 0)
                return -EBADMSG;
        if (start_s < e->from_s || start_s >= e->to_s)
                return 0;
        json_object_foreach ((json_t *)resources, resource, amount) {
                if (vg_json_get_int(amount, "micro", &micro) < 0)
                        return -EBADMSG;
                const int64_t left = put_volumes(e->cli->out, &row, body, resource, amount, micro);
                if (left || left == micro)
                        put_row(e->cli->out, &row, resource, left, "");
        }
        return 0;
}

/* That somebody measured, be it nothing. */
static int put_interval(struct export *e, const struct store_record *record, const json_t *body)
{
        struct row row = { .seq = record->seq, .tenant = "_agent" };
        int64_t start_s, covered_s;

        if (vg_json_get_string(body, "start", &row.start) < 0 ||
            vg_json_get_string(body, "appliance", &row.appliance) < 0 ||
            vg_json_get_int(body, "covered_s", &covered_s) < 0 ||
            vg_utc_parse(row.start, &start_s) < 0)
                return -EBADMSG;
        if (covered_s > 0 && start_s >= e->from_s && start_s < e->to_s)
                put_row(e->cli->out, &row, "_heartbeat", 1000000, "");
        return 0;
}

static int put_record(void *ctx, const struct store_record *record)
{
        struct export *e = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        const bool is_usage = strcmp(record->type, "usage") == 0;

        if (!record->bytes || (!is_usage && strcmp(record->type, "interval") != 0))
                return 0;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, e->err) < 0)
                return -EBADMSG;
        return is_usage ? put_usage(e, record, body) : put_interval(e, record, body);
}

int verb_usage_export(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct vg_err err = { 0 };
        struct export e = { cli, INT64_MIN, INT64_MAX, &err };
        const char *from = cli_option(cli, "from"), *to = cli_option(cli, "to");
        int r = cli_view_open(cli, &view);

        if (r == CLI_FINE && from)
                r = cli_parse_time(cli, &view, "from", from, false, &e.from_s);
        if (r == CLI_FINE && to)
                r = cli_parse_time(cli, &view, "to", to, true, &e.to_s);
        if (r != CLI_FINE)
                return r;

        const struct store_record_query query = { VG_LOG_CLIENT, 0, UINT64_MAX, NULL };
        fputs(VG_MERGE_HEADER "\n", cli->out);
        if (store_record_each(view.store, &query, put_record, &e, &err) < 0)
                return cli_view_fail(cli, &err);
        return CLI_FINE;
}
