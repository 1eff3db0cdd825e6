/* SPDX-License-Identifier: Apache-2.0 */

/* What the firmware reports: blocks that begin with its source and end with the next other line. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/kernel/line.h"
#include "hardware/kernel/rules.h"

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
        snprintf(f->location, sizeof(f->location), "%s",
                 *g->place                 ? g->place
                 : *g->fru                 ? g->fru
                 : kind == 0 && *g->module ? g->module
                                           : "unnamed");
        if (strcmp(f->component_class, "pcie") == 0)
                snprintf(f->device, sizeof(f->device), "%.31s", f->location);
        *ret_at_s = g->at_s;
        return *f->code && *g->severity;
}

/* "fru_text: CorrectedErr" and the like name the error, not the part. */
static bool names_a_part(const char *fru)
{
        return *fru && !text_has(fru, "error") && !text_has(fru, "Err") && !text_has(fru, "Corr");
}

static void take_place(struct kernel_ghes *g, const char *said)
{
        char text[KERNEL_PLACE];

        kernel_between(said, "fru_text: ", "\n", text, sizeof(text));
        if (names_a_part(text))
                snprintf(g->fru, sizeof(g->fru), "%s", text);
        kernel_between(said, "DIMM location: ", ".", text, sizeof(text));
        if (*text && !text_has(text, "not present") && !text_has(text, "unknown"))
                snprintf(g->place, sizeof(g->place), "%s", text);
        if (text_starts(said + strspn(said, " "), "device_id: "))
                kernel_pci_address(said, g->place, sizeof(g->place));
        const char *node = strstr(said, "node:"), *card = strstr(said, "card:"),
                   *module = strstr(said, "module:");
        if (node && card && module)
                snprintf(g->module, sizeof(g->module), "node %lld card %lld module %lld",
                         (long long)number_at(node + 5), (long long)number_at(card + 5),
                         (long long)number_at(module + 7));
}

/* "event severity: corrected"; of older kernels "severity: 2, corrected". */
static void take_severity(struct kernel_ghes *g, const char *said)
{
        char text[24];

        kernel_between(said, "event severity: ", ",", text, sizeof(text));
        if (!*text && !*g->severity && text_starts(said + strspn(said, " "), "severity: "))
                kernel_between(said, ", ", ",", text, sizeof(text));
        if (*text)
                snprintf(g->severity, sizeof(g->severity), "%s", text);
        kernel_between(said, "section_type: ", ",", g->section[0] ? text : g->section,
                       g->section[0] ? sizeof(text) : sizeof(g->section));
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
        take_severity(g, said);
        take_place(g, said);
        return found;
}
