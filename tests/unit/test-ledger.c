/* SPDX-License-Identifier: Apache-2.0 */

/* The pure ledger: golden records (checked by check-golden with other tools too), proofs of all
 * small trees, and the texts that it must refuse. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "os/files.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#define GOLDEN VIGIE_SOURCE_DIR "/tests/data/ledger/golden/"
enum { N_GOLDEN = 10, N_LEAVES = 70 };

static char *read_file(const char *path, size_t *ret_n)
{
        struct vg_err err = { 0 };
        char *bytes = NULL;

        if (vg_file_read(path, 1 << 20, &bytes, ret_n, &err) < 0)
                fail_msg("%s", vg_err_text(&err));
        return bytes;
}

static void read_hashes(const char *path, struct vg_hash *hashes, size_t n)
{
        size_t size;
        _cleanup_free_ char *text = read_file(path, &size);

        assert_int_equal(size, n * (2 * VG_HASH_SIZE + 1));
        for (size_t i = 0; i < n; i++) {
                char *line = text + i * (2 * VG_HASH_SIZE + 1);
                line[2 * VG_HASH_SIZE] = '\0';
                assert_int_equal(vg_hex_parse(line, hashes[i].bytes, VG_HASH_SIZE), 0);
        }
}

/* Takes the envelope off, puts it on again, and reads the body strictly. */
static void check_record(const char *line, size_t n, uint64_t seq)
{
        struct vg_record record;
        struct vg_buf again = { 0 }, body = { 0 };
        struct vg_err err = { 0 };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;

        assert_int_equal(vg_record_split(line, n, &record), 0);
        assert_int_equal(record.seq, seq);
        assert_int_equal(record.log, VG_LOG_CLIENT);
        assert_int_equal(vg_record_format(&record, &again, &err), 0);
        assert_int_equal(again.n, n);
        assert_memory_equal(again.data, line, n);

        assert_int_equal(vg_json_parse(record.body, record.n_body, &tree, NULL, NULL, &err), 0);
        assert_int_equal(vg_json_canonical(tree, &body, &err), 0);
        assert_int_equal(body.n, record.n_body);
        assert_memory_equal(body.data, record.body, body.n);
        vg_buf_done(&again);
        vg_buf_done(&body);
}

static void test_golden_records(_unused_ void **state)
{
        size_t size, at = 0;
        _cleanup_free_ char *text = read_file(GOLDEN "records.jsonl", &size);
        struct vg_hash leaves[N_GOLDEN], roots[N_GOLDEN + 1], hash;
        struct vg_tree tree = { 0 };

        read_hashes(GOLDEN "leaves.hex", leaves, N_GOLDEN);
        read_hashes(GOLDEN "roots.hex", roots, N_GOLDEN + 1);
        for (uint64_t seq = 0; seq < N_GOLDEN; seq++) {
                const char *end = memchr(text + at, '\n', size - at);
                assert_non_null(end);
                const size_t n = (size_t)(end - (text + at));
                check_record(text + at, n, seq);
                assert_int_equal(vg_leaf_hash(&store_hasher, text + at, n, &hash), 0);
                assert_memory_equal(hash.bytes, leaves[seq].bytes, VG_HASH_SIZE);
                assert_int_equal(vg_tree_root(&tree, &store_hasher, &hash), 0);
                assert_memory_equal(hash.bytes, roots[seq].bytes, VG_HASH_SIZE);
                assert_int_equal(vg_tree_append(&tree, &store_hasher, &leaves[seq], NULL, NULL), 0);
                at += n + 1;
        }
        assert_int_equal(at, size);
        assert_int_equal(vg_tree_root(&tree, &store_hasher, &hash), 0);
        assert_memory_equal(hash.bytes, roots[N_GOLDEN].bytes, VG_HASH_SIZE);
}

