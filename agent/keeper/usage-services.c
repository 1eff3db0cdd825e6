/* SPDX-License-Identifier: Apache-2.0 */

/* Usage of services that the hypervisor does not show (licences, replication, …): a CSV
 * `timestamp,tenant,resource,quantity`, as `vigie contract rate` reads it. The natural key of a row
 * never expires: sent again with the same value it is ignored, with another it is refused, and the
 * first stays (RATING R2, R5). Rows become records of the type usage-import. */

#include <errno.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/meter.h"
#include "vigie/num.h"
#include "vigie/tenant.h"
#include "vigie/text.h"

struct row {
        char timestamp[32], tenant[80], resource[80], quantity[40];
        int64_t start_s, micro;
};

/* One field up to a comma or the end, in quotes or without; false: there is none, or it is too long.
 * Nobody needs a comma or a quotation mark inside one. */
static bool take_field(const char **at, const char *end, char *buf, size_t size)
{
        const char *from = *at;
        const char *comma = from <= end ? memchr(from, ',', (size_t)(end - from)) : NULL;
        const char *to = comma ? comma : end;

        *at = to + 1;
        if (to - from >= 2 && *from == '"' && to[-1] == '"') {
                from++;
                to--;
        }
        if (from >= to || (size_t)(to - from) >= size)
                return false;
        memcpy(buf, from, (size_t)(to - from));
        buf[to - from] = '\0';
        return true;
}

/* NULL: lawful. Else the word for what is wrong (RATE-IO). */
static const char *read_row(const struct keeper *k, const char *line, size_t n, int64_t now_s,
                            struct row *row)
{
        const char *at = line, *end = line + n;

        *row = (struct row){ 0 };
        if (!vg_utf8_valid(line, n, NULL) ||
            !take_field(&at, end, row->timestamp, sizeof(row->timestamp)) ||
            !take_field(&at, end, row->tenant, sizeof(row->tenant)) ||
            !take_field(&at, end, row->resource, sizeof(row->resource)) ||
            !take_field(&at, end, row->quantity, sizeof(row->quantity)) || at <= end)
                return "bad_row";
        if (vg_utc_parse(row->timestamp, &row->start_s) < 0 ||
            row->start_s % k->closing.interval_s != 0)
                return "bad_timestamp";
        if (row->start_s > now_s) /* its end lies more than an interval ahead */
                return "future";
        if (!vg_tenant_may_hold(row->tenant))
                return "bad_tenant";
        if (!vg_tenant_id_valid(row->resource))
                return "bad_resource";
        if (vg_resource_find(row->resource) >= 0)
                return "measured_resource";
        return vg_decimal_parse(row->quantity, 6, &row->micro) < 0 ? "bad_quantity" : NULL;
}

struct held { /* by the ledger, of the row's key */
        const char *resource;
        bool found;
        int64_t micro;
};

static int look_at(void *ctx, const struct store_usage *usage)
{
        struct held *held = ctx;

        /* What another appliance has of such a service is another quantity. */
        if (usage->part < IMPORT_RECEIVED_PART && strcmp(usage->resource, held->resource) == 0) {
                held->found = true;
                held->micro += usage->micro;
        }
        return 0;
}

static int put_record(struct import *import, const struct row *row, struct vg_err *err)
{
        const struct keeper *k = import->act->keeper;
        struct vg_json j = { 0 };
        int64_t part;
        int r = store_next_part(k->store, row->start_s, row->tenant, IMPORT_SERVICE_PART,
                                IMPORT_RECEIVED_PART, &part, err);

        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", k->settings->appliance_id);
        vg_json_string(&j, "contract", k->closing.contract_id);
        vg_json_string(&j, "digest", import->digest);
        vg_json_int(&j, "interval_s", k->closing.interval_s);
        vg_json_int(&j, "part", part);
        vg_json_object(&j, "resources");
        vg_json_object(&j, row->resource);
        vg_json_int(&j, "micro", row->micro);
        vg_json_string(&j, "quality", vg_quality_name(VG_QUALITY_WHOLE));
        vg_json_end_object(&j);
        vg_json_end_object(&j);
        vg_json_string(&j, "start", row->timestamp);
        vg_json_string(&j, "tenant", row->tenant);
        vg_json_end_object(&j);
        return records_append(&import->act->records, VG_LOG_CLIENT, "usage-import", &j, err);
}

static int take(struct import *import, const struct import_row *as_read, const struct row *row,
                struct vg_err *err)
{
        const struct store_usage_query query = {
                .from_s = row->start_s,
                .to_s = row->start_s + 1,
                .tenant = row->tenant,
        };
        struct held held = { .resource = row->resource };
        int r = store_usage_each(import->act->keeper->store, &query, look_at, &held, err);

        if (r < 0)
                return r;
        if (held.found && held.micro == row->micro) {
                import->duplicates++;
        } else if (held.found) {
                import_refuse(import, as_read, "conflicting_duplicate", held.micro);
        } else {
                r = put_record(import, row, err);
                import->imported++;
                if (r == 0)
                        r = import_note(import, row->start_s, row->tenant, row->resource,
                                        row->micro, err);
        }
        return r;
}

int import_service(struct import *import, int64_t line, const char *text, size_t n,
                   struct vg_err *err)
{
        const int64_t now_s = vg_floor_div(import->act->request->utc_ns, VG_NS_PER_S);
        struct row row;
        const char *reason = read_row(import->act->keeper, text, n, now_s, &row);
        const struct import_row as_read = { line,          row.tenant,   row.resource,
                                            row.timestamp, row.quantity, NULL };

        if (!reason)
                return take(import, &as_read, &row, err);
        import_refuse(import, &as_read, reason, 0);
        return 0;
}
