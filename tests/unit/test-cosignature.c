/* SPDX-License-Identifier: Apache-2.0 */

/* Cosignatures: the line is the one that tlog-cosignature describes, byte for byte, and no other head,
 * key or line passes. That openssl agrees with the signature is for tests/edge/test_receive.py. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "store/store.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"

enum { WHEN = 1679315147 };

static const struct vg_checkpoint head = { .origin = "vigie/a/shared/0123456789abcdef", .size = 7 };

static void write_line(const struct store_key *key, struct vg_buf *line)
{
        assert_int_equal(vg_cosignature_write(&head, "w.example/1", WHEN, &store_hasher,
                                              store_key_public(key), store_sign, (void *)key, line),
                         0);
}

static int check(const struct vg_checkpoint *of, const struct store_key *key, const char *line,
                 size_t n)
{
        int64_t utc_s = 0;
        int r = vg_cosignature_check(of, line, n, &store_hasher, store_key_public(key), store_check,
                                     NULL, &utc_s);

        assert_int_equal(utc_s, r == 0 ? WHEN : 0);
        return r;
}

static void test_form(_unused_ void **state)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };
        static const uint8_t time[] = { 0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb };
        static const char begin[] = "\xe2\x80\x94 w.example/1 ";
        uint8_t blob[76];
        size_t n;

        assert_int_equal(store_key_new(&key, NULL), 0);
        write_line(key, &line);
        assert_memory_equal(line.data, begin, sizeof(begin) - 1);
        assert_int_equal(line.data[line.n - 1], '\n');
        assert_int_equal(vg_base64_parse(line.data + sizeof(begin) - 1, line.n - sizeof(begin),
                                         blob, sizeof(blob), &n),
                         0);
        assert_int_equal(n, sizeof(blob));
        assert_memory_equal(blob + 4, time, sizeof(time));

        const struct vg_bytes parts[] = { { "w.example/1\n\x04", 13 },
                                          { store_key_public(key), VG_PUBLIC_KEY_SIZE } };
        struct vg_hash id;
        assert_int_equal(store_hasher.sha256(NULL, parts, 2, &id), 0);
        assert_memory_equal(blob, id.bytes, 4);

        char message[256];
        snprintf(message, sizeof(message),
                 "cosignature/v1\ntime %d\n%s\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                 WHEN, head.origin);
        assert_int_equal(
                store_check(NULL, store_key_public(key), message, strlen(message), blob + 12), 0);
        assert_int_equal(check(&head, key, line.data, line.n), 0);
}

static void test_refused(_unused_ void **state)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_(store_key_freep) struct store_key *other = NULL;
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };
        struct vg_checkpoint changed = head;

        assert_int_equal(store_key_new(&key, NULL), 0);
        assert_int_equal(store_key_new(&other, NULL), 0);
        write_line(key, &line);
        assert_int_equal(check(&head, other, line.data, line.n), -ENOKEY);
        changed.size++;
        assert_int_equal(check(&changed, key, line.data, line.n), -EBADMSG);
        assert_int_equal(check(&head, key, line.data, line.n - 1), -EINVAL);
        /* No byte of it may change. */
        for (size_t i = 0; i < line.n; i++) {
                line.data[i] ^= 1;
                assert_true(check(&head, key, line.data, line.n) < 0);
                line.data[i] ^= 1;
        }
        for (size_t n = 0; n < line.n; n++)
                assert_int_equal(check(&head, key, line.data, n), -EINVAL);
}

static void test_names(_unused_ void **state)
{
        assert_true(vg_cosigner_name_valid("vigie/receive/0123"));
        static const char *const wrong[] = { "", "a b", "a+b", "a\n", "a\xff", "a\x7f" };
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                assert_false(vg_cosigner_name_valid(wrong[i]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_form),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
