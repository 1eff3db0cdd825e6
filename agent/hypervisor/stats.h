/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stats: libvirt's domain statistics, typed parameters by name, to sights. */

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sight;
struct sights;

/* An explicit mask always: with none, one dying domain fails the whole call. CPU is asked of runs
 * alone: of a domain that is off, libvirt shows its own. */
enum {
        STATS_STATE = VIR_DOMAIN_STATS_STATE,
        /* Every minute. A balloon that moves is an event, and its domain is read again in turn:
         * asking every QEMU for it each minute was a quarter of what we cost the host. */
        STATS_BLOCKS = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BLOCK,
        STATS_QEMU = STATS_BLOCKS | VIR_DOMAIN_STATS_BALLOON,
        /* Only where the kernel's own files do not show a run. */
        STATS_TOLD =
                VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_INTERFACE,
};

/* All records; with_blocks: also what QEMU told. -ENOMEM. */
int stats_take_all(virDomainStatsRecordPtr *records, size_t n, struct sights *sights,
                   bool with_blocks);
/* Blocks and balloon of one record, for a sight that is there. -ENOMEM. */
int stats_take_blocks(virDomainStatsRecordPtr record, struct sight *sight, struct sights *sights);
/* Processor, memory and interfaces of one record, where they were asked for. -ENOMEM. */
int stats_take_told(virDomainStatsRecordPtr record, struct sight *sight, struct sights *sights);
/* An unsigned or signed number that is not negative. */
bool stats_number(const virTypedParameter *param, uint64_t *ret_value);
/* "block.12.rd.bytes" with prefix "block.": the number, and what follows it. NULL: another name. */
const char *stats_row(const char *field, const char *prefix, size_t *ret_index);
