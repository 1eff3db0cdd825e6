/* SPDX-License-Identifier: Apache-2.0 */

/* rasdaemon's lines ("mc_event: TIME 1 Corrected error: … on LABEL (…)"), the reports of ras-mc-ctl
 * (--errors: entries with times; --summary and --error-count: totals) and of edac-util. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/kernel/line.h"
#include "hardware/kernel/rules.h"
#include "vigie/mem.h"

enum section { NONE, MEMORY, AER, MCE, DISK, FAILURE, COUNTS };

static const struct {
        const char *heading, *event; /* of the report; of the daemon's lines */
        enum section section;
} sections[] = {
        { "Memory controller events", "mc_event", MEMORY },
        { "PCIe AER events", "aer_event", AER },
        { "MCE ", "mce_record", MCE },
        { "Disk errors", "diskerror", DISK },
        { "Memory failure events", "memory_failure_event", FAILURE },
};

/* ---- entries ---- */

/* "Corrected", "Uncorrected", "Fatal", "Deferred": whether it was bad. Nothing for "Info". */
static bool severity_of(const char *text, bool *ret_is_bad)
{
        static const char *const bad[] = { "Uncorrect", "Fatal", "Deferred" };

        *ret_is_bad = text_has_any(text, bad, ELEMENTSOF(bad));
        return *ret_is_bad || text_has(text, "Corrected");
}

static void of_class(struct kernel_finding *f, const char *component_class, const char *code,
                     enum vg_sight_health health)
{
        *f = (struct kernel_finding){
                .component_class = component_class, .code = code, .health = health, .count = 1
        };
        snprintf(f->location, sizeof(f->location), "unnamed");
}

/* "1 Corrected error(s): memory read error at LABEL location: …", the daemon: "… on LABEL (mc: …". */
static bool of_memory(const char *said, struct kernel_finding *f)
{
        char label[KERNEL_PLACE], kind[32];
        bool is_bad;

        kernel_between(said, "", ":", kind, sizeof(kind));
        if (!severity_of(kind, &is_bad))
                return false;
        of_class(f, "dimm", is_bad ? "dimm.uncorrected" : "dimm.corrected",
                 is_bad ? VG_HEALTH_CRITICAL : VG_HEALTH_WARNING);
        f->count = number_at(said) > 0 ? number_at(said) : 1;
        kernel_between(said, " at ", "", label, sizeof(label));
        if (!strstr(said, " location: ") || !*label)
                kernel_between(said, " on ", "(", label, sizeof(label));
        char *end = strstr(label, " location:");
        if (end)
                *end = '\0';
        if (*label)
                snprintf(f->location, sizeof(f->location), "%s", label);
        return true;
}

static bool of_bus(const char *said, struct kernel_finding *f)
{
        bool is_bad;

        if (!severity_of(said, &is_bad))
                return false;
        of_class(f, "pcie", "pcie.corrected", VG_HEALTH_WARNING);
        if (is_bad && text_has(said, "Non-Fatal"))
                f->code = "pcie.nonfatal";
        else if (is_bad)
                of_class(f, "pcie", "pcie.fatal", VG_HEALTH_CRITICAL);
        kernel_pci_address(said, f->device, sizeof(f->device));
        if (*f->device)
                snprintf(f->location, sizeof(f->location), "%s", f->device);
        return true;
}

static uint64_t value_of(const char *said, const char *name, int base, uint64_t missing)
{
        const char *at = strstr(said, name);

        return at ? strtoull(at + strlen(name), NULL, base) : missing;
}

/* "error: …, CPU 2, bank … (bank=17), …, status=0x9c20…, cpu=0x…, socketid=0x…" */
static bool of_check(const char *said, bool has_edac, struct kernel_finding *f)
{
        struct kernel_mce mce = {
                .status = value_of(said, "status=0x8", 16, 0),
                .cpu = (int64_t)value_of(said, "cpu=0x", 16, value_of(said, "CPU ", 10, 0)),
                .socket = (int64_t)value_of(said, "socketid=0x", 16, 0),
                .has_socket = strstr(said, "socketid=0x") != NULL,
                .bank = (int64_t)(value_of(said, "bank=", 0, 0) & 0xffff),
                .is_memory = strstr(said, "Unified Memory Controller") || strstr(said, "DRAM ECC"),
                .is_amd = strstr(said, "CECC") || strstr(said, "UECC") ||
                          strstr(said, "no action required"),
        };

        mce.status = value_of(said, " status=", 16, 0);
        return kernel_mce_judge(&mce, has_edac, false, f);
}

