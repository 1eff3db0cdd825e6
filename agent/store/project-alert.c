/* SPDX-License-Identifier: Apache-2.0 */

/* Projection of alerts: where each stands now. Its history is its records. */

#include <errno.h>

#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/json.h"

/* Sorted as sentences: what an event leaves behind. */
static const struct {
        const char *event;
        bool fires, active, acknowledged;
} events[] = {
        { "acknowledged", false, true, true }, { "cleared", false, false, false },
        { "fired", true, true, false },        { "raised", false, true, false },
        { "reminded", false, true, false },
};

/* Words of `notify` by which somebody hears of the change (vigie/notify.h). */
static bool is_told(const char *notify)
{
        return strcmp(notify, "now") == 0 || strcmp(notify, "digest") == 0 ||
               strcmp(notify, "grouped") == 0;
}

static int find_event(const char *event, struct vg_err *err)
{
        for (size_t i = 0; i < ELEMENTSOF(events); i++)
                if (strcmp(events[i].event, event) == 0)
                        return (int)i;
        return vg_err_set(err, -EINVAL, "« event » : fait d'alerte inconnu");
}

int project_alert(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        static const char *const keys[] = {
                "key", "code", "event", "severity", "text_fr", "text_en"
        };
        const char *text[ELEMENTSOF(keys)];
        const json_t *params;
        struct vg_buf detail = { 0 };
        const char *notify = ""; /* records of version 1 do not say: nothing was sent then */
        int64_t at_s, change;
        int r = body_utc(entry->body, "at", &at_s, err);

        for (size_t i = 0; i < ELEMENTSOF(keys) && r == 0; i++)
                r = body_text(entry->body, keys[i], &text[i], err);
        if (r == 0)
                r = body_int(entry->body, "change", &change, err);
        if (r == 0)
                r = body_object(entry->body, "params", &params, err);
        if (r == 0)
                r = find_event(text[2], err);
        if (r < 0)
                return r;

        const int event = r;
        (void)vg_json_get_string(entry->body, "notify", &notify);
        const struct sql_value told_s =
                is_told(notify) ? V_INT(at_s) : (struct sql_value){ .kind = SQL_TEXT };
        r = vg_json_canonical(params, &detail, err);
        for (int try = events[event].fires; r == 0 && try < 2; try++) {
                r = project_run(projector, try ? PROJECT_ALERT_FIRE : PROJECT_ALERT_CHANGE, err,
                                V_INT(entry->log), V_TEXT(text[0]), V_INT(entry->seq),
                                V_TEXT(text[1]), V_TEXT(text[2]), V_TEXT(text[3]), V_INT(at_s),
                                V_INT(change), V_INT(events[event].active),
                                V_INT(events[event].acknowledged), V_TEXT_N(detail.data, detail.n),
                                V_TEXT(text[4]), V_TEXT(text[5]), V_TEXT(notify), told_s);
                /* A change of an alert that is not there starts it: its firing was redacted. */
                if (sqlite3_changes(projector->db) > 0)
                        break;
        }
        vg_buf_done(&detail);
        return r;
}

int project_silence(struct projector *projector, const struct entry *entry, const json_t *detail,
                    struct vg_err *err)
{
        const char *key, *reason, *user = "", *role = "";
        const json_t *author;
        int64_t until_s, uid;
        int r = body_text(detail, "key", &key, err);

        if (r == 0)
                r = body_text(detail, "reason", &reason, err);
        if (r == 0)
                r = body_utc(detail, "until", &until_s, err);
        if (r == 0)
                r = body_object(entry->body, "author", &author, err);
        if (r == 0)
                r = body_int(author, "uid", &uid, err);
        if (r < 0)
                return r;
        (void)vg_json_get_string(author, "user", &user);
        (void)vg_json_get_string(author, "role", &role);
        return project_run(projector, PROJECT_SILENCE, err, V_TEXT(key), V_INT(entry->seq),
                           V_INT(vg_floor_div(entry->utc_ns, VG_NS_PER_S)), V_INT(until_s),
                           V_INT(uid), V_TEXT(user), V_TEXT(role), V_TEXT(reason));
}

int project_unsilence(struct projector *projector, _unused_ const struct entry *entry,
                      const json_t *detail, struct vg_err *err)
{
        const char *key;
        int r = body_text(detail, "key", &key, err);

        return r < 0 ? r : project_run(projector, PROJECT_SILENCE_END, err, V_TEXT(key));
}
