/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/audience.h"

#include <string.h>

#include "vigie/alert.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum {
        IT = 1u << VG_ROLE_CLIENT_IT,
        MANAGER = 1u << VG_ROLE_CONTRACT_MANAGER,
        OWN = 1u << VG_ROLE_TENANT_OWNER,
        NAMED = 1u << VG_ROLE_N,
        ADDRESSED = NAMED << 1,
};

static const struct audience_row rows[] = {
#define VG_AUDIENCE(record, event, rule, subject) \
        { record, "ca.vigie." event ".v1", subject, rule },
#include "deliver/audience.def"
#undef VG_AUDIENCE
};

/* What the supplier is sent of the shared log and no row knows: written by a later release. */
static const struct audience_row opaque = { "", "ca.vigie.record.v1", "", 0 };

static const struct audience_row *find_row(const char *record_type)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].record, record_type) == 0)
                        return &rows[i];
        return NULL;
}

static bool says(const json_t *body, const char *key, const char *wanted)
{
        const char *text;

        return wanted && vg_json_get_string(body, key, &text) == 0 && strcmp(text, wanted) == 0;
}

/* Deliveries that fail: whoever can mend them hears of it, by whatever way still works. */
static bool is_about_delivery(const json_t *body)
{
        return says(body, "code", "VIG-D-006");
}

static bool names_role(const json_t *body, enum vg_role role)
{
        const json_t *audience = json_object_get(body, "audience"), *name;
        size_t i;

        if (is_about_delivery(body) &&
            (role == VG_ROLE_CLIENT_IT || role == VG_ROLE_CONTRACT_MANAGER))
                return true;
        json_array_foreach (audience, i, name)
                if (json_is_string(name) &&
                    strcmp(json_string_value(name), vg_role_name(role)) == 0)
                        return true;
        return false;
}

static bool is_owner(const struct vg_recipient *recipient, const json_t *body)
{
        return says(body, "tenant", recipient->tenant);
}

static bool row_admits(const struct audience_row *row, const struct vg_recipient *recipient,
                       const json_t *body)
{
        const bool is_tenant = recipient->role == VG_ROLE_TENANT_OWNER;

        if (row->rule == ADDRESSED)
                return says(body, "recipient", recipient->id);
        if (is_tenant && !is_owner(recipient, body))
                return false;
        return row->rule == NAMED ? names_role(body, recipient->role)
                                  : row->rule & 1u << recipient->role;
}

const struct audience_row *audience_admits(const struct vg_recipient *recipient, enum vg_log log,
                                           const char *record_type, const json_t *body)
{
        const struct audience_row *row = find_row(record_type);

        if (recipient->role == VG_ROLE_SUPPLIER_MAINTENANCE)
                return log != VG_LOG_SHARED ? NULL : row ? row : &opaque;
        return row && row_admits(row, recipient, body) ? row : NULL;
}

bool audience_may_admit(const struct vg_recipient *recipient, enum vg_log log,
                        const char *record_type)
{
        const struct audience_row *row = find_row(record_type);

        if (recipient->role == VG_ROLE_SUPPLIER_MAINTENANCE)
                return log == VG_LOG_SHARED;
        return row && (row->rule & (NAMED | ADDRESSED | 1u << recipient->role));
}

bool audience_tells(const struct vg_recipient *recipient, const json_t *body)
{
        const struct vg_alert *alert = NULL;
        const char *code, *severity;

        if (!names_role(body, recipient->role))
                return false;
        if (recipient->role == VG_ROLE_TENANT_OWNER && !is_owner(recipient, body))
                return false;
        if (is_about_delivery(body))
                return true;
        if (vg_json_get_string(body, "severity", &severity) == 0)
                for (int s = 0; s < (int)recipient->min_severity; s++)
                        if (strcmp(severity, vg_severity_name((enum vg_severity)s)) == 0)
                                return false;
        if (vg_json_get_string(body, "code", &code) == 0)
                alert = vg_alert_find(code);
        /* A code that this release does not know is of no class that could be left out. */
        return !alert || !recipient->classes || recipient->classes & 1u << alert->alert_class;
}
