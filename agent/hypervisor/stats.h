/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stats: libvirt's domain statistics, typed parameters by name, to sights. */

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stddef.h>

struct sight;
struct sights;

/* An explicit mask always (METERING, trap 1). CPU is not among them (trap 3). */
enum {
        STATS_STATE = VIR_DOMAIN_STATS_STATE,
        /* Every minute. A balloon that moves is an event, and is looked at again with the storage:
         * asking every QEMU for it each minute was a quarter of what we cost the host. */
        STATS_BLOCKS = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BLOCK,
        STATS_QEMU = STATS_BLOCKS | VIR_DOMAIN_STATS_BALLOON,
};

/* All records; with_blocks: also what QEMU told. -ENOMEM. */
int stats_take_all(virDomainStatsRecordPtr *records, size_t n, struct sights *sights,
                   bool with_blocks);
/* Blocks and balloon of one record, for a sight that is there. -ENOMEM. */
int stats_take_blocks(virDomainStatsRecordPtr record, struct sight *sight, struct sights *sights);
