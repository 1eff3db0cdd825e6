/* SPDX-License-Identifier: Apache-2.0 */

#include "os/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "os/files.h"
#include "vigie/civil.h"
#include "vigie/mem.h"

struct vg_now vg_clock_now(void)
{
        struct timespec boot, utc;

        clock_gettime(CLOCK_BOOTTIME, &boot);
        clock_gettime(CLOCK_REALTIME, &utc);
        return (struct vg_now){
                .at_boot_ns =
                        (uint64_t)boot.tv_sec * (uint64_t)VG_NS_PER_S + (uint64_t)boot.tv_nsec,
                .at_utc_ns = utc.tv_sec * VG_NS_PER_S + utc.tv_nsec,
        };
}

enum vg_clock_sync vg_clock_sync(int64_t *ret_offset_ns)
{
        struct timex t = { .modes = 0 };
        int state = adjtimex(&t);

        if (ret_offset_ns)
                *ret_offset_ns = state < 0 ? 0 : t.status & STA_NANO ? t.offset : t.offset * 1000;
        if (state < 0)
                return VG_SYNC_UNKNOWN;
        return state == TIME_ERROR || t.status & STA_UNSYNC ? VG_SYNC_NO : VG_SYNC_YES;
}

const char *vg_clock_sync_word(enum vg_clock_sync sync)
{
        static const char *const words[] = { "unknown", "synchronised", "unsynchronised" };

        return words[sync];
}

int vg_clock_boot_id(char boot_id[40])
{
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r = vg_file_read("/proc/sys/kernel/random/boot_id", 64, &text, &n, NULL);

        if (r < 0)
                return r;
        if (n < 36)
                return -EIO;
        memcpy(boot_id, text, 36);
        boot_id[36] = '\0';
        return 0;
}
