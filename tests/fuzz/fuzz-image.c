/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as the head of a disk image: what it names fits, ends, and is a text. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/image.h"
#include "vigie/isolation.h"
#include "vigie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_name(const char *name, size_t room)
{
        char path[4096];
        const size_t n = strnlen(name, room);

        if (n == room || !vg_utf8_valid(name, n, NULL))
                abort();
        if (vg_backing_resolve(name, "/folder/image", path, sizeof(path)) && path[0] != '/' &&
            !strchr(path, ':'))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct image image;

        image_parse(data, size, &image);
        expect_name(image.backing, sizeof(image.backing));
        expect_name(image.data_file, sizeof(image.data_file));
        return 0;
}