/* "dev=8:16, …, error='critical medium error', rwbs='RA', …" */
static bool of_disk(const char *said, struct kernel_finding *f)
{
        const bool is_medium = text_has(said, "medium error");
        const int64_t major = number_at(strstr(said, "dev=") ? strstr(said, "dev=") + 4 : ""),
                      minor = (int64_t)value_of(strstr(said, "dev=") ? strstr(said, "dev=") : "",
                                                ":", 10, 0);

        if (!is_medium && !text_has(said, "I/O error"))
                return false;
        of_class(f, "drive", is_medium ? "drive.media" : "drive.io", VG_HEALTH_WARNING);
        snprintf(f->location, sizeof(f->location), "%lld:%lld", (long long)major, (long long)minor);
        if (major == 8 && minor >= 0 && minor < 256) { /* sda to sdp, with 15 partitions each */
                snprintf(f->device, sizeof(f->device), "sd%c", (char)('a' + minor / 16));
                snprintf(f->location, sizeof(f->location), "%s", f->device);
        }
        return true;
}

static bool of_section(int section, const char *said, bool has_edac, struct kernel_finding *f)
{
        switch (section) {
        case MEMORY:
                return !has_edac && of_memory(said, f);
        case AER:
                return of_bus(said, f);
        case MCE:
                return of_check(said, has_edac, f);
        case DISK:
                return of_disk(said, f);
        case FAILURE:
                of_class(f, "dimm", "dimm.uncorrected", VG_HEALTH_CRITICAL);
                kernel_between(said, "pfn=", " ", f->key, sizeof(f->key));
                return *f->key != '\0';
        default:
                return false;
        }
}

/* "112 2023-05-31 10:06:19 -0400 …": after the number and the time. NULL: no entry begins here. */
static const char *entry_at(const char *text, int64_t *ret_at_s)
{
        const size_t n = strspn(text, "0123456789");
        const char *at = n && text[n] == ' ' ? text + n + 1 : text;

        if (time_parse(at, ret_at_s) < 0)
                return NULL;
        at += strcspn(at, ":");
        at += strspn(at, "0123456789:");
        if (*at == ' ' && (at[1] == '+' || at[1] == '-'))
                at += 1 + strcspn(at + 1, " ");
        return at + strspn(at, " ");
}

/* ---- totals ---- */

/* "Uncorrected on DIMM Label(s): 'LABEL' location: … errors: 2"; "2 Uncorrected (Fatal) errors: …" */
static bool of_total(int section, const char *line, struct kernel_finding *f)
{
        bool is_bad;

        if (!severity_of(line, &is_bad) || !is_bad)
                return false;
        if (section == MEMORY) {
                of_class(f, "dimm", "dimm.uncorrected", VG_HEALTH_CRITICAL);
                kernel_between(line, "Label(s): '", "'", f->location, sizeof(f->location));
                const char *errors = strstr(line, "errors: ");
                f->count = errors ? number_at(errors + 8) : 1;
                return *f->location != '\0';
        }
        if (section == AER)
                return of_bus(line, f);
        if (section == MCE)
                of_class(f, "cpu", "cpu.uncorrected", VG_HEALTH_CRITICAL);
        return section == MCE;
}

/* "CPU_SrcID#0_Ha#0_Chan#0_DIMM#0 <tab> 5539 <tab> 1": label, corrected, uncorrected. */
static bool of_counts(const char *line, struct kernel_finding *f)
{
        char copy[256], *fields[4];
        size_t n;

        snprintf(copy, sizeof(copy), "%s", line);
        n = split_fields(copy, '\t', fields, ELEMENTSOF(fields));
        if (n != 3 || !isdigit((unsigned char)fields[2][0]) || number_at(fields[2]) == 0)
                return false;
        of_class(f, "dimm", "dimm.uncorrected", VG_HEALTH_CRITICAL);
        snprintf(f->location, sizeof(f->location), "%.127s", fields[0]);
        f->count = number_at(fields[2]);
        return true;
}

