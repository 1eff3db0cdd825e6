/* SPDX-License-Identifier: Apache-2.0 */

/* Machine checks. What their status says is in the processors' manuals; who is behind it, memory or
 * processor, in its error code or, at AMD's, in the words of the decoder. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/kernel/line.h"
#include "hardware/kernel/rules.h"
#include "vigie/mem.h"

/* Bits of MCi_STATUS. */
#define MCI_VALID (UINT64_C(1) << 63)
#define MCI_UNCORRECTED (UINT64_C(1) << 61)
#define MCI_DEFERRED (UINT64_C(1) << 44) /* AMD; at Intel's a bit of the count */
enum { BANK_OF_FIRMWARE = 255, COUNT_AT = 38, COUNT_MASK = 0x7fff };

/* 000F 0000 1MMM CCCC: an error of a memory controller. */
static bool is_of_memory(const struct kernel_mce *mce)
{
        return mce->bank != BANK_OF_FIRMWARE &&
               (mce->is_memory || (!mce->is_amd && (mce->status & 0xef80) == 0x0080));
}

static int64_t count_of(const struct kernel_mce *mce)
{
        const int64_t count = (int64_t)(mce->status >> COUNT_AT) & COUNT_MASK;

        return mce->is_amd || mce->status & MCI_UNCORRECTED || count == 0 ? 1 : count;
}

bool kernel_mce_judge(const struct kernel_mce *mce, bool has_edac, bool has_ghes,
                      struct kernel_finding *ret)
{
        const bool is_memory = is_of_memory(mce);
        const bool is_bad = (mce->status & MCI_UNCORRECTED) != 0 ||
                            (mce->is_amd && (mce->status & MCI_DEFERRED) != 0);
        char unit[40];

        if (!(mce->status & MCI_VALID) || (is_memory && has_edac) ||
            (mce->bank == BANK_OF_FIRMWARE && has_ghes))
                return false; /* nothing, or the same, told better */
        *ret = (struct kernel_finding){
                .component_class = is_memory ? "dimm" : "cpu",
                .code = is_memory ? is_bad ? "dimm.uncorrected" : "dimm.corrected"
                        : is_bad  ? "cpu.uncorrected"
                                  : "cpu.corrected",
                .health = is_bad ? VG_HEALTH_CRITICAL : VG_HEALTH_WARNING,
                .count = count_of(mce),
        };
        /* The kernel counts from 0 and by logical processor: not the number on the board. */
        snprintf(unit, sizeof(unit), "%s %lld", mce->has_socket ? "socket" : "logical CPU",
                 (long long)(mce->has_socket ? mce->socket : mce->cpu));
        if (is_memory)
                snprintf(ret->location, sizeof(ret->location), "%s bank %lld", unit,
                         (long long)mce->bank);
        else
                snprintf(ret->location, sizeof(ret->location), "%s", unit);
        return true;
}

/* ---- lines ---- */

static void open_block(struct kernel_mce *mce, const struct kernel_line *line)
{
        *mce = (struct kernel_mce){ .is_open = true, .at_s = line->at_s };
        snprintf(mce->text, sizeof(mce->text), "%.159s", line->message);
}

/* "mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 4: be00000000800400" */
static bool begin_raw(struct kernel_mce *mce, const struct kernel_line *line)
{
        const char *check = strstr(line->message, "Machine Check: ");
        const char *bank_at, *status_at, *cpu_at = strstr(line->message, "CPU ");

        if (!check)
                check = strstr(line->message, "Machine Check Exception: ");
        bank_at = check ? strstr(check, "Bank ") : NULL;
        status_at = bank_at ? strstr(bank_at, ": ") : NULL;
        if (!status_at ||
            !(strstr(line->message, "[Hardware Error]") || text_starts(line->message, "CPU ")))
                return false;
        open_block(mce, line);
        mce->bank = number_at(bank_at + 5);
        mce->status = strtoull(status_at + 2, NULL, 16);
        mce->cpu = cpu_at ? number_at(cpu_at + 4) : 0;
        return true;
}

/* "[Hardware Error]: CPU:24 (19:1:1) MC21_STATUS[-|CE|MiscV|AddrV|…]: 0x9c2040000000011b" */
static bool begin_decoded(struct kernel_mce *mce, const struct kernel_line *line)
{
        const char *status_at = strstr(line->message, "_STATUS[");
        const char *cpu_at = strstr(line->message, "CPU:"), *bank_at;
        const char *value_at = status_at ? strstr(status_at, "]: ") : NULL;

        if (!value_at || !strstr(line->message, "[Hardware Error]"))
                return false;
        open_block(mce, line);
        for (bank_at = status_at;
             bank_at > line->message && bank_at[-1] >= '0' && bank_at[-1] <= '9';)
                bank_at--;
        mce->bank = number_at(bank_at);
        mce->status = strtoull(value_at + 3, NULL, 16);
        mce->cpu = cpu_at ? number_at(cpu_at + 4) : 0;
        mce->is_amd = true;
        return true;
}

/* "CPU 0 BANK 7 TSC b98e63765d2", of mcelog; its status comes later. */
static bool begin_mcelog(struct kernel_mce *mce, const struct kernel_line *line)
{
        const char *bank_at = strstr(line->message, " BANK ");

        if (!text_starts(line->message, "CPU ") || !bank_at)
                return false;
        open_block(mce, line);
        mce->bank = number_at(bank_at + 6);
        mce->cpu = number_at(line->message + 4);
        mce->of_mcelog = true;
        return true;
}

static void go_on(struct kernel_mce *mce, const char *said)
{
        static const char *const memory[] = { "DRAM ECC error", "Unified Memory Controller",
                                              "MEMORY CONTROLLER" };
        const char *socket = strstr(said, "SOCKET ");
        const char *status = text_starts(said, "STATUS ") ? said + 7 : NULL;

        if (!socket)
                socket = strstr(said, "SOCKETID ");
        if (socket) {
                mce->has_socket = true;
                mce->socket = number_at(strchr(socket, ' '));
        }
        mce->is_amd |= strstr(said, "PROCESSOR 2:") || strstr(said, "Vendor AMD");
        mce->is_memory |= text_has_any(said, memory, ELEMENTSOF(memory));
        if (status)
                mce->status = strtoull(status, NULL, 16);
        if (text_starts(said, "TIME ") && number_at(said + 5) > 0)
                mce->at_s = number_at(said + 5);
}

bool kernel_mce_take(struct kernel_mce *mce, const struct kernel_line *line,
                     struct kernel_mce *ret_ended)
{
        const char *message = line ? line->message : "";
        const char *tag = strstr(message, "[Hardware Error]: ");
        const bool goes_on =
                line && mce->is_open &&
                (mce->of_mcelog ? line->program == OF_MCELOG || !line->has_head : tag != NULL);
        struct kernel_mce next = { 0 };
        const bool begins = line && (begin_raw(&next, line) || begin_decoded(&next, line) ||
                                     begin_mcelog(&next, line));
        const bool ends = mce->is_open && (begins || !goes_on);

        if (ends)
                *ret_ended = *mce;
        if (begins || ends)
                *mce = next;
        else if (goes_on)
                go_on(mce, tag ? tag + 18 : message);
        return ends;
}