static void test_golden_checkpoint(_unused_ void **state)
{
        size_t n;
        _cleanup_free_ char *text = read_file(GOLDEN "checkpoint.note", &n);
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        struct vg_hash roots[N_GOLDEN + 1];
        struct vg_checkpoint head = { .size = N_GOLDEN };
        struct vg_buf made = { 0 };
        struct vg_note note;
        struct vg_err err = { 0 };

        read_hashes(GOLDEN "roots.hex", roots, N_GOLDEN + 1);
        head.root = roots[N_GOLDEN];
        assert_int_equal(store_key_read(GOLDEN "key.pem", &key, &err), 0);
        assert_int_equal(vg_origin_format(&store_hasher, "qc-golden-01", VG_LOG_CLIENT,
                                          store_key_public(key), NULL, head.origin, &err),
                         0);
        assert_int_equal(vg_checkpoint_sign(&head, &store_hasher, store_key_public(key), store_sign,
                                            key, &made),
                         0);
        assert_int_equal(made.n, n);
        assert_memory_equal(made.data, text, n);

        assert_int_equal(vg_note_parse(text, n, &note, &err), 0);
        assert_int_equal(note.checkpoint.size, N_GOLDEN);
        assert_string_equal(note.checkpoint.origin, head.origin);
        assert_int_equal(
                vg_note_check(&note, &store_hasher, store_key_public(key), store_check, NULL), 0);

        /* Any other byte anywhere: not that note, or not that signature. */
        for (size_t i = 0; i < n; i++) {
                text[i] ^= 1;
                int r = vg_note_parse(text, n, &note, &err);
                if (r == 0)
                        r = vg_note_check(&note, &store_hasher, store_key_public(key), store_check,
                                          NULL);
                if (r >= 0)
                        fail_msg("byte %zu changed, and accepted", i);
                text[i] ^= 1;
        }
        vg_buf_done(&made);
}

static void test_foreign_notes(_unused_ void **state)
{
        static const struct {
                const char *name, *text;
                int want;
                size_t n_signatures;
        } rows[] = {
                { "empty", "", -EINVAL, 0 },
                { "no signature",
                  "o\n1\n"
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
                  0, 0 },
                { "extension line", "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n\n",
                  0, 0 },
                { "size with zero", "o\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
                  -EINVAL, 0 },
                { "negative size", "o\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
                  -EINVAL, 0 },
                { "huge size",
                  "o\n18446744073709551616\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
                  -EINVAL, 0 },
                { "short root", "o\n1\nAAAA\n\n", -EINVAL, 0 },
                { "long root", "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n", -EINVAL,
                  0 },
                { "loose root", "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\n", -EINVAL,
                  0 },
                { "no blank line", "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", -EINVAL,
                  0 },
                { "no origin", "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", -EINVAL,
                  0 },
                { "witness of another kind",
                  "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 w AAAAAAAA\n",
                  0, 0 },
                { "signature without name",
                  "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94  AAAA\n",
                  -EINVAL, 0 },
                { "signature without dash",
                  "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nw AAAA\n", -EINVAL, 0 },
                { "unfinished line",
                  "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 w AAAA",
                  -EINVAL, 0 },
        };
        struct vg_note note;
        struct vg_err err = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const int r = vg_note_parse(rows[i].text, strlen(rows[i].text), &note, &err);
                if (r != rows[i].want || (r == 0 && note.n_signatures != rows[i].n_signatures))
                        fail_msg("%s: %d", rows[i].name, r);
        }
}

