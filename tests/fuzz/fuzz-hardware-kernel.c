/* SPDX-License-Identifier: Apache-2.0 */

/* A log of the kernel, whatever it holds: read within bounds, judged, saved and loaded again. */

#include "fuzz/hardware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        judge_bytes("kernel.log", data, size, kernel_parse);
        return 0;
}
