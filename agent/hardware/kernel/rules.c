/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/kernel/rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/kernel/line.h"
#include "vigie/mem.h"

enum place {
        AT_NONE,
        AT_EDAC,
        AT_PCI,
        AT_DEV,
        AT_BRACKET,
        AT_ATA,
        AT_NVME,
        AT_MD,
        AT_FS,
        AT_CPU,
        AT_SLAVE,
        AT_BOND,
        AT_ZONE,
        AT_XID,
        AT_PAGE
};

static const struct rule {
        const char *needle, *also, *but, *component_class, *code;
        enum vg_sight_health health;
        enum place place;
} rules[] = {
#define VG_KERNEL(needle, also, but, component_class, code, health, place) \
        { needle, also, but, component_class, code, VG_HEALTH_##health, AT_##place },
#include "hardware/kernel/rules.def"
};

/* What follows `before`, up to one of `end`. "" where it is not there. */
static void between(const char *message, const char *before, const char *end, char *buf,
                    size_t size)
{
        const char *at = strstr(message, before);

        buf[0] = '\0';
        if (!at)
                return;
        at += strlen(before);
        text_trim(at, at + strcspn(at, end), buf, size);
}

/* "0000:3b:00.0" somewhere in the message. */
static void pci_address(const char *message, char *buf, size_t size)
{
        static const char form[] = "xxxx:xx:xx.x";
        enum { N = sizeof(form) - 1 };

        buf[0] = '\0';
        for (const char *at = message; strnlen(at, N) == N; at++) {
                size_t i = 0;

                while (i < N &&
                       (form[i] == 'x' ? isxdigit((unsigned char)at[i]) : at[i] == form[i]))
                        i++;
                if (i == N && (at == message || !isxdigit((unsigned char)at[-1]))) {
                        text_trim(at, at + N, buf, size);
                        return;
                }
        }
}

/* "5 CE memory read error on DIMM_A1 (channel:0 slot:0 page:0x12345 …": count, label, page. Older
 * kernels: "CE page 0x..., …, label "DIMM_A1": …". */
static void edac(const char *message, struct kernel_finding *f)
{
        const char *colon = strstr(message, ": ");
        const int64_t count = colon ? number_at(colon + 2) : 0;

        f->count = count > 0 ? count : 1;
        between(message, " on ", "(", f->location, sizeof(f->location));
        if (!*f->location)
                between(message, "label \"", "\"", f->location, sizeof(f->location));
        if (!*f->location)
                between(message, "EDAC ", ":", f->location, sizeof(f->location));
        between(message, "page:", " ", f->key, sizeof(f->key));
}

static void disk(struct kernel_finding *f, const char *name)
{
        disk_of(name, f->device, sizeof(f->device));
        snprintf(f->location, sizeof(f->location), "%s", f->device);
}

static void find_place(enum place place, const char *message, struct kernel_finding *f)
{
        char name[KERNEL_PLACE] = "";

        switch (place) {
        case AT_EDAC:
                edac(message, f);
                break;
        case AT_PCI:
                pci_address(message, f->location, sizeof(f->location));
                snprintf(f->device, sizeof(f->device), "%.31s", f->location);
                break;
        case AT_DEV:
                between(message, "dev ", ", ", name, sizeof(name));
                disk(f, name);
                break;
        case AT_BRACKET:
                between(message, "[", "]", name, sizeof(name));
                disk(f, name);
                break;
        case AT_ATA:
                /* "ata3.00: ...", not "data: disabled" */
                if (text_starts(message, "ata") && isdigit((unsigned char)message[3]))
                        between(message, "", ":", f->location, sizeof(f->location));
                break;
        case AT_NVME:
                disk(f, strstr(message, "nvme nvme") ? strstr(message, "nvme nvme") + 5
                                                     : strstr(message, "nvme"));
                break;
        case AT_MD:
                between(message, "Disk failure on ", ", ", name, sizeof(name));
                disk(f, name);
                break;
        case AT_FS:
                between(message, "(device ", ")", f->location, sizeof(f->location));
                if (!*f->location)
                        between(message, "(", ")", f->location, sizeof(f->location));
                f->location[strcspn(f->location, ": ")] = '\0';
                break;
        case AT_CPU:
                between(message, "CPU", ":", f->location, sizeof(f->location));
                break;
        case AT_SLAVE:
                between(message, "slave ", "): ", f->location, sizeof(f->location));
                if (!*f->location)
                        between(message, "interface ", ", ", f->location, sizeof(f->location));
                snprintf(f->device, sizeof(f->device), "%.31s", f->location);
                break;
        case AT_BOND:
                between(message, "bond", ": ", name, sizeof(name));
                snprintf(f->location, sizeof(f->location), "bond%.16s", name);
                break;
        case AT_ZONE:
                between(message, "thermal_zone", ": ", name, sizeof(name));
                snprintf(f->location, sizeof(f->location), "thermal_zone%.16s", name);
                break;
        case AT_XID:
                between(message, "PCI:", ")", f->location, sizeof(f->location));
                break;
        case AT_PAGE:
                between(message, "Memory failure: ", ": ", f->key, sizeof(f->key));
                snprintf(f->location, sizeof(f->location), "unnamed");
                break;
        case AT_NONE:
                snprintf(f->location, sizeof(f->location), "%s", f->component_class);
                break;
        }
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
                find_place(rule->place, message, ret);
                return *ret->location != '\0';
        }
        return false;
}

