/* SPDX-License-Identifier: Apache-2.0 */

/* The formats, as QEMU documents them (docs/interop/qcow2.txt, qed_spec.txt; VMDK's descriptor):
 *
 * qcow2  big endian: 0 "QFI\xfb", 4 version, 8 u64 offset and 16 u32 length of the backing name,
 *        20 u32 cluster bits; from version 3: 72 u64 incompatible features (bit 2: external data
 *        file), 100 u32 header length. Extensions follow the header: u32 type, u32 length, data
 *        padded to 8 bytes, until type 0; 0x44415441 is the data file's name, 0xe2792aca the
 *        format of what lies beneath.
 * QED    little endian: 0 "QED\0", 16 u64 features (bit 0: backing file), 56 u32 offset and 60 u32
 *        length of the backing name.
 * VMDK   0 "KDMV" and little endian u64 at 28 offset, 36 size of the descriptor, in sectors; or the
 *        descriptor alone. Its line parentFileNameHint="…" names the parent. */

#include "inspect/image.h"

#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vigie/text.h"

#define QCOW2_DATA_FILE 0x44415441u
#define QCOW2_BACKING_FORMAT 0xe2792acau
enum { QCOW2_EXTERNAL_DATA = 1 << 2, QED_HAS_BACKING = 1 << 0, SECTOR = 512 };

const char *image_format_name(enum image_format format)
{
        static const char *const names[] = { "raw", "qcow2", "qed", "vmdk" };

        return names[format];
}

static uint32_t be32(const unsigned char *at)
{
        uint32_t value;

        memcpy(&value, at, sizeof(value));
        return be32toh(value);
}

static uint64_t be64(const unsigned char *at)
{
        uint64_t value;

        memcpy(&value, at, sizeof(value));
        return be64toh(value);
}

static uint32_t le32(const unsigned char *at)
{
        uint32_t value;

        memcpy(&value, at, sizeof(value));
        return le32toh(value);
}

static uint64_t le64(const unsigned char *at)
{
        uint64_t value;

        memcpy(&value, at, sizeof(value));
        return le64toh(value);
}

/* A name of `length` bytes at `offset`. false: it lies elsewhere than where it can be. */
static bool take_name(const unsigned char *bytes, size_t n, uint64_t offset, uint64_t length,
                      char name[IMAGE_NAME_MAX + 1])
{
        if (!length || length > IMAGE_NAME_MAX || offset > n || length > n - offset ||
            memchr(bytes + offset, 0, length) ||
            !vg_utf8_valid((const char *)bytes + offset, length, NULL))
                return false;
        memcpy(name, bytes + offset, length);
        name[length] = '\0';
        return true;
}

static void parse_extensions(const unsigned char *bytes, size_t n, size_t at, struct image *image)
{
        while (at <= n && n - at >= 8) {
                const uint32_t type = be32(bytes + at), length = be32(bytes + at + 4);

                at += 8;
                if (!type)
                        return;
                if (type == QCOW2_DATA_FILE) {
                        image->data_file_bad = !take_name(bytes, n, at, length, image->data_file);
                        return;
                }
                if (length > n - at)
                        return;
                if (type == QCOW2_BACKING_FORMAT)
                        image->backing_raw = length == 3 && memcmp(bytes + at, "raw", 3) == 0;
                at += (length + UINT64_C(7)) & ~UINT64_C(7);
        }
}

static void parse_qcow2(const unsigned char *bytes, size_t n, struct image *image)
{
        const uint64_t offset = be64(bytes + 8);
        const uint32_t version = be32(bytes + 4), length = be32(bytes + 16);

        image->format = IMAGE_QCOW2;
        if (offset)
                image->backing_bad = !take_name(bytes, n, offset, length, image->backing);
        if (version < 3)
                return;

        const bool external = n >= 104 && (be64(bytes + 72) & QCOW2_EXTERNAL_DATA);
        const uint32_t header = n >= 104 ? be32(bytes + 100) : 0;
        if (external)
                image->data_file_bad = true; /* until its name is found */
        if (header >= 104)
                parse_extensions(bytes, n, header, image);
}

static void parse_qed(const unsigned char *bytes, size_t n, struct image *image)
{
        image->format = IMAGE_QED;
        if (le64(bytes + 16) & QED_HAS_BACKING)
                image->backing_bad =
                        !take_name(bytes, n, le32(bytes + 56), le32(bytes + 60), image->backing);
}

static void parse_descriptor(const char *text, size_t n, struct image *image)
{
        static const char hint[] = "parentFileNameHint=\"";
        const char *at = memmem(text, n, hint, sizeof(hint) - 1), *end;

        if (!at)
                return;
        at += sizeof(hint) - 1;
        end = memchr(at, '"', n - (size_t)(at - text));
        image->backing_bad = !end || !take_name((const unsigned char *)at, (size_t)(end - at), 0,
                                                (size_t)(end - at), image->backing);
}

static void parse_vmdk(const unsigned char *bytes, size_t n, struct image *image)
{
        const uint64_t first = le64(bytes + 28), sectors = le64(bytes + 36);

        image->format = IMAGE_VMDK;
        if (!first)
                return;
        if (first > n / SECTOR || sectors > n / SECTOR - first)
                image->backing_bad = true;
        else
                parse_descriptor((const char *)bytes + first * SECTOR, sectors * SECTOR, image);
}

void image_parse(const unsigned char *bytes, size_t n, struct image *ret_image)
{
        static const char descriptor[] = "# Disk DescriptorFile";

        *ret_image = (struct image){ .format = IMAGE_RAW };
        if (n >= 72 && memcmp(bytes, "QFI\xfb", 4) == 0)
                parse_qcow2(bytes, n, ret_image);
        else if (n >= 64 && memcmp(bytes, "QED\0", 4) == 0)
                parse_qed(bytes, n, ret_image);
        else if (n >= SECTOR && memcmp(bytes, "KDMV", 4) == 0)
                parse_vmdk(bytes, n, ret_image);
        else if (n >= sizeof(descriptor) - 1 &&
                 memcmp(bytes, descriptor, sizeof(descriptor) - 1) == 0) {
                ret_image->format = IMAGE_VMDK;
                parse_descriptor((const char *)bytes, n, ret_image);
        }
}
