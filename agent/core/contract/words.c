/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/words.h"

#include <assert.h>
#include <string.h>

#include "vigie/mem.h"

static const char *const charges[] = { "usage", "recurring", "purchase" };
static const char *const units[] = { "vcpu_hour", "vm_hour",      "gib_hour",      "tb_month",
                                     "gb",        "server_month", "license_month", "each" };
static const char *const metrics[] = { "interval_quantity", "month_quantity", "month_amount" };
static const char *const bases[] = { "amount_month", "quantity_month", "amount_contract" };
static const char *const roles[] = { "contract_manager", "client_it", "tenant_owner",
                                     "supplier_maintenance", "broker" };
static const char *const severities[] = { "info", "warning", "major", "critical" };
static const char *const classes[] = { "contract", "term",   "tenant",    "failure",  "isolation",
                                       "data",     "ledger", "inventory", "supplier", "access" };
static const char *const channels[] = { "email", "webhook", "bundle" };
static const char *const kinds[] = { "server",  "storage",        "network",       "software",
                                     "support", "entry_activity", "exit_activity", "paas" };
static const char *const terminations[] = { "", "client_decision", "agreement", "supplier_default",
                                            "lost_compliance" };
static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
static const char *const exits[] = { "undecided", "same_supplier", "new_supplier", "none_needed" };

/* clang-format off */
#define WORDS(type, enumeration, list, count)                                             \
        _Static_assert(ELEMENTSOF(list) == count, "one word for each value");             \
        const char *vg_##type##_name(enum enumeration value)                              \
        {                                                                                 \
                return list[value];                                                       \
        }                                                                                 \
        enum enumeration word_##type(const char *name)                                    \
        {                                                                                 \
                size_t i = 0;                                                             \
                while (i + 1 < ELEMENTSOF(list) && strcmp(list[i], name) != 0)            \
                        i++;                                                              \
                assert(strcmp(list[i], name) == 0);                                       \
                return (enum enumeration)i;                                               \
        }

WORDS(charge, vg_charge, charges, VG_CHARGE_N)
WORDS(unit, vg_unit, units, VG_UNIT_N)
WORDS(metric, vg_metric, metrics, VG_METRIC_N)
WORDS(basis, vg_basis, bases, VG_BASIS_N)
WORDS(role, vg_role, roles, VG_ROLE_N)
WORDS(severity, vg_severity, severities, VG_SEVERITY_N)
WORDS(class, vg_alert_class, classes, VG_CLASS_N)
WORDS(channel, vg_channel, channels, VG_CHANNEL_N)
WORDS(kind, vg_component_kind, kinds, VG_KIND_N)
WORDS(exit, vg_exit_decision, exits, VG_EXIT_N)
WORDS(termination, vg_termination_reason, terminations, VG_TERMINATION_N)
/* clang-format on */

int vg_role_find(const char *word)
{
        for (int role = 0; role < VG_ROLE_N; role++)
                if (strcmp(roles[role], word) == 0)
                        return role;
        return -ENOENT;
}

int word_day(const char *name)
{
        size_t i = 0;

        while (i + 1 < ELEMENTSOF(days) && strcmp(days[i], name) != 0)
                i++;
        assert(strcmp(days[i], name) == 0);
        return (int)i;
}

unsigned word_units_of(enum vg_charge charge)
{
        static const unsigned of[] = {
                [VG_CHARGE_USAGE] = 1u << VG_UNIT_VCPU_HOUR | 1u << VG_UNIT_VM_HOUR |
                                    1u << VG_UNIT_GIB_HOUR | 1u << VG_UNIT_TB_MONTH |
                                    1u << VG_UNIT_GB | 1u << VG_UNIT_EACH,
                [VG_CHARGE_RECURRING] = 1u << VG_UNIT_TB_MONTH | 1u << VG_UNIT_SERVER_MONTH |
                                        1u << VG_UNIT_LICENSE_MONTH,
                [VG_CHARGE_PURCHASE] = 1u << VG_UNIT_EACH,
        };

        return of[charge];
}

unsigned word_classes_of(enum vg_role role)
{
        static const unsigned of[] = {
                [VG_ROLE_CONTRACT_MANAGER] = 1u << VG_CLASS_CONTRACT | 1u << VG_CLASS_TERM |
                                             1u << VG_CLASS_DATA | 1u << VG_CLASS_LEDGER |
                                             1u << VG_CLASS_INVENTORY | 1u << VG_CLASS_SUPPLIER,
                [VG_ROLE_CLIENT_IT] = (1u << VG_CLASS_N) - 1,
                [VG_ROLE_TENANT_OWNER] = 1u << VG_CLASS_TENANT | 1u << VG_CLASS_ISOLATION,
                [VG_ROLE_SUPPLIER_MAINTENANCE] = 1u << VG_CLASS_FAILURE | 1u << VG_CLASS_INVENTORY,
                [VG_ROLE_BROKER] = 0,
        };

        return of[role];
}

const char *word_unit_of(const char *resource)
{
        static const struct {
                const char *id, *unit;
        } resources[] = {
#define VG_RESOURCE(NAME, id, unit, ...) { id, unit },
#include "vigie/resources.def"
        };

        for (size_t i = 0; i < ELEMENTSOF(resources); i++)
                if (strcmp(resources[i].id, resource) == 0)
                        return resources[i].unit;
        return NULL;
}
