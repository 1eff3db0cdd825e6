/* SPDX-License-Identifier: Apache-2.0 */

/* Rules about tenants, thresholds and recipients: who is named exists, who is to hear can, and the
 * supplier never sees consumption. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/build.h"
#include "core/contract/words.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static void check_tenant(struct build *b, const char *tenant, const char *list, size_t at)
{
        if (tenant && strcmp(tenant, "*") != 0 &&
            build_find(&b->contract->index->tenants, tenant) == SIZE_MAX)
                report_member(b->report, VG_REFUSAL_UNKNOWN_TENANT, tenant, NULL, NULL,
                              "%s[%zu].tenant", list, at);
}

static void check_tenants(struct build *b)
{
        const struct vg_contract *c = b->contract;

        for (size_t i = 0; i < c->n_quotas; i++)
                check_tenant(b, c->quotas[i].tenant, "quotas", i);
        for (size_t i = 0; i < c->n_recurring; i++)
                check_tenant(b, c->recurring[i].tenant, "recurring", i);
        for (size_t i = 0; i < c->n_recipients; i++)
                check_tenant(b, c->recipients[i].tenant, "recipients", i);
}

static void check_rising(struct build *b, const int64_t *list, size_t n, const char *path)
{
        char found[64], before[64];

        for (size_t i = 1; i < n; i++)
                if (list[i] <= list[i - 1])
                        report_member(b->report, VG_REFUSAL_NOT_RISING,
                                      vg_decimal_format(list[i], 6, found, sizeof(found)),
                                      vg_decimal_format(list[i - 1], 6, before, sizeof(before)),
                                      NULL, "%s[%zu]", path, i);
}

static void check_thresholds(struct build *b)
{
        const struct vg_contract *c = b->contract;
        char path[64];

        check_rising(b, c->amount_thresholds_pct_micro, c->n_amount_thresholds,
                     "alerts.amount_thresholds_pct");
        for (size_t i = 0; i < c->n_quotas; i++) {
                snprintf(path, sizeof(path), "quotas[%zu].thresholds_pct", i);
                check_rising(b, c->quotas[i].thresholds_pct_micro, c->quotas[i].n_thresholds, path);
        }
}

static void check_addresses(struct build *b, size_t at)
{
        const struct vg_recipient *who = &b->contract->recipients[at];
        const struct {
                enum vg_channel channel;
                const char *address;
        } needed[] = { { VG_CHANNEL_EMAIL, who->email }, { VG_CHANNEL_WEBHOOK, who->webhook } };

        for (size_t i = 0; i < ELEMENTSOF(needed); i++)
                if (who->channels & 1u << needed[i].channel && !needed[i].address)
                        report_member(b->report, VG_REFUSAL_NO_ADDRESS, who->id,
                                      vg_channel_name(needed[i].channel), NULL,
                                      "recipients[%zu].channels", at);
}

static void check_supplier(struct build *b, size_t at, unsigned forbidden)
{
        for (enum vg_alert_class one = 0; one < VG_CLASS_N; one++)
                if (forbidden & 1u << one)
                        report_member(b->report, VG_REFUSAL_SUPPLIER_SEES,
                                      b->contract->recipients[at].id, vg_class_name(one), NULL,
                                      "recipients[%zu].classes", at);
}

static void check_classes(struct build *b, size_t at)
{
        const struct vg_recipient *who = &b->contract->recipients[at];
        const unsigned open = word_classes_of(who->role);
        _cleanup_(vg_buf_done) struct vg_buf list = { 0 };

        if (who->role == VG_ROLE_SUPPLIER_MAINTENANCE && who->classes & ~open) {
                check_supplier(b, at, who->classes & ~open);
        } else if (who->classes && !(who->classes & open)) {
                for (enum vg_alert_class one = 0; one < VG_CLASS_N; one++)
                        if (open & 1u << one)
                                vg_buf_printf(&list, "%s%s", list.n ? ", " : "",
                                              vg_class_name(one));
                report_member(b->report, VG_REFUSAL_HEARS_NOTHING, who->id, vg_role_name(who->role),
                              list.n ? list.data : "–", "recipients[%zu].classes", at);
        }
}

void check_people(struct build *b)
{
        const struct vg_contract *c = b->contract;
        bool has_manager = false;

        check_tenants(b);
        check_thresholds(b);
        for (size_t i = 0; i < c->n_recipients; i++) {
                const struct vg_recipient *who = &c->recipients[i];
                check_addresses(b, i);
                check_classes(b, i);
                if (who->role == VG_ROLE_TENANT_OWNER && !who->tenant)
                        report_member(b->report, VG_REFUSAL_OWNER_WITHOUT_TENANT, who->id, NULL,
                                      NULL, "recipients[%zu]", i);
                has_manager |= who->role == VG_ROLE_CONTRACT_MANAGER &&
                               (!who->classes || who->classes & 1u << VG_CLASS_CONTRACT);
        }
        if (!has_manager)
                report_member(b->report, VG_REFUSAL_NO_MANAGER, NULL, NULL, NULL, "recipients");
}
