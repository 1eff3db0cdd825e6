/* SPDX-License-Identifier: Apache-2.0 */

/* Headers of images: what honest ones name, and what lying ones may not do. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "inspect/image.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"

static void put32(unsigned char *at, uint32_t value)
{
        for (int i = 0; i < 4; i++)
                at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static void put64(unsigned char *at, uint64_t value)
{
        put32(at, (uint32_t)(value >> 32));
        put32(at + 4, (uint32_t)value);
}

/* A qcow2 header: version 3, its extensions from byte 104 on, names where they are told to be. */
struct qcow2 {
        const char *name;
        uint32_t version;
        uint64_t backing_at;
        uint32_t backing_n;
        const char *backing, *data_file;
        uint64_t features;
        uint32_t header;
        uint32_t extension_n; /* 0: as long as the name */
        const char *want_backing, *want_data_file;
        bool want_backing_bad, want_data_file_bad;
};

static const struct qcow2 qcow2s[] = {
        { "plain", 3, 0, 0, "", "", 0, 104, 0, "", "", false, false },
        { "backing", 3, 512, 6, "/b.img", "", 0, 104, 0, "/b.img", "", false, false },
        { "backing of version 2", 2, 512, 5, "b.img", "", 0, 0, 0, "b.img", "", false, false },
        { "data file", 3, 0, 0, "", "/d.raw", 4, 104, 0, "", "/d.raw", false, false },
        { "data file without its name", 3, 0, 0, "", "", 4, 104, 0, "", "", false, true },
        { "both", 3, 512, 2, "/b", "d", 4, 104, 0, "/b", "d", false, false },
        { "name outside", 3, 1 << 20, 6, "", "", 0, 104, 0, "", "", true, false },
        { "offset wraps", 3, UINT64_MAX - 2, 6, "", "", 0, 104, 0, "", "", true, false },
        { "name too long", 3, 512, 1024, "", "", 0, 104, 0, "", "", true, false },
        { "no length", 3, 512, 0, "", "", 0, 104, 0, "", "", true, false },
        { "NUL inside", 3, 512, 5, "a\0bc", "", 0, 104, 0, "", "", true, false },
        { "extension beyond the end", 3, 0, 0, "", "x", 4, 104, UINT32_MAX, "", "", false, true },
        { "header length beyond the end", 3, 0, 0, "", "x", 4, UINT32_MAX, 0, "", "", false, true },
        { "header length too short", 3, 0, 0, "", "x", 4, 8, 0, "", "", false, true },
};

static void test_qcow2(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(qcow2s); i++) {
                const struct qcow2 *q = &qcow2s[i];
                unsigned char bytes[2048] = "QFI\xfb";
                struct image image;

                put32(bytes + 4, q->version);
                put64(bytes + 8, q->backing_at);
                put32(bytes + 16, q->backing_n);
                put64(bytes + 72, q->features);
                put32(bytes + 100, q->header);
                if (q->backing_at < 1024 && q->backing_n < 1000)
                        memcpy(bytes + 512, q->backing, q->backing_n);
                if (q->data_file[0]) {
                        put32(bytes + 104, 0x44415441);
                        put32(bytes + 108,
                              q->extension_n ? q->extension_n : (uint32_t)strlen(q->data_file));
                        memcpy(bytes + 112, q->data_file, strlen(q->data_file));
                }
                image_parse(bytes, sizeof(bytes), &image);
                assert_int_equal(image.format, IMAGE_QCOW2);
                assert_string_equal(image.backing, q->want_backing);
                assert_string_equal(image.data_file, q->want_data_file);
                if (image.backing_bad != q->want_backing_bad ||
                    image.data_file_bad != q->want_data_file_bad)
                        fail_msg("%s", q->name);
        }
}

static void test_others(void **state)
{
        static const char vmdk[] = "# Disk DescriptorFile\nversion=1\n"
                                   "parentFileNameHint=\"base.vmdk\"\n";
        unsigned char qed[256] = { 'Q', 'E', 'D', 0 };
        struct image image;

        (void)state;
        image_parse((const unsigned char *)"not an image at all", 19, &image);
        assert_int_equal(image.format, IMAGE_RAW);
        image_parse((const unsigned char *)vmdk, sizeof(vmdk) - 1, &image);
        assert_int_equal(image.format, IMAGE_VMDK);
        assert_string_equal(image.backing, "base.vmdk");

        qed[16] = 1;
        qed[56] = 128;
        qed[60] = 6;
        memcpy(qed + 128, "/b.qed", 6);
        image_parse(qed, sizeof(qed), &image);
        assert_int_equal(image.format, IMAGE_QED);
        assert_string_equal(image.backing, "/b.qed");
        image_parse(qed, 130, &image);
        assert_true(image.backing_bad);
}

/* Each cut of a good header, and each byte of it turned: nothing is read beyond the end. */
static void test_cuts(void **state)
{
        (void)state;
        for (size_t n = 0; n < 160; n++) {
                _cleanup_free_ unsigned char *bytes = calloc(1, n + 1);
                unsigned char *exact = realloc(bytes, n ? n : 1);
                static const unsigned char good[] = "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\x70\0\0\0\x10";
                struct image image;

                assert_non_null(exact);
                bytes = exact;
                memcpy(bytes, good, n < sizeof(good) ? n : sizeof(good));
                image_parse(bytes, n, &image);
                for (size_t i = 0; i < n; i++) {
                        bytes[i] ^= 0xff;
                        image_parse(bytes, n, &image);
                        bytes[i] ^= 0xff;
                }
        }
}

static void test_resolve(void **state)
{
        static const struct {
                const char *name, *want; /* NULL: it cannot be read */
        } rows[] = {
                { "/srv/b.img", "/srv/b.img" },
                { "b.img", "/srv/a/b.img" },
                { "../b.img", "/srv/a/../b.img" },
                { "a:b.img", "a:b.img" },
                { "./a:b.img", "/srv/a/./a:b.img" },
                { "file:/srv/b.img", "/srv/b.img" },
                { "file:///srv/b.img", "/srv/b.img" },
                { "nbd://host/export", "nbd://host/export" },
                { "rbd:pool/image", "rbd:pool/image" },
                { "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"/x\"}}",
                  "/x" },
                { "json:{\"file.filename\":\"x\"}", "/srv/a/x" },
                { "json:{\"file\":", NULL },
                { "json:[]", NULL },
                { "", NULL },
        };
        char path[64];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const bool found = vg_backing_resolve(rows[i].name, "/srv/a/overlay.qcow2", path,
                                                      sizeof(path));
                if (found != (rows[i].want != NULL) || (found && strcmp(path, rows[i].want) != 0))
                        fail_msg("%s: %s", rows[i].name, found ? path : "-");
        }
        assert_false(vg_backing_resolve("b.img", "/srv/a/overlay.qcow2", path, 8));
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_qcow2),
                cmocka_unit_test(test_others),
                cmocka_unit_test(test_cuts),
                cmocka_unit_test(test_resolve),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
