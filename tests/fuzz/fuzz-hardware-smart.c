/* SPDX-License-Identifier: Apache-2.0 */

/* An answer of smartctl, whatever it holds: read within bounds, judged, saved and loaded again. */

#include "fuzz/hardware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        judge_bytes("smartctl/sda.json", data, size, smart_parse);
        return 0;
}
