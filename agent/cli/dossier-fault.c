/* SPDX-License-Identifier: Apache-2.0 */

/* Faults in the dossier: one row an episode, from all that was recorded of it, with what the agreed
 * time to repair, if there is one, makes of it. */

#include <string.h>

#include "cli/dossier.h"
#include "vigie/service.h"

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

static int64_t int_of(const json_t *object, const char *key)
{
        int64_t value = 0;

        (void)vg_json_get_int(object, key, &value);
        return value;
}

static json_t *episode_of(json_t *faults, const char *id, int64_t episode)
{
        json_t *row;
        size_t i;

        json_array_foreach (faults, i, row)
                if (strcmp(text_of(row, "id"), id) == 0 && int_of(row, "episode") == episode)
                        return row;
        row = json_object();
        json_array_append_new(faults, row);
        dossier_text(row, "id", id);
        json_object_set_new(row, "episode", json_integer(episode));
        return row;
}

/* Once a fault, by the record that came last: that is when its severity and its end are known. */
static void judge_repair(const struct vg_contract *contract, int64_t now_s, const json_t *body,
                         json_t *row)
{
        const struct vg_incident incident = {
                .severity = strcmp(text_of(body, "severity"), "critical") == 0
                                    ? VG_SEVERITY_CRITICAL
                                    : VG_SEVERITY_WARNING,
                .opened_s = int_of(body, "first_s"),
                .acknowledged_s = int_of(body, "acknowledged_s"),
                .on_site_s = int_of(body, "on_site_s"),
                .repaired_s = int_of(body, "ended_s"),
        };
        struct vg_service_clock respond, repair;

        vg_service_judge(contract, &incident, now_s, &respond, &repair);
        dossier_time(row, "repair_due", repair.due_s == INT64_MAX ? 0 : repair.due_s);
        dossier_text(row, "repair_state", vg_service_state_name(repair.state));
}

void dossier_fault(const struct dossier *d, const struct vg_contract *contract, int64_t now_s,
                   const struct store_record *record, const json_t *body)
{
        const json_t *component = json_object_get(body, "component");
        const int64_t first_s = int_of(body, "first_s"), ended_s = int_of(body, "ended_s");

        if (first_s >= d->to_s || (ended_s && ended_s < d->from_s))
                return;
        json_t *row = episode_of(json_object_get(d->tree, "faults"), text_of(body, "id"),
                                 int_of(body, "episode"));
        dossier_text(row, "code", text_of(body, "code"));
        dossier_text(row, "severity", text_of(body, "severity"));
        dossier_text(row, "state", text_of(body, "state"));
        dossier_text(row, "component", text_of(component, "location"));
        dossier_time(row, "first", first_s);
        dossier_time(row, "ended", ended_s);
        json_object_set_new(row, "repair_s",
                            ended_s ? json_integer(ended_s - first_s) : json_null());
        judge_repair(contract, now_s, body, row);
        dossier_entry(row, record->log, record->seq);
}
