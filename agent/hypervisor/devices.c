/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/facts.h"

void devices_done(struct devices *devices)
{
        free(devices->rows);
        *devices = (struct devices){ 0 };
}

static struct device *find(const struct devices *devices, enum device_kind kind, const char *target)
{
        for (size_t i = 0; i < devices->n; i++)
                if (devices->rows[i].kind == kind && strcmp(devices->rows[i].target, target) == 0)
                        return &devices->rows[i];
        return NULL;
}

static struct device *add(struct devices *devices, enum device_kind kind, const char *target)
{
        struct device *rows = NULL;

        if (strlen(target) < sizeof(rows->target))
                rows = realloc(devices->rows, (devices->n + 1) * sizeof(*rows));
        if (!rows)
                return NULL;
        devices->rows = rows;

        struct device *device = &rows[devices->n++];
        *device = (struct device){ .kind = kind, .generation = 1 };
        memcpy(device->target, target, strlen(target));
        return device;
}

static void plug(struct device *device, const char *alias, uint64_t at_boot_ns)
{
        const bool is_back = !device->is_present && device->gone_boot_ns;

        /* What was read before it went shows the device that went. */
        if (is_back && at_boot_ns <= device->gone_boot_ns)
                return;
        if (is_back) {
                device->generation++;
                device->last[0] = device->last[1] = 0;
        }
        device->is_present = true;
        device->alias[0] = '\0';
        if (alias && strlen(alias) < sizeof(device->alias))
                memcpy(device->alias, alias, strlen(alias) + 1);
}

static int set_one(struct devices *devices, enum device_kind kind, const char *target,
                   const char *alias, uint64_t at_boot_ns)
{
        if (!*target)
                return 0;

        struct device *device = find(devices, kind, target);
        if (!device)
                device = add(devices, kind, target);
        if (!device)
                return -ENOMEM;
        plug(device, alias, at_boot_ns);
        return 0;
}

static bool has_device(const struct facts *facts, const struct device *device)
{
        if (device->kind == DEVICE_DISK)
                return facts_disk(facts, device->target);
        for (size_t i = 0; i < facts->n_nics; i++)
                if (strcmp(facts->nics[i].target, device->target) == 0)
                        return true;
        return false;
}

int devices_set(struct devices *devices, const struct facts *facts, uint64_t at_boot_ns)
{
        int r = 0;

        for (size_t i = 0; i < devices->n; i++) {
                struct device *device = &devices->rows[i];
                if (device->is_present && !has_device(facts, device)) {
                        device->is_present = false;
                        device->gone_boot_ns = at_boot_ns;
                }
        }
        for (size_t i = 0; r == 0 && i < facts->n_disks; i++)
                r = set_one(devices, DEVICE_DISK, facts->disks[i].target, facts->disks[i].alias,
                            at_boot_ns);
        for (size_t i = 0; r == 0 && i < facts->n_nics; i++)
                r = set_one(devices, DEVICE_NIC, facts->nics[i].target, facts->nics[i].alias,
                            at_boot_ns);
        return r;
}

void devices_gone(struct devices *devices, const char *alias, uint64_t at_boot_ns)
{
        for (size_t i = 0; *alias && i < devices->n; i++) {
                struct device *device = &devices->rows[i];
                if (!device->is_present || strcmp(device->alias, alias) != 0)
                        continue;
                device->is_present = false;
                device->gone_boot_ns = at_boot_ns;
        }
}

uint32_t devices_count(struct devices *devices, enum device_kind kind, const char *target,
                       uint64_t a, uint64_t b)
{
        struct device *device = find(devices, kind, target);

        if (!device || !device->is_present)
                return 0;
        if (a < device->last[0] || b < device->last[1])
                device->generation++;
        device->last[0] = a;
        device->last[1] = b;
        return device->generation;
}
