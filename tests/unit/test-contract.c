/* SPDX-License-Identifier: Apache-2.0 */

/* Contracts read, refused and asked. VIGIE_CORPUS, where set, names a folder whose spec/invalid has
 * a MANIFEST.json: its files must be refused with exactly those codes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract-data.h"

/* ---- refusing ---- */

/* "C021-… C026-…": the distinct codes, in order. */
static void codes_of(const struct vg_refusals *refusals, char *buf, size_t size)
{
        const char *last = "";

        *buf = '\0';
        for (size_t i = 0; i < refusals->n; i++) {
                const char *code = vg_refusal_code(&refusals->list[i]);
                size_t used = strlen(buf);
                if (strcmp(code, last) != 0)
                        snprintf(buf + used, size - used, "%s%s", used ? " " : "", code);
                last = code;
        }
}

static void check_texts(const struct vg_refusals *refusals)
{
        for (size_t i = 0; i < refusals->n; i++)
                for (int french = 0; french < 2; french++) {
                        char text[VG_REFUSAL_TEXT];
                        vg_refusal_text(&refusals->list[i], french, text, sizeof(text));
                        assert_true(strlen(text) > 20);
                        assert_null(strstr(text, "{1}"));
                        assert_null(strstr(text, "{2}"));
                        assert_null(strstr(text, "{3}"));
                        assert_true(vg_utf8_valid(text, strlen(text), NULL));
                }
}

struct wanted {
        const char *codes;
        const char *path, *arg; /* of the first refusal; NULL: not looked at */
        int line;               /* 0: not looked at */
};

static void compare_first(const char *name, const struct vg_refusal *first,
                          const struct wanted *wanted)
{
        if (wanted->path && strcmp(first->path, wanted->path) != 0)
                fail_msg("%s: wanted at %s, found at %s", name, wanted->path, first->path);
        if (wanted->line && first->line != wanted->line)
                fail_msg("%s: wanted line %d, found %d", name, wanted->line, first->line);
        if (wanted->arg && strcmp(first->arg[0], wanted->arg) != 0)
                fail_msg("%s: wanted %s, found %s", name, wanted->arg, first->arg[0]);
}

static void read_as(const char *name, const char *bytes, size_t n, const struct wanted *wanted)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_err err = { 0 };
        char found[1024];

        int r = vg_contract_parse(bytes, n, NULL, NULL, &refusals, &err);
        if (r < 0)
                fail_msg("%s: %s", name, vg_err_text(&err));
        codes_of(&refusals, found, sizeof(found));
        if (strcmp(found, wanted->codes) != 0) {
                for (size_t i = 0; i < refusals.n; i++)
                        print_error("%d %s %s\n", refusals.list[i].line, refusals.list[i].path,
                                    vg_refusal_code(&refusals.list[i]));
                fail_msg("%s: wanted %s, found %s", name, wanted->codes, found);
        }
        assert_int_equal(r, refusals.n ? VG_CONTRACT_REFUSED : 0);
        if (refusals.n)
                compare_first(name, &refusals.list[0], wanted);
        check_texts(&refusals);
}

static struct wanted wanted_of(const json_t *row)
{
        return (struct wanted){
                .codes = json_string_value(json_object_get(row, "codes")),
                .path = json_string_value(json_object_get(row, "path")),
                .arg = json_string_value(json_object_get(row, "arg")),
                .line = (int)json_integer_value(json_object_get(row, "line")),
        };
}

/* ---- our own files, broken as bytes ---- */

static void test_files(void **state _unused_)
{
        _cleanup_(vg_json_decrefp) json_t *rows = read_json(DATA "/files.json");
        json_t *row;
        size_t i;

        assert_true(json_array_size(rows) > 0);
        json_array_foreach (rows, i, row) {
                const struct wanted wanted = wanted_of(row);
                const char *file = json_string_value(json_object_get(row, "file"));
                _cleanup_free_ char *bytes = NULL;
                char path[4096];
                size_t n;
                snprintf(path, sizeof(path), DATA "/%s", file);
                bytes = read_file(path, &n);
                read_as(file, bytes, n, &wanted);
        }
}

