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

enum { FIELDS = 9 };

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

bool vg_merge_is_header(const char *line, size_t n)
{
        return (n == strlen(VG_MERGE_HEADER) && memcmp(line, VG_MERGE_HEADER, n) == 0) ||
               (n == strlen(VG_MERGE_HEADER_1) && memcmp(line, VG_MERGE_HEADER_1, n) == 0);
}

/* Cuts a line at its commas; the last field may be missing. False: not as many. */
static bool cut(char *line, char *field[FIELDS])
{
        size_t n = 0;

        for (char *comma; n < FIELDS; line = comma + 1) {
                field[n++] = line;
                comma = strchr(line, ',');
                if (!comma) {
                        if (n == FIELDS - 1)
                                field[n++] = line + strlen(line);
                        return n == FIELDS;
                }
                *comma = '\0';
        }
        return false;
}

bool vg_merge_is_heartbeat(const struct vg_merge_row *row)
{
        return strcmp(row->tenant, VG_MERGE_AGENT) == 0 &&
               strcmp(row->resource, VG_MERGE_HEARTBEAT) == 0;
}

bool vg_merge_is_month(const struct vg_merge_row *row)
{
        return strcmp(row->tenant, VG_MERGE_AGENT) == 0 &&
               strcmp(row->resource, VG_MERGE_MONTH) == 0;
}

static bool is_plain(const char *volume)
{
        for (; *volume; volume++)
                if (*volume < 0x20 || *volume > 0x7e)
                        return false;
        return true;
}

static bool is_seen(const char *text)
{
        struct vg_seen seen;
        int r;

        while ((r = vg_seen_next(&text, &seen)) == 0)
                ;
        return r == 1;
}

/* Nothing of a stranger's file reaches a terminal or a table that is not such a name. */
static bool is_lawful(const struct vg_merge_row *row)
{
        return (vg_merge_is_heartbeat(row) || vg_merge_is_month(row) ||
                (vg_tenant_may_hold(row->tenant) && vg_tenant_id_valid(row->resource))) &&
               vg_tenant_id_valid(row->appliance) && is_plain(row->volume) && is_seen(row->seen);
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
        row->seen = field[8];
        return is_lawful(row);
}

/* ---- writing ---- */

void vg_merge_row_write(struct vg_buf *text, const struct vg_merge_row *row)
{
        char at[32], quantity[64];

        vg_buf_printf(text, "%s,%s,%s,%s,%s,%lld,%lld,%s,%s\n", vg_utc_format(row->start_s, at),
                      row->tenant, row->resource,
                      vg_decimal_format(row->micro, 6, quantity, sizeof(quantity)), row->appliance,
                      (long long)row->seq, (long long)row->part, row->volume, row->seen);
}
