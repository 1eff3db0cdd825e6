/* SPDX-License-Identifier: Apache-2.0 */

/* The text by which a key lets another take over, to the byte; who may have signed it; and until when
 * an access holds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract-data.h"
#include "store/store.h"
#include "vigie/civil.h"

#define ORIGIN "vigie/v1/shared/0123456789abcdef"

static void test_text(_unused_ void **state)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        uint8_t key[VG_PUBLIC_KEY_SIZE];

        for (unsigned i = 0; i < sizeof(key); i++)
                key[i] = (uint8_t)i;
        vg_key_text(ORIGIN, key, &text);
        assert_string_equal(text.data, "vigie key\n" ORIGIN "\n"
                                       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
}

static void test_who_signed(_unused_ void **state)
{
        _cleanup_(store_key_freep) struct store_key *old = NULL, *new = NULL, *stranger = NULL;
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        uint8_t signature[VG_SIGNATURE_SIZE];
        struct vg_err err = { 0 };

        assert_int_equal(store_key_new(&old, &err), 0);
        assert_int_equal(store_key_new(&new, &err), 0);
        assert_int_equal(store_key_new(&stranger, &err), 0);
        const uint8_t *o = store_key_public(old), *n = store_key_public(new),
                      *s = store_key_public(stranger);

        vg_key_text(ORIGIN, n, &text);
        assert_int_equal(store_sign(old, text.data, text.n, signature), 0);
        const struct {
                const char *origin;
                const uint8_t *old, *new;
                int want;
        } rows[] = {
                { ORIGIN, o, n, 0 },
                { "vigie/v2/shared/0123456789abcdef", o, n, -EBADMSG },
                { "vigie/v1/client/0123456789abcdef", o, n, -EBADMSG },
                { ORIGIN, o, s, -EBADMSG },
                { ORIGIN, s, n, -EBADMSG },
                { ORIGIN, n, o, -EBADMSG },
        };
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(vg_key_check(rows[i].origin, rows[i].old, rows[i].new, signature,
                                              store_check, NULL),
                                 rows[i].want);
        signature[63] ^= 1;
        assert_int_equal(vg_key_check(ORIGIN, o, n, signature, store_check, NULL), -EBADMSG);
}

/* ---- access ---- */

static struct vg_contract *example(void)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };
        size_t n;
        _cleanup_free_ char *bytes = read_file(EXAMPLE, &n);

        assert_int_equal(vg_contract_parse(bytes, n, vg_file_zone, &contract, &refusals, &err), 0);
        return contract;
}

static void test_access_until(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = example();
        const int64_t now_s = c->start_s + VG_DAY_S, end_s = vg_contract_end_at(c, now_s)->value;
        const struct {
                const struct vg_contract *contract;
                enum vg_role role;
                int64_t until_s, want_s;
        } rows[] = {
                { c, VG_ROLE_SUPPLIER_MAINTENANCE, end_s - 1, end_s - 1 },
                { c, VG_ROLE_SUPPLIER_MAINTENANCE, end_s, end_s },
                { c, VG_ROLE_SUPPLIER_MAINTENANCE, end_s + 1, end_s },
                { c, VG_ROLE_SUPPLIER_MAINTENANCE, INT64_MAX, end_s },
                { NULL, VG_ROLE_SUPPLIER_MAINTENANCE, end_s, now_s },
                { c, VG_ROLE_CLIENT_IT, INT64_MAX, INT64_MAX },
                { NULL, VG_ROLE_TENANT_OWNER, end_s, end_s },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(vg_contract_access_until(rows[i].contract, rows[i].role,
                                                          rows[i].until_s, now_s),
                                 rows[i].want_s);
}

static void test_roles(_unused_ void **state)
{
        for (int role = 0; role < VG_ROLE_N; role++)
                assert_int_equal(vg_role_find(vg_role_name((enum vg_role)role)), role);
        assert_int_equal(vg_role_find("king"), -ENOENT);
        assert_int_equal(vg_role_find(""), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_who_signed),
                cmocka_unit_test(test_access_until),
                cmocka_unit_test(test_roles),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