/* ---- the example, with one thing changed ---- */

static void read_edited(int version, const char *example_path, const char *rows_path)
{
        _cleanup_(vg_json_decrefp) json_t *example = read_json(example_path);
        _cleanup_(vg_json_decrefp) json_t *rows = read_json(rows_path);
        json_t *row, *edit;
        size_t i, k;

        assert_true(json_array_size(rows) > 40);
        json_array_foreach (rows, i, row) {
                const json_int_t only = json_integer_value(json_object_get(row, "only"));
                if (only && only != version)
                        continue;
                _cleanup_(vg_json_decrefp) json_t *tree = json_deep_copy(example);
                const char *otherwise = json_string_value(json_object_get(row, "codes_2"));
                struct wanted wanted = wanted_of(row);
                if (version == 2 && otherwise)
                        wanted.codes = otherwise;
                json_array_foreach (json_object_get(row, "remove"), k, edit)
                        put(tree, json_string_value(edit), NULL);
                json_array_foreach (json_object_get(row, "set"), k, edit)
                        put(tree, json_string_value(json_array_get(edit, 0)),
                            json_deep_copy(json_array_get(edit, 1)));
                _cleanup_free_ char *bytes = json_dumps(tree, JSON_INDENT(1));
                read_as(json_string_value(json_object_get(row, "name")), bytes, strlen(bytes),
                        &wanted);
        }
}

/* What the first version says, it says still, and the second says it too. */
static void test_edits(void **state _unused_)
{
        read_edited(1, EXAMPLE_1, DATA "/edits.json");
        read_edited(2, EXAMPLE, DATA "/edits.json");
        read_edited(2, EXAMPLE, DATA "/edits-2.json");
}

/* What is accepted with a remark. */
static void test_remarks(void **state _unused_)
{
        _cleanup_(vg_json_decrefp) json_t *rows = read_json(DATA "/remarks.json");
        json_t *row, *edit;
        size_t i, k;

        json_array_foreach (rows, i, row) {
                const char *name = json_string_value(json_object_get(row, "name"));
                const struct wanted wanted = wanted_of(row);
                _cleanup_(vg_json_decrefp) json_t *tree = read_json(EXAMPLE);
                _cleanup_(vg_refusals_done) struct vg_refusals remarks = { 0 };
                char found[1024];
                json_array_foreach (json_object_get(row, "set"), k, edit)
                        put(tree, json_string_value(json_array_get(edit, 0)),
                            json_deep_copy(json_array_get(edit, 1)));
                _cleanup_(vg_contract_freep) struct vg_contract *contract = load_tree(tree);
                _cleanup_free_ char *bytes = json_dumps(tree, JSON_INDENT(1));
                assert_int_equal(vg_contract_remarks(contract, bytes, strlen(bytes), &remarks), 0);
                codes_of(&remarks, found, sizeof(found));
                if (strcmp(found, wanted.codes) != 0)
                        fail_msg("%s: wanted %s, found %s", name, wanted.codes, found);
                if (remarks.n) {
                        compare_first(name, &remarks.list[0], &wanted);
                        assert_true(remarks.list[0].line > 1);
                }
                check_texts(&remarks);
        }
}