static void test_foreign_records(_unused_ void **state)
{
#define TAIL(seq, type, utc)                                                             \
        ",\"log\":\"client\",\"salt\":\"000102030405060708090a0b0c0d0e0f\",\"seq\":" seq \
        ",\"type\":\"" type "\",\"utc_ns\":" utc ",\"v\":1}"
        static const struct {
                const char *name, *bytes;
                int want;
        } rows[] = {
                { "plain", "{\"body\":{}" TAIL("0", "x", "0"), 0 },
                { "largest",
                  "{\"body\":{}" TAIL("9223372036854775807", "x", "-9223372036854775807"), 0 },
                { "imitation inside",
                  "{\"body\":{\"a\":{}" TAIL("7", "y", "1") "}" TAIL("1", "x", "2"), 0 },
                { "seq too large", "{\"body\":{}" TAIL("9223372036854775808", "x", "0"), -EINVAL },
                { "seq over 64 bits", "{\"body\":{}" TAIL("18446744073709551616", "x", "0"),
                  -EINVAL },
                { "seq with zero", "{\"body\":{}" TAIL("01", "x", "0"), -EINVAL },
                { "seq empty", "{\"body\":{}" TAIL("", "x", "0"), -EINVAL },
                { "seq negative", "{\"body\":{}" TAIL("-1", "x", "0"), -EINVAL },
                { "minus zero", "{\"body\":{}" TAIL("1", "x", "-0"), -EINVAL },
                { "type empty", "{\"body\":{}" TAIL("1", "", "0"), -EINVAL },
                { "type in capitals", "{\"body\":{}" TAIL("1", "X", "0"), -EINVAL },
                { "type too long",
                  "{\"body\":{}" TAIL("1", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "0"), -EINVAL },
                { "body a list", "{\"body\":[]" TAIL("1", "x", "0"), -EINVAL },
                { "no body", "{\"body\":" TAIL("1", "x", "0"), -EINVAL },
                { "tail only", TAIL("1", "x", "0"), -EINVAL },
                { "space", "{\"body\":{}" TAIL("1", "x", "0") " ", -EINVAL },
                { "empty", "", -EINVAL },
        };
        struct vg_record record;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const int r = vg_record_split(rows[i].bytes, strlen(rows[i].bytes), &record);
                if (r != rows[i].want)
                        fail_msg("%s: %d", rows[i].name, r);
        }
        assert_int_equal(vg_record_split(rows[2].bytes, strlen(rows[2].bytes), &record), 0);
        assert_int_equal(record.seq, 1);
        assert_string_equal(record.type, "x");
}

static void test_base64(_unused_ void **state)
{
        static const struct {
                const char *text, *bytes;
                int want;
        } rows[] = {
                { "", "", 0 },
                { "Zg==", "f", 0 },
                { "Zm8=", "fo", 0 },
                { "Zm9v", "foo", 0 },
                { "Zm9vYg==", "foob", 0 },
                { "Zh==", NULL, -EINVAL },
                { "Zm9=", NULL, -EINVAL },
                { "Zg=", NULL, -EINVAL },
                { "Zg==Zg==", NULL, -EINVAL },
                { "Zm 9", NULL, -EINVAL },
                { "====", NULL, -EINVAL },
                { "Zm-v", NULL, -EINVAL },
                { "Zm9vYmFyZm9v", NULL, -ERANGE },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char bytes[8];
                size_t n = 99;
                const int r = vg_base64_parse(rows[i].text, strlen(rows[i].text), bytes,
                                              sizeof(bytes), &n);
                assert_int_equal(r, rows[i].want);
                if (r < 0)
                        continue;
                struct vg_buf back = { 0 };
                assert_int_equal(n, strlen(rows[i].bytes));
                assert_memory_equal(bytes, rows[i].bytes, n);
                vg_base64_format(bytes, n, &back);
                assert_string_equal(back.data ? back.data : "", rows[i].text);
                vg_buf_done(&back);
        }
}

/* RFC 6962 as it is written: recursive, from the leaves. */
static void naive_root(const struct vg_hash *leaves, uint64_t n, struct vg_hash *root)
{
        struct vg_hash left, right;
        uint64_t split = 1;

        if (n == 1) {
                *root = leaves[0];
                return;
        }
        while (2 * split < n)
                split *= 2;
        naive_root(leaves, split, &left);
        naive_root(leaves + split, n - split, &right);
        assert_int_equal(vg_node_hash(&store_hasher, &left, &right, root), 0);
}

struct naive {
        const struct vg_hash *leaves;
        uint64_t n;
};

static int naive_node(void *ctx, unsigned level, uint64_t index, struct vg_hash *ret)
{
        const struct naive *naive = ctx;

        /* Never asked for what is not wholly there. */
        assert_true((index + 1) << level <= naive->n);
        naive_root(naive->leaves + (index << level), UINT64_C(1) << level, ret);
        return 0;
}

