/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* access: certificates that were let in, and VIG-A-001 before they expire. */

#include <stdbool.h>
#include <stdint.h>

struct keeper;

struct access {
        uint64_t looked_boot_ns;
        bool wanted; /* at the next tick */
};

/* One was granted or revoked. */
void access_wanted(struct keeper *keeper);
void access_tick(struct keeper *keeper);
