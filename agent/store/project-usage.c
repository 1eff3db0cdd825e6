/* SPDX-License-Identifier: Apache-2.0 */

/* Projections of what was measured: usage, interval, gap. */

#include <errno.h>

#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/json.h"

static int quality_parse(const char *name, enum vg_quality *ret_quality)
{
        for (int q = VG_QUALITY_WHOLE; q <= VG_QUALITY_GAP; q++)
                if (strcmp(name, vg_quality_name((enum vg_quality)q)) == 0) {
                        *ret_quality = (enum vg_quality)q;
                        return 0;
                }
        return -EINVAL;
}

struct part { /* what the rows of one record share */
        struct store_usage row;
        int64_t tenant, known_s;
        const char *contract; /* as the record names it; may be empty */
};

static int add_resource(struct projector *projector, struct part *part, const json_t *amount,
                        struct vg_err *err)
{
        struct store_usage *row = &part->row;
        const char *quality;
        int64_t resource;
        int r = body_int(amount, "micro", &row->micro, err);

        if (r == 0)
                r = body_text(amount, "quality", &quality, err);
        if (r < 0)
                return r;
        if (quality_parse(quality, &row->quality) < 0)
                return vg_err_set(err, -EINVAL, "« quality » : qualité inconnue");
        r = names_intern(projector->resources, row->resource, &resource, err);
        if (r == 0)
                r = project_run(projector, PROJECT_USAGE, err, V_INT(row->start_s),
                                V_INT(part->tenant), V_INT(resource), V_INT(row->part),
                                V_INT(row->micro), V_INT(row->quality));
        return r < 0 ? r : pricing_add(projector, row, part->contract, part->known_s, err);
}

static int add_part(struct projector *projector, const struct entry *entry, struct part *part,
                    struct vg_err *err)
{
        const struct store_usage *row = &part->row;
        int r = projector_names(projector, err);

        if (r == 0)
                r = names_intern(projector->tenants, row->tenant, &part->tenant, err);
        if (r < 0)
                return r;
        r = closing_known(projector, entry->utc_ns, &part->known_s, err);
        if (r < 0)
                return r;
        return project_run(projector, PROJECT_USAGE_PART, err, V_INT(row->start_s),
                           V_INT(part->tenant), V_INT(row->part), V_INT(entry->seq),
                           V_INT(part->known_s), V_TEXT(part->contract));
}

int project_usage(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        struct part part = { .contract = "" };
        const json_t *resources, *amount;
        int r = body_utc(entry->body, "start", &part.row.start_s, err);

        if (r == 0)
                r = body_text(entry->body, "tenant", &part.row.tenant, err);
        if (r == 0)
                r = body_int(entry->body, "part", &part.row.part, err);
        if (r == 0)
                r = body_object(entry->body, "resources", &resources, err);
        if (r < 0)
                return r;
        (void)vg_json_get_string(entry->body, "contract", &part.contract);
        r = add_part(projector, entry, &part, err);
        if (r < 0)
                return r;
        json_object_foreach ((json_t *)resources, part.row.resource, amount) {
                r = add_resource(projector, &part, amount, err);
                if (r < 0)
                        return vg_err_wrap(err, r, "%s", part.row.resource);
        }
        return 0;
}

static int add_gap(struct projector *projector, const struct entry *entry, int64_t start_s,
                   size_t n, const json_t *gap, struct vg_err *err)
{
        const char *cause, *scope;
        int64_t from_s, to_s;
        int r = body_text(gap, "cause", &cause, err);

        if (r == 0)
                r = body_text(gap, "scope", &scope, err);
        if (r == 0)
                r = body_utc(gap, "from", &from_s, err);
        if (r == 0)
                r = body_utc(gap, "to", &to_s, err);
        if (r < 0)
                return r;
        return project_run(projector, PROJECT_GAP, err, V_INT(entry->seq), V_INT(n), V_INT(from_s),
                           V_INT(to_s), V_TEXT(cause), V_TEXT(scope), V_INT(start_s));
}

int project_interval(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const json_t *gaps = json_object_get(entry->body, "gaps");
        int64_t start_s, length_s, covered_s;
        const char *clock;
        int r = body_utc(entry->body, "start", &start_s, err);

        if (r == 0)
                r = body_int(entry->body, "interval_s", &length_s, err);
        if (r == 0)
                r = body_int(entry->body, "covered_s", &covered_s, err);
        if (r == 0)
                r = body_text(entry->body, "clock", &clock, err);
        if (r == 0 && !json_is_array(gaps))
                r = vg_err_set(err, -EINVAL, "« gaps » : liste attendue");
        if (r == 0)
                r = project_run(projector, PROJECT_INTERVAL, err, V_INT(entry->seq), V_INT(start_s),
                                V_INT(length_s), V_INT(covered_s), V_TEXT(clock));
        for (size_t i = 0; i < json_array_size(gaps) && r == 0; i++)
                r = add_gap(projector, entry, start_s, i, json_array_get(gaps, i), err);
        return r;
}