static void make_leaves(struct vg_hash *leaves)
{
        for (uint64_t i = 0; i < N_LEAVES; i++)
                assert_int_equal(vg_leaf_hash(&store_hasher, &i, sizeof(i), &leaves[i]), 0);
}

static void test_inclusion(_unused_ void **state)
{
        struct vg_hash leaves[N_LEAVES], root;
        struct vg_proof proof;

        make_leaves(leaves);
        for (uint64_t size = 1; size <= N_LEAVES; size++) {
                struct naive naive = { leaves, size };
                naive_root(leaves, size, &root);
                for (uint64_t seq = 0; seq < size; seq++) {
                        assert_int_equal(vg_prove_inclusion(&store_hasher, seq, size, naive_node,
                                                            &naive, &proof),
                                         0);
                        assert_int_equal(vg_check_inclusion(&store_hasher, &leaves[seq], seq, size,
                                                            &proof, &root),
                                         0);
                        /* Not at another place, of another leaf, longer, shorter or changed. */
                        const uint64_t other = (seq + 1) % size;
                        assert_true(size == 1 ||
                                    vg_check_inclusion(&store_hasher, &leaves[seq], other, size,
                                                       &proof, &root) == -EBADMSG);
                        proof.n++;
                        assert_int_equal(vg_check_inclusion(&store_hasher, &leaves[seq], seq, size,
                                                            &proof, &root),
                                         -EBADMSG);
                        proof.n--;
                        if (proof.n) {
                                proof.hash[proof.n - 1].bytes[31] ^= 1;
                                assert_int_equal(vg_check_inclusion(&store_hasher, &leaves[seq],
                                                                    seq, size, &proof, &root),
                                                 -EBADMSG);
                                proof.n--;
                                assert_int_equal(vg_check_inclusion(&store_hasher, &leaves[seq],
                                                                    seq, size, &proof, &root),
                                                 -EBADMSG);
                        }
                }
                assert_int_equal(
                        vg_prove_inclusion(&store_hasher, size, size, naive_node, &naive, &proof),
                        -ERANGE);
        }
}

static void test_consistency(_unused_ void **state)
{
        struct vg_hash leaves[N_LEAVES], old_root, root, wrong;
        struct vg_proof proof;

        make_leaves(leaves);
        for (uint64_t size = 1; size <= N_LEAVES; size++) {
                struct naive naive = { leaves, size };
                naive_root(leaves, size, &root);
                for (uint64_t old = 1; old <= size; old++) {
                        naive_root(leaves, old, &old_root);
                        assert_int_equal(vg_prove_consistency(&store_hasher, old, size, naive_node,
                                                              &naive, &proof),
                                         0);
                        assert_int_equal(vg_check_consistency(&store_hasher, old, &old_root, size,
                                                              &root, &proof),
                                         0);
                        wrong = old_root;
                        wrong.bytes[0] ^= 1;
                        assert_int_equal(vg_check_consistency(&store_hasher, old, &wrong, size,
                                                              &root, &proof),
                                         -EBADMSG);
                        wrong = root;
                        wrong.bytes[0] ^= 1;
                        assert_int_equal(vg_check_consistency(&store_hasher, old, &old_root, size,
                                                              &wrong, &proof),
                                         -EBADMSG);
                        for (size_t i = 0; i < proof.n; i++) {
                                proof.hash[i].bytes[5] ^= 4;
                                assert_int_equal(vg_check_consistency(&store_hasher, old, &old_root,
                                                                      size, &root, &proof),
                                                 -EBADMSG);
                                proof.hash[i].bytes[5] ^= 4;
                        }
                }
                assert_int_equal(vg_prove_consistency(&store_hasher, size + 1, size, naive_node,
                                                      &naive, &proof),
                                 -ERANGE);
        }
}