/* ---- machine checks ---- */

/* Bits of MCi_STATUS. */
#define MCI_UNCORRECTED (UINT64_C(1) << 61)
#define MCI_DEFERRED (UINT64_C(1) << 44)
enum { BANK_OF_FIRMWARE = 255 };

bool kernel_mce_find(const char *message, bool has_edac, bool has_ghes, struct kernel_finding *ret)
{
        const char *check = strstr(message, "Machine Check: ");
        const char *bank_at, *status_at;
        int64_t cpu = 0, bank;
        uint64_t status;

        if (!check)
                check = strstr(message, "Machine Check Exception: ");
        bank_at = check ? strstr(check, "Bank ") : NULL;
        status_at = bank_at ? strstr(bank_at, ": ") : NULL;
        if (!status_at || !strstr(message, "[Hardware Error]"))
                return false;
        bank = number_at(bank_at + 5);
        status = strtoull(status_at + 2, NULL, 16);
        if (strstr(message, "CPU "))
                cpu = number_at(strstr(message, "CPU ") + 4);

        /* 0000 0000 1MMM CCCC: an error of a memory controller */
        const bool is_memory = (status & 0xff80) == 0x0080 && bank != BANK_OF_FIRMWARE;
        const bool is_bad = (status & (MCI_UNCORRECTED | MCI_DEFERRED)) != 0;

        if ((is_memory && has_edac) || (bank == BANK_OF_FIRMWARE && has_ghes))
                return false; /* the same, told better */
        *ret = (struct kernel_finding){
                .component_class = is_memory ? "dimm" : "cpu",
                .code = is_memory ? is_bad ? "dimm.uncorrected" : "dimm.corrected"
                        : is_bad  ? "cpu.uncorrected"
                                  : "cpu.corrected",
                .health = is_bad ? VG_HEALTH_CRITICAL : VG_HEALTH_WARNING,
                .count = 1,
        };
        if (is_memory)
                snprintf(ret->location, sizeof(ret->location), "CPU %lld bank %lld", (long long)cpu,
                         (long long)bank);
        else
                snprintf(ret->location, sizeof(ret->location), "%lld", (long long)cpu);
        return true;
}

/* ---- what the firmware reports ---- */

static bool close_block(struct kernel_ghes *g, struct kernel_finding *f, int64_t *ret_at_s)
{
        static const struct {
                const char *section, *component_class, *corrected, *recoverable, *fatal;
        } kinds[] = {
                { "memory error", "dimm", "dimm.corrected", "dimm.uncorrected",
                  "dimm.uncorrected" },
                { "PCIe error", "pcie", "pcie.corrected", "pcie.nonfatal", "pcie.fatal" },
                { "processor error", "cpu", "cpu.corrected", "cpu.uncorrected", "cpu.uncorrected" },
                { "", "system", "", "system.hardware", "system.hardware" },
        };
        const bool is_corrected =
                text_has(g->severity, "corrected") || text_has(g->severity, "info");
        const bool is_fatal = text_has(g->severity, "fatal");
        size_t kind = 0;

        g->is_open = false;
        while (!text_has(g->section, kinds[kind].section))
                kind++;
        *f = (struct kernel_finding){
                .component_class = kinds[kind].component_class,
                .code = is_corrected ? kinds[kind].corrected
                        : is_fatal   ? kinds[kind].fatal
                                     : kinds[kind].recoverable,
                .health = is_corrected ? VG_HEALTH_WARNING : VG_HEALTH_CRITICAL,
                .count = 1,
        };
        if (*g->place)
                snprintf(f->location, sizeof(f->location), "%s", g->place);
        else
                snprintf(f->location, sizeof(f->location), "%s", *g->fru ? g->fru : "unnamed");
        if (strcmp(f->component_class, "pcie") == 0)
                snprintf(f->device, sizeof(f->device), "%.31s", f->location);
        *ret_at_s = g->at_s;
        return *f->code && *g->severity;
}

bool kernel_ghes_take(struct kernel_ghes *g, const struct kernel_line *line,
                      struct kernel_finding *f, int64_t *ret_at_s)
{
        const char *message = line ? line->message : "";
        const char *tag = strstr(message, "[Hardware Error]: ");
        const char *said = tag ? tag + 18 : "";
        const bool begins = strstr(said, "Hardware error from APEI") ||
                            strstr(message, "BERT: Error records from previous boot");
        const bool goes_on = g->is_open && tag && !strstr(message, "mce:");
        bool found = false;

        if (g->is_open && (begins || !goes_on))
                found = close_block(g, f, ret_at_s);
        if (begins) {
                *g = (struct kernel_ghes){ .is_open = true, .at_s = line->at_s };
                snprintf(g->text, sizeof(g->text), "%.159s", said);
        }
        if (begins || !goes_on)
                return found;
        if (strstr(said, "event severity: "))
                between(said, "event severity: ", ",", g->severity, sizeof(g->severity));
        if (strstr(said, "section_type: "))
                between(said, "section_type: ", ",", g->section, sizeof(g->section));
        if (strstr(said, "fru_text: "))
                between(said, "fru_text: ", "\n", g->fru, sizeof(g->fru));
        if (strstr(said, "DIMM location: "))
                between(said, "DIMM location: ", ".", g->place, sizeof(g->place));
        if (strstr(said, "device_id: "))
                between(said, "device_id: ", " ", g->place, sizeof(g->place));
        return found;
}
