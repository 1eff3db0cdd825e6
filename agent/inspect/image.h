/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image: what the header of a disk image names, read without trusting it: a tenant writes it. Pure:
 * bytes in, names out. */

#include <stdbool.h>
#include <stddef.h>

enum {
        IMAGE_HEADER_BYTES = 128 << 10, /* as much of an image as is looked at */
        IMAGE_NAME_MAX = 1023,          /* QEMU's own limit on names in qcow2 and QED */
};

enum image_format { IMAGE_RAW, IMAGE_QCOW2, IMAGE_QED, IMAGE_VMDK };

struct image {
        enum image_format format;
        /* "": it names none. As written: a path, or a protocol that only QEMU understands. */
        char backing[IMAGE_NAME_MAX + 1], data_file[IMAGE_NAME_MAX + 1];
        bool backing_bad, data_file_bad; /* it names one, and the name cannot be read */
        bool backing_raw; /* what lies beneath is raw, it says: nothing in it names another */
};

const char *image_format_name(enum image_format format); /* "raw", "qcow2"… */

/* n: how much was read; the image may go on. */
void image_parse(const unsigned char *bytes, size_t n, struct image *ret_image);