static void test_compact_range(_unused_ void **state)
{
        struct vg_hash leaves[N_LEAVES], root, again;
        struct vg_tree tree = { 0 }, loaded;

        make_leaves(leaves);
        for (uint64_t size = 1; size <= N_LEAVES; size++) {
                struct naive naive = { leaves, size };
                assert_int_equal(
                        vg_tree_append(&tree, &store_hasher, &leaves[size - 1], NULL, NULL), 0);
                assert_int_equal(vg_tree_load(&loaded, size, naive_node, &naive), 0);
                naive_root(leaves, size, &root);
                assert_int_equal(vg_tree_root(&tree, &store_hasher, &again), 0);
                assert_memory_equal(again.bytes, root.bytes, VG_HASH_SIZE);
                assert_int_equal(vg_tree_root(&loaded, &store_hasher, &again), 0);
                assert_memory_equal(again.bytes, root.bytes, VG_HASH_SIZE);
        }
}

/* Every slice of every tree; and none of it where a hash is changed, missing or one too many. */
static void test_slices(_unused_ void **state)
{
        enum { SIZE = 21 };
        struct vg_hash leaves[N_LEAVES], root;
        struct vg_tree before, tree;
        struct vg_proof after;

        make_leaves(leaves);
        for (uint64_t size = 1; size <= SIZE; size++)
                for (uint64_t from = 0; from <= size; from++)
                        for (uint64_t to = from; to <= size; to++) {
                                struct naive naive = { leaves, size };
                                naive_root(leaves, size, &root);
                                assert_int_equal(vg_prove_slice(from, to, size, naive_node, &naive,
                                                                &before, &after),
                                                 0);
                                tree = before;
                                for (uint64_t i = from; i < to; i++)
                                        assert_int_equal(vg_tree_append(&tree, &store_hasher,
                                                                        &leaves[i], NULL, NULL),
                                                         0);
                                assert_int_equal(
                                        vg_check_slice(&store_hasher, &tree, size, &after, &root),
                                        0);
                                after.n++;
                                assert_int_equal(
                                        vg_check_slice(&store_hasher, &tree, size, &after, &root),
                                        -EBADMSG);
                                after.n--;
                                for (size_t i = 0; i < after.n; i++) {
                                        after.hash[i].bytes[7] ^= 1;
                                        assert_int_equal(vg_check_slice(&store_hasher, &tree, size,
                                                                        &after, &root),
                                                         -EBADMSG);
                                        after.hash[i].bytes[7] ^= 1;
                                }
                                if (after.n) {
                                        after.n--;
                                        assert_int_equal(vg_check_slice(&store_hasher, &tree, size,
                                                                        &after, &root),
                                                         -EBADMSG);
                                }
                                if (to > from) {
                                        tree.peak[__builtin_ctzll(to)].bytes[0] ^= 1;
                                        assert_int_equal(vg_check_slice(&store_hasher, &tree, size,
                                                                        &after, &root),
                                                         -EBADMSG);
                                }
                        }
        assert_int_equal(vg_prove_slice(2, 1, SIZE, naive_node, NULL, &before, &after), -ERANGE);
        assert_int_equal(vg_prove_slice(0, 2, 1, naive_node, NULL, &before, &after), -ERANGE);
}

static void test_origins(_unused_ void **state)
{
        static const struct {
                const char *appliance;
                int want;
        } rows[] = {
                { "qc-01", 0 },      { "é", 0 },           { "", -EINVAL },
                { "a b", -EINVAL },  { "a/b", -EINVAL },   { "a+b", -EINVAL },
                { "a\nb", -EINVAL }, { "a\xff", -EINVAL }, { "a\x7f", -EINVAL },
        };
        static const uint8_t key[VG_PUBLIC_KEY_SIZE] = { 1 };
        char origin[VG_ORIGIN_SIZE];
        struct vg_err err = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(vg_origin_format(&store_hasher, rows[i].appliance, VG_LOG_SHARED,
                                                  key, NULL, origin, &err),
                                 rows[i].want);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_golden_records), cmocka_unit_test(test_golden_checkpoint),
                cmocka_unit_test(test_foreign_notes),  cmocka_unit_test(test_foreign_records),
                cmocka_unit_test(test_base64),         cmocka_unit_test(test_inclusion),
                cmocka_unit_test(test_consistency),    cmocka_unit_test(test_compact_range),
                cmocka_unit_test(test_slices),         cmocka_unit_test(test_origins),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
