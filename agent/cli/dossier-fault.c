/* SPDX-License-Identifier: Apache-2.0 */

/* Faults in the dossier: one row an episode, from all that was recorded of it, with what the agreed
 * times to respond and to repair, if there are any, make of it. */

#include <errno.h>
#include <stdlib.h>
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

static void put_clock(json_t *row, const char *due, const char *state,
                      const struct vg_service_clock *clock)
{
        dossier_time(row, due, clock->due_s == INT64_MAX ? 0 : clock->due_s);
        dossier_text(row, state, vg_service_state_name(clock->state));
}

static int64_t first_of(int64_t a_s, int64_t b_s) /* 0: not */
{
        return !a_s || (b_s && b_s < a_s) ? b_s : a_s;
}

/* By the record that came last: that is when its severity and its end are known. */
static void judge_times(const struct vg_contract *contract, int64_t now_s, const json_t *body,
                        const struct vg_span *pauses, size_t n_pauses, json_t *row)
{
        const struct vg_incident incident = {
                .severity = strcmp(text_of(body, "severity"), "critical") == 0
                                    ? VG_SEVERITY_CRITICAL
                                    : VG_SEVERITY_WARNING,
                .opened_s = int_of(body, "first_s"),
                .acknowledged_s = int_of(body, "acknowledged_s"),
                .on_site_s = int_of(body, "on_site_s"),
                .repaired_s = int_of(body, "ended_s"),
                .pauses = pauses,
                .n_pauses = n_pauses,
        };
        struct vg_service_clock respond, repair;

        vg_service_judge(contract, &incident, now_s, &respond, &repair);
        put_clock(row, "respond_due", "respond_state", &respond);
        put_clock(row, "repair_due", "repair_state", &repair);
        dossier_time(row, "responded",
                     first_of(first_of(incident.acknowledged_s, incident.on_site_s),
                              incident.repaired_s));
}

/* Seconds of the fault for which its repair waited; the acts that say so are entries of its row. */
static int64_t count_pauses(const struct dossier *d, const char *id, struct vg_span episode,
                            json_t *row)
{
        int64_t sum = 0;

        for (size_t i = 0; i < d->pauses.n; i++) {
                const struct store_pause *pause = &d->pauses.list[i];
                const int64_t from_s =
                        pause->span.from_s > episode.from_s ? pause->span.from_s : episode.from_s;
                const int64_t to_s =
                        pause->span.to_s < episode.to_s ? pause->span.to_s : episode.to_s;
                if (strcmp(pause->fault, id) != 0 || from_s >= to_s)
                        continue;
                sum += to_s - from_s;
                dossier_entry_once(row, VG_LOG_CLIENT, pause->from_seq);
                if (pause->to_seq)
                        dossier_entry_once(row, VG_LOG_CLIENT, pause->to_seq);
        }
        return sum;
}

static int judge(const struct dossier *d, const struct vg_contract *contract, int64_t now_s,
                 const json_t *body, json_t *row)
{
        _cleanup_free_ struct vg_span *pauses = calloc(d->pauses.n + 1, sizeof(*pauses));
        const int64_t ended_s = int_of(body, "ended_s");
        const struct vg_span episode = { int_of(body, "first_s"), ended_s ? ended_s : now_s };
        const char *id = text_of(body, "id");

        if (!pauses)
                return -ENOMEM;
        judge_times(contract, now_s, body, pauses, store_pauses_of(&d->pauses, id, pauses), row);
        json_object_set_new(row, "paused_s", json_integer(count_pauses(d, id, episode, row)));
        return 0;
}

int dossier_fault(const struct dossier *d, const struct vg_contract *contract, int64_t now_s,
                  const struct store_record *record, const json_t *body)
{
        const json_t *component = json_object_get(body, "component");
        const int64_t first_s = int_of(body, "first_s"), ended_s = int_of(body, "ended_s");

        if (first_s >= d->to_s || (ended_s && ended_s < d->from_s))
                return 0;
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
        dossier_entry(row, record->log, record->seq);
        return judge(d, contract, now_s, body, row);
}
