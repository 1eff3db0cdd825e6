/* SPDX-License-Identifier: Apache-2.0 */

/* What an IPMI tool printed, whatever it holds: read within bounds, judged, saved and loaded again. */

#include "fuzz/hardware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        judge_bytes("ipmi/sel.txt", data, size, ipmi_parse);
        return 0;
}
