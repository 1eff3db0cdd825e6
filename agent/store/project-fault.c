/* SPDX-License-Identifier: Apache-2.0 */

/* Projections of the hardware: faults, what is in which slot, who is logged in. */

#include <errno.h>
#include <string.h>

#include "store/project.h"
#include "vigie/json.h"

int project_fault(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        static const char *const keys[] = { "id", "code", "severity", "state" };
        const char *text[ELEMENTSOF(keys)];
        struct vg_buf body = { 0 };
        int64_t episode, first_s, last_s, ended_s = 0;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(keys) && r == 0; i++)
                r = body_text(entry->body, keys[i], &text[i], err);
        if (r == 0)
                r = body_int(entry->body, "episode", &episode, err);
        if (r == 0)
                r = body_int(entry->body, "first_s", &first_s, err);
        if (r == 0)
                r = body_int(entry->body, "last_s", &last_s, err);
        if (r < 0)
                return r;
        (void)vg_json_get_int(entry->body, "ended_s", &ended_s);
        r = vg_json_canonical(entry->body, &body, err);
        if (r == 0)
                r = project_run(projector, PROJECT_FAULT, err, V_TEXT(text[0]), V_INT(episode),
                                V_INT(entry->seq), V_TEXT(text[1]), V_TEXT(text[2]),
                                V_TEXT(text[3]), V_INT(first_s), V_INT(last_s), V_INT(ended_s),
                                V_TEXT_N(body.data, body.n));
        vg_buf_done(&body);
        return r;
}

/* The unit was known under another place: it is there no more. */
static int forget_place(struct projector *projector, const struct entry *entry,
                        const char *component_class, const char *location, struct vg_err *err)
{
        const char *old = "";

        (void)vg_json_get_string(json_object_get(entry->body, "before"), "location", &old);
        if (!json_object_get(entry->body, "before") || strcmp(old, location) == 0)
                return 0;
        return project_run(projector, PROJECT_INVENTORY_FORGET, err, V_TEXT(component_class),
                           V_TEXT(old));
}

/* inventory, firmware and replacement: what is in the slot from now on, or is no more. */
int project_unit(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const json_t *component;
        const char *event, *component_class = "", *location = "";
        struct vg_buf text = { 0 };
        int64_t at_s;
        int r = body_text(entry->body, "event", &event, err);

        if (r == 0)
                r = body_utc(entry->body, "at", &at_s, err);
        if (r == 0)
                r = body_object(entry->body, "component", &component, err);
        if (r == 0)
                r = body_text(component, "class", &component_class, err);
        if (r < 0)
                return r;
        (void)vg_json_get_string(component, "location", &location);
        r = forget_place(projector, entry, component_class, location, err);
        if (r == 0)
                r = vg_json_canonical(component, &text, err);
        if (r == 0)
                r = project_run(projector, PROJECT_INVENTORY, err, V_TEXT(component_class),
                                V_TEXT(location), V_INT(entry->seq),
                                V_INT(strcmp(event, "missing") != 0), V_INT(at_s),
                                V_TEXT_N(text.data, text.n));
        vg_buf_done(&text);
        return r;
}

int project_session(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *event, *id;
        struct vg_buf body = { 0 };
        int64_t at_s;
        int r = body_text(entry->body, "event", &event, err);

        if (r == 0)
                r = body_text(entry->body, "id", &id, err);
        if (r == 0)
                r = body_utc(entry->body, "at", &at_s, err);
        if (r < 0)
                return r;
        if (strcmp(event, "opened") != 0)
                return project_run(projector, PROJECT_SESSION_CLOSE, err, V_TEXT(id), V_INT(at_s));
        r = vg_json_canonical(entry->body, &body, err);
        if (r == 0)
                r = project_run(projector, PROJECT_SESSION_OPEN, err, V_INT(entry->seq), V_TEXT(id),
                                V_INT(at_s), V_TEXT_N(body.data, body.n));
        vg_buf_done(&body);
        return r;
}
