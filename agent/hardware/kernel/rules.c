/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/kernel/rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/kernel/line.h"
#include "vigie/mem.h"

/* Where a line names its component; leaves the location empty where it names none. */
typedef void finder(const char *message, struct kernel_finding *finding);
static finder at_array, at_ata, at_bond, at_cpu, at_dev, at_edac, at_fs, at_md, at_netdev, at_none,
        at_nvme, at_page, at_pci, at_pool, at_scsi, at_slave, at_xid, at_zone;

static const struct rule {
        const char *needle, *also, *but, *component_class, *code;
        enum vg_sight_health health;
        finder *find_place;
} rules[] = {
#define VG_KERNEL(needle, also, but, component_class, code, health, place) \
        { needle, also, but, component_class, code, VG_HEALTH_##health, at_##place },
#include "hardware/kernel/rules.def"
};

void kernel_between(const char *message, const char *before, const char *end, char *buf,
                    size_t size)
{
        const char *at = strstr(message, before);

        buf[0] = '\0';
        if (!at)
                return;
        at += strlen(before);
        text_trim(at, at + strcspn(at, end), buf, size);
}

/* Domains have four digits or more: "10000:e1:00.0" is behind Intel's volume management. */
void kernel_pci_address(const char *message, char *buf, size_t size)
{
        static const char form[] = ":xx:xx.x";
        enum { N = sizeof(form) - 1 };

        buf[0] = '\0';
        for (const char *at = strchr(message, ':'); at; at = strchr(at + 1, ':')) {
                const char *from = at;
                size_t i = 0;

                while (from > message && isxdigit((unsigned char)from[-1]))
                        from--;
                while (i < N && at[i] &&
                       (form[i] == 'x' ? isxdigit((unsigned char)at[i]) : at[i] == form[i]))
                        i++;
                if (i == N && at - from >= 4 && at - from <= 8) {
                        text_trim(from, at + N, buf, size);
                        return;
                }
        }
}

/* "5 CE memory read error on DIMM_A1 (channel:0 slot:0 page:0x12345 …": count, label, page. Older
 * kernels: "CE page 0x..., …, label "DIMM_A1": …". */
static void at_edac(const char *message, struct kernel_finding *f)
{
        const char *colon = strstr(message, ": ");
        const int64_t count = colon ? number_at(colon + 2) : 0;

        f->count = count > 0 ? count : 1;
        kernel_between(message, " on ", "(", f->location, sizeof(f->location));
        if (!*f->location)
                kernel_between(message, "label \"", "\"", f->location, sizeof(f->location));
        if (!*f->location)
                kernel_between(message, "labels \"", "\"", f->location, sizeof(f->location));
        if (!*f->location)
                kernel_between(message, "EDAC ", ":", f->location, sizeof(f->location));
        kernel_between(message, "page:", " ", f->key, sizeof(f->key));
        if (strtoull(f->key, NULL, 16) == 0) /* no address was told */
                f->key[0] = '\0';
}

/* A disk by the host's name for it; what is no disk of the host (loop0, sr0, nbd1) has no place. */
static void disk(const char *name, struct kernel_finding *f)
{
        disk_of(name, f->device, sizeof(f->device));
        snprintf(f->location, sizeof(f->location), "%s", f->device);
}

static void disk_between(const char *message, const char *before, const char *end,
                         struct kernel_finding *f)
{
        char name[KERNEL_PLACE];

        kernel_between(message, before, end, name, sizeof(name));
        disk(name, f);
}

static void at_dev(const char *message, struct kernel_finding *f)
{
        disk_between(message, "dev ", ", ", f);
}

/* "sd 2:0:0:0: [sdc] tag#3 …"; before the disk has a name, its address: "scsi 2:0:0:0: …". */
static void at_scsi(const char *message, struct kernel_finding *f)
{
        const char *address = strchr(message, ' ');

        disk_between(message, "[", "]", f);
        if (*f->location || !address || !isdigit((unsigned char)address[1]))
                return;
        kernel_between(address, " ", " ", f->location, sizeof(f->location));
        const size_t n = strlen(f->location);
        if (n && f->location[n - 1] == ':')
                f->location[n - 1] = '\0';
}

/* "ata3.00: …", not "data: disabled"; "ata3: …" is the link of its first disk. */
static void at_ata(const char *message, struct kernel_finding *f)
{
        if (!text_starts(message, "ata") || !isdigit((unsigned char)message[3]))
                return;
        kernel_between(message, "", ":", f->location, sizeof(f->location) - 3);
        const size_t n = strlen(f->location);
        if (!strchr(f->location, '.'))
                snprintf(f->location + n, sizeof(f->location) - n, ".00");
}

static void at_nvme(const char *message, struct kernel_finding *f)
{
        const char *twice = strstr(message, "nvme nvme");

        disk(twice ? twice + 5 : strstr(message, "nvme"), f);
}

static void at_md(const char *message, struct kernel_finding *f)
{
        disk_between(message, " on ", ",) ", f);
}

/* "md/raid1:md0: active with 1 out of 2 mirrors": degraded, or over where none is lacking. */
static void at_array(const char *message, struct kernel_finding *f)
{
        const char *with = strstr(message, "active with "),
                   *of = with ? strstr(with, "out of ") : NULL;

        kernel_between(message, ":md", ": ", f->device, sizeof(f->device));
        if ((with && !of) || !*f->device)
                return;
        snprintf(f->location, sizeof(f->location), "md%.16s", f->device);
        snprintf(f->device, sizeof(f->device), "%.31s", f->location);
        if (of && number_at(with + 12) >= number_at(of + 7))
                f->health = VG_HEALTH_OK;
}

/* File systems on what is no disk of this machine tell nothing of its hardware. */
static void at_fs(const char *message, struct kernel_finding *f)
{
        static const char *const others[] = { "loop", "ram", "zram", "nbd", "rbd" };

        kernel_between(message, "(device ", ")", f->location, sizeof(f->location));
        if (!*f->location)
                kernel_between(message, "(", ")", f->location, sizeof(f->location));
        f->location[strcspn(f->location, ": ")] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (text_starts(f->location, others[i]))
                        f->location[0] = '\0';
}

/* Every logical processor of a package says it: one fault, in a bucket for each. */
static void at_cpu(const char *message, struct kernel_finding *f)
{
        kernel_between(message, "CPU", ":", f->key, sizeof(f->key));
        snprintf(f->location, sizeof(f->location), "cpu");
}

static void at_slave(const char *message, struct kernel_finding *f)
{
        kernel_between(message, "slave ", "): ", f->location, sizeof(f->location));
        if (!*f->location)
                kernel_between(message, "interface ", ", ", f->location, sizeof(f->location));
        snprintf(f->device, sizeof(f->device), "%.31s", f->location);
}

/* "NETDEV WATCHDOG: eth0 (ixgbe): …", "CPU: 3: NETDEV WATCHDOG: eth0: …" */
static void at_netdev(const char *message, struct kernel_finding *f)
{
        kernel_between(message, "WATCHDOG: ", " :(", f->location, sizeof(f->location));
        if (!*f->location) {
                kernel_pci_address(message, f->location, sizeof(f->location));
                const char *after = strstr(message, f->location);
                char name[32] = "";
                if (after && *f->location)
                        kernel_between(after + strlen(f->location), " ", ": ", name, sizeof(name));
                if (*name && strlen(name) < 16)
                        snprintf(f->location, sizeof(f->location), "%s", name);
        }
        snprintf(f->device, sizeof(f->device), "%.31s", f->location);
}

static void at_pci(const char *message, struct kernel_finding *f)
{
        kernel_pci_address(message, f->location, sizeof(f->location));
        snprintf(f->device, sizeof(f->device), "%.31s", f->location);
}

static void at_bond(const char *message, struct kernel_finding *f)
{
        char name[KERNEL_PLACE];

        kernel_between(message, "bond", ": ", name, sizeof(name));
        snprintf(f->location, sizeof(f->location), "bond%.16s", name);
}

static void at_zone(const char *message, struct kernel_finding *f)
{
        char name[KERNEL_PLACE];

        kernel_between(message, "thermal_zone", ": ", name, sizeof(name));
        snprintf(f->location, sizeof(f->location), "thermal_zone%.16s", name);
}

static void at_pool(const char *message, struct kernel_finding *f)
{
        kernel_between(message, "Pool '", "'", f->location, sizeof(f->location));
}

static void at_xid(const char *message, struct kernel_finding *f)
{
        kernel_between(message, "PCI:", ")", f->location, sizeof(f->location));
}

static void at_page(const char *message, struct kernel_finding *f)
{
        kernel_between(message, "Memory failure: ", ": ", f->key, sizeof(f->key));
        snprintf(f->location, sizeof(f->location), "unnamed");
}

static void at_none(_unused_ const char *message, struct kernel_finding *f)
{
        snprintf(f->location, sizeof(f->location), "%s", f->component_class);
}

bool kernel_rule_find(const char *message, struct kernel_finding *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(rules); i++) {
                const struct rule *rule = &rules[i];

                if (!strstr(message, rule->needle) ||
                    (*rule->also && !strstr(message, rule->also)) ||
                    (*rule->but && strstr(message, rule->but)))
                        continue;
                if (!*rule->code)
                        return false;
                *ret = (struct kernel_finding){
                        .component_class = rule->component_class,
                        .code = rule->code,
                        .health = rule->health,
                        .count = 1,
                };
                rule->find_place(message, ret);
                return *ret->location != '\0';
        }
        return false;
}
