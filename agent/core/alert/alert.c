/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/alert.h"

#include <stdio.h>
#include <string.h>

#include "vigie/mem.h"

enum {
        MANAGER = 1u << VG_ROLE_CONTRACT_MANAGER,
        IT = 1u << VG_ROLE_CLIENT_IT,
        TENANT = 1u << VG_ROLE_TENANT_OWNER,
        SUPPLIER = 1u << VG_ROLE_SUPPLIER_MAINTENANCE,
};

static const struct vg_alert rows[] = {
#define VG_ALERT(name, row_code, row_class, row_least, row_most, row_end, quiet_h, row_audience, \
                 id, row_params, title_fr, title_en, text_fr, text_en, action_fr, action_en)     \
        { .code = row_code,                                                                      \
          .alert_class = VG_CLASS_##row_class,                                                   \
          .least = VG_SEVERITY_##row_least,                                                      \
          .most = VG_SEVERITY_##row_most,                                                        \
          .end = VG_END_##row_end,                                                               \
          .quiet_s = (quiet_h)*3600,                                                             \
          .audience = row_audience,                                                              \
          .message_id = id,                                                                      \
          .params = row_params,                                                                  \
          .title = { title_fr, title_en },                                                       \
          .text = { text_fr, text_en },                                                          \
          .action = { action_fr, action_en } },
#include "core/alert/alerts.def"
#undef VG_ALERT
};

/* struct vg_signals keeps a bit a row. */
_Static_assert(ELEMENTSOF(rows) <= 64, "more alerts than bits");

const struct vg_alert *vg_alert_rows(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(rows);
        return rows;
}

const struct vg_alert *vg_alert_find(const char *code)
{
        size_t low = 0, high = ELEMENTSOF(rows);

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = strcmp(rows[middle].code, code);
                if (r == 0)
                        return &rows[middle];
                if (r < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

bool vg_alert_is_shared(const struct vg_alert *alert)
{
        return alert->alert_class == VG_CLASS_FAILURE || alert->alert_class == VG_CLASS_INVENTORY;
}

char *vg_alert_dedup_key(const struct vg_alert *alert, const char *contract, const char *appliance,
                         const char *key, char *buf, size_t size)
{
        const bool of_contract =
                alert->alert_class == VG_CLASS_CONTRACT || alert->alert_class == VG_CLASS_TERM ||
                alert->alert_class == VG_CLASS_TENANT || alert->alert_class == VG_CLASS_INVENTORY;
        const char *scope = of_contract && contract && *contract ? contract : appliance;

        snprintf(buf, size, "%s/%s/%s", alert->code, scope, key);
        return buf;
}
