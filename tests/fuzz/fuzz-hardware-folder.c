/* SPDX-License-Identifier: Apache-2.0 */

/* A whole capture at once, as `vigie hardware check` reads it: sources that see the same component,
 * files of /sys beside one another, pages of disks (VPD), the firmware's table. A document begins with
 * a line "@path"; what stands before the first is the firmware's table. */

#include "fuzz/hardware.h"
#include "hardware/check.h"
#include "hardware/smbios.h"

#define TABLE "sys/firmware/dmi/tables/DMI"

static size_t end_of(const char *bytes, size_t n)
{
        const char *end = memmem(bytes, n, "\n@", 2);

        return end ? (size_t)(end - bytes) + 1 : n;
}

static void put_one(struct documents *documents, const char *bytes, size_t n)
{
        const char *line = memchr(bytes, '\n', n);
        const size_t length = line ? (size_t)(line - bytes) : n;
        char path[256];

        if (!n || bytes[0] != '@' || length >= sizeof(path)) {
                expect(documents_put(documents, TABLE, bytes, n) == 0);
                return;
        }
        memcpy(path, bytes + 1, length - 1);
        path[length - 1] = '\0';
        n -= length;
        expect(documents_put(documents, path, line ? line + 1 : "", n ? n - 1 : 0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(documents_done) struct documents documents = { 0 };
        _cleanup_(vg_round_freep) struct vg_round *round = NULL;
        struct hardware_check check = { 0 };
        const char *at = (const char *)data;

        while (size) {
                const size_t n = end_of(at, size);

                put_one(&documents, at, n);
                at += n;
                size -= n;
        }
        expect(vg_round_new("dmi", &round) == 0 && smbios_parse(&documents, round) == 0);
        if (hardware_check_run(&documents, &check, NULL) == 0)
                hardware_check_done(&check);
        return 0;
}
