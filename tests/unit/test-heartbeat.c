/* SPDX-License-Identifier: Apache-2.0 */

/* Heartbeats: what is signed is read back, and nothing else is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "store/store.h"
#include "vigie/err.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"

static const struct vg_heartbeat both = {
        .origin = "vigie/qc-01/heartbeat/0123456789abcdef",
        .utc_s = 1806584400,
        .has = { true, true },
        .size = { [VG_LOG_SHARED] = 12, [VG_LOG_CLIENT] = 3456 },
        .root = { { { 1, 2, 3 } }, { { 4, 5, 6 } } },
};

static void origins(_unused_ void **state)
{
        static const struct {
                const char *log, *want; /* want NULL: refused */
        } rows[] = {
                { "vigie/qc-01/shared/0123456789abcdef", "vigie/qc-01/heartbeat/0123456789abcdef" },
                { "vigie/é/client/00", "vigie/é/heartbeat/00" },
                { "vigie/qc-01", NULL },
                { "other/qc-01/shared/00", NULL },
                { "", NULL },
        };
        char origin[VG_ORIGIN_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int r = vg_heartbeat_origin(rows[i].log, origin);
                assert_int_equal(r, rows[i].want ? 0 : -EINVAL);
                if (rows[i].want)
                        assert_string_equal(origin, rows[i].want);
        }
}

static void sign(const struct vg_heartbeat *heartbeat, const struct store_key *key,
                 struct vg_buf *note)
{
        assert_int_equal(vg_heartbeat_sign(heartbeat, &store_hasher, store_key_public(key),
                                           store_sign, (void *)key, note),
                         0);
}

static int check(const struct vg_buf *note, const struct store_key *key,
                 struct vg_heartbeat *ret_heartbeat)
{
        struct vg_note split;
        int r = vg_heartbeat_parse(note->data, note->n, ret_heartbeat, &split, NULL);

        return r < 0 ? r
                     : vg_note_check_name(&split, ret_heartbeat->origin, &store_hasher,
                                          store_key_public(key), store_check, NULL);
}

static void round_trip(_unused_ void **state)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        struct vg_heartbeat kinds[] = { both, both };

        kinds[1].has[VG_LOG_CLIENT] = false;
        assert_int_equal(store_key_new(&key, NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(vg_buf_done) struct vg_buf note = { 0 };
                struct vg_heartbeat got;

                sign(&kinds[i], key, &note);
                assert_int_equal(strstr(note.data, "\nclient ") != NULL, i == 0);
                assert_int_equal(check(&note, key, &got), 0);
                assert_string_equal(got.origin, both.origin);
                assert_int_equal(got.utc_s, both.utc_s);
                for (unsigned log = 0; log < VG_LOG_N; log++) {
                        assert_int_equal(got.has[log], kinds[i].has[log]);
                        assert_int_equal(got.size[log], got.has[log] ? both.size[log] : 0);
                        assert_true(!got.has[log] ||
                                    vg_hash_equal(&got.root[log], &both.root[log]));
                }
        }
}

/* Any other byte anywhere: not that note, or not that signature. */
static void every_byte_counts(_unused_ void **state)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_(vg_buf_done) struct vg_buf note = { 0 };
        struct vg_heartbeat got;

        assert_int_equal(store_key_new(&key, NULL), 0);
        sign(&both, key, &note);
        for (size_t i = 0; i < note.n; i++) {
                note.data[i] ^= 1;
                assert_true(check(&note, key, &got) < 0);
                note.data[i] ^= 1;
        }
        assert_int_equal(check(&note, key, &got), 0);
}

static void other_texts(_unused_ void **state)
{
        static const char sum[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        static const struct {
                const char *name, *first, *last;
        } rows[] = {
                { "no logs' lines are fine, no time is not", "o\n", "" },
                { "a time that is none", "o\n2027-02-30T00:00:00Z\n", "" },
                { "logs out of order", "o\n2027-04-01T13:00:00Z\nshared 1 %s\n", "client 1 %s\n" },
                { "a log twice", "o\n2027-04-01T13:00:00Z\nshared 1 %s\n", "shared 1 %s\n" },
                { "a size with a zero before", "o\n2027-04-01T13:00:00Z\nshared 01 %s\n", "" },
                { "a log of another name", "o\n2027-04-01T13:00:00Z\nother 1 %s\n", "" },
                { "a line more", "o\n2027-04-01T13:00:00Z\nshared 1 %s\n", "x\n" },
        };
        _cleanup_(store_key_freep) struct store_key *key = NULL;

        assert_int_equal(store_key_new(&key, NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_buf_done) struct vg_buf note = { 0 };
                struct vg_heartbeat got;

                vg_buf_printf(&note, rows[i].first, sum);
                vg_buf_printf(&note, rows[i].last, sum);
                assert_int_equal(vg_note_sign("o", 0, &store_hasher, store_key_public(key),
                                              store_sign, key, &note),
                                 0);
                if (check(&note, key, &got) != -EINVAL)
                        fail_msg("%s", rows[i].name);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(origins),
                cmocka_unit_test(round_trip),
                cmocka_unit_test(every_byte_counts),
                cmocka_unit_test(other_texts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