/* edac-util: "mc0: csrow2: CPU#0Channel#1_DIMM#0: 3 Uncorrected Errors" */
static bool of_edac_util(const char *line, struct kernel_finding *f)
{
        const char *words = strstr(line, " Uncorrected Errors"), *from = words, *label;

        if (!text_starts(line, "mc") || !words)
                return false;
        while (from > line && isdigit((unsigned char)from[-1]))
                from--;
        if (from == words || number_at(from) == 0 || from - line < 3)
                return false;
        of_class(f, "dimm", "dimm.uncorrected", VG_HEALTH_CRITICAL);
        f->count = number_at(from);
        for (label = from - 2; label > line && label[-1] != ' ';)
                label--;
        text_trim(label, from - 2, f->location, sizeof(f->location));
        return true;
}

/* ---- lines ---- */

static bool end_entry(struct kernel_ras *ras, bool has_edac, struct kernel_finding *f,
                      int64_t *ret_at_s)
{
        const char *said = *ras->entry ? entry_at(ras->entry, ret_at_s) : NULL;
        const bool found = said && of_section(ras->section, said, has_edac, f);

        ras->entry[0] = '\0';
        return found;
}

static int section_of(const char *line)
{
        if (text_starts(line, "Label") && strstr(line, "CE") && strstr(line, "UE"))
                return COUNTS;
        for (size_t i = 0; i < ELEMENTSOF(sections); i++)
                if (text_starts(line, sections[i].heading) && line[strlen(line) - 1] == ':')
                        return sections[i].section;
        return NONE;
}

/* "… mc_event: 2023-05-31 10:06:19 -0400 1 Corrected error: …" */
static bool of_daemon(const char *line, bool has_edac, struct kernel_finding *f, int64_t *ret_at_s)
{
        for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
                const char *at = strstr(line, sections[i].event);
                const char *said = at ? at + strcspn(at, " ") : NULL;

                if (!said)
                        continue;
                while (*said && !isdigit((unsigned char)*said))
                        said++;
                said = entry_at(said, ret_at_s);
                return said && of_section(sections[i].section, said, has_edac, f);
        }
        return false;
}

/* A line of a report, which is no heading. */
static bool take_row(struct kernel_ras *ras, const char *text, struct kernel_finding *f)
{
        const size_t n = strlen(ras->entry);
        int64_t at_s;

        if (ras->section == COUNTS)
                return of_counts(text, f);
        if (ras->section == NONE)
                return of_edac_util(text, f);
        if (!n && !entry_at(text, &at_s))
                return of_total(ras->section, text, f);
        snprintf(ras->entry + n, sizeof(ras->entry) - n, "%s%s", n ? " " : "", text);
        return false;
}

bool kernel_ras_take(struct kernel_ras *ras, const struct kernel_line *line, bool has_edac,
                     struct kernel_finding *f, int64_t *ret_at_s)
{
        const char *text = line ? line->message : "";
        const bool is_log = line && line->has_head;
        const int section = section_of(text);
        int64_t at_s;
        bool found = false;

        *ret_at_s = 0;
        if (line && line->program == OF_RASDAEMON)
                return of_daemon(text, has_edac, f, ret_at_s);
        if (!line || is_log || section != NONE || entry_at(text, &at_s) || text_starts(text, "No "))
                found = end_entry(ras, has_edac, f, ret_at_s);
        if (is_log || section != NONE || text_starts(text, "No "))
                ras->section = section;
        else if (line && !found)
                return take_row(ras, text, f);
        else if (line)
                take_row(ras, text, &(struct kernel_finding){ 0 }); /* begins the next entry */
        return found;
}

bool kernel_ras_is(const char *bytes, size_t n)
{
        static const char *const signs[] = { "Hardware event. This is not a software error",
                                             "Memory controller events",
                                             "No Memory errors.",
                                             "MCE events:",
                                             "MCE records summary:",
                                             "Label               \tCE",
                                             "\tCE\tUE",
                                             " Uncorrected Errors with no DIMM info" };

        for (size_t i = 0; i < ELEMENTSOF(signs); i++)
                if (memmem(bytes, n, signs[i], strlen(signs[i])))
                        return true;
        return false;
}
