/* SPDX-License-Identifier: Apache-2.0 */

/* What a RAID tool printed, whatever it holds: read within bounds, judged, saved and loaded again. */

#include "fuzz/hardware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        judge_bytes("raid/tool.txt", data, size, raid_parse);
        return 0;
}
