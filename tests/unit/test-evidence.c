/* SPDX-License-Identifier: Apache-2.0 */

/* Pieces of evidence: both ends count them alike, whatever the order, and notice any difference. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "os/evidence.h"
#include "os/pieces.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static json_t *piece(const char *scope, const char *key, int value)
{
        return json_pack("{s:s, s:s, s:i}", "scope", scope, "key", key, "value", value);
}

static int put(struct pieces *pieces, const char *scope, const char *key, int value)
{
        json_t *p = piece(scope, key, value);
        const int r = pieces_put(pieces, p, NULL);

        json_decref(p);
        return r;
}

static void test_order_does_not_matter(void **state)
{
        struct pieces a = { 0 }, b = { 0 };

        (void)state;
        assert_int_equal(put(&a, "path", "/x", 1), 1);
        assert_int_equal(put(&a, "texts", "/y", 2), 1);
        assert_int_equal(put(&a, "path", "/x", 1), 0);
        assert_int_equal(put(&b, "texts", "/y", 3), 1);
        assert_int_equal(put(&b, "path", "/x", 1), 1);
        assert_memory_not_equal(a.digest, b.digest, PIECE_DIGEST);
        assert_int_equal(put(&b, "texts", "/y", 2), 1);
        assert_int_equal(a.n, 2);
        assert_int_equal(b.n, 2);
        assert_memory_equal(a.digest, b.digest, PIECE_DIGEST);

        pieces_drop(&a, pieces_find(&a, "path", "/x"));
        pieces_drop(&a, pieces_find(&a, "texts", "/y"));
        assert_null(pieces_find(&a, "path", "/x"));
        pieces_done(&b);
        assert_memory_equal(a.digest, b.digest, PIECE_DIGEST);
        pieces_done(&a);
}

static void test_what_is_no_piece(void **state)
{
        static const char *const wrong[] = { "{}",
                                             "{\"scope\":\"path\"}",
                                             "{\"key\":\"/x\"}",
                                             "{\"scope\":\"path\",\"key\":\"/x\",\"v\":1.5}",
                                             "{\"scope\":\"path\",\"key\":\"/x\",\"v\":null}",
                                             "{\"scope\":1,\"key\":\"/x\"}" };
        struct pieces pieces = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                json_t *tree = json_loads(wrong[i], 0, NULL);
                assert_int_equal(pieces_put(&pieces, tree, NULL), -EINVAL);
                json_decref(tree);
        }
        assert_int_equal(pieces.n, 0);
        pieces_done(&pieces);
}

/* What a round does not meet again is taken back, of its scope and below its prefix alone. */
static void test_rounds(void **state)
{
        _cleanup_(vg_evidence_freep) struct vg_evidence *evidence = NULL;
        struct vg_err err = { 0 };

        (void)state;
        assert_int_equal(vg_evidence_new(NULL, &evidence, &err), 0);
        assert_int_equal(vg_evidence_put(evidence, piece("document", "domain/a", 1)), 1);
        assert_int_equal(vg_evidence_put(evidence, piece("document", "domain/b", 1)), 1);
        assert_int_equal(vg_evidence_put(evidence, piece("document", "network/n", 1)), 1);
        assert_int_equal(vg_evidence_put(evidence, piece("path", "domain/a", 1)), 1);

        const uint32_t outer = vg_evidence_round(evidence);
        assert_int_equal(vg_evidence_put(evidence, piece("document", "domain/a", 1)), 0);
        const uint32_t inner = vg_evidence_round(evidence);
        vg_evidence_sweep(evidence, inner, "path", NULL);
        assert_false(vg_evidence_has(evidence, "path", "domain/a"));
        vg_evidence_sweep(evidence, outer, "document", "domain/");
        assert_true(vg_evidence_has(evidence, "document", "domain/a"));
        assert_false(vg_evidence_has(evidence, "document", "domain/b"));
        assert_true(vg_evidence_has(evidence, "document", "network/n"));

        vg_evidence_forget(evidence);
        assert_false(vg_evidence_has(evidence, "document", "domain/a"));
        assert_int_equal(vg_evidence_put(evidence, piece("document", "domain/a", 1)), 1);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order_does_not_matter),
                cmocka_unit_test(test_what_is_no_piece),
                cmocka_unit_test(test_rounds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
