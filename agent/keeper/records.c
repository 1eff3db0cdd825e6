/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/records.h"

#include <errno.h>

#include "keeper/keeper.h"
#include "keeper/usage-import.h"
#include "keeper/usage-shared.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"

int records_append(struct records *records, enum vg_log log, const char *type, struct vg_json *body,
                   struct vg_err *err)
{
        int r = body->buf.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                                 : store_append(records->keeper->store, log, type, body->buf.data,
                                                body->buf.n, records->utc_ns, NULL, err);

        vg_json_done(body);
        return r;
}

int records_usage_end(struct records *records, struct vg_err *err)
{
        const bool has_late = records->has_late;

        records->has_late = false;
        return has_late ? usage_share(records, records->late_s, err) : 0;
}

/* Late parts come interval by interval. */
static int follow_late(struct records *records, int64_t start_s, struct vg_err *err)
{
        int r = records->has_late && records->late_s != start_s ? records_usage_end(records, err)
                                                                : 0;

        records->has_late = true;
        months_changed(records->keeper);
        records->late_s = start_s;
        return r;
}

int records_usage(void *user, const struct vg_usage_entry *entry, struct vg_err *err)
{
        struct records *records = user;
        struct keeper *k = records->keeper;
        struct vg_json j = { 0 };
        int64_t part = 0; /* what comes later is part 1, 2, … of its key */

        if (entry->late) {
                int r = store_next_part(k->store, entry->start_s, entry->tenant,
                                        IMPORT_SERVICE_PART, IMPORT_RECEIVED_PART, &part, err);
                if (r == 0)
                        r = follow_late(records, entry->start_s, err);
                if (r < 0)
                        return r;
        }
        vg_usage_write(&j, k->settings->appliance_id, k->closing.contract_id, part, entry);
        return records_append(records, VG_LOG_CLIENT, "usage", &j, err);
}

static void put_gap(struct vg_json *j, const struct vg_book_gap *gap)
{
        char text[32];

        vg_json_object(j, NULL);
        vg_json_string(j, "cause", gap->cause);
        vg_json_string(j, "from", vg_utc_format(gap->from_utc_s, text));
        vg_json_string(j, "scope", gap->scope);
        vg_json_string(j, "to", vg_utc_format(gap->to_utc_s, text));
        vg_json_end_object(j);
}

int records_interval(void *user, const struct vg_interval_entry *entry, struct vg_err *err)
{
        struct records *records = user;
        struct vg_json j = { 0 };
        char start[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", records->keeper->settings->appliance_id);
        vg_json_string(&j, "clock", vg_clock_name(entry->clock));
        vg_json_int(&j, "covered_s", entry->covered_s);
        vg_json_array(&j, "gaps");
        for (size_t i = 0; i < entry->n_gaps; i++)
                put_gap(&j, &entry->gaps[i]);
        vg_json_end_array(&j);
        vg_json_int(&j, "interval_s", entry->interval_s);
        vg_json_string(&j, "start", vg_utc_format(entry->start_s, start));
        vg_json_end_object(&j);
        return records_append(records, VG_LOG_CLIENT, "interval", &j, err);
}

int records_life(struct records *records, const char *event, const char *after, struct vg_err *err)
{
        const struct keeper *k = records->keeper;
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        if (after)
                vg_json_string(&j, "after", after);
        vg_json_string(&j, "appliance", k->settings->appliance_id);
        vg_json_string(&j, "boot_id", k->boot_id);
        vg_json_string(&j, "event", event);
        vg_json_string(&j, "version", VIGIE_VERSION);
        vg_json_end_object(&j);
        return records_append(records, VG_LOG_SHARED, "life", &j, err);
}