/* Every reason of the table is met by some row above. */
static void test_every_code(void **state _unused_)
{
        static const char *const codes[] = {
#define VG_REFUSAL(reason, code, fr, en) code,
#include "vigie/refusals.def"
#undef VG_REFUSAL
        };
        _cleanup_(vg_json_decrefp) json_t *edits = read_json(DATA "/edits.json");
        _cleanup_(vg_json_decrefp) json_t *more = read_json(DATA "/edits-2.json");
        _cleanup_(vg_json_decrefp) json_t *files = read_json(DATA "/files.json");
        _cleanup_free_ char *all = NULL;

        _cleanup_(vg_json_decrefp) json_t *facts = read_json(DATA "/facts.json");
        _cleanup_(vg_json_decrefp) json_t *next = read_json(DATA "/successions.json");
        _cleanup_(vg_json_decrefp) json_t *remarks = read_json(DATA "/remarks.json");

        json_array_extend(edits, more);
        json_array_extend(edits, facts);
        json_array_extend(edits, next);
        json_array_extend(edits, remarks);
        json_array_extend(edits, files);
        all = json_dumps(edits, JSON_ENSURE_ASCII);
        for (size_t i = 0; i < ELEMENTSOF(codes); i++)
                if (strcmp(codes[i], "C001-too-large") != 0 && !strstr(all, codes[i]))
                        fail_msg("%s is tried nowhere", codes[i]);
}

static void test_foreign_files(void **state _unused_)
{
        const char *corpus = getenv("VIGIE_CORPUS");
        char path[4096];
        json_t *entry;
        size_t i;

        if (!corpus || !*corpus) {
                print_message("VIGIE_CORPUS is not set: the foreign contracts were not tried\n");
                skip();
        }
        snprintf(path, sizeof(path), "%s/spec/invalid/MANIFEST.json", corpus);
        _cleanup_(vg_json_decrefp) json_t *manifest = read_json(path);
        assert_true(json_array_size(manifest) > 0);
        json_array_foreach (manifest, i, entry) {
                const json_t *all = json_object_get(entry, "all_codes");
                const char *file = json_string_value(json_object_get(entry, "file"));
                _cleanup_free_ char *bytes = NULL;
                char codes[1024] = "";
                size_t n;
                for (size_t k = 0; k < json_array_size(all); k++) {
                        size_t used = strlen(codes);
                        snprintf(codes + used, sizeof(codes) - used, "%s%s", used ? " " : "",
                                 json_string_value(json_array_get(all, k)));
                }
                snprintf(path, sizeof(path), "%s/spec/invalid/%s", corpus, file);
                bytes = read_file(path, &n);
                read_as(file, bytes, n, &(struct wanted){ .codes = codes });
        }

        static const char *const good[] = { "contract-example.json",
                                            "rating-example/contract.json" };
        for (i = 0; i < ELEMENTSOF(good); i++) {
                _cleanup_free_ char *bytes = NULL;
                size_t n;
                snprintf(path, sizeof(path), "%s/spec/%s", corpus, good[i]);
                bytes = read_file(path, &n);
                read_as(good[i], bytes, n, &(struct wanted){ .codes = "" });
        }
}

/* ---- size, place, words ---- */

static void test_too_large(void **state _unused_)
{
        const size_t n = VG_CONTRACT_BYTES_MAX + 1;
        _cleanup_free_ char *bytes = malloc(n);
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };

        memset(bytes, ' ', n);
        read_as("too large", bytes, n, &(struct wanted){ .codes = "C001-too-large" });
        read_as("blank, but not too large", bytes, n - 1,
                &(struct wanted){ .codes = "C003-not-json" });
        assert_int_equal(vg_contract_refuse_size(&refusals), 0);
        assert_string_equal(vg_refusal_code(&refusals.list[0]), "C001-too-large");
}

