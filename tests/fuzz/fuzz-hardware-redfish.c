/* SPDX-License-Identifier: Apache-2.0 */

/* One resource of a BMC, whatever it holds: read within bounds, judged, saved and loaded again. */

#include "fuzz/hardware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        judge_bytes("redfish/v1/index.json", data, size, redfish_parse);
        return 0;
}
