/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of an export: read, written, and made from a record of usage. */

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/merge.h"
#include "vigie/meter.h"
#include "vigie/num.h"
#include "vigie/tenant.h"
#include "vigie/text.h"

enum { FIELDS = 8 };

/* ---- reading ---- */

static bool read_signed(const char *text, int64_t *ret_micro)
{
        const bool below = *text == '-';

        if (vg_decimal_parse(text + below, 6, ret_micro) < 0)
                return false;
        if (below)
                *ret_micro = -*ret_micro;
        return true;
}

/* Cuts a line at its commas. False: not as many fields. */
static bool cut(char *line, char *field[FIELDS])
{
        for (size_t i = 0; i < FIELDS; i++) {
                field[i] = line;
                line = i + 1 < FIELDS ? strchr(line, ',') : line + strlen(line);
                if (!line)
                        return false;
                if (i + 1 < FIELDS)
                        *line++ = '\0';
        }
        return !strchr(field[FIELDS - 1], ',');
}

bool vg_merge_is_heartbeat(const struct vg_merge_row *row)
{
        return strcmp(row->tenant, VG_MERGE_AGENT) == 0 &&
               strcmp(row->resource, VG_MERGE_HEARTBEAT) == 0;
}

static bool is_plain(const char *volume)
{
        for (; *volume; volume++)
                if (*volume < 0x20 || *volume > 0x7e)
                        return false;
        return true;
}

/* Nothing of a stranger's file reaches a terminal or a table that is not such a name. */
static bool is_lawful(const struct vg_merge_row *row)
{
        return (vg_merge_is_heartbeat(row) ||
                (vg_tenant_may_hold(row->tenant) && vg_tenant_id_valid(row->resource))) &&
               vg_tenant_id_valid(row->appliance) && is_plain(row->volume);
}

bool vg_merge_row_read(char *line, struct vg_merge_row *row)
{
        char *field[FIELDS];

        if (!cut(line, field) || vg_utc_parse(field[0], &row->start_s) < 0 ||
            !read_signed(field[3], &row->micro) || vg_i64_parse(field[5], &row->seq) < 0 ||
            vg_i64_parse(field[6], &row->part) < 0 || row->seq < 0 || row->part < 0)
                return false;
        row->tenant = field[1];
        row->resource = field[2];
        row->appliance = field[4];
        row->volume = field[7];
        return is_lawful(row);
}

/* ---- writing ---- */

void vg_merge_row_write(struct vg_buf *text, const struct vg_merge_row *row)
{
        char at[32], quantity[64];

        vg_buf_printf(text, "%s,%s,%s,%s,%s,%lld,%lld,%s\n", vg_utc_format(row->start_s, at),
                      row->tenant, row->resource,
                      vg_decimal_format(row->micro, 6, quantity, sizeof(quantity)), row->appliance,
                      (long long)row->seq, (long long)row->part, row->volume);
}

/* ---- from a record ---- */

static void put_name(struct vg_buf *text, const char *name)
{
        for (const unsigned char *p = (const unsigned char *)name; *p; p++)
                if (*p < 0x20 || *p > 0x7e || strchr(",\"%", *p))
                        vg_buf_printf(text, "%%%02X", *p);
                else
                        vg_buf_append(text, p, 1);
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

struct giving {
        struct vg_merge_row row;
        vg_merge_row_fn *fn;
        void *ctx;
};

/* The micro-units of a resource, as they are given to its disks. */
struct sharing {
        vg_i128 total, told; /* base units: of all, and of the disks so far */
        int64_t micro, given;
};

/* The share of one domain's or volume's disks, by base units: rounded as a running sum, so that what is
 * left in the end is of no disk and not of the rounding. */
static int give_disk(struct giving *g, const json_t *line, struct sharing *s)
{
        const char *uuid = "", *name = "";
        struct vg_buf volume = { 0 };
        vg_i128 base, product;

        (void)vg_json_get_string(line, "uuid", &uuid);
        (void)vg_json_get_string(line, "name", &name);
        if (!read_base(json_object_get(json_object_get(line, "amounts"), g->row.resource), &base) ||
            base == 0 || (!*uuid && !*name))
                return 0;
        if (vg_add_i128(s->told, base, &s->told) < 0 ||
            vg_mul_i128(s->told, s->micro, &product) < 0)
                return -ERANGE;
        const int64_t so_far = (int64_t)vg_round_half_up(product, s->total);
        put_name(&volume, *uuid ? uuid : name);
        g->row.micro = so_far - s->given;
        g->row.volume = volume.failed ? "" : volume.data;
        s->given = so_far;
        int r = volume.failed ? -ENOMEM : g->fn(g->ctx, &g->row);
        vg_buf_done(&volume);
        g->row.volume = "";
        return r;
}

static int give_resource(struct giving *g, const json_t *body, const json_t *amount)
{
        const json_t *domains = json_object_get(body, "domains");
        struct sharing s = { 0 };
        int r = 0;

        if (vg_json_get_int(amount, "micro", &s.micro) < 0)
                return -EBADMSG;
        if (vg_resource_find(g->row.resource) == VG_RESOURCE_BLOCK &&
            read_base(json_object_get(amount, "base"), &s.total) && s.total > 0)
                for (size_t i = 0; i < json_array_size(domains) && r == 0; i++)
                        r = give_disk(g, json_array_get(domains, i), &s);
        g->row.micro = s.micro - s.given;
        return r == 0 && (g->row.micro || !s.given) ? g->fn(g->ctx, &g->row) : r;
}

int vg_merge_rows_of(const json_t *body, const struct vg_merge_source *source, vg_merge_row_fn *fn,
                     void *ctx)
{
        const json_t *resources = json_object_get(body, "resources");
        const char *start, *resource;
        struct giving g = { { .appliance = source->appliance, .seq = source->seq, .volume = "" },
                            fn,
                            ctx };
        json_t *amount;
        int r = 0;

        if (vg_json_get_string(body, "start", &start) < 0 ||
            vg_utc_parse(start, &g.row.start_s) < 0 ||
            vg_json_get_string(body, "tenant", &g.row.tenant) < 0 ||
            vg_json_get_int(body, "part", &g.row.part) < 0 || !json_is_object(resources))
                return -EBADMSG;
        json_object_foreach ((json_t *)resources, resource, amount) {
                g.row.resource = resource;
                r = give_resource(&g, body, amount);
                if (r != 0)
                        break;
        }
        return r;
}