/* A thousand faults are counted, the first hundred kept, and the lowest code is never lost. */
static void test_many_refusals(void **state _unused_)
{
        _cleanup_(vg_json_decrefp) json_t *tree = read_json(EXAMPLE);
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };

        for (int i = 0; i < 1000; i++)
                put(tree, "recurring[+]",
                    json_pack("{s:s, s:s, s:s, s:s, s:s, s:n}", "id", "twice", "sku", "IL-NOEUD",
                              "tenant", "t-absent", "quantity", "1", "from_date", "2027-02-01",
                              "to_date"));
        put(tree, "term.exit_transition.parallel_days", json_integer(999));
        bytes = json_dumps(tree, 0);
        assert_int_equal(vg_contract_parse(bytes, strlen(bytes), NULL, NULL, &refusals, &err),
                         VG_CONTRACT_REFUSED);
        assert_int_equal(refusals.n, VG_REFUSALS_MAX);
        assert_int_equal(refusals.n_more, 1 + 999 + 1000 - VG_REFUSALS_MAX);
        assert_string_equal(vg_refusal_code(&refusals.list[0]), "C027-parallel-longer-than-lead");
        assert_string_equal(vg_refusal_code(&refusals.list[1]), "C040-duplicate-id");
}

/* The texts of one refusal, whole: what is asserted above is only that they have no holes. */
static void test_text(void **state _unused_)
{
        struct vg_refusal refusal = { .reason = VG_REFUSAL_DUPLICATE_ID };
        char text[VG_REFUSAL_TEXT];

        snprintf(refusal.arg[0], sizeof(refusal.arg[0]), "t-dsi");
        snprintf(refusal.arg[1], sizeof(refusal.arg[1]), "tenants[0].id");
        assert_string_equal(vg_refusal_text(&refusal, true, text, sizeof(text)),
                            "« t-dsi » figure déjà à tenants[0].id. Donner un identifiant "
                            "différent, ou retirer le doublon.");
        assert_string_equal(vg_refusal_text(&refusal, false, text, sizeof(text)),
                            "“t-dsi” already stands at tenants[0].id. Give a different identifier, "
                            "or remove the duplicate.");
}

/* Rows of refusals.def are sorted by code, and both texts of a reason ask for the same values. */
static void test_table(void **state _unused_)
{
        static const struct {
                const char *code, *fr, *en;
        } rows[] = {
#define VG_REFUSAL(reason, code, fr, en) { code, fr, en },
#include "vigie/refusals.def"
#undef VG_REFUSAL
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (i > 0 && strcmp(rows[i].code, rows[i - 1].code) < 0)
                        fail_msg("%s stands after %s", rows[i].code, rows[i - 1].code);
                for (char slot[] = "{1}"; slot[1] <= '3'; slot[1]++)
                        if (!strstr(rows[i].fr, slot) != !strstr(rows[i].en, slot))
                                fail_msg("%s: %s in one language only", rows[i].code, slot);
        }
}

static void test_demo_template(void **state _unused_)
{
        static const struct {
                const char *word, *day;
        } days[] = { { "@SIGNED@", "2026-11-20" },
                     { "@START@", "2026-11-23" },
                     { "@EXIT@", "2026-12-20" },
                     { "@END@", "2026-12-31" } };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        _cleanup_free_ char *bytes = NULL;
        size_t n;

        bytes = read_file(VIGIE_SOURCE_DIR "/config/demo/contract.json.in", &n);
        for (const char *at = bytes; *at;) {
                size_t k = 0;
                while (k < ELEMENTSOF(days) && strncmp(at, days[k].word, strlen(days[k].word)) != 0)
                        k++;
                vg_buf_append(&text, k < ELEMENTSOF(days) ? days[k].day : at,
                              k < ELEMENTSOF(days) ? strlen(days[k].day) : 1);
                at += k < ELEMENTSOF(days) ? strlen(days[k].word) : 1;
        }
        read_as("contract.json.in", text.data, text.n, &(struct wanted){ .codes = "" });
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_files),         cmocka_unit_test(test_edits),
                cmocka_unit_test(test_every_code),    cmocka_unit_test(test_foreign_files),
                cmocka_unit_test(test_too_large),     cmocka_unit_test(test_many_refusals),
                cmocka_unit_test(test_text),          cmocka_unit_test(test_table),
                cmocka_unit_test(test_demo_template), cmocka_unit_test(test_remarks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
