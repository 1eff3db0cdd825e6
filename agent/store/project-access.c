/* SPDX-License-Identifier: Apache-2.0 */

/* Projection of who may come in: acts access.grant and access.revoke. */

#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/num.h"

int project_grant(struct projector *projector, const struct entry *entry, const json_t *detail,
                  struct vg_err *err)
{
        const char *fingerprint, *role, *subject, *tenant;
        int64_t until_s;
        int r = body_text(detail, "fingerprint", &fingerprint, err);

        if (r == 0)
                r = body_text(detail, "role", &role, err);
        if (r == 0)
                r = body_text(detail, "subject", &subject, err);
        if (r == 0)
                r = body_text(detail, "tenant", &tenant, err);
        if (r == 0)
                r = body_utc(detail, "until", &until_s, err);
        return r < 0 ? r
                     : project_run(projector, PROJECT_ACCESS, err, V_TEXT(fingerprint),
                                   V_INT(entry->seq),
                                   V_INT(vg_floor_div(entry->utc_ns, VG_NS_PER_S)), V_INT(until_s),
                                   V_TEXT(role), V_TEXT(tenant), V_TEXT(subject));
}

int project_revoke(struct projector *projector, const struct entry *entry, const json_t *detail,
                   struct vg_err *err)
{
        const char *fingerprint;
        int r = body_text(detail, "fingerprint", &fingerprint, err);

        return r < 0 ? r
                     : project_run(projector, PROJECT_ACCESS_END, err, V_TEXT(fingerprint),
                                   V_INT(entry->seq),
                                   V_INT(vg_floor_div(entry->utc_ns, VG_NS_PER_S)));
}
