/* SPDX-License-Identifier: Apache-2.0 */

/* Projection of deliveries: what was last recorded of each destination. */

#include "store/project.h"
#include "vigie/json.h"

int project_delivery(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const json_t *destination;
        const char *name, *state;
        struct vg_buf text = { 0 };
        int64_t at_s;
        int r = body_utc(entry->body, "at", &at_s, err);

        if (r == 0)
                r = body_object(entry->body, "destination", &destination, err);
        if (r == 0)
                r = body_text(destination, "name", &name, err);
        if (r == 0)
                r = body_text(destination, "state", &state, err);
        if (r == 0)
                r = vg_json_canonical(destination, &text, err);
        if (r == 0)
                r = project_run(projector, PROJECT_DELIVERY, err, V_TEXT(name), V_INT(entry->seq),
                                V_INT(at_s), V_TEXT(state), V_TEXT_N(text.data, text.n));
        vg_buf_done(&text);
        return r;
}
