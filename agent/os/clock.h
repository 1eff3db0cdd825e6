/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* clock: the only place where the time is asked for. */

#include <stdint.h>

struct vg_now {
        uint64_t at_boot_ns; /* CLOCK_BOOTTIME: elapsed time, suspend included */
        int64_t at_utc_ns;   /* CLOCK_REALTIME: where the wall clock stood */
};

enum vg_clock_sync { VG_SYNC_UNKNOWN, VG_SYNC_YES, VG_SYNC_NO };

struct vg_now vg_clock_now(void);
/* What the kernel's discipline says (adjtimex), and its offset in nanoseconds (may be NULL). */
enum vg_clock_sync vg_clock_sync(int64_t *ret_offset_ns);
/* "synchronised", "unsynchronised", "unknown": the words of the protocol. */
const char *vg_clock_sync_word(enum vg_clock_sync sync);
/* This boot's id as the kernel gives it, 36 characters. 0 or -errno. */
int vg_clock_boot_id(char boot_id[40]);
