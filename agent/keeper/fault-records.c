/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/fault-records.h"

#include <string.h>

#include "keeper/keeper.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static int put_domain(void *user, const struct vg_book_domain *domain)
{
        struct vg_json *j = user;

        if (domain->volume || domain->state == VG_DOMAIN_OFF)
                return 0;
        vg_json_object(j, NULL);
        vg_json_string(j, "name", domain->who.name);
        vg_json_string(j, "tenant", domain->tenant);
        vg_json_string(j, "uuid", domain->who.uuid);
        vg_json_end_object(j);
        return 0;
}

/* Whom it may concern is for the client alone. */
static int record_carried(struct records *records, const struct vg_fault *fault, int64_t at_s,
                          struct vg_err *err)
{
        struct vg_json j = { 0 };
        char at[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(at_s, at));
        vg_json_array(&j, "domains");
        (void)vg_book_each(records->keeper->meter.book, put_domain, &j);
        vg_json_end_array(&j);
        vg_json_int(&j, "episode", fault->episode);
        vg_json_string(&j, "fault", fault->id);
        vg_json_end_object(&j);
        return records_append(records, VG_LOG_CLIENT, "carried", &j, err);
}

int fault_records_fault(void *user, enum vg_fault_event event, const struct vg_fault *fault,
                        int64_t at_s, struct vg_err *err)
{
        struct records *records = user;
        struct vg_json j = { 0 };

        vg_fault_write(&j, event, fault, at_s);
        int r = records_append(records, VG_LOG_SHARED, "fault", &j, err);
        if (r == 0 && event == VG_FAULT_EVENT_OPENED)
                r = record_carried(records, fault, at_s, err);
        records->n_written++;
        return r;
}

static void put_component(struct vg_json *j, const char *key, const struct vg_component *component)
{
        vg_json_object(j, key);
        vg_component_write(j, component);
        vg_json_end_object(j);
}

int fault_records_slot(void *user, enum vg_slot_event event, const struct vg_component *before,
                       const struct vg_component *now, int64_t at_s, struct vg_err *err)
{
        struct records *records = user;
        const bool has_before =
                event == VG_SLOT_CHANGED || event == VG_SLOT_FIRMWARE || event == VG_SLOT_REPLACED;
        const char *type = event == VG_SLOT_FIRMWARE   ? "firmware"
                           : event == VG_SLOT_REPLACED ? "replacement"
                                                       : "inventory";
        struct vg_json j = { 0 };
        char at[32];

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(at_s, at));
        if (has_before && before)
                put_component(&j, "before", before);
        put_component(&j, "component", now);
        vg_json_string(&j, "event", vg_slot_event_name(event));
        vg_json_end_object(&j);
        records->n_written++;
        return records_append(records, VG_LOG_SHARED, type, &j, err);
}
